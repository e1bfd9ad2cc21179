"""Schemathesis against the running server: every operation that OpenAPI tells of, asked as it says and as it forbids.

No answer may be a bug, none may be other than described, and what the description forbids has to be refused. By real
HTTP, with a device's signatures, a customer's session and a system's key.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from server.administration.answers import Grant
from server.administration.roles import EVERYWHERE, Asker, Held, Right, Role
from server.api.keys import Keys
from server.booking.registry import Person
from server.service import Service
from sync.clock import SystemClock
from tests.server.pages.ministry import CONFIG
from tests.server.sign_on.nation import CPR
from tests.server.site import CENTRE, Site
from tests.sync.node import serving

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
)


@pytest.fixture(scope="module")
def callers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Serve a site, and write down who may ask it."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.overlay["appointments"] = []
    clock = SystemClock()
    limits = {"lookups_per_minute": 10**6, "lookups_per_customer": 10**6, "key_per_minute": 10**6}
    with Service(site.config(sms=CONFIG, **limits), clock) as service, serving(service.app) as url:
        keys = Keys(service.store, service.booking._registers, clock)

        async def enter(account: str) -> str:
            person = Person({"en": account}, None, "")
            return (await service.booking.admit(CPR[account], person, "en", "127.0.0.1", date(1985, 1, 1))).token

        async def account() -> str:
            operator = Asker("door", "operator", (Held(EVERYWHERE, frozenset(Right)),))
            administration = service.office.administration
            made = await administration.accounts.add(operator, "boss", "Boss", Grant(EVERYWHERE, Role.ADMINISTRATOR))
            first = await administration.sign_in("boss", made.password, "127.0.0.1")
            await administration.change_password(first.asker, made.password, "another one that is long")
            return (await administration.sign_in("boss", "another one that is long", "127.0.0.1")).token

        said = {
            "url": url,
            "device": "hub-1",
            "device_key": str(site.folder / "keys" / "hub-1"),
            "tokens": {
                "CustomerSession": asyncio.run(enter("ahmed")),
                "leaver": asyncio.run(enter("sara")),
                "account": asyncio.run(account()),
                "ApiKey": keys.make("Traffic", [CENTRE], ["read", "book", "manage"], "boss").text,
            },
        }
        path = site.folder / "callers.json"
        path.write_text(json.dumps(said), encoding="utf-8")
        yield path


def run(callers: Path, *arguments: str) -> None:
    url = json.loads(callers.read_text(encoding="utf-8"))["url"]
    command = [
        *(str(Path(sys.executable).parent / "schemathesis"), "run", f"{url}/openapi.json", "--no-color"),
        *("--seed", "20261121", "--checks", ",".join(CHECKS), "--generation-database", "none", "--continue-on-failure"),
        *("--warnings", "off", "--suppress-health-check", "all", "--request-timeout", "20", *arguments),
    ]
    paths = {"SCHEMATHESIS_HOOKS": "tests.server.api.hooks", "PYTHONPATH": str(ROOT), "DAWR_CALLERS": str(callers)}
    done = subprocess.run(
        command, cwd=callers.parent, env=os.environ | paths, capture_output=True, text=True, timeout=1500
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]


def test_every_operation_is_as_described(callers: Path) -> None:
    run(callers, "--phases", "examples,fuzzing", "--max-examples", "2", "--no-shrink")


@pytest.mark.long
@pytest.mark.timeout(1600)
def test_at_every_boundary_and_with_many_examples(callers: Path) -> None:
    """Also each parameter at, just within and just beyond its bounds, absent, and of each wrong type."""
    run(callers, "--phases", "examples,coverage,fuzzing", "--max-examples", "60")
