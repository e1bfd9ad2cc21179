"""`python -m server keys ...`: whether the server runs or not, and what it says of what cannot be."""

from __future__ import annotations

import json

import pytest
import requests

from server.__main__ import main
from tests.server.site import CENTRE, OTHER, Site


def run(site: Site, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["keys", *arguments, "--config", str(site.toml())])
    said = capsys.readouterr()
    return status, said.out, said.err


def whose(url: str, key: str) -> int:
    return requests.get(f"{url}/v1/key", headers={"Authorization": f"Bearer {key}"}, timeout=10).status_code


def test_a_key_s_life(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    add = ("add", "--name", "Traffic", "--centre", CENTRE, OTHER, "--may", "read,book", "--by", "boss")
    with site.served() as client:
        status, told, _ = run(site, capsys, *add)
        key = told.splitlines()[0]
        assert status == 0 and f"{CENTRE},{OTHER}" in told and whose(client.url, key) == 200
        key_id = key.split("_")[1]
        status, told, _ = run(site, capsys, "list", "--centre", OTHER, "--json")
        (row,) = json.loads(told)["keys"]
        assert (row["id"], row["may"], row["made_by"]) == (key_id, "book,read", "boss")
        assert row["last_used_on"] == "2026-11-22" and key not in told
        assert run(site, capsys, "revoke", key_id)[1] == f"{key_id}: revoked\n"
        assert whose(client.url, key) == 401, "the running server knows at once"
        assert run(site, capsys, "revoke", key_id)[1] == f"{key_id}: was revoked already\n"
    # And with no server running, on its folder.
    second = run(site, capsys, *add)[1].splitlines()[0]
    assert "Traffic" in run(site, capsys, "list")[1]
    with site.served() as client:
        assert whose(client.url, second) == 200


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "--name", " ", "--centre", CENTRE, "--may", "read"), "a key needs a name"),
        (("add", "--name", "x", "--centre", "nowhere", "--may", "read"), "there is no such centre"),
        (("add", "--name", "x", "--centre", CENTRE, "--may", "fly"), "read, book or manage"),
        (("revoke", "000000000000"), "there is no such key"),
    ],
)
def test_what_cannot_be(site: Site, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], why: str) -> None:
    with site.served():
        pass  # the registers are made
    status, _, said = run(site, capsys, *arguments)
    assert status == 1 and why in said
