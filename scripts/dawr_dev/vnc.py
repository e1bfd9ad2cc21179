"""Runs one of the two screen apps on a machine without a screen: Qt's VNC window, kept to this machine's loopback.

    python -m scripts.dawr_dev.vnc PORT kiosk --config kiosk.toml

Qt's plugin listens on every address, with no password and no setting for it. So its listening socket is replaced, in
the first moments of the process, by one that only this machine reaches. For demonstrations only.
"""

from __future__ import annotations

import os
import runpy
import socket
import sys
import threading
import time
from pathlib import Path

_LISTENING = "0A"
_LOOK_EVERY_S = 0.001
_LOOK_FOR_S = 60.0


def listener_on(port: int) -> int | None:
    """Return this process's descriptor that listens for TCP on `port`, or None."""
    wanted = set()
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/self/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            fields = row.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                wanted.add(f"socket:[{fields[9]}]")
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            if wanted and str(descriptor.readlink()) in wanted:
                return int(descriptor.name)
        except FileNotFoundError:
            continue  # closed while we looked
    return None


def keep_on_loopback(port: int) -> bool:
    """Wait for a listener on `port` and put one on 127.0.0.1 in its place. False when none came within a minute."""
    end = time.monotonic() + _LOOK_FOR_S
    while time.monotonic() < end:
        descriptor = listener_on(port)
        if descriptor is None:
            time.sleep(_LOOK_EVERY_S)
            continue
        with (
            socket.socket(fileno=os.dup(descriptor)) as everywhere,
            socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as here,
        ):
            # Both hold the port for a moment, so that Qt never accepts from a socket that does not listen.
            everywhere.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            here.bind(("127.0.0.1", port))
            here.listen(5)
            # The same number from here on: Qt polls and accepts by it, and finds only another socket behind it.
            os.dup2(here.fileno(), descriptor, inheritable=False)
            # Qt's running poll still holds the old one. A caller there wakes it, and one here makes it return.
            for address in ("127.0.0.1", "127.0.0.2"):
                socket.create_connection((address, port)).close()
        return True
    return False


def main() -> None:
    """Run the module named on the command line as its own `python -m` would."""
    port, module, *arguments = sys.argv[1:]
    os.environ["QT_QPA_PLATFORM"] = f"vnc:port={port}"
    threading.Thread(target=keep_on_loopback, args=(int(port),), daemon=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
