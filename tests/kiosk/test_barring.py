"""A kiosk that may give no tickets: a revoked one erases what is personal and says so; so does one that forked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kiosk.config import KioskConfig
from kiosk.known import Known
from kiosk.moves import Draft, Issued, NotIssued, Reason
from kiosk.office import Office
from kiosk.settings import FILE, Settings
from queueing.centre import Centre
from sync import enrolled
from sync.clock import SystemClock
from sync.identity import DeviceKey
from sync.revocation import word_of
from tests.kiosk.callboard import Board
from tests.kiosk.conftest import NOW
from tests.kiosk.fake_hub import LOOKUP_KEY, FakeHub
from tests.kiosk.stage import staged

pytestmark = pytest.mark.usefixtures("words")
PHONE = "+97336001234"
SERVER = DeviceKey(bytes(32))
WORD = word_of("kiosk-1", 1, NOW, SERVER.sign).to_wire()
DRAFT = Draft("licence-renewal", "ar", None, None, False, None, None, "sms", PHONE)


@contextmanager
def kiosk(data: Path, hub: FakeHub, settings: Settings | None) -> Iterator[tuple[Office, Board]]:
    if not (data / "device.key").exists():
        DeviceKey.make(data)
    board = Board()
    config = KioskConfig("kiosk-1", data, hub.url, server_key=SERVER.public)
    office = Office(config, board, SystemClock(), settings)
    office.open()
    try:
        yield office, board
    finally:
        office.close()


@pytest.fixture
def settings(centre: Centre) -> Settings:
    return Settings(1, centre, LOOKUP_KEY)


def bytes_of(data: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file())


def test_a_revoked_kiosk_erases_what_is_personal_and_gives_no_tickets(
    hub: FakeHub, tmp_path: Path, settings: Settings
) -> None:
    known = Known(NOW, settings.centre)
    hub.contact_status = 503  # the phone waits here
    settings.keep(tmp_path)
    with kiosk(tmp_path, hub, settings) as (office, board):
        known = board.learn(known, lambda known: known.line_up and known.board is not None)
        office.take(1, DRAFT, known, 0.0)
        assert isinstance(board.next(), Issued)
        assert PHONE.encode() in bytes_of(tmp_path)
        hub.word, hub.is_revoked = WORD, True
        known = board.learn(known, lambda known: known.barred == "revoked")
        assert known.closed
        office.take(2, DRAFT, known, 0.0)
        assert board.next() == NotIssued(2, Reason.STORAGE)
    assert enrolled.is_revoked(tmp_path, 1), "it knows after a restart too"
    assert not (tmp_path / FILE).exists(), "the key of the customers' hashes and the PINs' are gone"
    assert PHONE.encode() not in bytes_of(tmp_path)
    with kiosk(tmp_path, hub, None) as (office, board):
        office.take(3, DRAFT, known, 0.0)
        assert board.next() == NotIssued(3, Reason.STORAGE)
        hub.is_revoked, hub.contact_status = False, 204
        known = board.learn(known, lambda known: not known.barred and known.line_up)
        office.take(4, DRAFT, known, 0.0)
        assert isinstance(board.next(), Issued), "enrolled again, it works again"
    assert not enrolled.is_revoked(tmp_path, 1)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        (None, "UNSIGNED"),
        (word_of("kiosk-1", 1, NOW, DeviceKey(bytes(range(32))).sign).to_wire(), "SIGNATURE"),
        (word_of("kiosk-1", 2, NOW, SERVER.sign).to_wire(), "OTHER_INCARNATION"),
    ],
)
def test_a_revocation_that_the_server_did_not_sign_for_it_is_a_line_that_is_cut_and_no_more(
    hub: FakeHub, tmp_path: Path, settings: Settings, word: object, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    known = Known(NOW, settings.centre)
    hub.contact_status = 503
    settings.keep(tmp_path)
    with kiosk(tmp_path, hub, settings) as (office, board):
        known = board.learn(known, lambda known: known.line_up and known.board is not None)
        office.take(1, DRAFT, known, 0.0)
        assert isinstance(board.next(), Issued)
        hub.word, hub.is_revoked = word, True
        for _ in range(2):  # when it asks again, it has made up its mind on the first answer
            assert hub.refused.acquire(timeout=15)
        known = board.learn(known, lambda known: not known.line_up)
        assert not known.barred
        office.take(2, DRAFT, known, 0.0)
        assert isinstance(board.next(), Issued), "customers are served as with a line that is cut"
        assert PHONE.encode() in bytes_of(tmp_path), "what waits for the line waits on"
        hub.is_revoked = False
        board.learn(known, lambda known: known.line_up and not known.barred)
    assert (tmp_path / FILE).exists() and not enrolled.is_revoked(tmp_path, 1)
    assert f"why={why}" in caplog.text


def test_a_hub_that_is_only_gone_or_does_not_know_it_bars_nobody(
    hub: FakeHub, tmp_path: Path, settings: Settings
) -> None:
    known = Known(NOW, settings.centre)
    with kiosk(tmp_path, hub, settings) as (office, board):
        known = board.learn(known, lambda known: known.line_up)
        hub.close()
        known = board.learn(known, lambda known: not known.line_up)
        office.take(1, DRAFT, known, 0.0)
        assert isinstance(board.next(), Issued)
        assert not known.barred


def test_a_kiosk_whose_history_is_another_gives_no_tickets(hub: FakeHub, tmp_path: Path, settings: Settings) -> None:
    hub.is_forked = True
    with kiosk(tmp_path, hub, settings) as (office, board):
        known = board.learn(Known(NOW, settings.centre), lambda known: known.barred == "forked")
        office.take(1, DRAFT, known, 0.0)
        assert board.next() == NotIssued(1, Reason.STORAGE)
    assert not enrolled.is_revoked(tmp_path, 1)


@pytest.mark.parametrize("why", ["revoked", "forked"])
def test_the_screen_says_so_in_both_languages(qtbot: QtBot, known: Known, why: str) -> None:

    with staged(qtbot, replace(known, barred=why)) as stage:
        stage.frame()
        texts = [stage.text(f"closed-staff-{language}") for language in known.languages]
    assert len(set(texts)) == 2 and all(texts)
