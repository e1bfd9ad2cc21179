from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtTest import QAbstractItemModelTester

from display.picture import Row
from display.rows import Rows


def row(number: str, state: str = "past") -> Row:
    return Row(f"hub.1.{number}", number, "3", state)


def shown(rows: Rows) -> list[str]:
    roles = {bytes(name.data()).decode(): role for role, name in rows.roleNames().items()}
    return [rows.data(rows.index(at), roles["number"]) for at in range(rows.rowCount())]


lists = st.lists(st.sampled_from("ABCDEFGH"), unique=True, max_size=8)


@settings(deadline=None)
@given(st.lists(lists, min_size=1, max_size=6))
def test_it_becomes_any_list_and_keeps_qts_rules(following):
    rows = Rows()
    tester = QAbstractItemModelTester(rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for numbers in following:
        rows.show([row(number) for number in numbers])
        assert shown(rows) == numbers
    assert tester.model() is rows


def test_a_new_call_is_one_insertion_and_nothing_else_moves(qtbot):
    rows = Rows()
    rows.show([row("B"), row("A")])
    happened = []
    for name in ("rowsInserted", "rowsRemoved", "rowsMoved", "dataChanged", "modelReset"):
        getattr(rows, name).connect(lambda *_, name=name: happened.append(name))
    rows.show([row("C", "stage"), row("B"), row("A")])
    assert happened == ["rowsInserted"]
    rows.show([row("C"), row("B"), row("A")])
    assert happened == ["rowsInserted", "dataChanged"]
    rows.show([row("A"), row("C"), row("B")])
    assert happened[2:] == ["rowsMoved"]
