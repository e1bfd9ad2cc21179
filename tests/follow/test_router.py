"""The page over real sockets: what it weighs, what it says, what it lets one do, and what a guesser gets."""

from __future__ import annotations

import json
import re
import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from follow.followers import TICK_S
from follow.live import BEAT, RETRY
from follow.router import MISSES
from tests.follow.hall import FollowedHall, followed
from tests.waiting import until

BYTES_MAX = 30_000
"""All that a phone has to fetch before it follows, heads included."""
UNKNOWN = "A" * 16


def fetched(url: str, path: str) -> tuple[int, bytes]:
    """Fetch by a bare socket, packed as browsers ask for it; return all the bytes on the wire, and the body."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        asked = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
        line.sendall(asked.encode())
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 200"), answer[:200]
    return len(answer), answer.partition(b"\r\n\r\n")[2]


def test_all_of_the_page_is_under_thirty_kilobytes_on_the_wire(hall: FollowedHall) -> None:
    (identity,) = hall.take()
    html = hall.get(f"/T/{identity}").text
    files = sorted(set(re.findall(r'(?:href|src)="(/follow/[^"]+)"', html)))
    path = files[0].rpartition("/")[0]
    assert {file.rpartition("/")[2] for file in files} == {"page.css", "page.js", "ring.js", "icon.svg"}
    weights = {file: fetched(hall.url, file)[0] for file in [f"/T/{identity}", *files, f"{path}/number.woff2"]}
    assert sum(weights.values()) < BYTES_MAX, weights


def test_the_page_is_whole_without_scripts(hall: FollowedHall) -> None:
    hall.open()
    first, second = hall.take(2)
    html = hall.get(f"/t/{second}?lang=en").text
    assert "1 person ahead of you" in html and "Expected wait" in html
    assert "<noscript><meta http-equiv" in html
    assert '<html lang="en" dir="ltr">' in html
    assert '<html lang="ar" dir="rtl">' in hall.get(f"/t/{second}").text  # the ticket's own language
    assert hall.house.press(1, "call_next")[0] == 200
    hall.told(first, "called")
    html = hall.get(f"/t/{first}?lang=en").text
    assert "Please go to counter" in html and '<b dir="ltr">1</b>' in html


def test_no_cookie_no_cache_no_index_and_a_strict_policy(hall: FollowedHall) -> None:
    (identity,) = hall.take()
    for path in (f"/t/{identity}", f"/t/{identity}/now", f"/t/{UNKNOWN}"):
        headers = hall.get(path).headers
        assert "set-cookie" not in headers
        assert headers["cache-control"] == "no-store"
        assert "noindex" in headers["x-robots-tag"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
    said = hall.get("/robots.txt").text
    assert "Disallow: /t/\n" in said and "Disallow: /T/\n" in said


def test_nothing_personal_and_no_ids_of_the_house_are_on_the_page(hall: FollowedHall) -> None:
    customer = "ab" * 16
    (identity,) = hall.take(1, customer=customer, priority="pregnant")
    for path in (f"/t/{identity}", f"/t/{identity}/now"):
        text = hall.get(path).text
        assert customer not in text and "pregnant" not in text and "kiosk-1" not in text


def test_capitals_and_small_letters_open_the_same_page(hall: FollowedHall) -> None:
    (identity,) = hall.take()
    assert hall.get(f"/T/{identity}").status_code == hall.get(f"/t/{identity.lower()}").status_code == 200


@pytest.mark.parametrize("identity", [UNKNOWN, "short", "A" * 15 + "%0A", "..%2F..%2Fetc", "A" * 4000])
def test_an_unknown_id_gets_a_kind_page_in_every_language(hall: FollowedHall, identity: str) -> None:
    answer = hall.get(f"/t/{identity}", headers={"Accept-Language": "en-GB,ar;q=0.5"})
    assert answer.status_code == 404
    if "%2F" not in identity:
        assert answer.text.index("We cannot find this ticket") < answer.text.index("لا نجد هذه التذكرة")
        assert answer.headers["cache-control"] == "no-store"


def test_guessing_is_slowed_down_and_a_ticket_holder_at_the_same_address_is_not(hall: FollowedHall) -> None:
    (identity,) = hall.take()
    answers = [hall.get(f"/t/{UNKNOWN}").status_code for _ in range(MISSES + 3)]
    assert answers == [404] * MISSES + [429] * 3
    assert hall.get(f"/t/{identity}").status_code == 200
    hall.clock.pass_time(3600)
    assert hall.get(f"/t/{UNKNOWN}").status_code == 404


def test_behind_a_proxy_each_guesser_is_counted_alone(hall: FollowedHall) -> None:
    def guess(address: str) -> int:
        # What the guesser writes there itself stands before what the proxy adds.
        return hall.get(f"/t/{UNKNOWN}", headers={"X-Forwarded-For": f"10.0.0.1, {address}"}).status_code

    assert [guess("192.0.2.1") for _ in range(MISSES + 1)][-1] == 429
    assert guess("192.0.2.2") == 404


def test_leaving_asks_first_and_can_be_undone(hall: FollowedHall) -> None:
    hall.open()
    first, second = hall.take(2)
    html = hall.get(f"/t/{first}?lang=en&ask=leave").text
    assert "Leave the queue?" in html and 'value="leave"' in html
    answer = hall.wish(first, "leave")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/t/{first}?lang=en")
    assert hall.now(first)["phase"] == "left"
    assert hall.house.press(1, "call_next")[1]["ticket"]["number"] == "A0002"
    assert hall.wish(first, "rejoin").status_code == 303
    assert hall.now(first)["phase"] == "waiting"
    hall.told(second, "called")


def test_stepping_out_and_back(hall: FollowedHall) -> None:
    hall.open()
    first, second = hall.take(2)
    assert 'value="out"' in hall.now(first)["acts"]
    hall.wish(first, "out")
    now = hall.now(first)
    assert (now["phase"], 'value="back"' in now["acts"]) == ("away", True)
    assert hall.house.press(1, "call_next")[1]["ticket"]["number"] == "A0002"
    hall.told(second, "called")
    hall.wish(first, "back")
    assert hall.now(first)["phase"] == "waiting"
    hall.wish(first, "out")
    hall.clock.pass_time(1801)
    now = hall.now(first)
    assert (now["phase"], 'value="out"' in now["acts"]) == ("waiting", False)  # twice is the rule


def test_the_page_after_a_wish_shows_it_however_busy_the_hub_is(hall: FollowedHall) -> None:
    (identity,) = hall.take()
    busy = threading.Event()
    # What the writer tells of a commit takes its time before the follower hears of it.
    hall.house.hub.arbiter.writer._listeners.insert(0, lambda _: busy.wait(0.3))
    answer = hall.wish(identity, "out")
    assert "You have stepped out" in hall.get(answer.headers["location"]).text


def test_a_wish_that_cannot_be_is_refused_kindly(hall: FollowedHall) -> None:
    (identity,) = hall.take()
    hall.open()
    assert hall.house.press(1, "call_next")[0] == 200
    hall.told(identity, "called")
    answer = hall.wish(identity, "leave")
    assert answer.headers["location"].endswith("said=no")
    assert "no longer possible" in hall.get(answer.headers["location"]).text
    assert hall.wish(identity, "nonsense").status_code == 422
    assert hall.wish(identity, "leave" * 100).status_code == 413
    assert hall.wish(UNKNOWN, "leave").status_code == 404


def test_a_centre_may_not_offer_stepping_out(tmp_path: Path) -> None:
    with followed(tmp_path, step_out={"times": 0}) as hall:
        (identity,) = hall.take()
        assert 'value="out"' not in hall.now(identity)["acts"]
        assert hall.wish(identity, "out").headers["location"].endswith("said=no")


def test_wishes_of_one_ticket_are_limited(hall: FollowedHall) -> None:
    (identity,) = hall.take()
    answers = [hall.wish(identity, what).status_code for what in ("leave", "rejoin") * 4]
    assert answers == [303] * 6 + [429] * 2


class Stream:
    """A phone's stream of news, read as a browser would."""

    def __init__(self, hall: FollowedHall, identity: str) -> None:
        # Less than the follower's tick: news come of what happens, not of the time.
        within_s = TICK_S - 1
        self.answer = requests.get(f"{hall.url}/t/{identity}/live?lang=en", stream=True, timeout=within_s)
        assert self.answer.headers["content-type"].startswith("text/event-stream")
        self._lines = self.answer.iter_lines(chunk_size=1)
        assert next(self._lines) == RETRY.split(b"\n")[0]

    def news(self) -> dict[str, str]:
        for line in self._lines:
            if line.startswith(b"data: "):
                found: dict[str, str] = json.loads(line[6:])
                return found
        raise AssertionError("the stream ended")


def test_live_news_come_by_themselves_and_are_small(hall: FollowedHall) -> None:
    hall.open()
    first, second, third = hall.take(3)
    phones = {identity: Stream(hall, identity) for identity in (first, second, third)}
    assert {phone.news()["phase"] for phone in phones.values()} == {"waiting"}
    assert hall.house.press(1, "call_next")[0] == 200
    called = phones[first].news()
    assert called["phase"] == "called" and "counter" in called["turn"]
    moved = phones[third].news()
    assert "1 person ahead" in moved["turn"]
    assert len(json.dumps(moved, ensure_ascii=False).encode()) < 2000
    assert hall.house.press(1, "recall")[0] == 200
    assert int(phones[first].news()["rings"]) == int(called["rings"]) + 1
    for verb, phase in (("start_serving", "serving"), ("finish", "finished")):
        assert hall.house.press(1, verb)[0] == 200
        assert phones[first].news()["phase"] == phase
    for phone in phones.values():
        phone.answer.close()


def test_streams_end_when_the_hub_stops_and_beat_meanwhile(hall: FollowedHall) -> None:
    (identity,) = hall.take()
    phone = Stream(hall, identity)
    phone.news()
    until(lambda: hall.house.hub.followers.streams.count == 1, "one open page")
    hall.house.hub.end_streams()
    assert list(phone.answer.iter_content()) is not None
    until(lambda: hall.house.hub.followers.streams.count == 0, "no open page")
    assert BEAT.startswith(b"event: beat")


def test_too_many_streams_of_one_ticket_fall_back_to_asking(hall: FollowedHall) -> None:
    (identity,) = hall.take()
    phones = [Stream(hall, identity) for _ in range(8)]
    until(lambda: hall.house.hub.followers.streams.count == 8, "eight open pages")
    answer = hall.get(f"/t/{identity}/live?lang=en")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert hall.now(identity)["phase"] == "waiting"
    for phone in phones:
        phone.answer.close()


def test_a_restarted_hub_knows_its_tickets(tmp_path: Path) -> None:
    with followed(tmp_path) as hall:
        (identity,) = hall.take()
        house = hall.house
        assert hall.now(identity)["phase"] == "waiting"
    with house.serving() as web:
        again = FollowedHall(house, web)
        answer = until(lambda: again.get(f"/t/{identity}/now?lang=en").ok, "read after the start")
        assert answer
        house.hub.end_streams()
