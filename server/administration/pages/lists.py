"""What the tables of a centre's lists say: services, counters, notices and the others, a row for each entry."""

from __future__ import annotations

from collections.abc import Sequence

from assets.texts import Catalogue
from queueing.centre import Centre
from server.pages.phrases import Phrases

_COLUMNS = {
    "services": tuple(
        f"administration.services.{each}" for each in ("name", "letter", "serving", "appointments", "virtual")
    ),
    "counters": tuple(f"administration.counters.{each}" for each in ("label", "zone", "services")),
    "notices": tuple(f"administration.notices.{each}" for each in ("text", "shown", "until")),
    "questions": ("administration.questions.question",),
    "phones": tuple(f"settings.phones.{each}" for each in ("country", "length", "usual")),
    "pauses": ("settings.pauses.name",),
}
"""By section, the keys of what stands above its columns."""


def table(section: str, centre: Centre, say: Phrases, words: Catalogue) -> tuple[Sequence[str], list[list[str]]]:
    """Return the keys of a list's columns and its rows, in the order of the centre's settings."""
    return _COLUMNS[section], _rows(section, centre, say, words)


def _rows(section: str, centre: Centre, say: Phrases, words: Catalogue) -> list[list[str]]:
    t = words.t

    def is_so(yes: bool) -> str:
        return t("administration.yes") if yes else t("administration.no")

    match section:
        case "services":
            return [
                [
                    say.of(each.name),
                    each.letter,
                    say.minutes(each.typical_serving_s, centre),
                    is_so(each.appointments),
                    is_so(each.virtual),
                ]
                for each in centre.services
            ]
        case "counters":
            names = {each.id: say.of(each.name) for each in centre.services}
            return [
                [each.label, each.zone, t("administration.comma").join(names[one] for one in each.services)]
                for each in centre.counters
            ]
        case "notices":
            valid = say.notices(centre.notices)
            return [
                [
                    say.of(each.text),
                    is_so(each in valid),
                    say.when(each.until, centre) if each.until else t("administration.notices.for_good"),
                ]
                for each in centre.notices
            ]
        case "phones":
            return [
                [f"\u2066+{each.country}\u2069", str(each.length), is_so(each == centre.phones[0])]
                for each in centre.phones
            ]
        case "pauses":
            return [[say.of(each.name)] for each in centre.pause_reasons]
    return [[say.of(each.question)] for each in centre.questions]
