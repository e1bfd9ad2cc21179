"""Fixtures of the tests that look at both sides in a browser."""

from __future__ import annotations

from tests.browsing import browser as browser
