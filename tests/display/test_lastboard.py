import threading

import pytest

from display.lastboard import BoardKeeper, Kept, load, save
from tests.display.boards import NOW, board_json, call


def kept(seq: int = 1) -> Kept:
    return Kept(board_json([call(seq)]), NOW, (f"hub.1.{seq}",))


def test_what_was_kept_comes_back(tmp_path):
    path = tmp_path / "board.json"
    save(path, kept())
    assert load(path) == kept()
    assert [child.name for child in tmp_path.iterdir()] == ["board.json"]


def test_no_board_yet(tmp_path, caplog):
    assert load(tmp_path / "board.json") is None
    assert not caplog.records


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 9}', '{"format":1,"state":{},"heard_at":"x","announced":[]}']
)
def test_a_spoilt_file_is_no_board_and_no_crash(tmp_path, caplog, text):
    path = tmp_path / "board.json"
    path.write_text(text)
    assert load(path) is None
    assert "kept_board_unusable" in caplog.text


def test_a_write_that_fails_in_the_middle_leaves_the_board_before(tmp_path, monkeypatch):
    path = tmp_path / "board.json"
    save(path, kept(1))

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("display.lastboard.os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        save(path, kept(2))
    assert load(path) == kept(1)


def test_the_newest_board_is_saved_when_the_disk_is_slow(tmp_path):
    release, written = threading.Event(), []

    def slow(_: object, each: Kept) -> None:
        release.wait(5)
        written.append(each.announced[0])

    keeper = BoardKeeper(tmp_path / "board.json", slow)
    for seq in range(1, 30):
        keeper.keep(kept(seq))
    release.set()
    keeper.close()
    assert written[-1] == "hub.1.29"
    assert len(written) <= 2 + 1


def test_a_full_disk_is_noted_and_the_next_board_tried(tmp_path, caplog):
    tries = []
    done = threading.Event()

    def full(_: object, each: Kept) -> None:
        tries.append(each)
        done.set()
        raise OSError("no space left")

    keeper = BoardKeeper(tmp_path / "board.json", full)
    keeper.keep(kept(1))
    assert done.wait(5)
    keeper.keep(kept(2))
    keeper.close()
    assert len(tries) == 2
    assert "board_not_kept" in caplog.text


def test_a_display_that_is_out_of_service_marks_it_before_it_erases_and_nobody_waits_for_that(tmp_path):
    path, release, seen = tmp_path / "board.json", threading.Event(), []
    save(path, kept())

    def slow(is_revoked: bool) -> None:
        release.wait(5)
        seen.append((is_revoked, path.exists(), threading.current_thread() is not threading.main_thread()))

    keeper = BoardKeeper(path, mark=slow)
    keeper.bar(True)
    assert not seen, "the glass does not wait for the disk"
    release.set()
    keeper.close()
    assert seen == [(True, True, True)]
    assert load(path) is None


def test_a_display_in_service_again_keeps_its_board_and_a_last_board_is_not_kept_after_the_end(tmp_path):
    path, seen = tmp_path / "board.json", []
    keeper = BoardKeeper(path, mark=seen.append)
    keeper.bar(False)
    keeper.keep(kept(2))
    keeper.close()
    assert seen == [False] and load(path) == kept(2)
    keeper = BoardKeeper(path, mark=seen.append)
    keeper.keep(kept(3))
    keeper.bar(True)
    keeper.close()
    assert seen[-1] is True and load(path) is None
