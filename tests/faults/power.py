"""What a power cut may leave of the files whose journal a `tests.faults.vfs.Witness` has kept.

A disk owes what was synced and nothing else. Of what was only written it may have kept any sectors of any writes, in
any order, and broken off in the middle of one; of names that were given and taken away, the first so many. It spares
what nobody wrote to (SQLite's "powersafe overwrite", which it assumes of every Unix disk).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults.vfs import Cut, Made, Op, Removed, Synced, Wrote

SECTOR = 512

Survives = Callable[[Sequence["Wrote | Cut"]], Sequence["Wrote | Cut"]]
"""Of a file's writes since its last sync, in order, what has reached the disk."""


@dataclass(slots=True)
class _File:
    kept: bytearray = field(default_factory=bytearray)
    loose: list[Wrote | Cut] = field(default_factory=list)

    def after(self, survives: Survives) -> bytes:
        content = bytearray(self.kept)
        for op in survives(self.loose):
            _apply(content, op)
        return bytes(content)

    def sync(self) -> None:
        for op in self.loose:
            _apply(self.kept, op)
        self.loose.clear()


def _apply(content: bytearray, op: Wrote | Cut) -> None:
    end = op.size if isinstance(op, Cut) else op.offset + len(op.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    if isinstance(op, Cut):
        del content[op.size :]
    else:
        content[op.offset : end] = op.data


class Disk:
    """The disk beneath the witness, an operation at a time."""

    def __init__(self) -> None:
        self._here: dict[Path, _File] = {}
        self._named: dict[Path, _File] = {}
        """The folder as it is on the disk; `_renaming` is what was done to it since."""
        self._renaming: list[tuple[Path, _File | None]] = []
        self._names_with: set[int] = set()

    def do(self, op: Op) -> None:
        """Let an operation happen."""
        match op:
            case Made():
                file = self._here[op.path] = _File()
                self._renaming.append((op.path, file))
                if op.folder_too:
                    self._names_with.add(id(file))
            case Removed():
                del self._here[op.path]
                self._renaming.append((op.path, None))
                if op.synced:
                    self._sync_names()
            case Wrote() | Cut():
                self._here[op.path].loose.append(op)
            case Synced():
                self._here[op.path].sync()
                if id(self._here[op.path]) in self._names_with:
                    self._names_with.discard(id(self._here[op.path]))
                    self._sync_names()

    def after_power_cut(self, survives: Survives, names: float) -> dict[str, bytes]:
        """Return the folder as the next start finds it; `names` is the share of loose names that was kept."""
        found = dict(self._named)
        _rename(found, self._renaming[: round(names * len(self._renaming))])
        return {path.name: file.after(survives) for path, file in found.items()}

    def _sync_names(self) -> None:
        _rename(self._named, self._renaming)
        self._renaming.clear()


def _rename(folder: dict[Path, _File], changes: Sequence[tuple[Path, _File | None]]) -> None:
    for path, file in changes:
        if file is None:
            folder.pop(path, None)
        else:
            folder[path] = file


def nothing(loose: Sequence[Wrote | Cut]) -> Sequence[Wrote | Cut]:
    """Let nothing survive that was not synced."""
    return ()


def everything(loose: Sequence[Wrote | Cut]) -> Sequence[Wrote | Cut]:
    """Let all of it survive."""
    return loose


def newest(loose: Sequence[Wrote | Cut]) -> Sequence[Wrote | Cut]:
    """Let the last write survive alone: the disk took it first."""
    return loose[-1:]


def by_chance(chance: Random) -> Survives:
    """Let any sectors survive, some of them torn."""

    def survives(loose: Sequence[Wrote | Cut]) -> Sequence[Wrote | Cut]:
        share = chance.random()
        kept: list[Wrote | Cut] = []
        for op in loose:
            if isinstance(op, Cut):
                kept += [op] if chance.random() < share else []
                continue
            at = 0
            while at < len(op.data):
                end = min(len(op.data), at + SECTOR - (op.offset + at) % SECTOR)
                if chance.random() < share:
                    torn = chance.randrange(at, end) if chance.random() < 0.1 else end
                    kept.append(Wrote(op.path, op.offset + at, op.data[at:torn]))
                at = end
        return kept

    return survives


def possible_disks(disk: Disk, chance: Random) -> Iterator[dict[str, bytes]]:
    """Give some of the folders that a power cut at this moment may leave, the extremes first."""
    yield disk.after_power_cut(nothing, 0)
    yield disk.after_power_cut(nothing, 1)
    yield disk.after_power_cut(everything, 0)
    yield disk.after_power_cut(newest, chance.random())
    yield disk.after_power_cut(by_chance(chance), chance.random())
    yield disk.after_power_cut(by_chance(chance), chance.random())


def lay_out(found: dict[str, bytes], folder: Path) -> None:
    """Make the folder that the next start finds."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in found.items():
        (folder / name).write_bytes(content)
