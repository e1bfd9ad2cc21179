"""Errors over HTTP as application/problem+json: {type, title, status, code, ...}. Imports FastAPI."""

from __future__ import annotations

from fastapi import FastAPI


class Problem(Exception):
    """Raise it in a route to answer with a problem. `code` is for programs (TAKEN, GAP), `extra` joins the JSON."""

    def __init__(
        self, status: int, code: str, title: str, *, headers: dict[str, str] | None = None, **extra: object
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title
        self.headers = headers
        self.extra = extra


def install_problems(app: FastAPI) -> None:
    """Answer problems, refused bodies, unavailable storage and unknown paths as problem+json."""
    raise NotImplementedError
