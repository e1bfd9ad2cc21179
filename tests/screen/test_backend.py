from __future__ import annotations

from pathlib import Path

import pytest

from screen.backend import backend


def machine(tmp_path: Path, driver: str) -> Path:
    """Make a tree as the kernel shows a graphics device."""
    node = tmp_path / "renderD128" / "device"
    node.mkdir(parents=True)
    (tmp_path / "drivers" / driver).mkdir(parents=True)
    (node / "driver").symlink_to(tmp_path / "drivers" / driver)
    return tmp_path


@pytest.mark.parametrize(
    ("driver", "chosen"), [("i915", ""), ("v3d", ""), ("virtio_gpu", "software"), ("vkms", "software")]
)
def test_only_a_real_chip_draws(tmp_path: Path, driver: str, chosen: str) -> None:
    assert backend({}, machine(tmp_path, driver)) == chosen


def test_no_device_at_all_is_software(tmp_path: Path) -> None:
    assert backend({}, tmp_path) == "software"


def test_the_environment_has_the_last_word(tmp_path: Path) -> None:
    assert backend({"QT_QUICK_BACKEND": "rhi"}, tmp_path) == "rhi"


@pytest.mark.parametrize("platform", ["offscreen", "vnc:port=5901", "linuxfb"])
def test_a_platform_without_a_chip_is_software(tmp_path: Path, platform: str) -> None:
    assert backend({"QT_QPA_PLATFORM": platform}, machine(tmp_path, "i915")) == "software"
