"""The ticket's figures: bytes on the wire and length of paper, the largest of what the demonstration can print."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from assets.texts import Catalogue
from printer.encode import Encoder
from printer.ticket import TicketPaper, Wait
from scripts.dawr_dev.bench.figures import Figures
from scripts.dawr_dev.bench.hall import CENTRE

_LANGUAGES = ("ar", "en")


def ticket(_folder: Path) -> Figures:
    """Encode a full ticket of every service in both languages; report the most bytes and the longest paper."""
    centre = json.loads(CENTRE.read_text(encoding="utf-8"))
    encoder = Encoder({language: Catalogue.load(language) for language in _LANGUAGES})
    now = datetime.now(UTC)
    papers = [
        TicketPaper(
            number=f"{service['letter']}0188",
            centre=centre["name"],
            service=service["name"],
            taken_at=now,
            languages=languages,
            ahead=23,
            wait=Wait(35, 50, now),
            qr="HTTPS://DAWR.EXAMPLE.GOV.BH/T/AH3HBQDU2QMSSM4Q",
            needs={language: tuple(things) for language, things in service["needs"].items()},
        )
        for service in centre["services"]
        for languages in (_LANGUAGES, _LANGUAGES[::-1])
    ]
    encoded = [encoder.encode(paper) for paper in papers]
    return Figures(
        name="ticket",
        n=len(encoded),
        bytes=max(len(each.data) for each in encoded),
        mm=round(max(each.mm for each in encoded), 1),
    )
