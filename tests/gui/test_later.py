"""Work that may wait a moment: in order, once, and never two calls in one event."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QTimer

from gui.later import Later


def test_each_call_has_an_event_of_its_own(qtbot) -> None:
    later, told, beats = Later(), [], []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(len(told)))
    timer.start(0)
    for number in range(5):
        later.ask(lambda number=number: told.append(number))
    qtbot.waitUntil(lambda: later.is_idle and bool(beats))
    timer.stop()
    assert told == [0, 1, 2, 3, 4]
    assert all(after - before <= 1 for before, after in pairwise(beats))
    assert len(set(beats)) > 2, "the window was not listened to in between"


def test_what_waits_already_is_not_asked_for_twice(qtbot) -> None:
    later, told = Later(), []
    later.ask(told.clear)

    def first() -> None:
        told.append("first")

    later.ask(first)
    later.ask(first)
    later.settle()
    assert told == ["first"]
    assert later.is_idle
    later.ask(first)
    qtbot.waitUntil(lambda: later.is_idle)
    assert told == ["first", "first"]


def test_a_call_that_fails_does_not_keep_the_others_back(qtbot) -> None:
    later, told = Later(), []

    def fails() -> None:
        raise ValueError("on purpose")

    later.ask(fails)
    later.ask(lambda: told.append("after"))
    with qtbot.captureExceptions() as caught:
        qtbot.waitUntil(lambda: later.is_idle)
    assert told == ["after"]
    assert [str(error) for _, error, _ in caught] == ["on purpose"]
