"""Rows of evidence: filled anew for each finding, none left over from another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fake_fleet import NOW
from PySide6.QtWidgets import QApplication, QLabel

from checks.finding import Evidence
from gui.evidence_table import MOST_KEPT, EvidenceRow, EvidenceTable
from gui.flow_text import FlowText
from gui.scheme import Scheme
from gui.theme import Theme
from gui.wording import Wording


@pytest.fixture
def table(qapp: QApplication, qtbot, words, resources) -> EvidenceTable:
    shown = EvidenceTable(Wording(words, lambda: NOW), Theme(qapp, resources / "theme", Scheme.LIGHT))
    qtbot.addWidget(shown)
    shown.resize(500, 400)
    shown.show()
    return shown


def some(count: int, mark: str) -> tuple[Evidence, ...]:
    return tuple(
        Evidence("subnet", f"{mark} {n}", f"C:/{mark}/{n}", NOW - timedelta(minutes=n + 1)) for n in range(count)
    )


def told(table: EvidenceTable) -> list[tuple[str, str]]:
    """Value and source of each row that can be seen."""
    rows = [row for row in table.findChildren(EvidenceRow) if not row.isHidden()]
    return [tuple(text.toPlainText() for text in row.findChildren(FlowText)) for row in rows]


def test_rows_are_filled_anew_and_none_is_left_over(table: EvidenceTable):
    table.set_evidence(some(3, "first"))
    made = table.findChildren(EvidenceRow)
    table.set_evidence(some(2, "second"))
    assert [value for value, _ in told(table)] == ["second 0", "second 1"]
    assert all("C:/second/" in source and "first" not in source for _, source in told(table))
    assert table.findChildren(EvidenceRow) == made
    table.set_evidence(())
    assert told(table) == []


def test_a_row_tells_its_own_fact_everywhere(table: EvidenceTable):
    table.set_evidence(some(1, "first"))
    table.set_evidence((Evidence("subnet", "", "registry"),))
    (row,) = (one for one in table.findChildren(EvidenceRow) if not one.isHidden())
    value, source = row.findChildren(FlowText)
    assert (value.toPlainText(), source.toPlainText(), source.toolTip()) == ("—", "registry", "")
    assert row.findChild(QLabel).text() == value.accessibleName() != ""
    assert "first" not in row.accessibleName()


def test_times_move_on_in_rows_that_are_shown(qapp: QApplication, qtbot, words, resources):
    now = [NOW]
    table = EvidenceTable(Wording(words, lambda: now[0]), Theme(qapp, resources / "theme", Scheme.LIGHT))
    qtbot.addWidget(table)
    table.set_evidence(some(2, "first"))
    before = [source for _, source in told(table)]
    now[0] += timedelta(hours=3)
    table.refresh_times()
    assert all(one != other for one, other in zip(before, [source for _, source in told(table)], strict=True))


def test_many_rows_do_not_stay(table: EvidenceTable, qtbot):
    table.set_evidence(some(MOST_KEPT + 20, "many"))
    assert len(told(table)) == MOST_KEPT + 20
    table.set_evidence(some(1, "few"))
    qtbot.waitUntil(lambda: len(table.findChildren(EvidenceRow)) == MOST_KEPT)
    table.set_evidence(some(MOST_KEPT + 5, "again"))
    assert [value for value, _ in told(table)] == [f"again {n}" for n in range(MOST_KEPT + 5)]
