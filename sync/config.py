"""An app's configuration: a TOML file into one frozen dataclass, once, at start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

C = TypeVar("C")


class ConfigError(Exception):
    """The file cannot be used; `errors` has every reason, each with its key."""

    def __init__(self, path: Path, errors: Sequence[str]) -> None:
        super().__init__(f"{path}:\n" + "\n".join(f"  {error}" for error in errors))
        self.path = path
        self.errors = tuple(errors)


def load(path: Path, cls: type[C]) -> C:
    """Read a TOML file into the dataclass `cls`. Raises ConfigError with every error at once.

    Unknown keys are refused, missing ones take the field's default. Fields may be str, int, float, bool, Path
    (relative to the file), Literal, tuples, unions of these with None, and nested dataclasses (tables).
    """
    raise NotImplementedError
