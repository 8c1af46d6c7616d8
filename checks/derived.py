"""Answers that many rules derive from the same facts, derived once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from functools import partial, wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from checks.facts import NodeFacts
from checks.watched import Read, Watched

P = ParamSpec("P")
T = TypeVar("T")


class _Kept(threading.local):
    """The facts that a thread asked about last, and what was answered. Facts never change: another state is another object."""

    facts: NodeFacts | None = None
    answers: dict[Hashable, tuple[object, Read | None]]
    """With what was read for them, where somebody watches that."""


def derived(ask: Callable[Concatenate[NodeFacts, P], T]) -> Callable[Concatenate[NodeFacts, P], T]:
    """Remember what a pure function of facts, and of a few words beside them, answered for the facts asked last."""
    kept = _Kept()

    @wraps(ask)
    def answer(facts: NodeFacts, *more: P.args, **named: P.kwargs) -> T:
        if kept.facts is not facts:
            kept.facts, kept.answers = facts, {}
        key: Hashable = (more, tuple(named.items())) if named else more
        known = kept.answers.get(key)
        if known is None:
            if isinstance(facts, Watched):
                known = facts.reading(partial(ask, facts, *more, **named))
            else:
                known = ask(facts, *more, **named), None
            kept.answers[key] = known
        elif known[1] is not None:
            cast("Watched", facts).note(known[1])
        return known[0]  # pyright: ignore[reportReturnType] (what `ask` gave)

    return answer
