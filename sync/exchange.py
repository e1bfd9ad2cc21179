"""The conversation that brings a log to a peer, as a pure machine: no sockets, no clock, no log, no chance of its own.

Ask `next` what to do, do it, tell it the reply (or that none came); see tests/sync/test_exchange.py for conversations.
"""
