"""A switch with kiosks and a hub on it, in the kernel: what stands behind it is cut off all at once when it dies."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.faults.network import Network, run

HUB_ADDRESS = "10.88.3.1"
_BRIDGE = "bridge"


class Switch:
    """The switch, and a box for each kiosk. Made by `switch`."""

    def __init__(self, net: Network, kiosks: Sequence[str]) -> None:
        self._name = f"dawr-{os.getpid()}-switch"
        self._boxes = {kiosk: f"dawr-{os.getpid()}-{kiosk}" for kiosk in kiosks}
        self._hub = net.prefix("hub")[-1]

    def prefix(self, kiosk: str) -> list[str]:
        """Return what starts a program in a kiosk's box."""
        return ["ip", "netns", "exec", self._boxes[kiosk]]

    def die(self) -> None:
        """Take its power: no light at any port, and nothing goes through."""
        self._all("down")

    def live(self) -> None:
        """Give it back."""
        self._all("up")

    def make(self) -> None:
        for name in (self._name, *self._boxes.values()):
            run(["ip", "netns", "add", name])
        run(["ip", "-n", self._name, "link", "add", _BRIDGE, "type", "bridge"])
        self._plug(self._hub, "hub", HUB_ADDRESS)
        for place, (kiosk, box) in enumerate(self._boxes.items(), 11):
            run(["ip", "-n", box, "link", "set", "lo", "up"])
            self._plug(box, kiosk, f"10.88.3.{place}")
        self.live()

    def remove(self) -> None:
        for name in (self._name, *self._boxes.values()):
            # Some are not there when not all could be made; what failed then is to be told, not this.
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False, timeout=10)

    def _plug(self, box: str, name: str, address: str) -> None:
        port = ["peer", "name", name, "netns", self._name]
        run(["ip", "link", "add", "switched", "netns", box, "type", "veth", *port])
        run(["ip", "-n", box, "address", "add", f"{address}/24", "dev", "switched"])
        run(["ip", "-n", box, "link", "set", "switched", "up"])
        run(["ip", "-n", self._name, "link", "set", name, "master", _BRIDGE])

    def _all(self, state: str) -> None:
        for port in (_BRIDGE, "hub", *self._boxes):
            run(["ip", "-n", self._name, "link", "set", port, state])


@contextmanager
def switch(net: Network, kiosks: Sequence[str]) -> Iterator[Switch]:
    """Put one between kiosks and the hub of a network."""
    made = Switch(net, kiosks)
    try:
        made.make()
        yield made
    finally:
        made.remove()
