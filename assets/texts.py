"""The one catalogue of words: screen, paper, SMS, voice and pages take their texts from it by key.

A language is a folder in `assets/locale/` with one `.po` file a part of the product; `compile` joins them into one
`dawr.mo`, which is what runs. This module knows no screen and no page.
"""

from __future__ import annotations

import argparse
import gettext
import os
import re
import string
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from assets.paths import LOCALE, ROOT

DOMAIN = "dawr"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_LRI, _FSI, _PDI = "\u2066", "\u2068", "\u2069"
_USED_IN = (".py", ".qml", ".js", ".html")
_FILES = (".py", ".qml", ".js", ".po", ".json", ".toml", ".mo", ".png", ".html")
_FOLDERS_WITHOUT_TEXTS = frozenset({".venv", "tests", "node_modules", ".git", "docs"})


class TextsError(Exception):
    """A catalogue cannot be read or a text cannot be filled in."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts of one language. `language` is its folder's name, for example `ar`."""

    language: str
    _translations: gettext.GNUTranslations
    _texts: Mapping[str, str]

    @classmethod
    def load(cls, language: str, folder: Path = LOCALE) -> Self:
        """Read a language's compiled texts.

        Raises TextsError when it was not compiled (`python -m assets.texts compile`).
        """
        path = folder / language / f"{DOMAIN}.mo"
        try:
            with path.open("rb") as file:
                translations = gettext.GNUTranslations(file)
        except OSError as error:
            raise TextsError(f"no texts for {language!r}: run `python -m assets.texts compile`") from error
        raw: dict[str | tuple[str, int], str] = translations._catalog  # type: ignore[attr-defined]  # the only full list
        texts = {key: text for key, text in raw.items() if isinstance(key, str) and key}
        return cls(language, translations, texts)

    @property
    def direction(self) -> Literal["rtl", "ltr"]:
        """The writing direction."""
        return "rtl" if self.language.split("-")[0] in RIGHT_TO_LEFT else "ltr"

    def t(self, key: str, **values: object) -> str:
        """Return the text of a key with its `{places}` filled in.

        Each value is isolated in right-to-left text, so that a number or a Latin name keeps its own order.
        Raises KeyError for a key that no text has.
        """
        text = self._texts[key]
        return self._filled(text, values) if values else text

    def n(self, key: str, count: int, **values: object) -> str:
        """Return the text of a key in the plural form for `count`, which also fills `{count}`. Raises KeyError."""
        text = self._translations.ngettext(key, key, count)
        if text == key:
            raise KeyError(key)
        return self._filled(text, {"count": count, **values})

    def prefixed(self, prefix: str) -> dict[str, str | list[str]]:
        """Return all texts whose key begins with a prefix, for a page that fills them in itself; plurals as lists."""
        found: dict[str, str | list[str]] = {k: v for k, v in self._texts.items() if k.startswith(prefix)}
        raw: dict[str | tuple[str, int], str] = self._translations._catalog  # type: ignore[attr-defined]
        for key in sorted((k for k in raw if isinstance(k, tuple) and k[0].startswith(prefix)), key=str):
            forms = found.setdefault(key[0], [])
            if isinstance(forms, list):
                forms.append(raw[key])
        return found

    def _filled(self, text: str, values: Mapping[str, object]) -> str:
        if self.direction == "rtl":
            values = {name: self._isolated(value) for name, value in values.items()}
        return text.format(**values)

    @staticmethod
    def _isolated(value: object) -> str:
        text = str(value)
        # A number has no strong direction of its own: left-to-right keeps "10-15" and "A047" whole.
        opening = _LRI if re.fullmatch(r"[A-Za-z]?[\d\s:.,/+\-\u2013]+", text) else _FSI
        return f"{opening}{text}{_PDI}"


def languages(folder: Path = LOCALE) -> list[str]:
    """Return the languages that have a folder, by name."""
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def compile_all(folder: Path = LOCALE) -> None:
    """Join each language's parts into its compiled catalogue. Raises TextsError on a key that stands twice."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415  # Babel is needed to build, not to run
    from babel.messages.pofile import read_po  # noqa: PLC0415

    for language in languages(folder):
        whole = None
        for part in sorted((folder / language).glob("*.po")):
            with part.open("rb") as file:
                catalogue = read_po(file, locale=language, abort_invalid=True)
            if whole is None:
                whole = catalogue
                continue
            for message in catalogue:
                if not message.id:
                    continue
                if message.id in whole:
                    raise TextsError(f"{part}: {message.id} stands in another part too")
                whole[message.id] = message
        if whole is None:
            continue
        target = folder / language / f"{DOMAIN}.mo"
        # Of its own: several test runs, or workers of one, may compile at the same moment.
        passing = target.with_suffix(f".{os.getpid()}.new")
        with passing.open("wb") as file:
            write_mo(file, whole)
        passing.replace(target)


def check(folder: Path = LOCALE, sources: Path = ROOT.parent) -> list[str]:
    """Return what is wrong: keys missing, unused or untranslated, and places that differ between languages."""
    texts = {language: dict(_messages(folder / language)) for language in languages(folder)}
    everything = sorted({key for of_one in texts.values() for key in of_one})
    faults = []
    for language, of_one in texts.items():
        faults += [f"{language}: {key} is missing" for key in everything if key not in of_one]
        faults += [
            f"{language}: {key} is not translated" for key, forms in of_one.items() if not forms or not all(forms)
        ]
    for key in everything:
        places = {language: _places(of_one[key]) for language, of_one in texts.items() if key in of_one}
        if len({frozenset(names - {"count"}) for names in places.values()}) > 1:
            faults.append(f"{key}: the places differ between languages: {places}")
    used = _strings_of(sources)
    prefixes = _dynamic(folder)
    faults += [f"{key} is not used" for key in everything if key not in used and not key.startswith(tuple(prefixes))]
    parts = "|".join(sorted({key.split(".")[0] for key in everything}))
    looks_like_key = re.compile(rf"(?:{parts})(?:\.[a-z0-9_]+)+")
    known = set(everything)
    faults += [
        f"{text} is used in the code and has no text"
        for text in sorted(used)
        if looks_like_key.fullmatch(text) and text not in known and text not in prefixes
    ]
    return faults


def _messages(folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    from babel.messages.pofile import read_po  # noqa: PLC0415  # Babel is needed to check, not to run

    for part in sorted(folder.glob("*.po")):
        with part.open("rb") as file:
            for message in read_po(file, locale=folder.name):
                if message.id:
                    key = message.id if isinstance(message.id, str) else message.id[0]
                    forms = message.string
                    yield key, (forms,) if isinstance(forms, str) else tuple(forms or ())


def _places(forms: Iterable[str]) -> set[str]:
    return {name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name}


def _dynamic(folder: Path) -> set[str]:
    path = folder / "dynamic.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {line.split("#")[0].strip() for line in lines} - {""}


def _strings_of(sources: Path) -> set[str]:
    found: set[str] = set()
    for path in sources.rglob("*"):
        inside = path.relative_to(sources).parts
        if path.suffix in _USED_IN and not _FOLDERS_WITHOUT_TEXTS.intersection(inside):
            found.update(re.findall(r"[\"'`]([a-z][a-z0-9_.]+)[\"'`]", path.read_text(encoding="utf-8")))
    return {text for text in found if not _names_a_file(text, sources)}


def _names_a_file(text: str, sources: Path) -> bool:
    """Say whether a dotted word in the code is a file's name or a module's, and so no key."""
    module = sources.joinpath(*text.split("."))
    return text.endswith(_FILES) or module.with_name(f"{module.name}.py").exists()


def main(arguments: list[str] | None = None) -> int:
    """Compile the texts or check them; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m assets.texts", description="the product's texts")
    parser.add_argument("what", choices=["compile", "check"])
    if parser.parse_args(arguments).what == "compile":
        compile_all()
        return 0
    faults = check()
    sys.stdout.write("".join(f"{fault}\n" for fault in faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
