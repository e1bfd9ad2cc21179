"""What headquarters says to everybody, at no centre in particular: notices, and answers to questions.

A JSON file that the configuration names, read at the start and checked whole:

    notices    {text: {ar, en}, since?, until?}: instants with their offset
    questions  {question: {ar, en}, answer: {ar, en}}
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from queueing.centre import Notice
from queueing.contact import Question
from server.seed import SeedError


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Notice(_Entry):
    text: dict[str, str]
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class _Question(_Entry):
    question: dict[str, str]
    answer: dict[str, str]


class _File(_Entry):
    notices: tuple[_Notice, ...] = ()
    questions: tuple[_Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Everywhere:
    """Notices and answers for all."""

    notices: tuple[Notice, ...] = ()
    questions: tuple[Question, ...] = ()

    @classmethod
    def read(cls, path: Path | None) -> Everywhere:
        """Read the file; without one there is nothing to say. Raises SeedError with every fault."""
        if path is None:
            return cls()
        try:
            file = _File.model_validate_json(path.read_bytes())
        except OSError as error:
            raise SeedError([f"{path}: {error.strerror}"]) from error
        except ValidationError as error:
            faults = [f"{path}: {'.'.join(map(str, each['loc'])) or 'file'}: {each['msg']}" for each in error.errors()]
            raise SeedError(faults) from error
        return cls(
            tuple(Notice(each.text, each.since, each.until) for each in file.notices),
            tuple(Question(each.question, each.answer) for each in file.questions),
        )
