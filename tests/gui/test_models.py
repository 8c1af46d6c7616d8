"""Every model keeps Qt's rules while nodes and findings come, change their order and go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fake_fleet import FakeFleet, healthy, scanning, six_states
from PySide6.QtCore import QAbstractItemModel
from PySide6.QtTest import QAbstractItemModelTester

from checks.history import Change
from checks.node import Node
from checks.plan import Outcome, Plan, Receipt
from gui.checklist_filter import ChecklistFilter, Filter
from gui.checklist_model import ChecklistModel
from gui.history_model import HistoryModel
from gui.node_filter import NodeFilter
from gui.node_list_model import NodeListModel
from gui.state import NodeState, Phase
from gui.wording import Wording

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)


@pytest.fixture
def wording(words):
    return Wording(words, lambda: NOW)


def watch(*models: QAbstractItemModel) -> list[QAbstractItemModelTester]:
    """Qt says what is wrong as a warning, and a warning fails the test."""
    mode = QAbstractItemModelTester.FailureReportingMode.Warning
    return [QAbstractItemModelTester(model, mode) for model in models]


def test_checklist(qapp, wording):
    model = ChecklistModel(wording)
    shown = ChecklistFilter(model)
    watched = watch(model, shown)
    states = six_states()
    model.set_state(None)
    for state in states:
        model.set_state(NodeState(state.node))
        for judged in range(len(state.findings) + 1):
            model.set_state(scanning(state, judged))
        model.set_state(state)
        for chosen in Filter:
            shown.choose(chosen)
        shown.set_text("flannel")
        shown.set_text("")
        model.set_state(replace(state, findings=state.findings[:3]))
        model.set_state(replace(state, findings=healthy()))
    model.set_state(None)
    assert len(watched) == 2
    assert model.total() == 0


def test_nodes(qapp, wording):
    model = NodeListModel(wording)
    shown = NodeFilter(model)
    watched = watch(model, shown)
    fleet = FakeFleet(six_states())
    model.set_states(fleet.states())
    for state in fleet.states():
        model.set_state(replace(state, phase=Phase.SCANNING))
        model.set_state(replace(state, findings=healthy(), phase=Phase.DONE))
    shown.set_text("edge")
    model.set_states(fleet.states()[2:])
    shown.set_text("")
    model.set_states((*fleet.states(), NodeState(Node("new", "10.0.0.1", group="Line B"))))
    model.set_states(())
    assert len(watched) == 2
    assert model.rowCount() == 0


def test_history(qapp, wording):
    model = HistoryModel(wording)
    watched = watch(model)
    plan = Plan("p", "restart-flanneld", "worker-01", "10.2.0.11", NOW, (), (), (), "[]", "s", "h")
    receipt = Receipt("r", "apply", plan, Outcome.FIXED, (), (), NOW, NOW, "me", "here", "", "x")
    model.set_changes((Change(receipt),))
    undo = replace(receipt, id="u", kind="undo", outcome=Outcome.UNDONE)
    model.set_changes((Change(replace(receipt, id="s")), Change(receipt, undo)))
    assert [model.index(row, 0).data() for row in range(2)] == ["Restart flanneld with the right flags"] * 2
    model.set_changes(())
    assert len(watched) == 1
