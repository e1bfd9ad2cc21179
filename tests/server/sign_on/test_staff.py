"""Staff who sign in with a real OpenID provider: only whom an account is linked to, and only on a proven address."""

from __future__ import annotations

import asyncio

import pytest

from server.administration.answers import Grant
from server.administration.roles import EVERYWHERE, Asker, Held, Right, Role
from tests.server.sign_on.conftest import House

BY = "/staff/sign-in/sign-on"


@pytest.fixture
def account(house: House) -> str:
    """Make an account that is linked to the address that the provider proves; once."""
    operator = Asker("door", "operator", (Held(EVERYWHERE, frozenset(Right)),))
    accounts = house.service.office.administration.accounts

    async def make() -> str:
        found = [each for each in await accounts.all(operator) if each.name == "boss"]
        if found:
            return found[0].id
        made = await accounts.add(operator, "boss", "The Boss", Grant(EVERYWHERE, Role.ADMINISTRATOR))
        return (await accounts.link(operator, made.account.id, "staff@example.bh")).id

    return asyncio.run(make())


def test_who_is_linked_comes_in(house: House, account: str) -> None:
    boss = house.citizen("ar")
    answer = boss.get(boss.way_back("staff", by=BY))
    assert answer.status_code == 200 and answer.headers["Refresh"] == "0; url=/ar/staff"
    assert boss.get("/ar/staff", follow=False).status_code in (200, 303)
    assert "sign-in" not in boss.get("/ar/staff").url


@pytest.mark.parametrize("who", ["unverified", "sara"])
def test_nobody_else_does(house: House, account: str, who: str) -> None:
    other = house.citizen()
    answer = other.get(other.way_back(who, by=BY))
    assert answer.status_code == 403 and "no account for you" in answer.text
    assert "sign-in" in other.get("/en/staff").url


def test_a_customer_s_way_back_is_none_of_the_staff_s(house: House, account: str) -> None:
    other = house.citizen()
    back = other.way_back("staff", by=BY)
    assert other.get(back.replace("/staff-sign-on/back", "/sign-on/back")).status_code == 400
    assert house.citizen().get(back).status_code == 400


def test_who_gives_up_or_finds_it_away_may_type_the_password(house: House, account: str) -> None:
    other = house.citizen()
    answer = other.get(other.way_back("", by=BY))
    assert answer.status_code == 200 and 'name="password"' in answer.text
    assert BY in other.get("/en/staff/sign-in").text
