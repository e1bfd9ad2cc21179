"""The rules of the queue: tickets, who is next, numbers, appointments, waits, and the events that tell of them.

Everything here is pure and needs the standard library only: no clock, no disk, no network. Frameworks carry what is
decided here. Where to begin: `facts` (what can happen), `state` (what follows from it), `decide` (what may happen).
"""
