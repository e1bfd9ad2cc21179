"""Signing in with another's word: OpenID Connect, as the national sign-on is, for customers and for staff.

`provider` asks and believes, `journey` keeps what a browser carries meanwhile, `customers` and `staff` are the pages.
"""
