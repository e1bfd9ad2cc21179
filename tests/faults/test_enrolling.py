"""The power goes, or the disk is full, at every file operation of an enrolment: nothing is half done.

Each life is a process of its own that dies, or is refused, at its n-th operation; then the installer types the same
code again, and the machine is one device with the key that the server knows.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Literal

import pytest
import requests

from sync.enrolled import enrolled
from sync.enrolment import EnrolmentUnavailable, enrol
from sync.identity import KEY_FILE, DeviceKey

CODE = "4821739405"
OPERATIONS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod"}
"""Python's own audit events of what an enrolment does to its folder."""
REFUSED, DONE = 3, 0

Fault = Literal["power", "full"]


class Server:
    """The server's side, in a folder that outlives the machine's lives: a code is for one key, whose answer stands."""

    def __init__(self, folder: Path) -> None:
        self._spent = folder / "spent"

    def post(self, _url: str, *, json: Mapping[str, str], **_: object) -> requests.Response:
        if not self._spent.exists():
            self._spent.write_text(json["public_key"], encoding="ascii")
        answer = requests.Response()
        if self._spent.read_text(encoding="ascii") == json["public_key"]:
            answer.status_code = 200
            answer._content = _DEVICE
        else:
            answer.status_code = 403
            answer._content = b'{"code": "SPENT"}'
        return answer

    @property
    def key(self) -> str:
        return self._spent.read_text(encoding="ascii")


_DEVICE = json.dumps(
    {"device": "kiosk-7", "role": "kiosk", "centre": "muharraq-traffic", "incarnation": 1, "series": "4"}
    | {"server_key": ""}
).encode()


def one_life(data: Path, server: Server, fault: Fault, at: int) -> int:
    """Enrol in a process whose `at`-th operation in the data folder fails; return its exit status, -9 when killed."""
    pid = os.fork()
    if pid == 0:
        operations = count(1)

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            if event in OPERATIONS and str(data) in str(arguments[0]) and next(operations) == at:
                if fault == "power":
                    os.kill(os.getpid(), signal.SIGKILL)
                raise OSError(errno.ENOSPC, "No space left on device", str(arguments[0]))

        sys.addaudithook(hook)
        try:
            enrol("http://hub", CODE, "kiosk", data, server.post)
        except EnrolmentUnavailable:
            os._exit(REFUSED)
        except BaseException:  # noqa: BLE001  # a fork must not come back into the tests
            os._exit(99)
        os._exit(DONE)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.survives("power or disk gone while being enrolled", 1)
@pytest.mark.parametrize("fault", ["power", "full"])
def test_at_every_operation(tmp_path: Path, fault: Fault) -> None:
    ends = []
    for at in count(1):
        place = tmp_path / str(at)
        place.mkdir()
        server, data = Server(place), place / "data"
        status = one_life(data, server, fault, at)
        ends.append(status)
        assert status in (DONE, -signal.SIGKILL if fault == "power" else REFUSED), f"operation {at}: {status}"
        # Half an enrolment is none: what the machine takes itself for is whole and has its key.
        found = enrolled(data) if data.exists() else None
        if found is None or not (data / KEY_FILE).exists():
            who = enrol("http://hub", CODE, "kiosk", data, server.post)
            assert found in (None, who)
            found = who
        assert found.device == "kiosk-7"
        assert DeviceKey.load(data).public == server.key == found.public_key
        if status == DONE and at > 3 and ends[-3:] == [DONE] * 3:
            break
    assert len(ends) > 8, "there were operations to die at"
