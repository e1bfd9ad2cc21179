"""One-time codes, enrolment and revocation at a real server, with the device's own side of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from queueing.wire import Stream
from server.__main__ import main
from server.enrolment import HOLDS, KEPT, SERIES_REST, TRIES, RefusedError, Wanted, Why
from server.registers import Registers
from server.signing import ServerKey
from sync import enrolled
from sync.enrolment import EnrolmentRefused, EnrolmentUnavailable, enrol
from sync.identity import DeviceKey, Signer
from sync.revocation import Judge
from sync.rights import Role
from sync.storage import StorageReason, StorageUnavailable
from tests.server.site import CENTRE, OTHER, Client, Site


@pytest.fixture
def client(site: Site) -> Iterator[Client]:
    with site.served() as client:
        yield client


def hello(device: str) -> dict[str, Any]:
    return {"dev": device, "inc": 1, "next_seq": 1, "head_hash": "0" * 64, "schema": 1}


def code(client: Client, role: Role = Role.KIOSK, device: str = "", **more: str) -> str:
    return client.service.devices.new_code(Wanted(CENTRE, role, device, **more), "boss").code


def as_device(client: Client, data: Path, method: str, target: str, content: object = None) -> requests.Response:
    """Send a request as the device that a folder was enrolled as."""
    who = enrolled.enrolled(data)
    assert who is not None
    body = b"" if content is None else json.dumps(content).encode()
    signer = Signer(DeviceKey.load(data), who.device, who.incarnation, client.site.clock)
    headers = {"Authorization": signer.authorization(method, target, body), "Content-Type": "application/json"}
    return requests.request(method, client.url + target, data=body, headers=headers, timeout=10)


def test_a_machine_with_a_code_becomes_a_device(client: Client, tmp_path: Path) -> None:
    data = tmp_path / "new"
    who = enrol(client.url, code(client), "kiosk", data)
    assert (who.role, who.centre, who.incarnation) == ("kiosk", CENTRE, 1)
    assert who.device not in ("kiosk-1", "kiosk-2"), "names are the whole server's"
    assert who.series not in ("", "0"), "kiosk-1 has series 0"
    assert who.server_key == client.server_key, "which it pins"
    assert enrolled.enrolled(data) == who
    assert (data / "device.key").stat().st_mode & 0o077 == 0
    assert as_device(client, data, "GET", "/v1/settings").status_code == 200
    assert as_device(client, data, "POST", "/v1/hello", hello(who.device)).status_code == 200
    assert as_device(client, data, "GET", "/v1/day-appointments?day=2026-11-22").status_code == 403


def test_the_private_key_never_leaves(client: Client, tmp_path: Path) -> None:
    sent: list[dict[str, Any]] = []

    def post(url: str, json: dict[str, Any], **more: Any) -> requests.Response:
        sent.append(json)
        return requests.post(url, json=json, **more)

    enrol(client.url, code(client), "kiosk", tmp_path / "new", post)
    (asked,) = sent
    secret = (tmp_path / "new" / "device.key").read_text()
    assert set(asked) == {"code", "role", "public_key", "proof", "hardware"}
    assert not any(str(value) and str(value) in secret for value in asked.values())


def test_a_code_makes_one_device_and_a_lost_answer_is_given_again(client: Client, tmp_path: Path) -> None:
    text, data = code(client), tmp_path / "new"

    def lose(url: str, **asked: Any) -> requests.Response:
        assert requests.post(url, **asked).status_code == 200
        raise requests.ConnectionError

    with pytest.raises(EnrolmentUnavailable):
        enrol(client.url, text, "kiosk", data, lose)
    assert enrolled.enrolled(data) is None
    who = enrol(client.url, text, "kiosk", data)
    assert who.incarnation == 1, "the same answer, not a second device"
    assert as_device(client, data, "GET", "/v1/settings").status_code == 200
    with pytest.raises(EnrolmentRefused) as refused:
        enrol(client.url, text, "kiosk", tmp_path / "other")
    assert refused.value.code == "SPENT"


def test_a_power_cut_between_answer_and_key_is_made_good(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, data = code(client), tmp_path / "new"

    def cut(data: Path) -> None:
        raise OSError(5, "the power went")

    with monkeypatch.context() as broken:
        calls = iter([lambda data: None, cut])
        broken.setattr("sync.enrolment.settle", lambda data: next(calls)(data))
        with pytest.raises(EnrolmentUnavailable):
            enrol(client.url, text, "kiosk", data)
    assert not (data / "device.key").exists()
    who = enrol(client.url, text, "kiosk", data)
    assert who.public_key == DeviceKey.load(data).public
    assert as_device(client, data, "GET", "/v1/settings").status_code == 200


def test_a_code_holds_for_ten_minutes(client: Client, tmp_path: Path) -> None:
    text = code(client)
    client.site.clock.pass_time(HOLDS.total_seconds() + 1)
    with pytest.raises(EnrolmentRefused) as refused:
        enrol(client.url, text, "kiosk", tmp_path / "new")
    assert refused.value.code == "EXPIRED"
    client.site.clock.pass_time(KEPT.total_seconds())
    code(client)
    with pytest.raises(EnrolmentRefused) as refused:
        enrol(client.url, text, "kiosk", tmp_path / "new")
    assert refused.value.code == "WRONG_CODE", "it is forgotten"


def test_a_code_is_guessed_at_five_times_and_no_more(client: Client, tmp_path: Path) -> None:
    text = code(client)
    wrong = text[:-1] + str((int(text[-1]) + 1) % 10)
    for _ in range(TRIES):
        with pytest.raises(EnrolmentRefused) as refused:
            enrol(client.url, wrong, "kiosk", tmp_path / "thief")
        assert refused.value.code == "WRONG_CODE"
    with pytest.raises(EnrolmentRefused) as refused:
        enrol(client.url, text, "kiosk", tmp_path / "new")
    assert refused.value.code == "EXHAUSTED", "also the right one helps no more"


def test_guessers_are_slowed_by_their_address(client: Client, tmp_path: Path) -> None:
    with pytest.raises(EnrolmentUnavailable, match="429"):
        for number in range(99):
            try:
                enrol(client.url, f"{number:010}", "kiosk", tmp_path / "thief")
            except EnrolmentRefused as refused:
                assert refused.code == "WRONG_CODE"


def test_only_its_hash_is_kept(client: Client) -> None:
    text = code(client)
    assert all(text[4:].encode() not in path.read_bytes() for path in client.site.data.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("role", "change", "why"),
    [
        ("display", {}, "ROLE"),
        ("kiosk", {"proof": "A" * 86 + "=="}, "PROOF"),
        ("kiosk", {"public_key": "x"}, "INVALID"),
    ],
)
def test_what_does_not_fit_is_refused(
    client: Client, tmp_path: Path, role: str, change: dict[str, str], why: str
) -> None:
    def post(url: str, json: dict[str, str], **more: Any) -> requests.Response:
        return requests.post(url, json=json | change, **more)

    with pytest.raises(EnrolmentRefused) as refused:
        enrol(client.url, code(client), role, tmp_path / "new", post)
    assert refused.value.code == why


def test_nobody_there_is_no_refusal(tmp_path: Path) -> None:
    with pytest.raises(EnrolmentUnavailable):
        enrol("http://127.0.0.1:9", "0123456789", "kiosk", tmp_path / "new")
    with pytest.raises(ValueError, match="digits"):
        enrol("http://127.0.0.1:9", "12", "kiosk", tmp_path / "new")


def test_a_device_enrolled_anew_gets_another_key_incarnation_and_series(client: Client, tmp_path: Path) -> None:
    assert client.send("kiosk-1", "GET", "/v1/settings").status_code == 200
    who = enrol(client.url, code(client, device="kiosk-1"), "kiosk", tmp_path / "anew")
    assert (who.device, who.incarnation) == ("kiosk-1", 2)
    assert who.series != "0", "numbers of series 0 are out"
    assert client.send("kiosk-1", "GET", "/v1/settings").json()["code"] == "REVOKED"
    assert as_device(client, tmp_path / "anew", "GET", "/v1/settings").status_code == 200
    with pytest.raises(RefusedError) as refused:
        code(client, device="kiosk-9", series="0")
    assert refused.value.why is Why.SERIES
    client.site.clock.pass_time(SERIES_REST.total_seconds() + 1)
    assert enrol(client.url, code(client, series="0"), "kiosk", tmp_path / "later").series == "0"


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (Wanted("nowhere", Role.KIOSK), Why.CENTRE),
        (Wanted(CENTRE, Role.KIOSK, "kiosk-2"), Why.ELSEWHERE),
        (Wanted(CENTRE, Role.DISPLAY, "kiosk-1"), Why.ROLE),
        (Wanted(CENTRE, Role.KIOSK, "server"), Why.NAME),
        (Wanted(CENTRE, Role.KIOSK, 'a"b'), Why.NAME),
        (Wanted(CENTRE, Role.KIOSK, "", "0"), Why.SERIES),
        (Wanted(CENTRE, Role.DISPLAY, "", "5"), Why.SERIES),
    ],
)
def test_no_code_for_what_cannot_be(client: Client, wanted: Wanted, why: Why) -> None:
    with pytest.raises(RefusedError) as refused:
        client.service.devices.new_code(wanted, "boss")
    assert refused.value.why is why


def test_two_machines_with_one_code_at_the_same_moment_are_one_device(client: Client, tmp_path: Path) -> None:
    text, answers = code(client), []

    def go(name: str) -> None:
        try:
            answers.append(enrol(client.url, text, "kiosk", tmp_path / name).device)
        except EnrolmentRefused as refused:
            answers.append(refused.code)

    threads = [threading.Thread(target=go, args=(f"machine-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers)[:3] == ["SPENT"] * 3


class TestForking:
    FORKED = hello("hub-1") | {"head_hash": "ab" * 32}

    def test_a_hub_whose_history_is_another_is_told_with_the_time_over_restarts_and_until_it_is_enrolled_anew(
        self, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        since = site.clock.now()
        with site.served() as client:
            assert client.send("hub-1", "POST", "/v1/hello", self.FORKED).json()["code"] == "FORK"
            site.clock.pass_time(60)
            assert client.send("hub-1", "POST", "/v1/hello", self.FORKED).json()["code"] == "FORK"
            assert self._of(client, "hub-1") == ("forked", since)
            assert self._of(client, "hub-2") == ("active", None)
            (row,) = (each for each in client.send("hub-1", "GET", "/v1/devices").json() if each["device"] == "hub-1")
            assert row["state"] == "forked" and row["forked_since"]
        assert main(["devices", "list", "--config", str(site.toml()), "--centre", CENTRE]) == 0
        assert f"forked since {since.isoformat()}" in capsys.readouterr().out
        with site.served() as client:
            assert self._of(client, "hub-1") == ("forked", since)
            enrol(client.url, code(client, Role.HUB, "hub-1"), "hub", tmp_path / "anew")
            assert self._of(client, "hub-1") == ("active", None)

    def test_one_that_goes_on_where_it_was_is_forked_no_more(self, client: Client) -> None:
        assert client.send("hub-1", "POST", "/v1/hello", self.FORKED).status_code == 409
        assert client.send("hub-1", "POST", "/v1/hello", hello("hub-1")).status_code == 200
        assert self._of(client, "hub-1") == ("active", None)

    def test_what_the_disk_did_not_take_is_kept_at_the_next_word(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def full(job: object) -> None:
            raise StorageUnavailable(StorageReason.FULL)

        with monkeypatch.context() as patch:
            patch.setattr(client.service.store, "run", full)
            assert client.send("hub-1", "POST", "/v1/hello", self.FORKED).status_code == 503
        assert client.send("hub-1", "POST", "/v1/hello", self.FORKED).json()["code"] == "FORK"
        assert self._of(client, "hub-1") == ("forked", client.site.clock.now())

    def _of(self, client: Client, device: str) -> tuple[str, object]:
        (found,) = (each for each in client.service.devices.standings() if each.device == device)
        return found.state, found.forked_since


class TestRevoking:
    def test_a_revoked_device_is_told_so_and_others_are_not(self, client: Client) -> None:
        assert client.service.devices.revoke("kiosk-1", "boss")
        answer = client.send("kiosk-1", "GET", "/v1/settings")
        assert (answer.status_code, answer.json()["code"]) == (401, "REVOKED")
        word = answer.json()["revocation"]
        assert Judge(Stream("kiosk-1", 1), client.server_key).believes(word)
        assert not Judge(Stream("kiosk-1", 2), client.server_key).believes(word)
        old = client.send("kiosk-old", "GET", "/v1/settings").json()["revocation"]
        assert Judge(Stream("kiosk-old", 1), client.server_key).believes(old), "also of one that a seed revokes"
        client.site.keys["kiosk-1"] = client.site.keys["display-1"]
        assert client.send("kiosk-1", "GET", "/v1/settings").json()["code"] == "UNKNOWN", "not its key"
        assert not client.service.devices.revoke("kiosk-1", "boss")

    def test_a_revocation_that_comes_late_is_of_the_machine_that_was_meant(
        self, client: Client, tmp_path: Path
    ) -> None:
        meant = {"by": "boss", "public_key": client.site.keys["kiosk-1"].public}
        enrol(client.url, code(client, device="kiosk-1"), "kiosk", tmp_path / "anew")
        late = client.send("hub-1", "POST", "/v1/devices/kiosk-1/revoke", meant)
        assert (late.status_code, late.json()["was_in_service"]) == (200, False)
        assert as_device(client, tmp_path / "anew", "GET", "/v1/settings").status_code == 200
        meant["public_key"] = DeviceKey.load(tmp_path / "anew").public
        assert client.send("hub-1", "POST", "/v1/devices/kiosk-1/revoke", meant).json()["was_in_service"] is True

    def test_of_two_at_once_neither_undoes_the_other(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        devices, renew = client.service.devices, Registers.renew
        other = threading.Thread(target=devices.revoke, args=("display-1", "boss"))

        def slowly(registers: Registers, reading: Registers) -> None:
            if other.ident is None:
                other.start()
                other.join(0.5)  # it is to have no turn in this time; were it let in, it would need far less
            renew(registers, reading)

        monkeypatch.setattr(Registers, "renew", slowly)
        devices.revoke("kiosk-1", "boss")
        other.join()
        told = [client.send(device, "GET", "/v1/settings").json()["code"] for device in ("kiosk-1", "display-1")]
        assert told == ["REVOKED", "REVOKED"]

    def test_its_hub_hears_of_it(self, client: Client) -> None:
        before = client.send("hub-1", "GET", "/v1/settings").json()
        client.service.devices.revoke("kiosk-1", "boss")
        assert client.send("hub-1", "POST", "/v1/hello", hello("hub-1")).json()["settings_version"] > before["version"]
        after = client.send("hub-1", "GET", "/v1/settings").json()
        assert "kiosk-1" not in [each["id"] for each in after["devices"]]
        (told,) = (each for each in after["retired"] if each["public_key"] == client.site.keys["kiosk-1"].public)
        assert told["id"] == "kiosk-1"
        assert Judge(Stream("kiosk-1", 1), client.server_key).believes(told["revocation"]), "the hub passes it on"
        other = client.send("hub-2", "GET", "/v1/settings").json()
        assert other["retired"] == [], "another centre's are no business of it"

    def test_a_restart_and_the_seed_change_nothing(self, site: Site, tmp_path: Path) -> None:
        with site.served() as client:
            client.service.devices.revoke("display-1", "boss")
            enrol(client.url, code(client, device="kiosk-1"), "kiosk", tmp_path / "anew")
        with site.served() as client:
            assert client.send("display-1", "GET", "/v1/settings").json()["code"] == "REVOKED"
            assert client.send("kiosk-1", "GET", "/v1/settings").json()["code"] == "REVOKED"
            assert as_device(client, tmp_path / "anew", "GET", "/v1/settings").status_code == 200
        for device in site.overlay["devices"]:
            device["incarnation"] = 3
        with site.served() as client:
            assert client.send("kiosk-1", "GET", "/v1/settings").status_code == 200, "the installer's later word"

    def test_a_hub_speaks_for_the_screens_of_its_own_centre(self, client: Client) -> None:
        def revoke(hub: str, device: str) -> tuple[int, str]:
            answer = client.send(hub, "POST", f"/v1/devices/{device}/revoke", {"by": "boss"})
            return answer.status_code, answer.json().get("code", "")

        assert revoke("hub-2", "kiosk-1") == (403, "DEVICE")
        assert revoke("hub-1", "hub-1") == (403, "DEVICE"), "a hub is an operator's"
        assert revoke("hub-1", "nobody") == (403, "DEVICE")
        assert revoke("hub-1", "kiosk-1") == (200, "")
        answer = client.send("hub-1", "POST", "/v1/devices/codes", {"role": "kiosk", "device": "kiosk-2", "by": "b"})
        assert answer.json()["code"] == "ELSEWHERE"
        rows = client.send("hub-1", "GET", "/v1/devices").json()
        assert {row["device"]: row["state"] for row in rows} == {
            "display-1": "active",
            "hub-1": "active",
            "kiosk-1": "revoked",
            "kiosk-old": "revoked",
        }
        assert next(row["by"] for row in rows if row["device"] == "kiosk-1") == "hub-1/boss"


def test_a_request_that_was_overheard_does_nothing_a_second_time(client: Client) -> None:
    body = json.dumps(hello("kiosk-1")).encode()
    signer = Signer(client.site.keys["kiosk-1"], "kiosk-1", 1, client.site.clock)
    headers = {"Authorization": signer.authorization("POST", "/v1/hello", body), "Content-Type": "application/json"}

    def send() -> requests.Response:
        return requests.post(f"{client.url}/v1/hello", data=body, headers=headers, timeout=10)

    assert send().status_code == 200
    assert (send().status_code, send().json()["code"]) == (401, "REPLAYED")
    client.site.clock.pass_time(timedelta(minutes=5).total_seconds())
    assert send().json()["code"] == "STALE"


class TestCommand:
    def _run(self, site: Site, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
        status = main(["devices", *arguments, "--config", str(site.toml())])
        said = capsys.readouterr()
        return status, said.out, said.err

    @pytest.mark.parametrize("is_running", [True, False])
    def test_an_operator_does_it_all_whether_the_server_runs_or_not(
        self, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], is_running: bool
    ) -> None:
        with site.served():
            pass  # the registers are made
        if is_running:
            with site.served() as client:
                self._all(site, capsys)
                answer = client.send("display-1", "GET", "/v1/settings")
                assert answer.json()["code"] == "REVOKED", "the running server knows at once"
        else:
            self._all(site, capsys)

    def _all(self, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
        status, out, _ = self._run(site, capsys, "new-code", "--centre", CENTRE, "--role", "kiosk", "--json")
        told = json.loads(out)
        assert status == 0 and len(told["code"].replace("-", "")) == 10
        assert self._run(site, capsys, "revoke", "display-1") == (0, "display-1: revoked\n", "")
        assert self._run(site, capsys, "revoke", "display-1") == (0, "display-1: was revoked already\n", "")
        status, out, _ = self._run(site, capsys, "list", "--json")
        states = {row["device"]: row["state"] for row in json.loads(out)["devices"]}
        assert states["display-1"] == "revoked" and states[told["device"]] == "awaited"
        assert self._run(site, capsys, "server-key") == (0, f"{ServerKey.read(site.data).public}\n", "")
        status, out, _ = self._run(site, capsys, "list", "--centre", OTHER)
        assert [line.split()[1] for line in out.splitlines()] == ["device", "hub-2", "kiosk-2"]

    def test_a_refusal_says_why(self, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
        with site.served():
            assert self._run(site, capsys, "revoke", "nobody") == (1, "", f"{Why.DEVICE.value}\n")
            status, out, _ = self._run(site, capsys, "new-code", "--centre", "x", "--role", "kiosk", "--json")
            assert (status, json.loads(out)["refused"]) == (1, "CENTRE")

    def test_only_its_owner_opens_the_socket(self, client: Client) -> None:
        assert (client.site.data / "admin.sock").stat().st_mode & 0o077 == 0
