"""An app's configuration: a TOML file into one frozen dataclass, once, at start."""

from __future__ import annotations

import dataclasses
import tomllib
import types
import typing
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, TypeVar

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
    (relative to the file), Literal, tuples, unions of these, and nested dataclasses (tables). A dataclass whose
    `__post_init__` raises ValueError adds that to the errors.
    """
    try:
        with path.open("rb") as file:
            table: dict[str, object] = tomllib.load(file)
    except OSError as error:
        raise ConfigError(path, [f"cannot be read: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(path, [f"is no TOML: {error}"]) from error
    reader = _Reader(path.absolute().parent)
    value = reader.dataclass("", table, cls)
    if reader.errors:
        raise ConfigError(path, reader.errors)
    return typing.cast(C, value)


class _Wrong(Exception):  # noqa: N818  # never leaves this module
    """The value is not of the field's type; the text says what is wanted."""


class _Reader:
    """Reads tables into dataclasses and collects the errors."""

    def __init__(self, folder: Path) -> None:
        self.errors: list[str] = []
        self._folder = folder

    def dataclass(self, where: str, table: dict[str, object], cls: type) -> object:
        """Return the instance, or None after noting why there is none."""
        if not dataclasses.is_dataclass(cls):
            raise TypeError(f"{cls!r} is no dataclass")
        hints = typing.get_type_hints(cls)
        fields = {field.name: field for field in dataclasses.fields(cls) if field.init}
        before = len(self.errors)
        self.errors += [f"{where}{key} is not known" for key in table if key not in fields]
        values: dict[str, object] = {}
        for name, field in fields.items():
            if name in table:
                try:
                    values[name] = self.value(f"{where}{name}", table[name], hints[name])
                except _Wrong as wrong:
                    self.errors.append(f"{where}{name} has to be {wrong}")
            elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
                self.errors.append(f"{where}{name} is missing")
        if len(self.errors) > before:
            return None
        try:
            return typing.cast(Callable[..., object], cls)(**values)
        except ValueError as error:
            self.errors.append(f"{where.rstrip('.') or 'the file'}: {error}")
            return None

    def value(self, where: str, raw: object, hint: object) -> object:
        """Return `raw` as the type that `hint` tells. Raises _Wrong."""
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, types.UnionType):
            return self._one_of(where, raw, arguments)
        if origin is Literal:
            if not any(raw == choice and type(raw) is type(choice) for choice in arguments):
                raise _Wrong(" or ".join(repr(choice) for choice in arguments))
            return raw
        if origin is tuple:
            return self._tuple(where, raw, arguments)
        if isinstance(hint, type) and dataclasses.is_dataclass(hint):
            if not isinstance(raw, dict):
                raise _Wrong("a table")
            return self.dataclass(f"{where}.", raw, hint)
        if hint is Path:
            if not isinstance(raw, str) or not raw:
                raise _Wrong("a path")
            return self._folder / raw
        if hint is float and type(raw) is int:
            return float(raw)
        if hint in _PLAIN:
            # Not isinstance: in TOML true is no number.
            if type(raw) is not hint:
                raise _Wrong(_PLAIN[hint])
            return raw
        raise TypeError(f"{where}: the configuration cannot hold {hint!r}")

    def _one_of(self, where: str, raw: object, arguments: tuple[object, ...]) -> object:
        wanted = []
        for argument in arguments:
            if argument is type(None):
                continue
            try:
                return self.value(where, raw, argument)
            except _Wrong as wrong:
                wanted.append(str(wrong))
        raise _Wrong(" or ".join(wanted))

    def _tuple(self, where: str, raw: object, arguments: tuple[object, ...]) -> tuple[object, ...]:
        if not isinstance(raw, list):
            raise _Wrong("a list")
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(self.value(f"{where}[{n}]", item, arguments[0]) for n, item in enumerate(raw))
        if len(raw) != len(arguments):
            raise _Wrong(f"a list of {len(arguments)}")
        return tuple(
            self.value(f"{where}[{n}]", item, kind) for n, (item, kind) in enumerate(zip(raw, arguments, strict=True))
        )


_PLAIN: dict[type, str] = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
