from pathlib import Path

import pytest

from display.config import DisplayConfig
from sync.config import ConfigError, load

LEAST = 'device = "display-1"\ndata = "data"\nhub_url = "http://127.0.0.1:8461"\n'


def read(folder: Path, text: str) -> DisplayConfig:
    path = folder / "display.toml"
    path.write_text(text)
    return load(path, DisplayConfig)


def test_the_least_is_enough(tmp_path):
    config = read(tmp_path, LEAST)
    assert config.data == tmp_path / "data"
    assert config.place == ()
    assert config.audio


def test_everything_can_be_said(tmp_path):
    more = (
        'window = [1080, 1920]\nscreen_mm = [680, 1210]\nvolume = [["07:00", 80], ["13:00", 60]]\ntheme = "contrast"\n'
    )
    config = read(tmp_path, LEAST + more)
    assert config.place == (1080, 1920)
    assert config.volume == (("07:00", 80), ("13:00", 60))


@pytest.mark.parametrize(
    "wrong",
    [
        'window = "half"',
        "window = [1]",
        "screen_mm = [0, 680]",
        'volume = [["7", 200]]',
        'theme = "pink"',
        "colour = 1",
    ],
)
def test_what_is_wrong_is_refused(tmp_path, wrong):
    with pytest.raises(ConfigError):
        read(tmp_path, LEAST + wrong)
