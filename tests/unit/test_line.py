"""A line to a node: one session while it works, another after it failed, none left open."""

from __future__ import annotations

import pytest
from played_session import PlayedSession

from checks.errors import CannotReachNode
from checks.line import Line


class Counted(PlayedSession):
    def __init__(self) -> None:
        super().__init__({})
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


def test_one_session_until_it_fails() -> None:
    opened: list[Counted] = []

    def open_session() -> Counted:
        opened.append(Counted())
        return opened[-1]

    with Line(open_session) as line:
        assert not line.is_open
        first = line.session()
        assert line.session() is first
        assert line.is_open
        line.drop()
        assert opened[0].is_closed
        assert not line.is_open
        assert line.session() is not first
    assert [one.is_closed for one in opened] == [True, True]


def test_a_line_on_which_nothing_was_asked_opens_nothing() -> None:
    with Line(lambda: pytest.fail("opened")):
        pass


def test_a_session_that_can_not_be_opened_is_tried_again() -> None:
    answers = [None, Counted()]

    def open_session() -> Counted:
        answer = answers.pop(0)
        if answer is None:
            raise CannotReachNode("connection-lost", node="worker-01")
        return answer

    with Line(open_session) as line:
        with pytest.raises(CannotReachNode):
            line.session()
        assert not line.is_open
        assert line.session() is not None
