"""The centres' logs in PostgreSQL, where several processes write them at once. Without it they are one file."""
