"""Fixtures of the pages' tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browsing import browser as browser
from tests.server.pages.ministry import AHMED, Ministry, Visitor, ministry_of
from tests.server.site import Site


@pytest.fixture
def ministry(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ministry]:
    site.overlay["appointments"] = []
    with ministry_of(site, monkeypatch) as ministry:
        yield ministry


@pytest.fixture
def ahmed(ministry: Ministry) -> Visitor:
    """Somebody who is signed in."""
    visitor = Visitor(ministry)
    visitor.sign_in(AHMED)
    return visitor


@pytest.fixture
def site_without_messages(site: Site) -> Iterator[str]:
    with site.served() as client:
        yield client.url
