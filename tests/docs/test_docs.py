"""What the documentation says of files, links, log lines and settings is true: it is held against the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from display.config import DisplayConfig
from hub.config import HubConfig
from kiosk.config import KioskConfig
from scripts.dawr_dev import PROJECT
from scripts.dawr_dev.bench.__main__ import NAMES
from server.config import ServerConfig
from sync.config import load

DOCS = PROJECT / "docs"
PAGES = [PROJECT / "README.md", PROJECT / "ARCHITECTURE.md", *sorted(DOCS.rglob("*.md"))]
APPS = (
    "assets",
    "counter",
    "display",
    "follow",
    "hub",
    "kiosk",
    "printer",
    "queueing",
    "screen",
    "server",
    "sms",
    "sync",
)
# Of a machine's data folder, not of the product's.
ELSEWHERE = {"keys/booking.pem"}
CONFIGS = {"server": ServerConfig, "hub": HubConfig, "kiosk": KioskConfig, "display": DisplayConfig}


@cache
def code() -> str:
    """Return all of the apps' code, which says what they log."""
    return "\n".join(path.read_text(encoding="utf-8") for app in APPS for path in (PROJECT / app).rglob("*.py"))


def anchors(page: Path) -> set[str]:
    """Return what a page's headings may be linked by."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def wrong_links(page: Path) -> Iterator[str]:
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)]*))?\)", page.read_text(encoding="utf-8")):
        if target.startswith("http"):
            continue
        to = page.parent / target if target else page
        if not to.exists() or (anchor and anchor not in anchors(to)):
            yield f"{target}#{anchor}"


def wrong_paths(page: Path) -> Iterator[str]:
    """Give each path, test or module in code marks that is nowhere: `sync/log.py`, `faults/test_kill`."""
    for word in re.findall(r"`(\w[\w.-]*(?:/[\w.-]+)+)/?`", page.read_text(encoding="utf-8")):
        places = (PROJECT / word, DOCS / word, PROJECT / "tests" / word, PROJECT / "tests" / f"{word}.py")
        numbered = list(PROJECT.glob(f"{word}-*.md"))
        if word not in ELSEWHERE and not numbered and not any(place.exists() for place in places):
            yield word


def test_every_link_leads_somewhere() -> None:
    assert {page.name: wrong for page in PAGES if (wrong := list(wrong_links(page)))} == {}


def test_every_file_that_is_named_is_there() -> None:
    assert {page.name: wrong for page in PAGES if (wrong := list(wrong_paths(page)))} == {}


def test_every_line_that_operators_are_told_of_is_written_by_somebody() -> None:
    text = (DOCS / "operate.md").read_text(encoding="utf-8")
    rows = re.search(r"## What a line says\n(.*?)\n## ", text, re.DOTALL)
    assert rows is not None
    lines = [
        line for row in re.findall(r"^\| (`.+?) \| ", rows[1], re.MULTILINE) for line in re.findall(r"`([^`]+)`", row)
    ]
    assert len(lines) > 30
    words = {line: re.findall(r"^[a-z_]+(?= |$)|(?<![\w.])[a-z_]+=", line) for line in lines}
    assert {line: word for line, found in words.items() for word in found if word not in code()} == {}


def test_every_figure_that_can_be_measured_is_explained() -> None:
    text = (DOCS / "operate.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"`{name}`" not in text] == []


@pytest.mark.parametrize("app", CONFIGS)
def test_the_configuration_that_installers_copy_is_one(tmp_path: Path, app: str) -> None:
    text = (DOCS / "install.md").read_text(encoding="utf-8")
    found = re.search(rf"`/etc/dawr/{app}\.toml`[^\n]*:\n\n((?: +.+\n)+)", text)
    assert found is not None
    path = tmp_path / f"{app}.toml"
    path.write_text("\n".join(line.strip() for line in found[1].splitlines()), encoding="utf-8")
    load(path, CONFIGS[app])
