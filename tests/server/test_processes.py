"""Two server processes on one PostgreSQL: whichever one asks, the answer is the same, and one that dies costs nothing.

In this order: the later ones stop what the earlier ones need.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import requests
from sqlmodel import Session, col, func, select

from server.booking.tables import NoticeRow
from server.shared_tables import MessageRow
from server.tables import AppointmentRow
from sync.clock import SystemClock
from sync.identity import Signer
from tests.server.town import PEOPLE, Town, town
from tests.waiting import until


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as made:
        yield made


def test_a_booking_in_one_is_in_the_other_s_slots_and_wakes_a_hub_that_waits_there(both: Town) -> None:
    both.with_rounds  # noqa: B018  # they have settled down
    (_, token), one, two = both.people[0], both.one, both.two
    at, before = _first(one.free()), two.version()
    assert one.version() == before
    with ThreadPoolExecutor(1) as hub:
        waits = hub.submit(two.hub, f"/v1/wishes?after=0&wait=20&version={before}")
        # It is asked before this comes back, or nearly so; asked later it would be answered at once and try nothing.
        left, began = two.free()[at], time.monotonic()
        assert not waits.done()
        assert one.book(token, at).status_code == 200
        told = waits.result(25).json()
    assert told["version"] == before + 1 == one.version()
    assert time.monotonic() - began < 10
    # Free slots are looked up anew after a second.
    until(lambda: two.free()[at] == left - 1, "the place to be taken there, too")
    # Late in the evening the first free slot is the next day's, by the centre's calendar.
    day = datetime.fromisoformat(at) + timedelta(hours=3)
    appointments = two.hub(f"/v1/day-appointments?day={day:%Y-%m-%d}").json()
    assert at[:16] in {each["slot_at"][:16] for each in appointments}


def test_fifty_at_once_over_both_get_the_places_that_there_are(both: Town) -> None:
    at = sorted(at for at, left in both.one.free().items() if left)[-1]
    places = both.one.free()[at]
    everybody = both.people[1:]
    with ThreadPoolExecutor(len(everybody)) as crowd:
        booked = [crowd.submit((both.one, both.two)[n % 2].book, token, at) for n, (_, token) in enumerate(everybody)]
        said = Counter(each.result().status_code for each in booked)
    assert said == {200: places, 409: len(everybody) - places}
    stands = select(func.count()).where(col(AppointmentRow.slot_at) == datetime.fromisoformat(at))
    assert both.store.call(lambda session: session.exec(stands).one()) == places


def test_a_request_is_let_through_once_by_both_together(both: Town) -> None:
    signer = Signer(both.site.keys["kiosk-1"], "kiosk-1", 1, SystemClock())
    headers = {"Authorization": signer.authorization("GET", "/v1/settings")}
    first, again = (
        requests.get(f"{server.url}/v1/settings", headers=headers, timeout=10) for server in (both.one, both.two)
    )
    assert (first.status_code, again.status_code, again.json()["code"]) == (200, 401, "REPLAYED")


def test_limits_count_over_both(both: Town) -> None:
    def ask(n: int) -> int:
        server = (both.one, both.two)[n % 2]
        answer = requests.post(f"{server.url}/v1/enrol", json=_NO_DEVICE, timeout=10)
        return answer.status_code

    until(lambda: datetime.now(UTC).second < 50, "a minute that is long enough")
    assert Counter(ask(n) for n in range(24)) == {403: 20, 429: 4}


def test_guesses_of_links_count_over_both(both: Town) -> None:
    def guess(n: int) -> int:
        return requests.get(f"{(both.one, both.two)[n % 2].url}/en/b/nobody{n}", timeout=10).status_code

    until(lambda: datetime.now(UTC).second < 50, "a minute that is long enough")
    assert Counter(guess(n) for n in range(34)) == {404: 30, 429: 4}


def test_with_postgresql_away_both_say_so_in_plain_words_and_heal_by_themselves(both: Town) -> None:
    both.cluster.stop("fast")
    for server in (both.one, both.two):
        answer = requests.get(f"{server.url}/v1/health", timeout=20)
        assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
        page = requests.get(f"{server.url}/en/b/nobodys", headers={"Accept": "text/html"}, timeout=20)
        assert page.status_code == 503 and "<h1" in page.text
    both.cluster.start()
    for server in (both.one, both.two):
        until(lambda url=server.url: requests.get(f"{url}/v1/health", timeout=20).ok, "it to heal")  # type: ignore[misc]
    assert both.with_rounds


def test_killed_while_it_reminds_the_other_goes_on_and_nobody_is_reminded_twice(both: Town) -> None:
    before = both.operator.count
    rounds, other = both.with_rounds
    both.store.call(both.booked_long_ago)
    until(lambda: both.operator.count >= before + 5, "the first reminders", within_s=30)
    rounds.kill()
    until(lambda: other.has_rounds, "the other to go the rounds", within_s=30)
    until(lambda: both.store.call(_reminders_wait) == 0, "every reminder to be settled", within_s=60)
    # What was on its way when the process died may be out: it is nobody's to send again.
    sent, interrupted = both.store.call(_ends)
    assert set(both.operator.taken.values()) == {1}
    assert sent + interrupted == PEOPLE and interrupted <= AT_ONCE
    rounds.begin()


def _first(free: dict[str, int]) -> str:
    """Return the first free slot: of those of today and tomorrow a centre's hub hears at once."""
    return min(at for at, left in free.items() if left)


def _reminders_wait(session: Session) -> int:
    noted = session.exec(select(func.count()).where(NoticeRow.kind == "reminder_hours")).one()
    handed = select(func.count()).where(NoticeRow.kind == "reminder_hours", col(NoticeRow.handed_at).is_not(None))
    waiting = select(func.count()).where(MessageRow.kind == "reminder_hours", col(MessageRow.stage).in_(_OPEN))
    return max(0, PEOPLE - noted) + noted - session.exec(handed).one() + session.exec(waiting).one()


def _ends(session: Session) -> tuple[int, int]:
    """Return how many reminders are with the operator, and how many were on their way when a process died."""
    reminders = select(func.count()).where(MessageRow.kind == "reminder_hours")
    sent = session.exec(reminders.where(MessageRow.stage == "sent")).one()
    return sent, session.exec(reminders.where(MessageRow.why == "interrupted")).one()


_OPEN = ("queued", "sending")
_NO_DEVICE = {
    "code": "0000000000", "role": "kiosk", "public_key": "A" * 43 + "=", "proof": "A" * 86 + "==", "hardware": "",
}  # fmt: skip
AT_ONCE = 8
"""Requests of one batch of the sender."""
