"""The hub's side of the line to the central server: settings and the day's appointments come, the logs go.

A thread of its own; the centre works on without it. Nothing here decides anything.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from http import HTTPStatus

from hub.arbiter import Arbiter
from hub.settings import DaysAppointments, Settings, SettingsError, SettingsStore
from hub.shutout import ShutOut
from sync.line import PeerLine, PeerUnavailable
from sync.link import LinkStatus

APPOINTMENTS_EVERY_S = 60.0
"""A booking made today reaches the centre at least this soon; one that a kiosk asks for, at once."""
RETRY_S = 5.0

_log = logging.getLogger(__name__)


def fetch_settings(line: PeerLine, store: SettingsStore) -> Settings:
    """Return the server's settings and keep a copy. Raises PeerUnavailable, SettingsError, OSError."""
    said = line.get("/v1/settings")
    settings = Settings.from_json(said)
    store.keep_settings(said)
    return settings


def fetch_appointments(line: PeerLine, store: SettingsStore, day: str) -> DaysAppointments:
    """Return the server's bookings of a day and keep a copy. Raises PeerUnavailable, SettingsError, OSError."""
    said = line.get(f"/v1/day-appointments?day={day}")
    appointments = DaysAppointments.from_json(day, said)
    store.keep_appointments(day, said)
    return appointments


class Upstream:
    """Keeps the arbiter's settings and appointments as the server has them.

    Whom a supervisor shut out here with the server away (`shut_out`) is handed on to it. `on_revoked` is told when the
    server says that this hub may no longer take part, with the word as it came.
    """

    def __init__(
        self,
        arbiter: Arbiter,
        line: PeerLine,
        store: SettingsStore,
        shut_out: ShutOut,
        on_revoked: Callable[[object], None] = lambda word: None,
    ) -> None:
        self._on_revoked = on_revoked
        self._arbiter = arbiter
        self._line = line
        self._store = store
        self._shut_out = shut_out
        self._wanted_version: int | None = None
        self._was_up = False
        self._taking = threading.Lock()
        self._news = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="upstream", daemon=True)

    def start(self) -> None:
        """Start the thread; it begins by asking for everything."""
        self._thread.start()

    def heard(self, status: LinkStatus) -> None:
        """Take the link's news: another version of the settings, or the line is back. Any thread."""
        is_back = status.up and not self._was_up
        self._was_up = status.up
        if status.up and status.settings_version is not None:
            self._wanted_version = status.settings_version
        if is_back or self._wanted_version not in (None, self._arbiter.settings.version):
            self._news.set()

    def told_version(self, version: int) -> None:
        """Take the server's word on which version settings and bookings have now. Any thread."""
        self._wanted_version = version
        if version != self._arbiter.settings.version:
            self._news.set()

    def day_opened(self, day: str) -> None:
        """Take notice of the running day; its bookings are fetched when they are another day's. Any thread."""
        if day != self._arbiter.appointments_day:
            self._news.set()

    def close(self, timeout_s: float = 2.0) -> None:
        """End the thread."""
        self._ended.set()
        self._news.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _serve(self) -> None:
        is_first = True
        while not self._ended.is_set():
            self._news.clear()
            try:
                if is_first or self._wanted_version not in (None, self._arbiter.settings.version):
                    self.take_settings()
                    is_first = False
                self._hand_on()
                self._take_appointments()
            except (PeerUnavailable, SettingsError, OSError) as error:
                if isinstance(error, PeerUnavailable) and error.code == "REVOKED":
                    self._on_revoked(error.revocation)
                _log.warning("upstream_not_fetched kind=%s why=%s", type(error).__name__, error)
                self._ended.wait(RETRY_S)
                continue
            self._news.wait(APPOINTMENTS_EVERY_S)

    def take_settings(self) -> None:
        """Fetch the settings and put them in force. Any thread. Raises PeerUnavailable, SettingsError, OSError."""
        with self._taking:
            settings = fetch_settings(self._line, self._store)
            self._arbiter.take_settings(settings).result()
            self._shut_out.settle(settings.devices)
        _log.info("settings_taken version=%d devices=%d", settings.version, len(settings.devices))

    def _hand_on(self) -> None:
        """Tell the server who was shut out here, until its settings let them in no more."""
        shut_out = self._shut_out.all()
        for shut in shut_out:
            try:
                self._line.post(f"/v1/devices/{shut.device}/revoke", {"by": shut.by, "public_key": shut.public_key})
            except PeerUnavailable as error:
                if error.status != HTTPStatus.FORBIDDEN:
                    raise
                _log.error("shut_out_refused device=%s code=%s", shut.device, error.code)
        if shut_out:
            self.take_settings()

    def _take_appointments(self) -> None:
        day = self._arbiter.day
        if day:
            self._arbiter.take_appointments(fetch_appointments(self._line, self._store, day)).result()
