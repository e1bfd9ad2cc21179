"""Run the emulated printer as a process: `python -m printer.emulator --tcp 127.0.0.1:9100 --out paper/`.

It says `ready tcp=HOST:PORT`, `ready pty=LINK` and `ready control=HOST:PORT` on stdout when it serves; port 0 chooses
one.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import time
from pathlib import Path

from printer.emulator.machine import Machine, Traits
from printer.emulator.serve import Server


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m printer.emulator", description="a thermal printer of software")
    parser.add_argument("--tcp", type=_address, metavar="HOST:PORT")
    parser.add_argument("--pty", type=Path, metavar="LINK", help="a symbolic link to make to a serial line")
    parser.add_argument("--control", type=_address, metavar="HOST:PORT", help="orders for tests, one a line")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the paper falls")
    parser.add_argument("--width", type=int, choices=[576, 512, 384], default=576, help="dots (576, 512: 80 mm)")
    parser.add_argument("--baud", type=int, default=0, help="read no faster than a serial line of this speed")
    parser.add_argument("--speed", type=float, default=0, metavar="MM_S", help="paper a second (0: at once)")
    parser.add_argument("--cut", type=float, default=0, metavar="S", help="seconds that the knife takes")
    parser.add_argument("--no-cutter", action="store_true", help="paper is torn by hand (order: tear)")
    parser.add_argument("--presenter", action="store_true", help="as a kiosk printer that hands the ticket out")
    parser.add_argument("--maker", default="DAWR", help="what it says to GS I 66")
    parser.add_argument("--model", default="emulator", help="what it says to GS I 67")
    parser.add_argument("--paper", choices=["ok", "near-end", "out"], default="ok")
    chosen = parser.parse_args(arguments)
    if not chosen.tcp and not chosen.pty:
        parser.error("give --tcp or --pty")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    chosen.out.mkdir(parents=True, exist_ok=True)
    traits = Traits(
        width=chosen.width,
        cutter=not chosen.no_cutter,
        presenter=chosen.presenter,
        maker=chosen.maker,
        model=chosen.model,
        mm_s=chosen.speed,
        cut_s=chosen.cut,
    )
    server = Server(Machine(time.monotonic, traits), chosen.out, time.monotonic, chosen.baud)
    server.obey(f"paper {chosen.paper}")
    if chosen.tcp:
        host, port = chosen.tcp
        print(f"ready tcp={host}:{server.listen(host, port)}", flush=True)
    if chosen.pty:
        server.open_pty(chosen.pty)
        print(f"ready pty={chosen.pty}", flush=True)
    if chosen.control:
        host, port = chosen.control
        print(f"ready control={host}:{server.listen_for_orders(host, port)}", flush=True)
    try:
        server.run()
    except (KeyboardInterrupt, SystemExit):
        return 0


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r}: expected HOST:PORT")
    return host, int(port)


if __name__ == "__main__":
    sys.exit(main())
