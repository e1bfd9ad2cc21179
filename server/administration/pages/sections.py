"""The parts of a centre's settings that have a page each, as forms: which fields, and where they stand in the document.

Data, mostly. A list's entry is named by its id, or by its content where it has none: one that somebody has changed
meanwhile is not found any more, rather than another one in its place.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from queueing.centre import DAYS
from server.administration.pages import fields
from server.administration.pages.fields import Field, FieldError, Path

Document = dict[str, Any]

LISTS: Mapping[str, str] = {
    "services": "services",
    "counters": "counters",
    "notices": "notices",
    "questions": "questions",
}
"""Sections that are lists, and where they stand in the document."""
SPANS = 2
"""So many spans of hours a day can be typed; a document with more keeps them until its day is changed."""

_WHERE = re.compile(r"(?:centre\.)?([^: ]+): (.*)")
_STEP = re.compile(r"([A-Za-z_-]+)|\[([0-9]+)\]")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class Section:
    """A page's part of the document: `root` is where its fields' paths begin."""

    name: str
    fields: tuple[Field, ...]
    root: Path = ()

    @property
    def parts(self) -> list[Path]:
        """The places that it speaks for."""
        return [(*self.root, *each.path) for each in self.fields]


def rules() -> Section:
    """Return the numbers of booking, in minutes, days and hundredths."""

    def whole(name: str, least: int, most: int, *, scale: int = 1, group: str = "booking") -> Field:
        label = f"administration.rules.{name}"
        return Field((group, name), label, f"{label}_hint", "whole", True, least, most, scale)

    share = "administration.rules.walk_in_share"
    early = "administration.rules.early_cancels_count"
    return Section(
        "rules",
        (
            whole("horizon_days", 1, 365),
            Field(("booking", "walk_in_share"), share, f"{share}_hint", "percent", True, 0, 100),
            whole("open_per_service", 1, 365),
            whole("late_cancel_s", 0, 10_000, scale=60),
            whole("misses", 1, 365),
            whole("within_days", 1, 365),
            whole("block_days", 1, 365),
            Field(("booking", "early_cancels_count"), early, f"{early}_hint", "tick"),
            whole("early_lead_s", 0, 10_000, scale=60, group="appointments"),
            whole("grace_s", 0, 10_000, scale=60, group="appointments"),
        ),
    )


def contact(languages: Sequence[str]) -> Section:
    """Return what the centre is called and how it is reached."""
    return Section(
        "contact",
        (
            *words(("name",), "administration.contact.name", languages, is_required=True),
            *words(("governorate",), "administration.contact.governorate", languages),
            *words(("address",), "administration.contact.address", languages),
            Field(("contact", "phone"), "administration.contact.phone", "administration.contact.phone_hint"),
            Field(("contact", "whatsapp"), "administration.contact.whatsapp", "administration.contact.phone_hint"),
            Field(("contact", "email"), "administration.contact.email"),
            Field(("contact", "map_url"), "administration.contact.map", "administration.contact.map_hint", length=400),
        ),
    )


def entry(section: str, languages: Sequence[str], at: int, document: Document, *, is_new: bool) -> Section:
    """Return one entry of a list as a form; `at` is where it stands or will stand."""
    make: Mapping[str, Callable[[], tuple[Field, ...]]] = {
        "services": lambda: _service(languages),
        "counters": lambda: _counter(document, languages),
        "notices": lambda: _notice(languages),
        "questions": lambda: (
            *words(("question",), "administration.questions.question", languages, is_required=True),
            *words(("answer",), "administration.questions.answer", languages, is_required=True, kind="long"),
        ),
    }
    named = section in ("services", "counters")
    name = Field(("id",), "administration.entry.id", "administration.entry.id_hint", is_required=True, length=63)
    return Section(section, (*([name] if is_new and named else []), *make[section]()), (LISTS[section], at))


def _service(languages: Sequence[str]) -> tuple[Field, ...]:
    key = "administration.services."
    return (
        *words(("name",), f"{key}name", languages, is_required=True),
        Field(("letter",), f"{key}letter", f"{key}letter_hint", is_required=True, length=1),
        *words(("group",), f"{key}group", languages),
        *(
            Field(("needs", each), f"{key}needs", f"{key}needs_hint", "lines", language=each, length=2000)
            for each in languages
        ),
        *words(("fee",), f"{key}fee", languages),
        Field(("typical_serving_s",), f"{key}serving", f"{key}serving_hint", "whole", True, 1, 480, 60),
        Field(("target_wait_s",), f"{key}target", f"{key}target_hint", "whole", True, 1, 480, 60),
        Field(("daily_limit",), f"{key}daily", f"{key}daily_hint", "whole", False, 0, 10_000),
        Field(("appointments",), f"{key}appointments", f"{key}appointments_hint", "tick"),
        Field(("virtual",), f"{key}virtual", f"{key}virtual_hint", "tick"),
        Field(("slot_s",), f"{key}slot", f"{key}slot_hint", "whole", True, 5, 240, 60),
        Field(("places",), f"{key}places", f"{key}places_hint", "whole", False, 0, 1000),
    )


def _counter(document: Document, languages: Sequence[str]) -> tuple[Field, ...]:
    key = "administration.counters."
    options = tuple((each["id"], _said(each.get("name"), languages)) for each in document.get("services", []))
    return (
        Field(("label",), f"{key}label", f"{key}label_hint", is_required=True, length=8),
        Field(("zone",), f"{key}zone", f"{key}zone_hint", is_required=True, length=40),
        Field(("services",), f"{key}services", "", "many", options=options),
    )


def _notice(languages: Sequence[str]) -> tuple[Field, ...]:
    key = "administration.notices."
    return (
        *words(("text",), f"{key}text", languages, is_required=True, kind="long"),
        Field(("since",), f"{key}since", f"{key}since_hint", "instant"),
        Field(("until",), f"{key}until", f"{key}until_hint", "instant"),
    )


def words(
    path: Path, label: str, languages: Sequence[str], *, is_required: bool = False, kind: fields.Kind = "text"
) -> tuple[Field, ...]:
    """Return a text's fields, one a language."""
    length = 2000 if kind == "long" else 200
    return tuple(Field((*path, each), label, "", kind, is_required, language=each, length=length) for each in languages)


def fresh(section: str) -> Document:
    """Return what a new entry of a list begins with."""
    if section == "services":
        return {"typical_serving_s": 420, "target_wait_s": 900, "slot_s": 900, "appointments": True}
    return {"zone": "hall", "services": []} if section == "counters" else {}


def find(document: Document, section: str, name: str) -> int | None:
    """Return where an entry stands that an address names; None when it is not there, or not any more."""
    return next((at for at, each in enumerate(document.get(LISTS[section], [])) if name_of(each) == name), None)


def name_of(item: Document) -> str:
    """Return an entry's name in an address."""
    return str(item["id"]) if "id" in item else mark(item)


def mark(what: object) -> str:
    """Return what stands for a content: another one has another mark."""
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]


def base(document: Document, section: Section) -> str:
    """Return the mark of what a section's form was made of."""
    return mark([fields.value_at(document, path) for path in section.parts])


def changed(document: Document, section: Section, values: Mapping[Path, Any]) -> Document:
    """Return the document with a section's values in it; texts that were left empty in all languages are none."""
    new: Document = json.loads(json.dumps(document))
    if section.root:
        items, at = new.setdefault(str(section.root[0]), []), int(section.root[1])
        if at == len(items):
            items.append(fresh(section.name))
    many = {each.path for each in section.fields if each.kind == "many"}
    for path, value in values.items():
        stands = fields.value_at(new, (*section.root, *path))
        if path in many and set(stands or []) == set(value):
            continue  # the same, in an order that nobody has asked for
        fields.put(new, (*section.root, *path), value)
    target = fields.value_at(new, section.root) if section.root else new
    for name in ("group", "fee", "governorate", "address"):
        said = target.get(name)
        if isinstance(said, dict):
            kept = {language: text for language, text in said.items() if text}
            target[name] = kept or None
    if isinstance(target.get("needs"), dict):
        target["needs"] = {language: lines for language, lines in target["needs"].items() if lines}
    return new


def without(document: Document, section: str, at: int) -> Document:
    """Return the document without an entry; counters serve a service no more that is gone."""
    new: Document = json.loads(json.dumps(document))
    gone = new[LISTS[section]].pop(at)
    if section == "services":
        for counter in new.get("counters", []):
            counter["services"] = [each for each in counter["services"] if each != gone["id"]]
    return new


def faults_of(errors: Sequence[str], section: Section) -> tuple[dict[str, str], list[str]]:
    """Return the core's faults by the names of a section's fields, and those that stand at none of them."""
    own, others = {}, []
    for error in errors:
        found = _WHERE.fullmatch(error)
        path: Path = () if found is None else _path(found[1])
        name = ".".join(map(str, path[len(section.root) :])) if path[: len(section.root)] == section.root else ""
        field = next((each.name for each in section.fields if name and each.name.startswith(name)), None)
        if field is not None:
            own[field] = fields.REFUSED
        else:
            others.append(error)
    return own, others


def id_fault(values: Mapping[Path, Any], document: Document, section: Section) -> dict[str, str]:
    """Return what is wrong with a new entry's id: its form, or that it is taken."""
    name = values.get(("id",))
    if name is None or not section.root:
        return {}
    if not _ID.fullmatch(name):
        return {"id": "administration.fault.id"}
    taken = any(each.get("id") == name for each in document.get(str(section.root[0]), []))
    return {"id": "administration.fault.taken"} if taken else {}


# --- the week


def week_typed(document: Document) -> dict[str, str]:
    """Return the hours of a week as they would be typed, by the names of the grid's fields."""
    typed: dict[str, str] = {}
    for day in DAYS:
        spans = document.get("hours", {}).get(day, [])
        for n in range(SPANS):
            begins, ends = spans[n] if n < len(spans) else ("", "")
            typed |= {f"{day}.{n}.begins": begins, f"{day}.{n}.ends": ends}
    return typed


def hours_read(typed: Mapping[str, str], prefix: str) -> tuple[list[list[str]], str]:
    """Return the spans of a day that were typed, and what is wrong with them, "" for nothing."""
    spans = []
    for n in range(SPANS):
        begins, ends = (typed.get(f"{prefix}.{n}.{name}", "").strip() for name in ("begins", "ends"))
        if not begins and not ends:
            continue
        try:
            span = [fields.clock(begins), fields.clock(ends)]
        except FieldError as error:
            return [], error.key
        if span[0] >= span[1]:
            return [], "administration.fault.order"
        spans.append(span)
    spans.sort()
    if any(first[1] > second[0] for first, second in pairwise(spans)):
        return [], "administration.fault.overlap"
    return spans, ""


def week_read(typed: Mapping[str, str], document: Document) -> tuple[Document, dict[str, str]]:
    """Return the document with the week that was typed, and what is wrong by day."""
    hours, faults = {}, {}
    for day in DAYS:
        spans, fault = hours_read(typed, day)
        if fault:
            faults[day] = fault
        if spans:
            hours[day] = spans
    return {**document, "hours": hours}, faults


def _said(text: Mapping[str, str] | None, languages: Sequence[str]) -> str:
    return next((text[each] for each in languages if text.get(each)), "") if text else ""


def _path(text: str) -> Path:
    return tuple(name or int(number) for name, number in _STEP.findall(text))
