from pathlib import Path

import pytest

from assets.paths import SOUNDS, VOICE
from display.phrase import LANGUAGE_GAP_S, Clip, UnspeakableError, Voice, announcement, length_s, phrase
from display.voice import load_chime, load_voice


def words(voice: Voice, number: str, counter: str, kind: str = "call") -> list[str]:
    return [said.clip.file.stem for said in phrase(voice, number, counter, kind)]


@pytest.fixture(scope="module", params=["ar", "en"])
def voice(request: pytest.FixtureRequest) -> Voice:
    return load_voice(VOICE / request.param)


def test_a_number_is_read_digit_by_digit_so_that_no_zero_is_lost(voice):
    assert words(voice, "A040", "3") == [
        "ticket", "letter.A", "digit.0", "digit.4", "digit.0.last", "go", "number.3",
    ]  # fmt: skip
    assert words(voice, "A0100", "12")[2:6] == ["digit.0", "digit.1", "digit.0", "digit.0.last"]


def test_the_numbers_of_two_series_sound_different(voice):
    assert words(voice, "A0100", "1") != words(voice, "A100", "1")


def test_a_recall_says_so(voice):
    assert words(voice, "B012", "4", "recall")[0] == "again"
    assert words(voice, "B012", "4", "recall")[1:] == words(voice, "B012", "4")


def test_a_label_that_is_no_number_is_spelt(voice):
    assert words(voice, "A001", "07")[-2:] == ["digit.0", "digit.7.last"]
    assert words(voice, "A001", "12B")[-3:] == ["digit.1", "digit.2", "letter.B"]


def test_arabic_digits_are_the_same_digits(voice):
    assert words(voice, "A٠٤٧", "٣") == words(voice, "A047", "3")


def test_every_number_and_counter_can_be_said_and_every_clip_is_there(voice):
    used = set()
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        used |= {said.clip.file for said in phrase(voice, f"{letter}001", "1", "recall")}
    for number in range(10_000):
        for form in (f"A{number:03}", f"A{number:04}"):
            used |= {said.clip.file for said in phrase(voice, form, str(number % 99 + 1), "call")}
    assert all(path.stat().st_size > 0 for path in used)
    assert used == {clip.file for clip in voice.clips.values()}, "no clip is shipped for nothing"


def test_what_no_clip_says_is_named(voice):
    with pytest.raises(UnspeakableError, match=r"letter\.Ø"):
        phrase(voice, "Ø12", "1", "call")


def test_languages_follow_one_another_after_the_chime():
    chime = load_chime(SOUNDS)
    assert chime is not None
    arabic, english = (phrase(load_voice(VOICE / language), "A047", "3", "call") for language in ("ar", "en"))
    said = announcement(chime, [arabic, english])
    assert said[0].clip == chime
    assert said[1 + len(arabic)].gap_s == pytest.approx(LANGUAGE_GAP_S)
    assert 6 < length_s(said) < 14


def test_without_a_chime_the_words_begin_at_once():
    said = announcement(None, [phrase(load_voice(VOICE / "en"), "A047", "3", "call")])
    assert said[0].gap_s == 0.0


def test_a_last_digit_without_its_own_clip_uses_the_other():
    bare = Voice("xx", {"call": ("<digits>",)}, {f"digit.{d}": Clip(Path(f"digit.{d}.wav"), 0.5) for d in range(10)})
    assert words(bare, "A12", "1") == ["digit.1", "digit.2"]
