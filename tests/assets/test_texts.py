"""The catalogue: keys, plurals, isolation of numbers, and the check that finds what is missing."""

from pathlib import Path

import pytest

from assets import texts
from assets.texts import Catalogue, TextsError

AR_PLURALS = (
    "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5);"
)


def write(folder: Path, language: str, part: str, body: str) -> None:
    plurals = AR_PLURALS if language == "ar" else "nplurals=2; plural=(n != 1);"
    (folder / language).mkdir(parents=True, exist_ok=True)
    head = (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n'
        f'"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {plurals}\\n"\n\n'
    )
    (folder / language / f"{part}.po").write_text(head + body, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    forms = "".join(f'msgstr[{i}] "شكل {i} {{count}}"\n' for i in range(6))
    write(tmp_path, "ar", "a", 'msgid "a.hello"\nmsgstr "رقمك {number} عند {name}"\n')
    write(tmp_path, "ar", "b", 'msgid "b.people"\nmsgid_plural "b.people"\n' + forms)
    write(tmp_path, "en", "a", 'msgid "a.hello"\nmsgstr "Your number {number} at {name}"\n')
    write(
        tmp_path,
        "en",
        "b",
        'msgid "b.people"\nmsgid_plural "b.people"\nmsgstr[0] "{count} p"\nmsgstr[1] "{count} ps"\n',
    )
    texts.compile_all(tmp_path)
    return tmp_path


def test_parts_are_one_catalogue(folder: Path) -> None:
    english = Catalogue.load("en", folder)
    assert english.t("a.hello", number="A047", name="x") == "Your number A047 at x"
    assert english.n("b.people", 1) == "1 p"
    assert english.n("b.people", 2) == "2 ps"
    assert english.direction == "ltr"


def test_arabic_isolates_what_is_filled_in(folder: Path) -> None:
    arabic = Catalogue.load("ar", folder)
    assert arabic.t("a.hello", number="A047", name="سارة") == "رقمك \u2066A047\u2069 عند \u2068سارة\u2069"
    assert arabic.direction == "rtl"


@pytest.mark.parametrize(
    ("count", "form"), [(0, 0), (1, 1), (2, 2), (3, 3), (10, 3), (11, 4), (99, 4), (100, 5), (103, 3)]
)
def test_arabic_has_six_plural_forms(folder: Path, count: int, form: int) -> None:
    assert f"شكل {form} " in Catalogue.load("ar", folder).n("b.people", count)


def test_prefixed_gives_a_page_its_texts(folder: Path) -> None:
    assert Catalogue.load("en", folder).prefixed("b.") == {"b.people": ["{count} p", "{count} ps"]}


def test_unknown_key_and_language_are_errors(folder: Path) -> None:
    with pytest.raises(KeyError):
        Catalogue.load("en", folder).t("a.nothing")
    with pytest.raises(KeyError):
        Catalogue.load("en", folder).n("a.nothing", 2)
    with pytest.raises(TextsError, match="compile"):
        Catalogue.load("fr", folder)


def test_check_names_each_fault(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    sources = tmp_path_factory.mktemp("sources")
    (sources / "page.py").write_text('t("a.hello")\nt("a.forgotten")\n', encoding="utf-8")
    write(folder, "en", "c", 'msgid "c.only_english"\nmsgstr ""\n')
    write(folder, "en", "a", 'msgid "a.hello"\nmsgstr "Your number {number}"\n')
    faults = texts.check(folder, sources)
    assert "ar: c.only_english is missing" in faults
    assert "en: c.only_english is not translated" in faults
    assert "b.people is not used" in faults
    assert "a.forgotten is used in the code and has no text" in faults
    assert any(fault.startswith("a.hello: the places differ") for fault in faults)


def test_a_key_in_two_parts_is_refused(folder: Path) -> None:
    write(folder, "en", "z", 'msgid "a.hello"\nmsgstr "again"\n')
    with pytest.raises(TextsError, match=r"a\.hello"):
        texts.compile_all(folder)
