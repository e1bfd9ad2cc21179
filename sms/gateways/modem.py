"""A GSM modem, through Debian's `gammu` as a process of its own for each message, with a deadline.

The binary and not python-gammu: a silent modem holds libgammu for half a minute in a call that nothing can end, and a
process can be ended; Debian's module fits Debian's Python alone. The command goes in by standard input (`gammu batch`),
so that neither number nor text stands in the list of processes. There are no delivery reports: what the network took is
`sent`, and unknown in the end.
"""

from __future__ import annotations

import logging
import re
import subprocess
import tempfile
import threading
from pathlib import Path

from sms.alphabet import is_gsm
from sms.life import Answer
from sms.outbox import Outgoing

log = logging.getLogger(__name__)

DEADLINE_S = 75.0
"""A message of one part takes 4 to 6 s; gammu gives a silent modem up after 30 to 40 s by itself."""
_CONFIG = "[gammu]\ndevice = {device}\nconnection = at115200\nmodel = at\nsynchronizetime = no\n"
_BEGAN = "Sending SMS"
_DONE = re.compile(r"OK, message reference=\d+")
_NETWORK_ERROR = re.compile(r"error (\d+), message reference=-1")
_NOT_NOW = frozenset({17, 22, 27, 38, 41, 42, 47, 331, 332, 500, 512})
"""+CMS ERROR (3GPP TS 27.005, 3.2.5; TS 24.011, E-2): the network or the modem is busy or away. Others: refused."""


class ModemGateway:
    """Sends through the modem at `device`. One message at a time."""

    lines = 1
    look_every_s = 60.0

    def __init__(self, device: str, *, gammu: str = "gammu", deadline_s: float = DEADLINE_S) -> None:
        self._device = device
        self._gammu = gammu
        self._deadline_s = deadline_s
        self._folder = tempfile.TemporaryDirectory(prefix="dawr-modem-")
        self._config = Path(self._folder.name) / "gammurc"
        self._config.write_text(_CONFIG.format(device=device), encoding="utf-8")
        self._turn = threading.Lock()

    def send(self, outgoing: Outgoing) -> Answer:
        """Send one message."""
        message = outgoing.message
        coding = "" if is_gsm(message.text) else "-unicode "
        # gammu's batch knows no way to write a quotation mark or a new line inside a text.
        text = " ".join(message.text.replace('"', "'").split())
        status, told = self._run(f'sendsms TEXT {message.to} {coding}-textutf8 "{text}"')
        answer = _answer(status, told)
        if answer is not Answer.TAKEN:
            log.warning("message=%s gammu=%s answer=%s", message.id, status, answer)
        return answer

    def look(self) -> bool:
        """Tell whether the modem answers and has a network. Takes seconds."""
        status, told = self._run("networkinfo")
        ready = status == 0 and re.search(r"Network state\s*:\s*(home network|registered)", told) is not None
        if not ready:
            log.info("modem_not_ready gammu=%s", status)
        return ready

    def close(self) -> None:
        """Take the configuration away."""
        self._folder.cleanup()

    def _run(self, command: str) -> tuple[int | None, str]:
        """Return gammu's exit status and output; None when it was not to be started or had to be ended."""
        with self._turn:
            try:
                done = subprocess.run(
                    [self._gammu, "--config", str(self._config), "batch"],
                    input=f"{command}\n".encode(),
                    capture_output=True,
                    timeout=self._deadline_s,
                    env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return None, _BEGAN
            except OSError as error:
                log.error("gammu_not_started error=%s", type(error).__name__)
                return None, ""
        return done.returncode, done.stdout.decode("utf-8", "replace")


def _answer(status: int | None, told: str) -> Answer:
    """Read gammu's word. Only before it began to send, or with the network's own refusal, did nothing go out."""
    if status == 0 and _DONE.search(told):
        return Answer.TAKEN
    if _BEGAN not in told:
        return Answer.DOWN
    refused = _NETWORK_ERROR.search(told)
    if refused is None:
        return Answer.UNSURE
    return Answer.LATER if int(refused[1]) in _NOT_NOW else Answer.REFUSED
