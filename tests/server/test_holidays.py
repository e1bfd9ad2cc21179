"""Holidays from calendars: whole days, names by language, what is taken back, and what centres, hubs and pages see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
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
TODAY = date(2026, 11, 22)
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
    found = holidays.read(calendar(tmp_path, NATIONAL, EID), LANGUAGES, TODAY)
    assert sorted(found) == [date(2026, 12, 16), date(2026, 12, 17), *(date(2027, 3, day) for day in (10, 11, 12))]
    assert found[date(2026, 12, 17)] == {"ar": "العيد الوطني", "en": "National Day"}
    assert found[date(2027, 3, 12)] == dict.fromkeys(LANGUAGES, "عيد الفطر المبارك")


def test_an_event_without_an_end_is_one_day_and_a_cancelled_one_none(tmp_path: Path) -> None:
    one, gone = "UID:3\nDTSTART;VALUE=DATE:20270101\nSUMMARY:New Year", f"{NATIONAL}\nSTATUS:CANCELLED"
    assert list(holidays.read(calendar(tmp_path, one, gone), LANGUAGES, TODAY)) == [date(2027, 1, 1)]


def test_two_on_one_day_are_both_named(tmp_path: Path) -> None:
    other = "UID:4\nDTSTART;VALUE=DATE:20261216\nSUMMARY:Census"
    found = holidays.read(calendar(tmp_path, NATIONAL, other, other), LANGUAGES, TODAY)
    assert found[date(2026, 12, 16)]["en"] == "National Day – Census"


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("UID:1\nDTSTART:20261216T080000Z\nSUMMARY:x", "has hours"),
        ("UID:1\nSUMMARY:x", "no day that can be read"),
        ("UID:1\nDTSTART;VALUE=DATE:2026xx16\nSUMMARY:x", "no day that can be read"),
        ("UID:1\nDTSTART;VALUE=DATE:20261216\nDTEND;VALUE=DATE:20261216\nSUMMARY:x", "the day after the last"),
        ("UID:1\nDTSTART;VALUE=DATE:20261216\nDTEND;VALUE=DATE:20271216\nSUMMARY:x", "1 to 60 days"),
        ("UID:1\nDTSTART;VALUE=DATE:20261216\nRRULE:FREQ=WEEKLY\nSUMMARY:x", "not once a year"),
        ("UID:1\nDTSTART;VALUE=DATE:20261216\nRRULE:FREQ=YEARLY;BYDAY=3MO\nSUMMARY:x", "not once a year"),
        ("UID:1\nDTSTART;VALUE=DATE:20261216\nRRULE:FREQ=YEARLY;INTERVAL=0\nSUMMARY:x", "not once a year"),
        ("UID:1\nDTSTART;VALUE=DATE:20261216\nRRULE:FREQ=YEARLY;BYMONTH=1,12\nSUMMARY:x", "not once a year"),
        ("UID:1\nDTSTART;VALUE=DATE:20261216\nRDATE;VALUE=DATE:20270101\nSUMMARY:x", "more than a rule"),
        ("UID:1\nDTSTART;VALUE=DATE:20261216\nDTSTART;VALUE=DATE:20261217\nSUMMARY:x", "no day that can be read"),
        ("UID:1\nDTSTART:20261215T210000Z\nDTEND:20261216T210000Z\nSUMMARY:x", "has hours"),
        ("UID:1\nDTSTART;TZID=Asia/Bahrain:20261216T000000\nDTEND:20261216T235900\nSUMMARY:x", "has hours"),
        ("UID:1\nDTSTART;VALUE=DATE:99991231\nSUMMARY:x", "not in 2000 to 2100"),
        ("UID:1\nDTSTART;VALUE=DATE:00010101\nSUMMARY:x", "not in 2000 to 2100"),
        ("UID:1\nDTSTART;VALUE=DATE:20261216\nDURATION:-P1D\nSUMMARY:x", "1 to 60 days"),
        ("UID:1\nDTSTART;VALUE=DATE:20261216\nDURATION:PT12H\nSUMMARY:x", "1 to 60 days"),
        ("UID:1\nDTSTART;VALUE=DATE:20261216", "no SUMMARY"),
    ],
)
def test_what_is_no_holiday_is_refused_by_its_place(tmp_path: Path, event: str, told: str) -> None:
    with pytest.raises(SeedError) as error:
        holidays.read(calendar(tmp_path, NATIONAL, event), LANGUAGES, TODAY)
    assert len(error.value.errors) == 1
    assert "event 2: " in error.value.errors[0] and told in error.value.errors[0]


@pytest.mark.parametrize(
    ("event", "days"),
    [
        ("DTSTART;VALUE=DATE:20261216\nDTEND;VALUE=DATE:20261219", ["2026-12-16", "2026-12-17", "2026-12-18"]),
        ("DTSTART:20261216\nDTEND:20261217", ["2026-12-16"]),
        ("DTSTART;TZID=Asia/Bahrain:20261216T000000\nDTEND;TZID=Asia/Bahrain:20261217T000000", ["2026-12-16"]),
        ("DTSTART;TZID=Arab Standard Time:20261216T000000\nDTEND;TZID=Arab Standard Time:20261217T000000",
         ["2026-12-16"]),
        ("DTSTART:20261216T000000\nDURATION:P1D", ["2026-12-16"]),
        ("DTSTART;VALUE=DATE:20270101\nDURATION:P1W", [f"2027-01-0{n}" for n in range(1, 8)]),
        ("DTSTART;VALUE=DATE:20101216\nRRULE:FREQ=YEARLY", ["2026-12-16", "2027-12-16"]),
        ("DTSTART;VALUE=DATE:20101216\nDTEND;VALUE=DATE:20101218\nRRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=16",
         ["2026-12-16", "2026-12-17", "2027-12-16", "2027-12-17"]),
        ("DTSTART;VALUE=DATE:20261216\nRRULE:FREQ=YEARLY;COUNT=1", ["2026-12-16"]),
        ("DTSTART;VALUE=DATE:20251216\nRRULE:FREQ=YEARLY;INTERVAL=2", ["2027-12-16"]),
        ("DTSTART;VALUE=DATE:20251216\nRRULE:FREQ=YEARLY;UNTIL=20261216", ["2026-12-16"]),
        ("DTSTART;VALUE=DATE:20251216\nRRULE:FREQ=YEARLY;UNTIL=20261216T000000Z", ["2026-12-16"]),
        ("DTSTART;VALUE=DATE:20270101\nRRULE:FREQ=YEARLY", ["2027-01-01"]),
    ],
)  # fmt: skip
def test_what_other_programs_write(tmp_path: Path, event: str, days: list[str]) -> None:
    found = holidays.read(calendar(tmp_path, f"UID:1\n{event}\nSUMMARY:x"), LANGUAGES, TODAY)
    assert [day.isoformat() for day in sorted(found)] == days


NAME = "عيد الفطر المبارك"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.replace(b"\r\n", b"\n"),
        lambda text: text.replace("الفطر".encode(), "الف\r\n طر".encode()),
        lambda text: text.replace("الفطر".encode(), "الفطر".encode()[:3] + b"\r\n " + "الفطر".encode()[3:]),
        lambda text: text.replace("الفطر".encode(), "الفطر\\n ".encode()),
        lambda text: text.replace("الفطر".encode(), "الفطر\x00".encode()),
        lambda text: b"\r\n" + text,
        lambda text: text.replace(b"END:VEVENT", b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nEND:VALARM\r\nEND:VEVENT"),
        lambda text: b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n" + text,
    ],
    ids=["a mark", "lines of Unix", "folded", "folded in a letter", "two lines", "a zero", "begins late", "an alarm",
         "two"],
)  # fmt: skip
def test_however_it_is_written(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    text = calendar(tmp_path, f"UID:1\nDTSTART;VALUE=DATE:20270310\nSUMMARY:{NAME}").read_bytes()
    assert holidays.parse(change(text), LANGUAGES, TODAY) == {date(2027, 3, 10): dict.fromkeys(LANGUAGES, NAME)}


@pytest.mark.parametrize("encoding", ["cp1256", "utf-16"])
def test_letters_that_nobody_could_read_are_refused(tmp_path: Path, encoding: str) -> None:
    text = calendar(tmp_path, f"UID:1\nDTSTART;VALUE=DATE:20270310\nSUMMARY:{NAME}").read_text(encoding="utf-8")
    with pytest.raises(SeedError, match="UTF-8"):
        holidays.parse(text.encode(encoding), LANGUAGES, TODAY)


def test_a_diary_is_no_calendar_of_holidays(tmp_path: Path) -> None:
    days = [(date(2027, 1, 1) + timedelta(days=60 * n)).strftime("%Y%m%d") for n in range(17)]
    path = calendar(tmp_path, *(f"UID:{day}\nDTSTART;VALUE=DATE:{day}\nDURATION:P60D\nSUMMARY:x" for day in days))
    with pytest.raises(SeedError, match="more than 1000 days"):
        holidays.read(path, LANGUAGES, TODAY)


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"])
def test_so_is_what_is_no_calendar(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.ics"
    path.write_bytes(content)
    with pytest.raises(SeedError):
        holidays.read(path, LANGUAGES, TODAY)
    with pytest.raises(SeedError):
        holidays.read(tmp_path / "none.ics", LANGUAGES, TODAY)


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
        days = holidays.read(path, LANGUAGES, TODAY)
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
