"""The one command: the whole product with the demonstration's centre, until Ctrl-C; or a visit by itself (`--tour`)."""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from scripts.dawr_dev import PROJECT
from scripts.dawr_dev.demo import DISPLAY_GLASS_MM, KIOSK_GLASS_MM, Demo, Screen
from scripts.dawr_dev.folder import held, keep_database
from scripts.dawr_dev.processes import House, ProcessError, Restarts, free_port
from scripts.dawr_dev.tour.making import TourError, tour

if TYPE_CHECKING:
    from scripts.dawr_dev.operating import Administrator

DEMO_PORTS = (8460, 8461, 9100)
_VNC_PORTS = (5901, 5902)
_MESSAGES_PORT = 8463
_LOOK_EVERY_S = 0.3
_FIRST_FRAME = re.compile(r"first_frame ms=")
_WINDOW_SHARE = 0.85
"""How much of a real screen's height the demonstration's windows may take."""


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/run", description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="the folder that keeps all state (.state, .state-postgres with --postgres)"
    )
    parser.add_argument("--lang", choices=["ar", "en"], default="ar", help="the kiosk's first language")
    parser.add_argument("--layout", choices=["portrait", "landscape"], default="portrait", help="the kiosk's screen")
    parser.add_argument("--tour", type=Path, metavar="DIR", help="make a visit and leave its pictures in DIR")
    parser.add_argument(
        "--printer", metavar="URL", help="print there: tcp://host:9100, serial:///dev/ttyUSB0, usb:///…"
    )
    parser.add_argument(
        "--sms",
        action=argparse.BooleanOptionalAction,
        help="messages by Kannel, with a page that shows them; without them nobody can sign in to book."
        " A tour takes one number by message with --sms",
    )
    parser.add_argument("--postgres", action="store_true", help="the server keeps everything in its own PostgreSQL")
    chosen = parser.parse_args()
    if chosen.tour is not None and chosen.data is not None:
        parser.error("a tour keeps nothing but its pictures: leave --data out")
    # Ctrl-C is said out loud too: a shell's background jobs begin with it ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _as_ctrl_c)
    try:
        if chosen.tour is not None:
            folder, also = chosen.tour.absolute(), {"sms": bool(chosen.sms), "postgres": chosen.postgres}
            tour(folder, chosen.lang, chosen.printer, chosen.layout, **also)
            return 0
        data = chosen.data or PROJECT / (".state-postgres" if chosen.postgres else ".state")
        return demonstrate(
            data.absolute(),
            chosen.lang,
            chosen.printer,
            chosen.layout,
            sms=chosen.sms is not False,
            postgres=chosen.postgres,
        )
    except (ProcessError, TourError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130 if chosen.tour is not None else 0


def demonstrate(
    data: Path, language: str, printer: str | None, layout: str, *, sms: bool = False, postgres: bool = False
) -> int:
    """Run everything until it is interrupted; return the exit status, 1 when a part dies again and again."""
    kiosk_screen, display_screen = _screens(layout)
    restarts = Restarts()
    with held(data), House(data / "logs") as house:
        keep_database(data, postgres=postgres)
        demo = Demo(house, data, ports=DEMO_PORTS, by_codes=True)
        print(f"starting; state and logs are in {data}", flush=True)
        demo.begin()
        if postgres:
            demo.start_postgres()
        messages = demo.start_sms(_MESSAGES_PORT) if sms else ""
        demo.start_server()
        administrator = demo.administrator()
        demo.start_hub()
        if printer is None:
            demo.start_paper()
        windows = [
            demo.start_kiosk(kiosk_screen, printer or demo.paper_url, language),
            demo.start_display(display_screen),
        ]
        for window in windows:
            window.wait_for(_FIRST_FRAME)
        _tell(demo, administrator, kiosk_screen, display_screen, printer, messages)
        while True:
            time.sleep(_LOOK_EVERY_S)
            dead = house.first_dead()
            if dead is None:
                continue
            name = dead.program.name
            if not restarts.count(name, time.monotonic()):
                raise dead.failure(f"died again and again, the last time with {dead.exit_code}; everything is ended")
            print(f"{name} ended with {dead.exit_code}; starting it again", flush=True)
            demo.restart(name)


def _tell(
    demo: Demo, administrator: Administrator, kiosk: Screen, display: Screen, printer: str | None, messages: str
) -> None:
    booked, walk_in, clerk = demo.people.booked[0], demo.people.walk_ins[0], demo.people.clerks[0]
    print(
        f"""
Dawr is running.

  kiosk          {_where(kiosk)}
                 booked customer: CPR {booked.cpr}; without a booking: CPR {walk_in}
  hall display   {_where(display)}
  counter page   {demo.hub_url}/   sign in as {clerk.name["en"]}, PIN {clerk.pin}
  booking        {demo.server_url}/   {f"CPR {walk_in}; the code comes by SMS" if messages else "not without --sms"}
  phones         {messages or "no messages, as you wished"}
  administration {demo.server_url}/en/staff   {administrator.name}, first password {administrator.password}
  tickets        {printer or demo.paper}

Ctrl-C ends all of it; what was done stays in {demo.data} for the next time.""",
        flush=True,
    )


def _where(screen: Screen) -> str:
    if not screen.vnc:
        return "its window on this screen"
    return (
        f"VNC on this machine, 127.0.0.1:{screen.vnc} (for example: vncviewer 127.0.0.1::{screen.vnc}; from elsewhere:"
        f" ssh -L {screen.vnc}:127.0.0.1:{screen.vnc} this-machine)"
    )


def _screens(layout: str) -> tuple[Screen, Screen]:
    """Fit the two windows on the screen, or make two for VNC where there is none."""
    full = {"kiosk": (1080, 1920) if layout == "portrait" else (1920, 1080), "display": (1920, 1080)}
    glass = {"kiosk": KIOSK_GLASS_MM[layout], "display": DISPLAY_GLASS_MM}
    room = _screen_size()
    if room is None:
        ports = [free_port(port) for port in _VNC_PORTS]
        kiosk, display = (Screen(full[name], glass[name], vnc=port) for name, port in zip(full, ports, strict=True))
        return kiosk, display

    def fitted(name: str) -> Screen:
        width, height = full[name]
        scale = min(1.0, _WINDOW_SHARE * room[0] / width, _WINDOW_SHARE * room[1] / height)
        return Screen((round(width * scale), round(height * scale)), glass[name])

    return fitted("kiosk"), fitted("display")


def _screen_size() -> tuple[int, int] | None:
    if os.environ.get("DISPLAY"):
        told = subprocess.run(["xdotool", "getdisplaygeometry"], capture_output=True, text=True, check=False)
        match = re.fullmatch(r"(\d+) (\d+)", told.stdout.strip())
        if match is not None:
            return int(match[1]), int(match[2])
    if os.environ.get("WAYLAND_DISPLAY"):
        return 1920, 1080  # a Wayland client is not told; the windows can be resized
    return None


def _as_ctrl_c(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
