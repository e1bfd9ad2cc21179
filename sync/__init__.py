"""The nerves of a device: its durable log, one writer thread, and the exchange of logs over HTTP.

Importing this package costs nothing: `requests` is imported by `sync.link` and `sync.watch` only, FastAPI by
`sync.serving` and `sync.problems` only, SQLModel only when a log file is made. It knows no screen and no paper.
"""
