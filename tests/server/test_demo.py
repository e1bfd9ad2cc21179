"""The demonstration's centre: what a visitor of a real branch would expect to find, and nobody who exists."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from assets.paths import DEMO
from queueing.centre import Centre
from server.seed import read

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LIKE_EACH_OTHER = ("BCDEGPTVZ", "AHJK", "MN", "FS", "QUW", "IY")
"""Letters that a hall does not tell apart when they are called; only one of each may be used, but for A and H."""


@pytest.fixture(scope="module")
def centre() -> Centre:
    return Centre.from_json(json.loads((DEMO / "centre.json").read_text(encoding="utf-8")))


def words(value: object) -> list[dict[str, Any]]:
    """Every text by language in some JSON."""
    if isinstance(value, dict):
        if "ar" in value:
            return [value]
        return [found for entry in value.values() for found in words(entry)]
    if isinstance(value, list):
        return [found for entry in value for found in words(entry)]
    return []


def test_it_is_a_whole_branch(centre: Centre) -> None:
    assert (len(centre.services), len(centre.counters)) == (8, 6)
    for service in centre.services:
        served_by = [counter.id for counter in centre.counters if service.id in counter.services]
        assert len(served_by) >= 2, f"{service.id} stops when one clerk goes to pray"
        assert service.needs["ar"], service.id
        assert len(service.needs["ar"]) == len(service.needs["en"])
        assert service.fee is not None


def test_every_word_is_in_both_languages_and_in_its_own_script() -> None:
    texts = words(json.loads((DEMO / "centre.json").read_text(encoding="utf-8")))
    texts += words(json.loads((DEMO / "seed.json").read_text(encoding="utf-8")))
    assert len(texts) > 60
    for text in texts:
        assert set(text) == {"ar", "en"}
        arabic, english = ("\n".join(v) if isinstance(v, list) else v for v in (text["ar"], text["en"]))
        assert re.search("[\u0621-\u064a]", arabic), arabic
        assert not re.search("[\u0600-\u06ff]", english), english


def test_names_fit_a_kiosks_tile(centre: Centre) -> None:
    assert [service.name["ar"] for service in centre.services if len(service.name["ar"]) > 28] == []
    assert [service.name["en"] for service in centre.services if len(service.name["en"]) > 28] == []


def test_letters_are_told_apart_by_ear(centre: Centre) -> None:
    letters = {service.letter for service in centre.services}
    for alike in LIKE_EACH_OTHER:
        assert len(letters & set(alike) - {"H"}) <= 1, alike


def test_nobody_in_it_exists() -> None:
    seed = read([DEMO / "seed.json"], NOW)
    assert len(seed.customers) == 30
    assert {customer.cpr[2:4] for customer in seed.customers} == {"00"}, "no birth has the month 00"
    assert all(customer.cpr[:2] == f"{customer.born:%y}" for customer in seed.customers)


def test_it_has_everyone_that_the_rules_tell_apart() -> None:
    seed = read([DEMO / "seed.json"], NOW)
    ages = [(NOW.date() - customer.born).days // 365.25 for customer in seed.customers]
    assert sum(age < 17 for age in ages) == 1
    assert sum(age >= 60 for age in ages) == 2
    assert len(seed.appointments) == 14
    assert [person.role for person in seed.staff].count("clerk") == 8
    assert [person.role for person in seed.staff].count("supervisor") == 1
