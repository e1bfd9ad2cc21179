"""Signing in with a real OpenID provider: there and back, what is believed, and what is done when it fails."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator

import pytest
import requests
from sqlmodel import Session, select

from server.booking.seals import opened_customer, phone_of
from server.sign_on import provider as asking
from server.sign_on.journey import COOKIE
from server.tables import CustomerRow
from tests.server.sign_on.conftest import House, house_of
from tests.server.sign_on.nation import CPR, Citizen
from tests.server.site import Site


@pytest.fixture(autouse=True)
def as_it_was(house: House) -> Iterator[None]:
    yield
    house.provider.bend("")


def customers(house: House) -> int:
    return house.service.store.call(lambda session: len(session.exec(select(CustomerRow)).all()))


def customer(house: House, account: str) -> tuple[dict[str, str], str, str]:
    vault = house.service.store.vault

    def job(session: Session) -> tuple[dict[str, str], str, str]:
        found = select(CustomerRow).where(CustomerRow.lookup == vault.customer_hash(CPR[account]))
        row = session.exec(found).one()
        opened = opened_customer(row, vault)
        return dict(opened.name), opened.born.isoformat(), phone_of(row, vault)

    return house.service.store.call(job)


class TestThereAndBack:
    def test_a_newcomer_is_registered_and_comes_to_where_they_wanted(self, house: House) -> None:
        citizen = house.citizen("ar")
        answer = citizen.sign_in("newcomer", to="/ar/centres")
        assert answer.status_code == 200 and answer.headers["Refresh"] == "0; url=/ar/centres"
        assert "تم تسجيل دخولك" in answer.text
        assert "نورة علي" in citizen.get("/ar/mine").text
        names = {"en": "Noora Ali", "ar": "نورة علي"}
        assert customer(house, "newcomer") == (names, "1983-01-05", "+97336000013")

    def test_the_registry_goes_before_the_provider(self, house: House) -> None:
        house.citizen().sign_in("ahmed")
        assert customer(house, "ahmed") == ({"en": "Ahmed on record"}, "1985-03-14", "+97336000001")

    def test_who_is_too_young_is_not_let_in(self, house: House) -> None:
        citizen = house.citizen()
        assert citizen.sign_in("child").status_code == 422
        assert not citizen.is_in

    def test_where_nobody_knows_the_date_of_birth_it_is_asked_for(self, house: House) -> None:
        citizen = house.citizen()
        page = citizen.sign_in("no-birth")
        assert CPR["no-birth"] not in page.text
        fields = {
            name: html.unescape(text) for name, text in re.findall(r'name="(form|carried)" value="([^"]*)"', page.text)
        }

        def declare(**born: str) -> requests.Response:
            return citizen.session.post(
                f"{house.url}/en/sign-in/national", fields | born, headers={"Origin": house.url}, timeout=10
            )

        assert declare(day="31", month="2", year="1980").status_code == 422
        assert declare(day="1", month="2", year="2015").status_code == 422
        changed = fields["carried"][:-4] + ("AAAA" if not fields["carried"].endswith("AAAA") else "BBBB")
        assert citizen.session.post(
            f"{house.url}/en/sign-in/national", fields | {"carried": changed, "day": "1", "month": "2", "year": "1980"},
            headers={"Origin": house.url}, timeout=10,
        ).status_code == 400  # fmt: skip
        assert declare(day="1", month="2", year="1980").headers["Refresh"] == "0; url=/en/mine"
        assert citizen.is_in

    def test_an_account_without_a_cpr_is_told_what_to_do(self, house: House) -> None:
        citizen = house.citizen()
        answer = citizen.sign_in("no-cpr")
        assert answer.status_code == 403 and "has no personal number" in answer.text
        assert not citizen.is_in

    def test_who_gives_up_there_may_begin_again(self, house: House) -> None:
        citizen = house.citizen()
        answer = citizen.sign_in("")
        assert answer.status_code == 200 and "Signing in was cancelled" in answer.text
        assert not citizen.is_in

    def test_who_signs_out_may_leave_the_provider_too(self, house: House) -> None:
        citizen = house.citizen()
        citizen.sign_in("sara")
        mark = citizen.session.cookies["dawr_form"]
        answer = citizen.session.post(
            f"{house.url}/en/sign-out", {"form": mark}, headers={"Origin": house.url}, timeout=10
        )
        assert answer.url.endswith("/en/signed-out") and not citizen.is_in
        gone = citizen.get("/en/sign-out/national", follow=False)
        assert gone.headers["Location"].startswith(f"{house.provider.issuer}/session/end?")
        assert "id_token" not in gone.headers["Location"]
        assert citizen.session.get(gone.headers["Location"], timeout=10).status_code == 200

    def test_no_cpr_is_in_an_address_a_cookie_or_a_log(self, house: House, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        citizen = house.citizen()
        other = house.citizen()
        answers = [citizen.sign_in("newcomer"), citizen.get("/en/mine"), other.sign_in("no-birth")]
        addresses = [each.url for answer in answers for each in (answer, *answer.history)]
        cookies = [str(each.value) for one in (citizen, other) for each in one.session.cookies]
        said = " ".join([*addresses, *cookies, caplog.text])
        assert not any(cpr in said for cpr in CPR.values())


class TestWhatIsNotBelieved:
    """Each of these is right but for one thing, and signed by the provider itself unless that is the thing."""

    @pytest.mark.parametrize(
        "mode",
        [
            "nonce",
            "no nonce",
            "expired",
            "audience",
            "audience, for us",
            "audiences",
            "issuer",
            "at_hash",
            "subject",
            "unsigned",
            "secret",
            "stranger",
        ],
    )
    def test_a_token_that_is_wrong(self, house: House, mode: str) -> None:
        known = customers(house)
        citizen = house.citizen()
        house.provider.bend(mode)
        answer = citizen.sign_in("sara")
        assert answer.status_code == 400, answer.text
        assert not citizen.is_in and customers(house) == known

    def test_the_same_path_with_nothing_wrong(self, house: House) -> None:
        citizen = house.citizen()
        house.provider.bend("nothing")
        assert citizen.sign_in("sara").status_code == 200 and citizen.is_in

    def test_a_code_that_was_used(self, house: House) -> None:
        citizen = house.citizen()
        back = citizen.way_back("sara")
        journey = citizen.session.cookies[COOKIE]
        assert citizen.get(back).status_code == 200
        thief = house.citizen()
        thief.session.cookies.set(COOKIE, journey)
        assert thief.get(back).status_code == 400 and not thief.is_in

    def test_an_answer_without_the_browser_that_asked(self, house: House) -> None:
        back = house.citizen().way_back("sara")
        other = house.citizen()
        assert other.get(back).status_code == 400 and not other.is_in

    def test_an_answer_to_another_sign_on(self, house: House) -> None:
        """Whoever lays an answer of their own into another's browser would have them signed in as somebody else."""
        attacker, victim = house.citizen(), house.citizen()
        foreign = attacker.way_back("sara")
        victim.way_back("ahmed")
        assert victim.get(foreign).status_code == 400 and not victim.is_in

    def test_an_answer_with_another_state(self, house: House) -> None:
        citizen = house.citizen()
        back = re.sub(r"state=[^&]+", "state=another", citizen.way_back("sara"))
        assert citizen.get(back).status_code == 400 and not citizen.is_in

    def test_an_answer_that_names_another_provider(self, house: House) -> None:
        citizen = house.citizen()
        back = citizen.way_back("sara")
        assert f"iss={requests.utils.quote(house.provider.issuer, safe='')}" in back  # type: ignore[attr-defined]
        mixed = re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fother.example.bh", back)
        assert citizen.get(mixed).status_code == 400 and not citizen.is_in
        other = house.citizen()
        assert other.get(re.sub(r"&?iss=[^&]+", "", other.way_back("sara"))).status_code == 400

    def test_one_that_comes_too_late(self, house: House) -> None:
        citizen = house.citizen()
        back = citizen.way_back("sara")
        house.site.clock.pass_time(601)
        try:
            assert citizen.get(back).status_code == 400 and not citizen.is_in
        finally:
            house.site.clock.pass_time(-601)

    def test_the_cookie_comes_along_from_another_site_and_is_for_us_alone(self, house: House) -> None:
        said = house.citizen().get("/en/sign-in/national", follow=False).headers["Set-Cookie"].lower()
        assert "samesite=lax" in said and "httponly" in said and "max-age=600" in said

    def test_where_to_go_afterwards_is_one_of_our_pages(self, house: House) -> None:
        answer = house.citizen().sign_in("sara", to="https://evil.example/")
        assert answer.headers["Refresh"] == "0; url=/en/mine"


class TestAProviderThatFails:
    def test_new_keys_are_fetched_and_a_provider_that_is_away_leaves_codes(self, house: House) -> None:
        house.citizen().sign_in("sara")
        house.provider.stop()
        citizen = house.citizen()
        # What the provider said of itself is still known: the browser is sent there, and its code to nobody.
        assert citizen.get("/en/sign-in/national", follow=False).status_code == 303
        house.provider.start("second")
        back = citizen.way_back("sara")
        house.provider.stop()
        away = citizen.get(back)
        assert away.status_code == 503 and "sign in with a code" in away.text
        assert 'id="cpr"' in citizen.get("/en/sign-in").text
        house.provider.start("third")
        assert citizen.sign_in("sara").status_code == 200 and citizen.is_in

    def test_keys_of_a_kind_that_is_not_known_keep_nobody_out(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        really = asking.Provider._get
        strange: list[object] = [
            {"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA", "kid": "later"},
            {"kty": "LMS", "kid": "other"}, {"kty": "RSA", "kid": "half"}, "no key",
        ]  # fmt: skip

        def get(self: asking.Provider, url: str) -> dict[str, object]:
            said = really(self, url)
            return {"keys": [*strange, *said["keys"]]} if "keys" in said else said

        monkeypatch.setattr(asking.Provider, "_get", get)
        house.provider.stop()
        house.provider.start("fourth")
        citizen = house.citizen()
        assert citizen.sign_in("sara").status_code == 200 and citizen.is_in
        monkeypatch.setattr(asking.Provider, "_get", lambda self, url: {"keys": strange})
        house.provider.stop()
        house.provider.start("fifth")
        assert house.citizen().sign_in("sara").status_code == 503

    def test_a_provider_that_was_never_there_is_not_waited_for_twice(self, house: House) -> None:
        config = house.provider.config(issuer="http://127.0.0.1:9")
        provider = asking.Provider(config, "/sign-on/back", house.site.clock)
        for _ in range(2):
            with pytest.raises(asking.SignOnUnavailable):
                provider.address(asking.Begun.make(), "en")


class TestWithoutMessages:
    def test_the_sign_on_alone_opens_booking(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        house = next(opened := house_of(Site(tmp_path_factory.mktemp("site")), has_codes=False))
        try:
            citizen = Citizen(house.url)
            page = citizen.get("/en/sign-in").text
            assert "/en/sign-in/national" in page and 'id="cpr"' not in page
            assert citizen.session.post(f"{house.url}/en/sign-in", {"cpr": CPR["ahmed"]}, timeout=10).status_code == 405
            citizen.sign_in("sara")
            assert citizen.is_in and "Book" in citizen.get("/en").text
            assert citizen.session.get(f"{house.url}/v1/booking/appointments", timeout=10).status_code == 401
            assert citizen.session.post(f"{house.url}/v1/booking/codes", json={}, timeout=10).status_code == 404
        finally:
            opened.close()
