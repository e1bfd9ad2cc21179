"""Accounts: signing in and back-off, the first password, roles that cannot be stretched, what the audit log keeps."""

from __future__ import annotations

import json

import pytest
from sqlmodel import select

from server.__main__ import main
from server.administration.signing_in import BACK_OFF, FREE_TRIES, SESSION_IDLE, wait_after
from server.administration.tables import AccountRow, AccountSessionRow, AuditRow
from tests.server.administration.office import MINISTRY, PASSWORD, Desk
from tests.server.booking.house import AMNA, CENTRE, OTHER, PHONES
from tests.server.site import Site

NEW = "quite another password"


@pytest.fixture
def own(desk: Desk) -> Desk:
    """Give the module's site in another minute, with nobody signed in: so no test's tries count for the next one."""
    desk.service.devices._clock.pass_time(61)  # type: ignore[attr-defined]
    desk.forget()
    return desk


def code(said: object) -> str:
    return str(said.json()["code"])  # type: ignore[attr-defined]


def sign_in(desk: Desk, name: str, password: str) -> tuple[int, str]:
    said = desk.post(None, "/sessions", {"name": name, "password": password})
    return said.status_code, said.json().get("code", said.json().get("token"))


def test_guessing_has_to_wait_and_nobodys_name_looks_like_somebodys(own: Desk) -> None:
    clock = own.service.devices._clock
    for name in ("manager", "nobody-at-all"):
        answers = [sign_in(own, name, "wrong") for _ in range(FREE_TRIES + 1)]
        assert answers == [(403, "WRONG_PASSWORD")] * FREE_TRIES + [(429, "TOO_MANY")], name
        assert sign_in(own, name, PASSWORD) == (429, "TOO_MANY"), "whoever knows it waits, too"
        clock.pass_time(61)  # type: ignore[attr-defined]  # the address may ask again
    assert sign_in(own, "manager", PASSWORD)[0] == 200
    assert sign_in(own, "manager", "wrong") == (403, "WRONG_PASSWORD"), "the right one forgives"
    waits = [wait_after(misses) for misses in range(FREE_TRIES, FREE_TRIES + 8)]
    assert waits[0] == BACK_OFF and waits == sorted(waits) and max(waits).total_seconds() == 900


def test_a_session_ends_unused_and_by_signing_out(own: Desk) -> None:
    clock = own.service.devices._clock
    assert own.get("viewer", "/me").status_code == 200
    clock.pass_time(SESSION_IDLE.total_seconds())  # type: ignore[attr-defined]
    assert code(own.get("viewer", "/me")) == "SIGNED_OUT"
    assert own.post("desk", "/sessions/end", None).status_code == 200
    assert code(own.get("desk", "/me")) == "SIGNED_OUT"
    kept = own.service.store.call(lambda session: session.exec(select(AccountSessionRow.token_hash)).all())
    assert own.token("root") and own.token("root") not in kept, "of a token only its hash is kept"


def test_the_first_password_is_to_be_changed_before_anything_else(own: Desk) -> None:
    made = own.post(
        "root", "/accounts", {"name": "Huda", "shown": "Huda", "grant": {"body": CENTRE, "role": "manager"}}
    )
    password = made.json()["password"]
    status, token = sign_in(own, "huda", password)
    assert status == 200
    own._tokens["huda"] = token
    assert own.get("huda", "/me").json()["must_change"] is True
    for path in ("/bodies", "/centres", f"/centres/{CENTRE}/settings", "/audit"):
        assert code(own.get("huda", path)) == "MUST_CHANGE", path
    assert code(own.post("huda", "/customers", {"cpr": AMNA})) == "MUST_CHANGE"
    other = sign_in(own, "huda", password)[1]
    for weak in ("short", "huda", "x" * 200):
        assert own.post("huda", "/password", {"old": password, "new": weak}).status_code == 422
    assert code(own.post("huda", "/password", {"old": "wrong", "new": NEW})) == "WRONG_PASSWORD"
    assert own.post("huda", "/password", {"old": password, "new": NEW}).status_code == 200
    assert own.get("huda", f"/centres/{CENTRE}/settings").status_code == 200, "this session goes on"
    own._tokens["elsewhere"] = other
    assert code(own.get("elsewhere", "/me")) == "SIGNED_OUT", "the others end"
    assert sign_in(own, "huda", password) == (403, "WRONG_PASSWORD")


def test_a_role_cannot_be_stretched(own: Desk) -> None:
    def account(name: str) -> str:
        return next(each["id"] for each in own.get("root", "/accounts").json()["items"] if each["name"] == name)

    root, manager = account("root"), account("manager")
    for path, content in (
        (f"/accounts/{manager}/grants", {"body": "", "role": "administrator"}),
        (f"/accounts/{manager}/grants", {"body": OTHER, "role": "viewer"}),
        (f"/accounts/{root}/password", None),
        ("/accounts", {"name": "mine", "grant": {"body": "", "role": "administrator"}}),
    ):
        assert code(own.post("minister", path, content)) == "MAY_NOT", path
    assert code(own.patch("minister", f"/accounts/{root}", {"disabled": True})) == "MAY_NOT"
    assert own.post("minister", f"/accounts/{manager}/grants", {"body": MINISTRY, "role": "viewer"}).status_code == 200
    assert code(own.patch("administrator", f"/accounts/{manager}", {"shown": "x"})) == "MAY_NOT", "stands higher now"
    assert {each["name"] for each in own.get("minister", "/accounts").json()["items"]} >= {"manager", "minister"}
    assert "root" not in {each["name"] for each in own.get("minister", "/accounts").json()["items"]}


def test_somebody_can_always_administer_the_server(own: Desk) -> None:
    root = next(each for each in own.get("root", "/accounts").json()["items"] if each["name"] == "root")
    assert code(own.patch("root", f"/accounts/{root['id']}", {"disabled": True})) == "LAST_ADMINISTRATOR"
    whole = own.patch("root", f"/accounts/{root['id']}", {"shown": "Another", "disabled": True})
    assert code(whole) == "LAST_ADMINISTRATOR" and own.get("root", "/me").json()["name"] == root["shown"], (
        "or none of it"
    )
    taken = own.ask("root", "DELETE", f"/accounts/{root['id']}/grants?role=administrator")
    assert code(taken) == "LAST_ADMINISTRATOR" and own.get("root", "/me").status_code == 200


def test_a_disabled_account_is_out_at_once_and_kept(own: Desk) -> None:
    assert own.get("viewer", "/me").status_code == 200
    viewer = next(each for each in own.get("root", "/accounts").json()["items"] if each["name"] == "viewer")
    assert own.patch("root", f"/accounts/{viewer['id']}", {"disabled": True}).json()["disabled"] is True
    assert code(own.get("viewer", "/me")) == "SIGNED_OUT"
    assert sign_in(own, "viewer", PASSWORD) == (403, "WRONG_PASSWORD")
    own.patch("root", f"/accounts/{viewer['id']}", {"disabled": False})
    assert sign_in(own, "viewer", PASSWORD)[0] == 200


def test_the_audit_log_says_who_did_what_and_nothing_personal(own: Desk) -> None:
    own.post("manager", f"/centres/{CENTRE}/closings", {"day": "2026-11-24", "displaced": "cancel"})
    own.ask(
        "manager", "PUT", f"/centres/{CENTRE}/staff/noor", {"name": {"en": "Noor"}, "role": "clerk", "pin": "48213"}
    )
    found = own.post("desk", "/customers", {"cpr": AMNA}).json()
    entries = own.get("auditor", "/audit?limit=200").json()["entries"]
    acts = {entry["act"] for entry in entries}
    assert acts >= {"closed", "staff_added", "customer_looked_up"}
    looked_up = next(entry for entry in entries if entry["act"] == "customer_looked_up")
    assert (looked_up["about"], looked_up["by_name"], looked_up["address"]) == (
        f"customer:{found['id']}", "Desk", "127.0.0.1",
    )  # fmt: skip
    everything = json.dumps(own.get("root", "/audit?limit=200").json(), ensure_ascii=False)
    for secret in (AMNA, PHONES[AMNA], PHONES[AMNA][-8:], "آمنة", "Amna", PASSWORD, "48213", "argon2"):
        assert secret not in everything
    assert {entry["body"] for entry in entries} == {CENTRE}, "nothing of others"


def test_the_audit_log_comes_in_pages(own: Desk) -> None:
    pages, after = [], ""
    while True:
        page = own.get("root", f"/audit?limit=20&after={after}").json()
        pages += [entry["id"] for entry in page["entries"]]
        if not (after := page["next"]):
            break
    rows = own.service.store.call(lambda session: session.exec(select(AuditRow.id)).all())
    assert pages == sorted(rows, reverse=True) and len(pages) > 20
    assert [each["act"] for each in own.get("root", "/audit?act=account_added&limit=2").json()["entries"]] == [
        "account_added"
    ] * 2


def test_lists_come_in_pages_with_a_link_to_the_next(own: Desk) -> None:
    for path, name in (
        ("/accounts", "name"), ("/bodies", "id"), ("/centres", "id"),
        (f"/centres/{CENTRE}/devices", "device"), (f"/centres/{CENTRE}/staff", "id"),
    ):  # fmt: skip
        every = [each[name] for each in own.get("root", f"{path}?limit=200").json()["items"]]
        found, query = [], "?limit=1"
        while query:
            said = own.get("root", path + query)
            found += [each[name] for each in said.json()["items"]]
            link = said.links.get("next")
            assert bool(link) == bool(said.json()["next"])
            query = f"?{link['url'].partition('?')[2]}" if link else ""
        assert found == every, path
        assert code(own.get("root", f"{path}?after=x")) == "CURSOR"
        assert own.get("root", f"{path}?limit=201").status_code == 422
    assert own.get("root", "/audit?limit=1").links["next"]


def test_the_first_account_is_made_at_the_machine_whether_or_not_the_server_runs(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ["--config", str(site.toml())]
    assert main(["accounts", "add", "--name", "first", *config, "--json"]) == 0
    password = json.loads(capsys.readouterr().out)["password"]
    with site.served() as client:
        desk = Desk(client.url, client.service)
        assert sign_in(desk, "first", password)[0] == 200
        assert main(["accounts", "add", "--name", "first", *config]) == 1
        assert "another's" in capsys.readouterr().err
        assert (
            main(["accounts", "add", "--name", "amal", "--role", "manager", "--body", "muharraq-traffic", *config]) == 0
        )
        assert main(["accounts", "reset-password", "amal", *config, "--json"]) == 0
        capsys.readouterr()
        assert main(["accounts", "list", *config]) == 0
        assert "manager@muharraq-traffic" in capsys.readouterr().out
        kept = client.service.store.call(lambda session: session.exec(select(AccountRow.password_hash)).all())
        assert [each[:9] for each in kept] == ["$argon2id"] * 2
