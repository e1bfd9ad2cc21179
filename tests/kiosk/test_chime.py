"""The kiosk's one sound: as loud as it was set, kept, and silent where nothing can play."""

from __future__ import annotations

import array
import queue
from pathlib import Path

import pytest

from kiosk.chime import DEFAULT, FILE, Chime, has_device, tone


def loudest(samples: bytes) -> int:
    return max(abs(sample) for sample in array.array("h", samples))


def test_it_plays_as_loud_as_it_is_set_and_not_when_it_is_off(tmp_path: Path) -> None:
    played: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    chime = Chime(tmp_path, played.put)
    chime.ring()
    soft = played.get(timeout=10)
    with chime._playing:  # the last of it is over
        chime.set(100)
    chime.ring()
    assert loudest(played.get(timeout=10)) > 2 * loudest(soft) > 0
    with chime._playing:
        chime.set(0)
    chime.ring()
    assert played.empty()


def test_no_sample_is_cut_and_it_ends_in_silence() -> None:
    samples = array.array("h", tone(100))
    assert 20_000 < loudest(tone(100)) <= 32_767
    assert abs(samples[0]) < 10 and abs(samples[-1]) < 300
    assert loudest(tone(0)) == 0


def test_the_loudness_is_kept_within_its_bounds(tmp_path: Path) -> None:
    assert Chime(tmp_path).volume == DEFAULT
    Chime(tmp_path).set(130)
    assert Chime(tmp_path).volume == 100


@pytest.mark.parametrize("spoilt", ["", "[]", '{"volume": "loud"}'])
def test_a_spoilt_file_is_the_middle(tmp_path: Path, spoilt: str) -> None:
    (tmp_path / FILE).write_text(spoilt)
    assert Chime(tmp_path).volume == DEFAULT


def test_a_device_that_fails_is_no_bug(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def broken(samples: bytes) -> None:
        raise OSError("unplugged")

    chime = Chime(tmp_path, broken)
    chime.ring()
    with chime._playing:
        pass
    assert "unplugged" in caplog.text


def test_without_a_card_there_is_no_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULSE_SERVER", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert not has_device(tmp_path)
    (tmp_path / "pcmC0D0p").touch()
    assert has_device(tmp_path)
