"""The registers in memory: of two readings the newer stays, whichever comes last; a gap is read before it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import Session

from server.registers import Registers
from server.renewing import CENTRE, Renewing
from server.service import load_seeds
from server.storage import Store
from server.tables import CentreRow, DeviceRow
from tests.clusters import fresh_database
from tests.server.site import CENTRE as HERE
from tests.server.site import OTHER, Site


@pytest.fixture
def store(tmp_path: Path, site: Site) -> Store:
    made = Store(tmp_path)
    load_seeds(made, site.write(), site.clock)
    return made


def _revoked(session: Session, device: str = "kiosk-1", centre: str = HERE) -> Registers:
    """Revoke a device, and return a reading of it."""
    session.get_one(DeviceRow, (centre, device)).revoked = True
    session.get_one(CentreRow, centre).revision += 1
    session.flush()
    return Registers.read(session)


def test_an_older_reading_that_comes_last_changes_nothing(store: Store) -> None:
    registers, old = store.call(Registers.read), store.call(Registers.read)
    registers.renew(store.call(_revoked))
    registers.renew(old)
    assert registers.device("kiosk-1") is None and registers.revisions[HERE] == old.revisions[HERE] + 1
    assert registers.retired_of("kiosk-1")
    store.close()


def test_each_centre_is_taken_by_its_own_revision(store: Store) -> None:
    registers = store.call(Registers.read)
    first = store.call(_revoked)
    second = store.call(lambda session: _revoked(session, "kiosk-2", OTHER))
    registers.renew(store.call(lambda session: Registers.read(session, [OTHER])))
    assert registers.device("kiosk-1") is not None and registers.device("kiosk-2") is None
    registers.renew(first)  # older of the other centre, newer of this one
    assert registers.device("kiosk-1") is None and registers.device("kiosk-2") is None
    assert registers.revisions == second.revisions and list(registers.centres) == list(second.centres)
    store.close()


def test_who_listens_hears_of_what_has_risen_and_of_nothing_else(store: Store) -> None:
    registers, heard = store.call(Registers.read), []
    registers.listen(heard.append)
    registers.renew(store.call(Registers.read))
    registers.renew(store.call(_revoked))
    registers.told({OTHER: registers.revisions[OTHER] + 1})
    assert heard == [frozenset({HERE}), frozenset({OTHER})]
    store.close()


def test_a_revision_that_is_not_the_next_is_read_before_it_is_told(store: Store) -> None:
    registers, behind = store.call(Registers.read), []
    registers.read_anew = behind.append
    known = registers.revisions[HERE]
    registers.told({HERE: known + 1})
    assert (registers.revisions[HERE], behind) == (known + 1, [])
    registers.told({HERE: known + 3})
    assert (registers.revisions[HERE], behind) == (known + 1, [frozenset({HERE})])
    registers.told({HERE: known})  # its moment is over
    assert registers.revisions[HERE] == known + 1
    assert registers.older_than({HERE: known + 1}) == frozenset()  # what it stands for changed no settings
    store.close()


def test_what_another_process_changes_is_read_here(tmp_path: Path, site: Site) -> None:
    url = fresh_database("renewing")
    ours, theirs = Store(tmp_path / "keys", url), Store(tmp_path / "keys", url)
    load_seeds(ours, site.write(), site.clock)
    registers = ours.call(Registers.read)
    renewing = Renewing(ours, registers)
    theirs.call(_revoked)
    renewing.heard(frozenset())
    assert registers.device("kiosk-1") is None
    theirs.call(lambda session: _revoked(session, "kiosk-2", OTHER))
    renewing.heard(frozenset({HERE}))
    assert registers.device("kiosk-2") is not None
    renewing.heard(frozenset({OTHER}))
    assert registers.device("kiosk-2") is None and CENTRE == "centre"
    ours.close()
    theirs.close()
