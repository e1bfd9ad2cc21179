"""The video rooms that appointments by video are held in: who has which room, and the two links to it.

An adapter: `room.Rooms` is what the server needs, `jitsi` the default. Nothing of a customer goes to their service.
Why so: docs/decisions/0021-virtual-service.md; how an operator sets it up: docs/virtual.md.
"""
