"""Answers with bytes changed, lost, doubled and cut: whatever comes of it, it is an answer or an error with words."""

from __future__ import annotations

import random
import threading

import pytest
from echo_backend import EchoBackend
from test_winrm_session import ask, resident
from twisting_node import TwistingNode, http

from checks.errors import ToolError
from checks.node import Credentials
from checks.session.winrm import WinRmSession

WHO = Credentials("admin", "s3cret-Pa55")


def mangled(data: bytes, chance: random.Random) -> bytes:
    place, other = sorted(chance.randrange(len(data)) for _ in range(2))
    kind = chance.randrange(5)
    if kind == 0:
        return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]
    if kind == 1:
        return data[:place] + data[other:]
    if kind == 2:
        return data[:other] + data[place:]
    if kind == 3:
        return data[:place] + data[place:other][::-1] + data[other:]
    return data[:place]


@pytest.mark.parametrize("action", ["Create", "Command", "Receive"])
def test_mangled_answers(scripts, words, action):
    chance = random.Random(f"wire {action}")
    backend = EchoBackend(resident(set()))

    def twist(_, right, wire):
        wire.sendall(http(mangled(right.partition(b"\r\n\r\n")[2], chance)))

    with TwistingNode(backend, twist, (action,)) as twisted:
        ends: set[str] = set()
        for _ in range(40):
            session = WinRmSession(twisted.node, WHO, scripts)
            ends.add(end_of(session))
            session.close()
        assert "not-winrm" in ends
        assert ends <= {"answered", *words.errors}
        twisted.only = ()
        twisted.shells.idle_away()
        last = WinRmSession(twisted.node, WHO, scripts)
        assert end_of(last) == "answered"
        last.close()


def end_of(session: WinRmSession) -> str:
    try:
        ask(session, "a", deadline_s=0.3)
    except ToolError as error:
        return error.code
    return "answered"


@pytest.mark.parametrize("action", ["Create", "Command", "Send", "Receive"])
def test_a_person_may_stop_at_any_moment(scripts, action):
    backend = EchoBackend(resident(set()))
    with TwistingNode(backend) as twisted:
        session = WinRmSession(twisted.node, WHO, scripts)

        def twist(_, right, wire):
            session.cancel()
            wire.sendall(right)

        twisted.twist, twisted.only = twist, (action,)
        end = end_of(session)
        if end == "answered":
            end = end_of(session)  # a stop that comes with the last answer counts for what is asked next
        assert end == "cancelled"
        twisted.only = ()
        assert "answered" in (end_of(session), end_of(session))
        assert len(ask(session, "b")) == 1
        session.close()
        # A shell whose name never arrived can't be deleted by us: the node ends it when it idles.
        assert twisted.shells.open_count == (1 if action == "Create" else 0)
    assert threading.active_count() < 50
