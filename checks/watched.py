"""Facts that notice what is read of them, and what was concluded from just that.

A rescan of a node finds most of it unchanged. A conclusion that read nothing but answers that are the same objects still
holds, whatever else of the node is new: no rule has to tell beforehand what it will look at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, Generic, NamedTuple, TypeVar, cast

from checks.facts import NodeFacts, Problem

T = TypeVar("T")
NOW = "now"
"""Read like a record: the node's clock, at which a conclusion was drawn. It is another one each time."""
PROFILE = "detected"
"""Read like a record: the node's profile, itself concluded from facts."""


class Read(NamedTuple):
    """What was read for an answer."""

    own: tuple[tuple[str, str, object], ...]
    """Names of record and field with what was answered; no field for a problem, or for what is no record."""
    uses: tuple[Read, ...]
    """What was read for other answers, from which this one was derived."""


class _Record:
    """One answered record. A field that was looked at is an attribute of its own from then on."""

    __slots__ = ("__dict__", "_answer")

    def __init__(self, answer: object) -> None:
        self._answer = answer

    def __getattr__(self, name: str) -> object:
        value: object = getattr(self._answer, name)
        self.__dict__[name] = value
        return value

    @property
    def __class__(self) -> type[Any]:  # pyright: ignore[reportIncompatibleMethodOverride] nobody sets it
        """For who asks what kind of record it is."""
        return type(self._answer)


class Watched:
    """Facts of one node, its time and profile, to one thread. `facts` is what rules take for facts."""

    __slots__ = ("__dict__", "_around", "_facts", "_held", "_uses")

    def __init__(self, facts: NodeFacts, around: dict[str, object]) -> None:
        self._facts = facts
        self._around = around
        self._uses: dict[int, Read] = {}
        self._held: dict[int, tuple[Read, bool]] = {}

    def __getattr__(self, name: str) -> object:
        value = self._around[name] if name in self._around else getattr(self._facts, name)
        is_record = not isinstance(value, Problem) and name not in self._around
        self.__dict__[name] = value = _Record(value) if is_record else value
        return value

    @property
    def facts(self) -> NodeFacts:
        return cast("NodeFacts", self)

    def reading(self, ask: Callable[[], T]) -> tuple[T, Read]:
        """What was answered, and what was read for it. It counts as read by whoever asked, too."""
        outer, self.__dict__ = self.__dict__, {}
        outer_uses, self._uses = self._uses, {}
        try:
            answer = ask()
        finally:
            read = Read(_own(self.__dict__), tuple(self._uses.values()))
            self.__dict__, self._uses = outer, outer_uses
            self.note(read)
        return answer, read

    def note(self, read: Read) -> None:
        """Count it as read: an answer that was derived from it before is used again."""
        self._uses[id(read)] = read

    def holds(self, read: Read) -> bool:
        """Whether all that was read is still answered by the same objects, and what was not answered by the same words."""
        known = self._held.get(id(read))
        if known is None:
            is_held = all(map(self._is_same, read.own)) and all(map(self.holds, read.uses))
            known = self._held[id(read)] = read, is_held
        return known[1]

    def _is_same(self, one: tuple[str, str, object]) -> bool:
        name, field, was = one
        value = self._around[name] if name in self._around else getattr(self._facts, name)
        if field:
            return not isinstance(value, Problem) and getattr(value, field) is was
        if isinstance(value, Problem) or isinstance(was, Problem):
            return value == was
        return was is None or value is was


def _own(read: dict[str, object]) -> tuple[tuple[str, str, object], ...]:
    found: list[tuple[str, str, object]] = []
    for name, value in read.items():
        if type(value) is not _Record:
            found.append((name, "", value))
        elif value.__dict__:
            found += [(name, field, answer) for field, answer in value.__dict__.items()]
        else:
            found.append((name, "", None))
    return tuple(found)


class _Known(NamedTuple, Generic[T]):
    answer: T
    read: Read


class Memory:
    """What was answered and concluded of one node when it was read last."""

    def __init__(self) -> None:
        self._known: dict[object, _Known[Any]] = {}
        self._answers: dict[str, tuple[bytes, Any]] = {}

    def concluded(self, key: object, watched: Watched, ask: Callable[[], T]) -> T:
        """What `ask` says; not asked where all that it read the last time is unchanged. `key` tells one from another."""
        known: _Known[T] | None = self._known.get(key)
        if known is not None and watched.holds(known.read):
            return known.answer
        answer, read = watched.reading(ask)
        self._known[key] = _Known(answer, read)
        return answer

    def forget(self, key: object) -> None:
        self._known.pop(key, None)

    def answered(self, field: str, digest: bytes, decode: Callable[[], T]) -> T:
        """A probe's answer, decoded. One with the same bytes as before is the same object, and so is a fact that is equal."""
        known = self._answers.get(field)
        if known is not None and digest and known[0] == digest:
            return known[1]
        answer = decode()
        if known is not None:
            answer = _renewed(known[1], answer)
        self._answers[field] = digest, answer
        return answer


def _renewed(old: object, new: T) -> T:
    """The new record, with the old one's facts in it where they are equal."""
    if isinstance(new, Problem) or type(old) is not type(new):
        return new
    made: dict[str, object] = {}
    for one in fields(cast("Any", new)):
        before, now = getattr(old, one.name), getattr(new, one.name)
        made[one.name] = before if before == now else now
    return cast("T", type(new)(**made))


__all__ = ["NOW", "PROFILE", "Memory", "Watched"]
