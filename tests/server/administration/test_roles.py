"""Every role against every endpoint, at its own body and at a foreign one: the list is the application's own routes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server.administration.roles import EVERYWHERE, Asker, Held, Right, Role, Tree, rights_of
from tests.server.administration.office import DEPARTMENT, FOREIGN, MINISTRY, PREFIX, Desk
from tests.server.booking.house import AMNA, CENTRE, OTHER, SERVICE

ANYBODY, SIGNED_IN, ANYWHERE = "anybody", "signed in", "anywhere"

NEEDED: dict[tuple[str, str], Right | str] = {
    ("POST", "/sessions"): ANYBODY,
    ("POST", "/sessions/end"): SIGNED_IN,
    ("GET", "/me"): SIGNED_IN,
    ("POST", "/password"): SIGNED_IN,
    ("GET", "/accounts"): Right.ACCOUNTS,
    ("POST", "/accounts"): Right.ACCOUNTS,
    ("GET", "/accounts/{account}"): Right.ACCOUNTS,
    ("PATCH", "/accounts/{account}"): Right.ACCOUNTS,
    ("POST", "/accounts/{account}/password"): Right.ACCOUNTS,
    ("POST", "/accounts/{account}/grants"): Right.ACCOUNTS,
    ("DELETE", "/accounts/{account}/grants"): Right.ACCOUNTS,
    ("GET", "/bodies"): SIGNED_IN,
    ("POST", "/bodies"): Right.BODIES,
    ("PATCH", "/bodies/{body}"): Right.BODIES,
    ("DELETE", "/bodies/{body}"): Right.BODIES,
    ("POST", "/holidays"): Right.CHANGE_CENTRE,
    ("POST", "/holidays/preview"): Right.CHANGE_CENTRE,
    ("GET", "/audit"): Right.AUDIT,
    ("GET", "/figures"): Right.SEE,
    ("GET", "/centres"): SIGNED_IN,
    ("POST", "/centres"): Right.BODIES,
    ("PUT", "/centres/{centre}/body"): Right.BODIES,
    ("GET", "/centres/{centre}/settings"): Right.SEE,
    ("PATCH", "/centres/{centre}/settings"): Right.CHANGE_CENTRE,
    ("POST", "/centres/{centre}/settings/preview"): Right.CHANGE_CENTRE,
    ("GET", "/centres/{centre}/changes/{change}"): Right.SEE,
    ("GET", "/centres/{centre}/days"): Right.SEE,
    ("POST", "/centres/{centre}/openings"): Right.CHANGE_CENTRE,
    ("POST", "/centres/{centre}/closings"): Right.CHANGE_CENTRE,
    ("POST", "/centres/{centre}/closings/preview"): Right.CHANGE_CENTRE,
    ("GET", "/centres/{centre}/staff"): Right.SEE,
    ("PUT", "/centres/{centre}/staff/{person}"): Right.STAFF,
    ("DELETE", "/centres/{centre}/staff/{person}"): Right.STAFF,
    ("GET", "/centres/{centre}/devices"): Right.SEE,
    ("POST", "/centres/{centre}/devices/codes"): Right.DEVICES,
    ("POST", "/centres/{centre}/devices/{device}/revoke"): Right.DEVICES,
    ("POST", "/customers"): ANYWHERE,
    ("POST", "/customers/admit"): ANYWHERE,
    ("POST", "/customers/{customer}/lift-block"): ANYWHERE,
    ("POST", "/centres/{centre}/appointments"): Right.HELP,
    ("GET", "/centres/{centre}/services/{service}/slots"): Right.HELP,
    ("POST", "/centres/{centre}/appointments/{appointment}/cancel"): Right.HELP,
    ("POST", "/centres/{centre}/appointments/{appointment}/move"): Right.HELP,
    ("POST", "/centres/{centre}/appointments/{appointment}/lift-block"): Right.HELP,
    ("GET", "/centres/{centre}/complaints"): Right.HELP,
    ("POST", "/centres/{centre}/complaints/{reference}/take"): Right.HELP,
    ("POST", "/centres/{centre}/complaints/{reference}/answer"): Right.HELP,
}
"""What each endpoint wants at the body that it is about; ANYWHERE: to help, at any centre at all."""

_CONTENT: dict[str, object] = {
    "/sessions": {"name": "nobody", "password": "wrong"},
    "/password": {"old": "wrong", "new": "another long password"},
    "/centres/{centre}/settings": {"fields": {}, "version": 10**6},
    "/centres/{centre}/settings/preview": {"fields": {}},
    "/centres/{centre}/openings": {"day": "2020-01-01", "begins": "08:00", "ends": "09:00"},
    "/centres/{centre}/closings": {"day": "2020-01-01"},
    "/centres/{centre}/closings/preview": {"day": "2020-01-01"},
    "/centres/{centre}/staff/{person}": {"name": {"en": "A"}, "role": "clerk", "pin": "12"},
    "/centres/{centre}/devices/codes": {"role": "kiosk", "device": "NO"},
    "/centres/{centre}/devices/{device}/revoke": {},
    "/customers": {"cpr": AMNA},
    "/customers/admit": {"cpr": AMNA, "born": "1990-01-01"},
    "/centres/{centre}/appointments": {
        "service": SERVICE,
        "slot_at": "2026-11-24T10:00:00+03:00",
        "customer": {"cpr": AMNA, "born": "1990-01-01"},
    },
    "/customers/{customer}/lift-block": {"why": "because"},
    "/centres/{centre}/appointments/{appointment}/move": {"slot_at": "2026-11-24T10:00:00+03:00"},
    "/centres/{centre}/appointments/{appointment}/lift-block": {"why": "because"},
    "/centres/{centre}/complaints/{reference}/answer": {"text": "sorry"},
    "/bodies/{body}": {"name": {}},
}
"""What is sent: refused by a rule where the role is let through, so that nothing changes."""


TAKES_NONE = {
    "/sessions", "/password", "/accounts", "/accounts/{account}/password", "/centres/{centre}/devices/codes",
    "/sessions/end", "/customers", "/customers/admit",
    "/holidays/preview", "/centres/{centre}/settings/preview", "/centres/{centre}/closings/preview",
}  # fmt: skip
"""What makes a credential, whose answer is not to be kept; what ends or looks, and is the same whenever it is asked."""


def content(path: str, body: str) -> object:
    of_body: dict[str, object] = {
        "/accounts": {"name": "!", "grant": {"body": body, "role": "viewer"}},
        "/accounts/{account}": {},
        "/accounts/{account}/grants": {"body": body, "role": "viewer"},
        "/bodies": {"id": "!", "kind": "department", "name": {}, "above": body},
        "/holidays": {"body": body, "calendar": "none"},
        "/holidays/preview": {"body": body, "calendar": "none"},
        "/centres": {"above": body, "settings": {}},
        "/centres/{centre}/body": {"above": body},
    }
    return of_body.get(path, _CONTENT.get(path))


def target(desk: Desk, path: str, body: str, account: str) -> str:
    query = {
        "/accounts": f"?body={body}",
        "/audit": f"?body={body}",
        "/figures": f"?body={body}",
        "/accounts/{account}/grants": f"?body={body}&role=viewer",
    }
    filled = path.format(
        centre=body, body=body, account=account, change="none", person="NO!", device="none", customer="none",
        service=SERVICE, appointment="none", reference="none",
    )  # fmt: skip
    extra = "?first=2026-11-24" if path.endswith("/days") else query.get(path, "")
    return filled.replace("NO!", "no-body") + extra


@pytest.fixture(scope="module")
def accounts(desk: Desk) -> Iterator[dict[str, str]]:
    """Give an account to be managed at the own centre and one at the foreign one."""
    made = {}
    for body in (CENTRE, OTHER):
        said = desk.post("root", "/accounts", {"name": f"of-{body}", "grant": {"body": body, "role": "viewer"}})
        made[body] = said.json()["account"]["id"]
    yield made


def routes(desk: Desk) -> set[tuple[str, str]]:
    paths = desk.service.app.openapi()["paths"]
    return {
        (method.upper(), path.removeprefix(PREFIX))
        for path, methods in paths.items()
        if path.startswith(PREFIX)
        for method in methods
    }


def test_every_endpoint_says_which_right_it_wants(desk: Desk) -> None:
    assert routes(desk) == set(NEEDED)


def test_the_description_says_which_take_a_key(desk: Desk) -> None:
    paths = desk.service.app.openapi()["paths"]
    takes = {
        path.removeprefix(PREFIX): any(each["name"] == "idempotency-key" for each in of["post"].get("parameters", ()))
        for path, of in paths.items()
        if path.startswith(PREFIX) and "post" in of
    }
    assert {path for path, does in takes.items() if not does} == TAKES_NONE


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_a_role_does_what_it_may_at_its_own_centre_and_nothing_elsewhere(
    desk: Desk, accounts: dict[str, str], role: str
) -> None:
    held = rights_of(Role(role))
    for (method, path), needed in NEEDED.items():
        if path in ("/sessions/end", "/password", "/sessions"):
            continue
        for body in (CENTRE, OTHER):
            where = target(desk, path, body, accounts[body])
            said = desk.ask(role, method, where, content(path, body) if method not in ("GET", "DELETE") else None)
            told = f"{role} {method} {where}: {said.status_code} {said.text[:200]}"
            assert said.status_code < 500, told
            refused = said.status_code == 403 and said.json()["code"] == "MAY_NOT"
            if needed == SIGNED_IN:
                assert said.status_code == 200, told
            elif needed == ANYWHERE:
                assert refused == (Right.HELP not in held), told
            elif isinstance(needed, Right):
                # A centre's administrator stands below the one above it: places it nowhere.
                is_above = path == "/centres/{centre}/body" or (method, path) == ("DELETE", "/bodies/{body}")
                assert refused == (needed not in held or body == OTHER or is_above), told


def test_nobody_and_a_wrong_token_get_nowhere(desk: Desk, accounts: dict[str, str]) -> None:
    for (method, path), needed in NEEDED.items():
        if needed == ANYBODY:
            continue
        said = desk.ask(None, method, target(desk, path, CENTRE, accounts[CENTRE]), content(path, CENTRE))
        assert (said.status_code, said.json()["code"]) == (401, "SIGNED_OUT"), (method, path)


def test_what_is_seen_is_what_is_below_the_grant(desk: Desk) -> None:
    def seen(who: str) -> list[str]:
        return [body["id"] for body in desk.get(who, "/bodies").json()["items"]]

    assert seen("root") == [MINISTRY, DEPARTMENT, CENTRE, FOREIGN, OTHER]
    assert seen("minister") == seen("viewer") == [MINISTRY, DEPARTMENT, CENTRE], "with what stands above"
    assert [each["id"] for each in desk.get("minister", "/centres").json()["items"]] == [CENTRE]
    assert [each["id"] for each in desk.get("root", "/centres").json()["items"]] == [CENTRE, OTHER]


def test_a_help_desk_sees_bookings_at_its_own_centres_alone(desk: Desk) -> None:
    own = desk.post("desk", "/customers", {"cpr": AMNA}).json()
    assert [each["centre"] for each in own["coming"]] == [CENTRE]
    foreign = desk.post("desk", "/customers", {"cpr": "920000002"}).json()
    assert foreign["coming"] == []


def test_what_is_not_there_looks_like_what_may_not_be_seen(desk: Desk) -> None:
    assert desk.get("manager", "/centres/nowhere/settings").status_code == 403
    assert desk.get("root", "/centres/nowhere/settings").status_code == 404
    assert desk.get("administrator", "/accounts/nobody").status_code == 403
    assert desk.get("root", "/accounts/nobody").status_code == 404


def test_a_grant_holds_at_its_body_and_below() -> None:
    tree = Tree({"centre": "department", "department": "ministry", "ministry": "", "other": ""})
    asker = Asker("x", "x", (Held("department", frozenset({Right.SEE})),), tree=tree)
    assert [asker.may(Right.SEE, body) for body in ("centre", "department", "ministry", "other", EVERYWHERE)] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert not asker.may(Right.AUDIT, "centre")
    assert Tree({"a": "b", "b": "a"}).path("a") == ("a", "b", ""), "a circle ends"
    assert asker.realm(Right.SEE, ["centre", "other"]) == ("centre",)
