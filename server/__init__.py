"""The central booking server: centres' settings, customers, appointments, and the logs that the centres send.

It decides bookings and nothing that happens in a hall: a centre works on when this is gone.
"""
