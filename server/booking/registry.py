"""The country's registry of persons, as far as booking asks it: who has this CPR, and which phone is on record.

An adapter: another registry is another class with `person`. The one here reads files, for a site without a line to the
real one and for demonstrations.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from queueing.cpr import parse
from server.seed import SeedError


class RegistryUnavailable(Exception):  # noqa: N818  # the house names failures by kind: unavailable
    """The registry cannot be asked now."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person on record. `born` is None where the registry does not know it, `phone` is E.164 or ""."""

    name: Mapping[str, str] = field(repr=False)
    born: date | None = field(repr=False)
    phone: str = field(repr=False)

    def completed(self, other: Person) -> Person:
        """Return this person, what is missing taken from another record of the same one."""
        return Person({**other.name, **self.name}, self.born or other.born, self.phone or other.phone)


class Registry(Protocol):
    """Whom booking asks. Any thread; may take seconds."""

    def person(self, cpr: str) -> Person | None:
        """Return who has a CPR (nine digits), None when nobody has. Raises RegistryUnavailable."""
        ...


def _cpr(text: str) -> str:
    digits = parse(text)
    if digits is None:
        raise ValueError("nine digits")
    return digits


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    cpr: Annotated[str, AfterValidator(_cpr)]
    name: dict[str, str] = {}
    born: date | None = None
    phone: str = Field(default="", pattern=r"^(\+[0-9]{6,15})?$")


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    customers: list[_Entry] = []


class PeopleFile:
    """The registry as JSON files: `{"customers": [{cpr, name?, born?, phone?}]}`, as seeds have them, too."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Read them. Raises SeedError, which never says who."""
        self._people: dict[str, Person] = {}
        for path in paths:
            try:
                said = _File.model_validate(json.loads(path.read_text(encoding="utf-8")))
            except OSError as error:
                raise SeedError([f"{path}: {error.strerror}"]) from error
            except ValidationError as error:
                faults = error.errors(include_input=False, include_url=False, include_context=False)
                raise SeedError([f"{path}: {fault['loc']}: {fault['msg']}" for fault in faults]) from None
            except ValueError:
                raise SeedError([f"{path}: is no JSON"]) from None
            self._people |= {each.cpr: Person(each.name, each.born, each.phone) for each in said.customers}

    def person(self, cpr: str) -> Person | None:
        """Return who has a CPR, None when nobody has."""
        return self._people.get(cpr)
