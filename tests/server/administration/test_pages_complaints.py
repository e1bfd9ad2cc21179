"""Complaints on the staff's pages: read by who may help, taken in hand, answered once, and the customer reads it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from server.administration.pages import complaints
from tests.server.administration.workplace import Worker, Workplace
from tests.server.pages.ministry import AHMED, SARA, Visitor
from tests.server.site import CENTRE


def test_a_complaint_is_answered_where_it_belongs_and_read_by_who_wrote_it(workplace: Workplace) -> None:
    ahmed = Visitor(workplace.ministry)
    ahmed.sign_in(AHMED)
    ahmed.get("/en/complain")
    ahmed.send("/en/complain", about=CENTRE, kind="waiting", words="An hour, and <nobody> said why.")
    page = ahmed.path.partition("?")[0]
    number = page.rpartition("/")[2]
    # Who may not help here sees no way to it, and gets none.
    for name in ("zain", "noor", "riffa"):
        stranger = Worker(workplace, name)
        assert f"{stranger.here}/complaints" not in stranger.get(stranger.here).text
        assert stranger.get(f"{stranger.here}/complaints").status_code == 403
        assert stranger.get(f"{stranger.here}/complaints/{number}").status_code == 403
    omar = Worker(workplace, "omar")
    assert number in omar.get(f"{omar.here}/complaints").text
    where = f"{omar.here}/complaints/{number}"
    assert "An hour, and &lt;nobody&gt; said why." in omar.get(where).text and "Haddad" not in omar.html
    omar.send(f"{where}/take")
    assert "Being looked into" in ahmed.get(page).text
    answer = omar.send(f"{where}/answer", text="  ")
    assert answer.status_code == 422 and "write the answer first" in answer.text
    answer = omar.send(f"{where}/answer", text="Two counters were closed.\r\nWe are sorry.")
    assert answer.url.endswith("/complaints?done=saved") and number not in answer.text
    assert number in omar.get(f"{omar.here}/complaints?answered=1").text
    assert "Two counters were closed." in ahmed.get(page).text and "Answered" in ahmed.html
    # An answer is given once.
    assert f"{where}/answer" not in omar.get(where).text
    mark = omar.session.cookies["dawr_form"]
    assert omar.post(f"{where}/answer", {"form": mark, "text": "Another one."}).status_code == 404
    assert "Another one." not in ahmed.get(page).text
    assert "Complaint answered" in Worker(workplace, "huda").get("/en/staff/audit?act=complaint_answered").text


def test_many_complaints_come_in_pages(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(complaints, "AT_ONCE", 2)
    sara = Visitor(workplace.ministry)
    sara.sign_in(SARA)
    filed = []
    for n in range(5):
        sara.get("/en/complain")
        sara.send("/en/complain", about=CENTRE, kind="waiting", words=f"number {n}")
        filed.append(sara.path.partition("?")[0].rpartition("/")[2])
    omar = Worker(workplace, "omar")
    seen, path = [], f"{omar.here}/complaints"
    while path:
        html = omar.get(path).text
        seen += re.findall(rf'href="{omar.here}/complaints/([0-9]+)"', html)
        links = re.findall(r'href="([^"]+)" rel="next"', html)
        path = unescape(links[0]) if links else ""
    assert set(seen) == set(filed) and len(seen) == len(filed) and "To the beginning" in html
    assert omar.get(f"{omar.here}/complaints?after=nonsense").status_code == 200
