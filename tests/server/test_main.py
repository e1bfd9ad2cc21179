"""The server as a process: it tells when it serves, ends when told to, refuses what is wrong, keeps no CPR in plain."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from assets.paths import DEMO, ROOT
from server.service import Service
from server.signing import ServerKey
from server.tables import RegistersRow
from sync.clock import SystemClock
from sync.codes import read_booking
from sync.identity import Signer
from tests.server.site import BOOKED, CENTRE, NOBODY, OTHER, Site


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT.parent, capture_output=True, text=True, timeout=60, check=False)


def start(config: Path, log: Path) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "server", "--config", str(config)]
    with log.open("a") as err:
        process = subprocess.Popen(command, cwd=ROOT.parent, stdout=subprocess.PIPE, stderr=err, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("ready url=http://127.0.0.1:"), (line, log.read_text())
    return process, line.strip().removeprefix("ready url=")


def stop(process: subprocess.Popen[str], how: signal.Signals = signal.SIGTERM) -> int:
    process.send_signal(how)
    try:
        return process.wait(20)
    finally:
        process.kill()
        if process.stdout is not None:
            process.stdout.close()


def people(seed: Path) -> list[bytes]:
    """Every CPR, name and PIN of a seed file, as they would be found in a file."""
    content = json.loads(seed.read_text(encoding="utf-8"))
    found = [customer["cpr"] for customer in content["customers"]]
    found += [name for customer in content["customers"] for name in customer["name"].values()]
    found += [json.dumps(name).strip('"') for name in found]
    return [text.encode() for text in found] + [customer["born"].encode() for customer in content["customers"]]


def test_a_visit_leaves_no_cpr_and_no_name_in_the_data_folder_or_the_log(site: Site) -> None:
    log = site.folder / "log"
    process, url = start(site.toml(), log)
    try:
        signer = Signer(site.keys["hub-1"], "hub-1", 1, SystemClock())

        def ask(method: str, target: str, body: bytes = b"") -> requests.Response:
            headers = {"Authorization": signer.authorization(method, target, body), "Content-Type": "application/json"}
            return requests.request(method, url + target, data=body, headers=headers, timeout=10)

        assert ask("GET", "/v1/settings").status_code == 200
        assert ask("POST", "/v1/lookup", json.dumps({"customer": "0" * 32}).encode()).json()["result"] == "unknown"
        # What a careless device could send instead of the hash.
        assert ask("POST", "/v1/lookup", json.dumps({"customer": BOOKED}).encode()).status_code == 422
        assert ask("GET", f"/v1/day-appointments?day={BOOKED}").status_code == 422
        assert ask("GET", f"/v1/{NOBODY}").status_code == 404
        # While it runs, so that the WAL is there too.
        files = [path for path in site.data.rglob("*") if path.is_file()]
        assert any(path.name.endswith("-wal") for path in files)
        kept = {path: path.read_bytes() for path in (*files, log)}
    finally:
        stop(process)
    for text in [*people(DEMO / "seed.json"), NOBODY.encode()]:
        assert [path for path, content in kept.items() if text in content] == [], text


@pytest.mark.parametrize("how", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
def test_it_ends_cleanly_when_told_to(site: Site, how: signal.Signals) -> None:
    process, _ = start(site.toml(), site.folder / "log")
    assert stop(process, how) == 0
    assert "Traceback" not in (site.folder / "log").read_text()


def test_it_starts_again_after_a_kill(site: Site) -> None:
    for _ in range(2):
        process, url = start(site.toml(), site.folder / "log")
        assert requests.get(f"{url}/v1/health", timeout=10).json()["status"] == "ok"
        stop(process, signal.SIGKILL)


def test_seeds_are_loaded_by_hand_too_but_not_under_a_running_server(site: Site) -> None:
    config, extra = site.toml(), site.folder / "more.json"
    member = {"centre": "muharraq-traffic", "id": "c9", "name": {"en": "One more"}, "pin": "2222"}
    extra.write_text(json.dumps({"staff": [member]}))
    with Service(site.config(), site.clock):
        refused = run("seed", extra, "--config", config)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "running" in refused.stderr
    assert run("seed", extra, "--config", config).stdout == "changed\n"
    assert run("seed", extra, "--config", config).stdout == "nothing to change\n"


def test_a_booking_s_code_is_printed_beside_a_running_server(site: Site) -> None:
    config = site.toml()
    with Service(site.config(), site.clock) as service:
        printed = run("booking-code", "there", "--config", config)
        unknown = run("booking-code", "nothing", "there", "--config", config, "--centre", CENTRE)
        key = ServerKey.read(site.data).public
        assert service.store.call(lambda session: session.get(RegistersRow, 1)) is not None
    code = read_booking(printed.stdout.strip(), base64.b64decode(key))
    assert code is not None and (code.centre, code.service) == (OTHER, "licence-renewal")
    assert (unknown.returncode, unknown.stdout) == (1, "") and "nothing, there" in unknown.stderr
    for text in people(DEMO / "seed.json"):
        assert text not in printed.stdout.encode()


def test_a_wrong_configuration_or_seed_is_told_whole(site: Site) -> None:
    config = site.toml()
    config.write_text('data = 1\nport = 99999\ncolour = "blue"\n')
    told = run("--config", config)
    assert told.returncode == 1
    assert all(word in told.stderr for word in ("data", "colour"))
    assert "Traceback" not in told.stderr
    site.overlay["appointments"][0].update(service="shoe-shining")
    told = run("--config", site.toml())
    assert told.returncode == 1
    assert "shoe-shining" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_database_that_is_away_is_told_with_what_to_do_and_without_its_password(site: Site) -> None:
    config = site.toml()
    config.write_text(config.read_text() + 'database = "postgresql://dawr:s3cret@127.0.0.1:9/dawr"\n')
    told = run("--config", config)
    assert told.returncode == 1
    assert "Connection refused\nIs PostgreSQL running" in told.stderr
    assert not any(word in told.stderr for word in ("Traceback", "s3cret"))


def test_what_it_writes_is_its_owners_alone(site: Site) -> None:
    site.data.mkdir(mode=0o755)
    process, _ = start(site.toml(), site.folder / "log")
    stop(process)
    assert [path for path in site.data.rglob("*") if path.stat().st_mode & 0o077] == []
