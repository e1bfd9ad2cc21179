"""The bytes of a ticket, by what a printer makes of them: executed by the emulator and read back by other programs."""

from __future__ import annotations

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from printer.emulator.commands import TEXT, take
from printer.emulator.machine import Machine, Traits
from printer.encode import Encoder, without_real_time
from printer.layout import Drawn, Fit, Width, lay_out
from printer.raster import Face, Picture


def run(data: bytes, width: int = 576):
    machine = Machine(lambda: 0.0, Traits(width=width))
    replies = machine.feed(data)
    return machine.pieces, replies


def test_a_ticket_is_one_piece_as_long_as_reckoned_with_nothing_odd(encoder, make_ticket) -> None:
    for languages in (("ar", "en"), ("en", "ar")):
        encoded = encoder.encode(make_ticket(languages=languages))
        (piece,), _ = run(encoded.data)
        assert piece.oddities == ()
        assert piece.picture.height / 8 == pytest.approx(encoded.mm)
        assert piece.data == encoded.data


def test_its_qr_is_read_back(encoder, make_ticket, tmp_path) -> None:
    longest = "HTTPS://" + "D" * 37 + "/T/7QK2M4XW9ZP3AB5D"  # a follow address has 45 characters at most
    for n, text in enumerate(("7QK2M4XW9ZP3AB5D", "HTTPS://DAWR.EXAMPLE/T/7QK2M4XW9ZP3AB5D", longest)):
        encoded = encoder.encode(make_ticket(qr=text))
        assert (encoded.mm <= 110, len(encoded.data) <= 8192) == (True, True)
        (piece,), _ = run(encoded.data)
        path = tmp_path / f"{n}.png"
        piece.picture.save(path)
        read = subprocess.run(
            ["zbarimg", "--raw", "-q", str(path)], capture_output=True, text=True, timeout=30, check=True
        )
        assert read.stdout.strip() == text


def read_arabic(line: Image.Image, path: Path) -> str:
    larger = line.convert("L").resize((line.width * 3, line.height * 3), Image.Resampling.LANCZOS)
    ImageOps.expand(larger, 30, 255).save(path)
    command = ["tesseract", str(path), "-", "-l", "ara", "--psm", "7"]
    environment = {"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin"}
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=environment)
    return " ".join(said.stdout.translate(dict.fromkeys((0x200E, 0x200F, 0x202A, 0x202B, 0x202C))).split())


# The width of a common printer, and that of the TM-T88 at its coarser dots.
@pytest.mark.parametrize("width", [Width.MM80, Width.MM80_COARSE])
def test_each_arabic_line_is_read_back(texts, make_ticket, tmp_path, width: Width) -> None:
    """Tesseract reads each drawn line off the paper. It knows nothing of how the line was made."""
    paper = make_ticket()
    encoded = Encoder(texts, width).encode(paper)
    (piece,), _ = run(encoded.data, width)
    with ThreadPoolExecutor(2) as pool:
        lines = enumerate(iter_lines(piece.picture))
        read = list(pool.map(lambda line: read_arabic(line[1], tmp_path / f"{line[0]}.png"), lines))
    drawn = [
        block.text
        for block in lay_out(paper, texts, Face(), width, Fit(352, logo=False)).blocks
        if isinstance(block, Drawn)
    ]
    plain = [text.translate({0x2066: None, 0x2068: None, 0x2069: None}) for text in drawn]
    assert len(plain) == 7
    for text in plain:
        # It takes the middle form of one letter for another's: one letter of a small line may differ.
        best = max(SequenceMatcher(None, text, line).ratio() for line in read)
        assert best > 0.93, f"{text} was read as none of {read}"
    assert set(plain[:5]) <= set(read), "what tells the turn is read to the letter"


def iter_lines(picture):
    """Cut the paper into rows of ink; the plate and the QR are higher than any line."""
    ink = ImageOps.invert(picture.convert("L"))
    rows = [ink.crop((0, y, ink.width, y + 1)).getbbox() is not None for y in range(ink.height)]
    start = None
    for y, black in enumerate([*rows, False]):
        if black and start is None:
            start = y
        elif not black and start is not None:
            if 12 < y - start < 60:
                yield picture.crop((0, max(0, start - 3), picture.width, y + 3))
            start = None


def test_latin_and_digits_are_the_printers_own(encoder, make_ticket) -> None:
    data, at, written = encoder.encode(make_ticket(languages=("en", "ar"))).data, 0, []
    while (taken := take(data, at)) is not None:
        command, at = taken
        if command.name == TEXT:
            written.append(command.data.decode("cp1252"))
    assert at == len(data)
    assert written == [
        "General Directorate of Traffic",
        "Driving Licence Renewal",
        "22/11/2026   10:31",
        "5 people ahead of you",
        "Expected wait: 10-20 minutes",
        "estimated at 10:31",
        "Follow your turn on your phone",
        "Please have ready: Identity card; Driving licence",
    ]


def test_each_ticket_says_which_letters_it_means(encoder, make_ticket) -> None:
    """It begins with a reset, which takes the printer back to a page without the dash."""
    paper = make_ticket(languages=("en", "ar"), centre={"en": "Traffic – Muharraq", "ar": "المرور"})
    first = encoder.encode(paper).data
    encoder.encode(make_ticket())
    assert encoder.encode(paper).data == first
    assert first.index(b"\x1bt\x10") < first.index("–".encode("cp1252"))
    assert first.count(b"\x1bt") == 1, "said once: these are the printer's profiles, not the library's own"


def test_a_picture_holds_no_command_that_a_printer_would_execute() -> None:
    bad = b"\x10\x04\x01\x00\x10\x14\x08\x01\x10\x05\x01\x00"
    picture = ImageOps.invert(Image.frombytes("1", (32, 3), bad))
    for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"):
        assert command in ImageOps.invert(picture).tobytes()
        assert command not in ImageOps.invert(without_real_time(picture)).tobytes()


def test_tickets_hold_no_real_time_commands(texts, make_ticket, monkeypatch) -> None:
    """Whatever a line looks like: here one is drawn that would ask for the status and empty the printer."""
    bad = ImageOps.invert(Image.frombytes("1", (32, 3), b"\x10\x04\x01\x00\x10\x14\x08\x01\x03\x14\x01\x06"))
    monkeypatch.setattr(Face, "line", lambda *_: Picture(bad, 0))
    data = Encoder(texts).encode(make_ticket()).data
    assert not any(command in data for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))
    assert run(data)[1] == b""


def test_58_mm_paper_has_the_same_ticket_narrower(texts, make_ticket) -> None:
    encoded = Encoder(texts, Width.MM58).encode(make_ticket())
    (piece,), _ = run(encoded.data, 384)
    assert piece.oddities == ()
    assert encoded.mm <= 110


def test_the_library_leaves_the_process_as_it_was(texts) -> None:
    code = (
        "import logging, os, tempfile, pathlib\n"
        "before = set(pathlib.Path(tempfile.gettempdir()).iterdir()), dict(os.environ)\n"
        "from printer.encode import Encoder; Encoder({})\n"
        "assert logging.getLogger().handlers == []\n"
        "assert dict(os.environ) == before[1]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
    assert logging.getLogger("escpos").level == logging.NOTSET
