"""The pages of a centre's days: closed once somebody has seen whom it touches, opened, holidays from a calendar."""

from __future__ import annotations

import requests

from tests.server.administration.workplace import Worker, typed_in
from tests.server.site import CENTRE

HERE = f"/staff/centres/{CENTRE}"


class TestDays:
    """On Thursday the 26th and later: nobody has booked there."""

    def test_nothing_is_closed_before_somebody_has_seen_whom_it_touches(self, huda: Worker) -> None:
        answer = huda.fill(f"/en{HERE}/days/close", day="2026-11-26")
        assert answer.status_code == 200 and "Nobody has a booking then." in answer.text
        assert "Thursday 26 November" not in huda.get(f"/en/centres/{CENTRE}").text
        huda.fill(f"/en{HERE}/days/close", day="2026-11-26")
        answer = huda.send(f"/en{HERE}/days/close")
        assert answer.url.endswith("/days?done=closed"), answer.text
        assert "Thursday 26 November" in huda.get(f"/en/centres/{CENTRE}").text

    def test_what_cannot_be_closed_is_said_at_its_field(self, huda: Worker) -> None:
        for day, fault in (("2026-11-20", "passed"), ("2026-11-27", "Nothing is open then"), ("", "fill this in")):
            answer = huda.fill(f"/en{HERE}/days/close", day=day)
            assert answer.status_code == 422, day
            assert fault in answer.text.partition('id="fault-day"')[2][:60], (day, answer.text)
        answer = huda.fill(f"/en{HERE}/days/close", day="2026-11-25", begins="12", ends="9")
        assert 'id="fault-ends"' in answer.text

    def test_a_day_is_opened_and_announced(self, huda: Worker) -> None:
        answer = huda.fill(f"/en{HERE}/days/open", day="2026-11-27", begins="8", ends="12", places="3")
        assert answer.url.endswith("/days?done=opened"), answer.text
        public = huda.get(f"/en/centres/{CENTRE}").text
        assert "Friday 27 November" in public.partition("<section")[2].partition("</section>")[0]

    def test_a_calendar_is_looked_at_before_it_is_taken(self, huda: Worker) -> None:
        path = f"/en{HERE}/days/import"
        huda.get(path)
        event = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261203\r\nSUMMARY:Calendar Day\r\nEND:VEVENT\r\n"
        calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n{event}END:VCALENDAR\r\n"
        told = {"Origin": huda.ministry.url}
        fields = typed_in(huda.html, path) | {"body": CENTRE}
        fields.pop("calendar", None)

        def chosen(text: str) -> requests.Response:
            return huda.session.post(
                huda.ministry.url + path, fields, files={"calendar": text.encode()}, headers=told, timeout=10
            )

        assert chosen("no calendar").status_code == 422
        answer = chosen(calendar)
        assert "1 day is added" in answer.text and "Calendar Day" not in huda.get(f"/en/centres/{CENTRE}").text
        answer = huda.post(f"{path}/now", typed_in(answer.text, f"{path}/now"))
        assert answer.url.endswith("/days?done=saved"), answer.text
        assert "Calendar Day" in huda.get(f"/en/centres/{CENTRE}").text

    def test_the_ends_of_the_calendar_are_no_days(self, huda: Worker) -> None:
        for day in ("9999-12-31", "0001-01-01", "tomorrow"):
            assert huda.get(f"/en{HERE}/slots?first={day}").status_code == 200, day
            assert huda.fill(f"/en{HERE}/days/close", day=day).status_code == 422, day
            assert huda.fill(f"/en{HERE}/days/open", day=day, begins="8", ends="9").status_code == 422, day
