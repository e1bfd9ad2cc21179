"""Which version of the product this is; it is written in pyproject.toml and nowhere else."""

from __future__ import annotations

import tomllib

from assets.paths import ROOT


def version() -> str:
    """Return the version, empty where the file is not there to say it."""
    try:
        text = (ROOT.parent / "pyproject.toml").read_text(encoding="utf-8")
    except OSError:
        return ""
    return str(tomllib.loads(text)["project"]["version"])
