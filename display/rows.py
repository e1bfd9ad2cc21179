"""The list of calls as QML wants it: rows that come, go and move, so that only what changed is moved on the glass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QByteArray, QModelIndex, QObject, QPersistentModelIndex

from display.picture import Row

# Qt::DisplayRole and Qt::UserRole. By number: the first use of Qt's namespace makes its 93 enumerations, in 25 ms.
_DISPLAY_ROLE, _USER_ROLE = 0, 0x100
_NUMBER, _COUNTER, _STANDING, _CALL = (_USER_ROLE + 1 + i for i in range(4))

Index = QModelIndex | QPersistentModelIndex


class Rows(QAbstractListModel):
    """The calls, newest first; a row is known by its ticket's number."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def roleNames(self) -> dict[int, QByteArray]:
        """Name the roles for QML."""
        names = {_NUMBER: "number", _COUNTER: "counter", _STANDING: "standing", _CALL: "callId"}
        return {role: QByteArray(name.encode()) for role, name in names.items()}

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many there are."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = _DISPLAY_ROLE) -> Any:  # a Qt variant
        """Return a role's value."""
        row = self._rows[index.row()]
        return {_NUMBER: row.number, _COUNTER: row.counter, _STANDING: row.standing, _CALL: row.call_id}.get(role)

    def show(self, rows: Sequence[Row]) -> None:
        """Become these rows with the fewest moves."""
        wanted = {row.number for row in rows}
        for at in reversed(range(len(self._rows))):
            if self._rows[at].number not in wanted:
                self.beginRemoveRows(QModelIndex(), at, at)
                del self._rows[at]
                self.endRemoveRows()
        for at, row in enumerate(rows):
            old = next((i for i in range(at, len(self._rows)) if self._rows[i].number == row.number), None)
            if old is None:
                self.beginInsertRows(QModelIndex(), at, at)
                self._rows.insert(at, row)
                self.endInsertRows()
                continue
            if old != at:
                self.beginMoveRows(QModelIndex(), old, old, QModelIndex(), at)
                self._rows.insert(at, self._rows.pop(old))
                self.endMoveRows()
            if self._rows[at] != row:
                self._rows[at] = row
                self.dataChanged.emit(self.index(at), self.index(at))
