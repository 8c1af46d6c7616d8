"""The resident PowerShell on a planted node, through pipes: what it takes in, and when."""

from __future__ import annotations

import time

import pytest
from node_backend import NodeBackend, NodeProgram

from checks.session import Reply, Request, Script
from checks.session.resident import PROGRAM, Parser, arguments, encode

pytestmark = pytest.mark.node
MARK = "4d41524b"
SLEEP_S = 6
SLOW = Script("Get-Slow", f"Start-Sleep -Seconds {SLEEP_S}\n'{{}}'")
WIDE = Script("Get-Wide", f"# {'x' * 200_000}\n'{{}}'")
"""More than a pipe holds."""


def until_done(program: NodeProgram, last: str) -> list[Reply]:
    parser, replies = Parser(MARK), []
    until = time.monotonic() + 60
    while not any((one.id, one.kind) == (last, "done") for one in replies) and time.monotonic() < until:
        replies += parser.feed(program.read(5).stdout)
    return replies


def test_all_is_taken_in_before_the_first_is_run(winnode, planted, scripts):
    program = NodeBackend(winnode, planted("healthy-overlay")).start(
        " ".join((PROGRAM, *arguments(scripts["resident"])))
    )
    try:
        program.write(encode(MARK, Request("warm", Script("Get-Any", "'{}'")), frozenset()))
        assert until_done(program, "warm")[-1].id == "warm"
        asked = encode(MARK, Request("slow", SLOW), frozenset(), more=True) + encode(
            MARK, Request("wide", WIDE), frozenset()
        )
        begun = time.monotonic()
        program.write(asked)
        assert time.monotonic() - begun < SLEEP_S / 2
        replies = until_done(program, "wide")
        assert [(one.id, one.kind) for one in replies] == [
            (name, kind) for name in ("slow", "wide") for kind in ("started", "result", "done")
        ]
    finally:
        program.close()
