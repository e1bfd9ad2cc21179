import json
import shutil

import miniaudio
import pytest

from assets.paths import SOUNDS, VOICE
from assets.texts import Catalogue
from display.sound import RATE, decoded
from display.voice import VoiceError, load_chime, load_voice, load_voices


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_clip_decodes_lasts_as_long_as_it_says_and_says_what_the_catalogue_has(language):
    manifest = json.loads((VOICE / language / "manifest.json").read_text(encoding="utf-8"))
    catalogue = Catalogue.load(language)
    listed = manifest["clips"]
    assert {path.name for path in (VOICE / language).glob("*.ogg")} == {clip["file"] for clip in listed.values()}
    for name, clip in listed.items():
        info = miniaudio.get_file_info(str(VOICE / language / clip["file"]))
        assert info.duration == pytest.approx(clip["seconds"], abs=0.05), name
        assert clip["lufs"] == pytest.approx(manifest["lufs"], abs=0.6), name
        assert clip["text"] == catalogue.t(f"voice.say.{name.removesuffix('.last')}")


def test_a_clip_has_no_silence_around_it_and_does_not_clip():
    samples = decoded(VOICE / "ar" / "digit.7.ogg")
    assert 0.1 < max(abs(s) for s in samples) / 32768 < 0.97
    loud = [i for i, s in enumerate(samples) if abs(s) > 800]
    assert loud[0] < 0.08 * RATE
    assert len(samples) - loud[-1] < 0.15 * RATE


def test_a_voice_that_cannot_be_used_is_left_out_and_logged(tmp_path, caplog):
    shutil.copytree(VOICE / "en", tmp_path / "en")
    (tmp_path / "ar").mkdir()
    (tmp_path / "ar" / "manifest.json").write_text('{"format": 2}')
    assert set(load_voices(tmp_path, ["ar", "en", "xx"])) == {"en"}
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    with pytest.raises(VoiceError, match="format 2"):
        load_voice(tmp_path / "ar")


def test_no_chime_is_no_reason_to_be_silent(tmp_path, caplog):
    assert load_chime(tmp_path) is None
    assert "chime_unusable" in caplog.text
    assert load_chime(SOUNDS) is not None
