"""Which way Qt Quick draws: by the processor, unless the machine has a graphics chip that is known to be one.

Must be asked before the first Qt object exists. It starts no window.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

# Kernel drivers of chips that draw by themselves. Virtual ones (virtio, vmwgfx, bochs, vkms, simpledrm) end in
# llvmpipe, which costs twenty times the processor of the software backend.
_CHIPS = frozenset(
    {
        "amdgpu",
        "etnaviv",
        "i915",
        "lima",
        "msm",
        "nouveau",
        "nvidia",
        "panfrost",
        "panthor",
        "radeon",
        "v3d",
        "vc4",
        "xe",
    }
)
# Platforms that have no chip behind them, whatever the machine holds.
_WITHOUT_CHIP = ("offscreen", "minimal", "vnc", "linuxfb")


def backend(environment: Mapping[str, str], drm: Path = Path("/sys/class/drm")) -> str:
    """Return the value for QT_QUICK_BACKEND: what the environment says, else `software`, or empty with a real chip."""
    if "QT_QUICK_BACKEND" in environment:
        return environment["QT_QUICK_BACKEND"]
    if environment.get("QT_QPA_PLATFORM", "").startswith(_WITHOUT_CHIP):
        return "software"
    drivers = {(node / "device" / "driver").resolve().name for node in drm.glob("renderD*")}
    return "" if drivers & _CHIPS else "software"
