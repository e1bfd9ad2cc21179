"""A message to a phone: its words, its durable outbox, and the gateways that take it to the operator.

A server sends through Kannel, a hub that is cut off through a modem of its own; both keep the same outbox. This package
decides nothing about turns or bookings, asks no device who it is, and never writes a phone number to a log.
"""
