"""A customer's turn on the customer's own phone: who is ahead, how long, which counter; leaving, and stepping out.

The same for the hub in its hall and for the server outside: each hands in a `House`. Nothing is decided here.
"""
