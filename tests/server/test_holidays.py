"""Holidays from calendars: whole days, names by language, what is taken back, and what centres, hubs and pages see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import requests

from queueing.centre import Centre
from server import holidays
from server.__main__ import main
from server.registers import Registers
from server.seed import SeedError
from server.service import load_seeds
from server.storage import Store
from tests.server.site import CENTRE, OTHER, Site

LANGUAGES = ["ar", "en"]
NATIONAL = """UID:1
DTSTART;VALUE=DATE:20261216
DTEND;VALUE=DATE:20261218
SUMMARY;LANGUAGE=ar:العيد الوطني
SUMMARY;LANGUAGE=en-GB:National Day"""
EID = """UID:2
DTSTART;VALUE=DATE:20270310
DURATION:P3D
SUMMARY:عيد الفطر المبارك"""


def calendar(folder: Path, *events: str) -> Path:
    path = folder / "holidays.ics"
    body = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test\n{body}END:VCALENDAR\n"
    path.write_text(text.replace("\n", "\r\n"), encoding="utf-8", newline="")
    return path


def test_whole_days_with_their_names(tmp_path: Path) -> None:
    found = holidays.read(calendar(tmp_path, NATIONAL, EID), LANGUAGES)
    assert sorted(found) == [date(2026, 12, 16), date(2026, 12, 17), *(date(2027, 3, day) for day in (10, 11, 12))]
    assert found[date(2026, 12, 17)] == {"ar": "العيد الوطني", "en": "National Day"}
    assert found[date(2027, 3, 12)] == dict.fromkeys(LANGUAGES, "عيد الفطر المبارك")


def test_an_event_without_an_end_is_one_day_and_a_cancelled_one_none(tmp_path: Path) -> None:
    one, gone = "UID:3\nDTSTART;VALUE=DATE:20270101\nSUMMARY:New Year", f"{NATIONAL}\nSTATUS:CANCELLED"
    assert list(holidays.read(calendar(tmp_path, one, gone), LANGUAGES)) == [date(2027, 1, 1)]


def test_two_on_one_day_are_both_named(tmp_path: Path) -> None:
    other = "UID:4\nDTSTART;VALUE=DATE:20261216\nSUMMARY:Census"
    found = holidays.read(calendar(tmp_path, NATIONAL, other, other), LANGUAGES)
    assert found[date(2026, 12, 16)]["en"] == "National Day – Census"


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("UID:1\nDTSTART:20261216T080000Z\nSUMMARY:x", "has hours"),
        ("UID:1\nSUMMARY:x", "no day that can be read"),
        ("UID:1\nDTSTART;VALUE=DATE:2026xx16\nSUMMARY:x", "no day that can be read"),
        ("UID:1\nDTSTART;VALUE=DATE:20261216\nDTEND;VALUE=DATE:20261216\nSUMMARY:x", "the day after the last"),
        ("UID:1\nDTSTART;VALUE=DATE:20261216\nDTEND;VALUE=DATE:20271216\nSUMMARY:x", "1 to 60 days"),
        ("UID:1\nDTSTART;VALUE=DATE:20261216\nRRULE:FREQ=YEARLY\nSUMMARY:x", "repeats"),
        ("UID:1\nDTSTART;VALUE=DATE:20261216", "no SUMMARY"),
    ],
)
def test_what_is_no_holiday_is_refused_by_its_place(tmp_path: Path, event: str, told: str) -> None:
    with pytest.raises(SeedError) as error:
        holidays.read(calendar(tmp_path, NATIONAL, event), LANGUAGES)
    assert len(error.value.errors) == 1
    assert "event 2: " in error.value.errors[0] and told in error.value.errors[0]


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"])
def test_so_is_what_is_no_calendar(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.ics"
    path.write_bytes(content)
    with pytest.raises(SeedError):
        holidays.read(path, LANGUAGES)
    with pytest.raises(SeedError):
        holidays.read(tmp_path / "none.ics", LANGUAGES)


@pytest.fixture
def store(site: Site) -> Iterator[Store]:
    site.data.mkdir()
    store = Store(site.data)
    load_seeds(store, site.config().seeds, site.clock)
    yield store
    store.close()


def days_of(store: Store, centre: str) -> dict[str, str]:
    found: Centre = store.call(Registers.read).centres[centre]
    return {day.date.isoformat(): day.name["en"] for day in found.holidays}


class TestKeeping:
    def keep(self, store: Store, path: Path, *centres: str) -> holidays.Stored:
        days = holidays.read(path, LANGUAGES)
        return store.call(lambda session: holidays.put(session, days, centres))

    def test_a_centres_own_name_stays_and_the_rest_joins(self, store: Store, tmp_path: Path) -> None:
        done = self.keep(store, calendar(tmp_path, NATIONAL, EID), holidays.EVERY_CENTRE)
        assert (done.added, done.renamed, done.removed, done.touched) == (5, 0, 0, {CENTRE, OTHER})
        for centre in (CENTRE, OTHER):
            days = days_of(store, centre)
            assert days["2027-03-11"] == "عيد الفطر المبارك" and days["2026-12-17"] == "Accession Day"
            assert list(days) == sorted(days)

    def test_a_newer_file_takes_back_what_it_has_no_more_within_its_span(self, store: Store, tmp_path: Path) -> None:
        later = "UID:9\nDTSTART;VALUE=DATE:20280101\nSUMMARY:Later"
        self.keep(store, calendar(tmp_path, EID, later), OTHER)
        earlier_by_a_day = EID.replace("20270310", "20270309")
        done = self.keep(store, calendar(tmp_path, earlier_by_a_day, later), OTHER)
        days = days_of(store, OTHER)
        assert (done.added, done.removed) == (1, 1)
        assert "2027-03-09" in days and "2027-03-12" not in days and "2028-01-01" in days
        done = self.keep(store, calendar(tmp_path, earlier_by_a_day), OTHER)
        assert (done.added, done.removed) == (0, 0), "its span ends with its last day"
        assert "2027-03-10" not in days_of(store, CENTRE)

    def test_the_same_file_again_changes_nothing(self, store: Store, tmp_path: Path) -> None:
        path = calendar(tmp_path, NATIONAL)
        self.keep(store, path, CENTRE, OTHER)
        assert self.keep(store, path, CENTRE, OTHER) == holidays.Stored(0, 0, 0, frozenset())

    def test_no_seed_takes_them_away(self, store: Store, site: Site, tmp_path: Path) -> None:
        self.keep(store, calendar(tmp_path, EID), CENTRE)
        load_seeds(store, site.config().seeds, site.clock)
        assert "2027-03-10" in days_of(store, CENTRE)

    def test_an_unknown_centre_is_refused_and_nothing_kept(self, store: Store, tmp_path: Path) -> None:
        with pytest.raises(SeedError, match="no such centre: nowhere"):
            self.keep(store, calendar(tmp_path, EID), CENTRE, "nowhere")
        assert "2027-03-10" not in days_of(store, CENTRE)


def test_by_the_command_to_the_page(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    with site.served() as client:
        running = main(["holidays", str(calendar(site.folder, NATIONAL)), "--all", "--config", str(site.toml())])
        assert running == 0 and "added" in capsys.readouterr().out
        assert "National Day" in requests.get(f"{client.url}/en/centres/{OTHER}", timeout=10).text
    census = NATIONAL.replace("20261218", "20261219").replace("20261216", "20261218").replace("National", "Census")
    path = str(calendar(site.folder, census))
    assert main(["holidays", path, "--centre", OTHER, "--config", str(site.toml())]) == 0
    assert capsys.readouterr().out == "1 days: 1 added, 0 renamed, 0 taken back\n"
    with site.served() as client:
        page = requests.get(f"{client.url}/en/centres/{OTHER}", timeout=10).text
        assert "Friday 18 December" in page and "Census Day" in page
        assert "Census" not in requests.get(f"{client.url}/en/centres/{CENTRE}", timeout=10).text
        told = client.send("hub-2", "GET", "/v1/settings").json()["centre"]["holidays"]
        assert "2026-12-18" in [day["date"] for day in told]
