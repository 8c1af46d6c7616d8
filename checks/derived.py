"""Answers that many rules derive from the same facts, derived once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from checks.facts import NodeFacts

P = ParamSpec("P")
T = TypeVar("T")


class _Kept(threading.local):
    """The facts that a thread asked about last, and what was answered. Facts never change: another state is another object."""

    facts: NodeFacts | None = None
    answers: dict[Hashable, object]


def derived(ask: Callable[Concatenate[NodeFacts, P], T]) -> Callable[Concatenate[NodeFacts, P], T]:
    """Remember what a pure function of facts, and of a few words beside them, answered for the facts asked last."""
    kept = _Kept()

    @wraps(ask)
    def answer(facts: NodeFacts, *more: P.args, **named: P.kwargs) -> T:
        if kept.facts is not facts:
            kept.facts, kept.answers = facts, {}
        key: Hashable = (more, tuple(named.items())) if named else more
        if key not in kept.answers:
            kept.answers[key] = ask(facts, *more, **named)
        return kept.answers[key]  # pyright: ignore[reportReturnType] (what `ask` gave)

    return answer
