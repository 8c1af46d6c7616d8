"""Questions whose answers are all needed: what was answered, or the first problem among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, overload

from checks.facts import Problem

R = TypeVar("R")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


def first_problem(*answers: object) -> Problem | None:
    """The first of these that was not answered; None where all were."""
    return next((one for one in answers if isinstance(one, Problem)), None)


def answer_of(record: R | Problem, question: Callable[[R], A | Problem]) -> A | Problem:
    """A record's answer to one question; the record's own problem where that was not read."""
    return record if isinstance(record, Problem) else question(record)


@overload
def all_of(first: A | Problem, second: B | Problem, /) -> tuple[A, B] | Problem: ...
@overload
def all_of(first: A | Problem, second: B | Problem, third: C | Problem, /) -> tuple[A, B, C] | Problem: ...
def all_of(*answers: object) -> tuple[object, ...] | Problem:
    """All of these answers, or the first problem among them."""
    return first_problem(*answers) or answers
