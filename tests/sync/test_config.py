"""The configuration: read once, refused with every reason at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from sync.config import ConfigError, load


@dataclass(frozen=True)
class Sound:
    device: str
    volume: float = 0.5


@dataclass(frozen=True)
class Kiosk:
    device: str
    data: Path
    window: tuple[int, int] | Literal["fullscreen"]
    language: Literal["ar", "en"] = "ar"
    sms: bool = False
    incarnation: int = 1
    screen_map: Path | None = None
    sound: Sound | None = None
    tags: tuple[str, ...] = ()
    more: Sound = field(default_factory=lambda: Sound("none"))

    def __post_init__(self) -> None:
        if self.incarnation < 1:
            raise ValueError("incarnation counts from 1")


def write(folder: Path, text: str) -> Path:
    path = folder / "kiosk.toml"
    path.write_text(text, encoding="utf-8")
    return path


def errors_of(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as error:
        load(write(folder, text), Kiosk)
    return error.value.errors


def test_a_whole_file(tmp_path: Path) -> None:
    text = """
        device = "kiosk-1"
        data = "state/kiosk"
        window = [1080, 1920]
        language = "en"
        sms = true
        incarnation = 2
        screen_map = "/run/map.json"
        tags = ["a", "ب"]
        [sound]
        device = "hw:0"
        volume = 1
    """
    assert load(write(tmp_path, text), Kiosk) == Kiosk(
        device="kiosk-1",
        data=tmp_path / "state/kiosk",
        window=(1080, 1920),
        language="en",
        sms=True,
        incarnation=2,
        screen_map=Path("/run/map.json"),
        tags=("a", "ب"),
        sound=Sound("hw:0", 1.0),
    )


def test_defaults(tmp_path: Path) -> None:
    kiosk = load(write(tmp_path, 'device = "k"\ndata = "."\nwindow = "fullscreen"'), Kiosk)
    assert (kiosk.window, kiosk.sound, kiosk.more) == ("fullscreen", None, Sound("none"))


def test_every_error_at_once(tmp_path: Path) -> None:
    text = """
        device = 7
        windw = "fullscreen"
        window = [1080]
        language = "fr"
        sms = 1
        incarnation = true
        tags = ["a", 2]
        [sound]
        volume = "loud"
        bass = 3
    """
    assert set(errors_of(tmp_path, text)) == {
        "windw is not known",
        "device has to be a text",
        "data is missing",
        "window has to be a list of 2 or 'fullscreen'",
        "language has to be 'ar' or 'en'",
        "sms has to be true or false",
        "incarnation has to be a whole number",
        "tags has to be a text",
        "sound.bass is not known",
        "sound.device is missing",
        "sound.volume has to be a number",
    }


def test_what_the_dataclass_itself_refuses(tmp_path: Path) -> None:
    text = 'device = "k"\ndata = "."\nwindow = "fullscreen"\nincarnation = 0'
    assert errors_of(tmp_path, text) == ("the file: incarnation counts from 1",)


@pytest.mark.parametrize("text", ["device = ", "\x00"])
def test_what_is_no_toml(tmp_path: Path, text: str) -> None:
    (error,) = errors_of(tmp_path, text)
    assert error.startswith("is no TOML")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml", Kiosk)


def test_a_type_that_a_file_cannot_say_is_a_bug(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Odd:
        when: complex

    Odd.__annotations__["when"] = complex
    path = tmp_path / "odd.toml"
    path.write_text("when = 1")
    with pytest.raises(TypeError):
        load(path, Odd)
