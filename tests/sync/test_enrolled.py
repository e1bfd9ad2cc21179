"""Who a device is by its enrolment and its configuration together, and the mark of a revoked one."""

from __future__ import annotations

import stat
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sync import enrolled
from sync.enrolled import FILE, MARK, Enrolled, EnrolledError, as_enrolled, is_revoked, mark_revoked, unmark

WHO = Enrolled("kiosk-7", "kiosk", "muharraq-traffic", 2, "A" * 43 + "=", "5")


@dataclass(frozen=True)
class Config:
    data: Path
    device: str = ""
    incarnation: int = 1
    series: str = "0"


def test_what_was_kept_is_read_again_and_only_by_its_owner(tmp_path: Path) -> None:
    assert enrolled.enrolled(tmp_path) is None
    enrolled.keep(tmp_path, WHO)
    assert enrolled.enrolled(tmp_path) == WHO
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_the_enrolment_names_the_device(tmp_path: Path) -> None:
    enrolled.keep(tmp_path, WHO)
    found = as_enrolled(Config(tmp_path), "kiosk")
    assert (found.device, found.incarnation, found.series) == ("kiosk-7", 2, "5")
    assert as_enrolled(Config(tmp_path, "kiosk-7"), "kiosk").series == "5"


def test_a_higher_incarnation_in_the_configuration_stands(tmp_path: Path) -> None:
    enrolled.keep(tmp_path, WHO)
    config = Config(tmp_path, "kiosk-7", 3, "8")
    assert as_enrolled(config, "kiosk") == config


def test_the_server_s_key_is_pinned_by_the_enrolment_else_by_the_configuration(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Pinning(Config):
        server_key: str = "configured"

    enrolled.keep(tmp_path, WHO)
    assert as_enrolled(Pinning(tmp_path), "kiosk").server_key == "configured", "enrolled before there was one to pin"
    enrolled.keep(tmp_path, replace(WHO, server_key="pinned"))
    assert as_enrolled(Pinning(tmp_path), "kiosk").server_key == "pinned"
    assert as_enrolled(Pinning(tmp_path, "kiosk-7", 3), "kiosk").server_key == "pinned"
    old = (tmp_path / FILE).read_text().replace(', "server_key": "pinned"', "")
    (tmp_path / FILE).write_text(old)
    assert enrolled.enrolled(tmp_path) == WHO


def test_without_an_enrolment_the_configuration_stands(tmp_path: Path) -> None:
    config = Config(tmp_path, "kiosk-1")
    assert as_enrolled(config, "kiosk") == config


@pytest.mark.parametrize(
    ("kept", "device", "role", "why"),
    [
        (None, "", "kiosk", "not enrolled"),
        (WHO, "kiosk-1", "kiosk", "kiosk-7"),
        (WHO, "", "display", "as a kiosk"),
        ("{", "", "kiosk", "cannot be read"),
        ('{"device": 1}', "", "kiosk", "cannot be read"),
        ("[]", "", "kiosk", "cannot be read"),
    ],
)
def test_what_does_not_fit_is_said(
    tmp_path: Path, kept: Enrolled | str | None, device: str, role: str, why: str
) -> None:
    if isinstance(kept, Enrolled):
        enrolled.keep(tmp_path, kept)
    elif kept is not None:
        (tmp_path / FILE).write_text(kept)
    with pytest.raises(EnrolledError, match=why):
        as_enrolled(Config(tmp_path, device), role)


def test_a_mark_is_of_one_incarnation(tmp_path: Path) -> None:
    assert not is_revoked(tmp_path, 1)
    mark_revoked(tmp_path, 1)
    assert is_revoked(tmp_path, 1)
    # Enrolled anew while the old process still ran, and heard that the old one is out.
    assert not is_revoked(tmp_path, 2)
    (tmp_path / MARK).write_text("")
    assert not is_revoked(tmp_path, 1)
    unmark(tmp_path)
    unmark(tmp_path)


def test_a_hub_has_no_series(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Hub:
        data: Path
        device: str = ""
        incarnation: int = 1

    enrolled.keep(tmp_path, replace(WHO, role="hub", series=""))
    assert as_enrolled(Hub(tmp_path), "hub").device == "kiosk-7"
