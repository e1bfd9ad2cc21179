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
from typing import Any
from zoneinfo import ZoneInfo

from server.administration.pages import fields
from server.administration.pages.fields import Field, Path
from server.administration.pages.refusals import UNKNOWN, key_of_fault

Document = dict[str, Any]

LISTS: Mapping[str, str] = {
    "services": "services",
    "counters": "counters",
    "notices": "notices",
    "questions": "questions",
    "phones": "phones",
    "pauses": "pause_reasons",
}
"""Sections that are lists, and where they stand in the document."""
WHOLE = ("rules", "turns", "messages", "contact")
"""Sections that are no lists."""
_NAMED = ("services", "counters", "pauses")
"""Lists whose entries have an id."""


_WHERE = re.compile(r"(?:centre\.)?([^: ]+): (.*)")
_TWICE = re.compile(r"centre: (service|letter|counter) '.*' stands twice")
_TWICE_AT = {("services", "letter"): "letter", ("services", "service"): "id", ("counters", "counter"): "id"}
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


def whole_section(name: str, languages: Sequence[str]) -> Section:
    """Return one of `WHOLE`."""
    match name:
        case "rules":
            return _rules()
        case "turns":
            return _turns()
        case "messages":
            return _messages()
    return _contact(languages)


def _rules() -> Section:
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


def _turns() -> Section:
    """Return who is next: ages in years, what a minute of waiting weighs, how often and for how long one steps out."""

    def asked(path: Path, kind: fields.Kind, least: float, most: float, scale: int = 1) -> Field:
        label = f"settings.turns.{path[-1]}"
        return Field(path, label, f"{label}_hint", kind, True, least, most, scale)

    return Section(
        "turns",
        (
            asked(("priority_age",), "whole", 0, 150),
            asked(("rates", "priority"), "decimal", 0.1, 1000),
            asked(("rates", "appointment"), "decimal", 0.1, 1000),
            asked(("rates", "walk_in"), "decimal", 0.1, 1000),
            asked(("step_out", "times"), "whole", 0, 100),
            asked(("step_out", "max_s"), "whole", 1, 1440, 60),
        ),
    )


def _messages() -> Section:
    """Return which SMS a customer gets while waiting, and whether kiosks offer one before paper."""

    def asked(path: Path, kind: fields.Kind) -> Field:
        label = f"settings.messages.{path[-1]}"
        return Field(path, label, f"{label}_hint", kind, False, 1, 1000)

    return Section(
        "messages",
        (
            asked(("messages", "near_people"), "whole"),
            asked(("messages", "near_minutes"), "whole"),
            asked(("messages", "called"), "tick"),
            asked(("sms_default",), "tick"),
        ),
    )


def _contact(languages: Sequence[str]) -> Section:
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
        "phones": _phone,
        "pauses": lambda: words(("name",), "settings.pauses.name", languages, is_required=True),
    }
    name = [NAME] if is_new and section in _NAMED else []
    return Section(section, (*name, *make[section]()), (LISTS[section], at))


NAME = Field(("id",), "administration.entry.id", "administration.entry.id_hint", is_required=True, length=63)
"""What something new is called in addresses and events."""
RESERVED = ("new", "new-centre")
"""Names that the addresses of the forms for something new have already."""


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


def _phone() -> tuple[Field, ...]:
    key = "settings.phones."
    return (
        Field(("country",), f"{key}country", f"{key}country_hint", "code", True, length=8),
        Field(("length",), f"{key}length", f"{key}length_hint", "whole", True, 4, 14),
        Field(("mobile_prefixes",), f"{key}prefixes", f"{key}prefixes_hint", "codes", True, length=2000),
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
    """Return the document with a section's values in it; texts that were left empty in all languages are none.

    What was left as it was shown stays as it stands: 90 seconds are shown as a minute, and are 90 seconds still.
    """
    new: Document = json.loads(json.dumps(document))
    if section.root:
        items, at = new.setdefault(str(section.root[0]), []), int(section.root[1])
        if at == len(items):
            items.append(fresh(section.name))
    zone = ZoneInfo(new["timezone"])
    for each in section.fields:
        if each.path not in values:
            continue
        value, path = values[each.path], (*section.root, *each.path)
        stands = fields.value_at(new, path)
        if each.kind == "many" and set(stands or []) == set(value):
            continue  # the same, in an order that nobody has asked for
        if each.shown(stands, zone) != each.shown(value, zone):
            fields.put(new, path, value)
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
    """Return the core's faults by the names of a section's fields, as keys of texts, and those at none of them."""
    own, others = {}, []
    for error in errors:
        field = _field_of(error, section)
        if field is None:
            others.append(error)
        else:
            key = key_of_fault(error)
            # What the core counts in seconds the form may ask for in minutes: its note says how far it goes.
            own[field.name] = fields.REFUSED if key in ("faults.range", "faults.form", UNKNOWN) else key
    return own, others


def _field_of(error: str, section: Section) -> Field | None:
    """Return at which of a section's fields a fault of the core's stands."""
    if twice := _TWICE.fullmatch(error):
        wanted = _TWICE_AT.get((section.name, twice[1]))
        return next((each for each in section.fields if each.name == wanted), None)
    found = _WHERE.fullmatch(error)
    path: Path = () if found is None else _path(found[1])
    name_there = ".".join(map(str, path[len(section.root) :])) if path[: len(section.root)] == section.root else ""
    return next((each for each in section.fields if name_there and each.name.startswith(name_there)), None)


def id_fault(values: Mapping[Path, Any], document: Document, section: Section) -> dict[str, str]:
    """Return what is wrong with a new entry's id: its form, or that it is taken."""
    name = values.get(("id",))
    if name is None or not section.root:
        return {}
    if not _ID.fullmatch(name):
        return {"id": "administration.fault.id"}
    taken = name in RESERVED or any(each.get("id") == name for each in document.get(str(section.root[0]), []))
    return {"id": "administration.fault.taken"} if taken else {}


def _said(text: Mapping[str, str] | None, languages: Sequence[str]) -> str:
    return next((text[each] for each in languages if text.get(each)), "") if text else ""


def _path(text: str) -> Path:
    return tuple(name or int(number) for name, number in _STEP.findall(text))
