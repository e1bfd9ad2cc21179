"""Forms: what comes from another site, another browser or no form at all is refused."""

from __future__ import annotations

import requests

from tests.server.pages.ministry import (
    AHMED,
    Ministry,
    Visitor,
    forms,
)


class TestForms:
    def refused(self, answer: requests.Response) -> None:
        assert answer.status_code == 403 and "could not accept" in answer.text

    def test_a_foreign_origin_is_refused(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get("/en/sign-in")
        fields = forms(visitor.html)[0]["fields"] | {"cpr": AHMED}
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://["},
            {"Origin": "", "Referer": "https://evil.example/x"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ):
            self.refused(visitor.post("/en/sign-in", fields, **headers))
        assert ministry.messages(AHMED, "one_time_code") == []

    def test_so_is_a_form_that_this_browser_was_not_given(self, ministry: Ministry) -> None:
        visitor, other = Visitor(ministry), Visitor(ministry)
        other.get("/en/sign-in")
        fields = forms(other.html)[0]["fields"] | {"cpr": AHMED}
        self.refused(visitor.post("/en/sign-in", fields))
        visitor.get("/en/sign-in")
        self.refused(visitor.post("/en/sign-in", fields))
        self.refused(visitor.post("/en/sign-in", {"cpr": AHMED}))
        self.refused(visitor.post("/en/sign-in", fields | {"form": ""}))

    def test_so_is_what_is_no_form(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get("/en/sign-in")
        fields = forms(visitor.html)[0]["fields"]
        self.refused(visitor.post("/en/sign-in", fields | {"cpr": "1" * 5000}))
        self.refused(visitor.post("/en/sign-in", fields | {f"more{n}": "1" for n in range(30)}))
        url, told = f"{ministry.url}/en/sign-in", {"Origin": ministry.url}
        self.refused(visitor.session.post(url, json=fields | {"cpr": AHMED}, headers=told, timeout=10))

    def test_an_old_browser_that_names_no_origin_gets_through(self, ministry: Ministry) -> None:
        visitor = Visitor(ministry)
        visitor.get("/en/sign-in")
        fields = forms(visitor.html)[0]["fields"] | {"cpr": AHMED}
        answer = visitor.session.post(f"{ministry.url}/en/sign-in", fields, timeout=10)
        assert answer.status_code == 200 and "Enter the code" in answer.text
