"""A centre's arbiter on its own network: decides calls, serves boards, counters and kiosks, syncs with the server.

Where to begin: `arbiter` (one thread decides and keeps), `views` (what each screen may know), `app` (who may ask what).
It works with the server gone, from its own copy of the settings.
"""
