"""A simulated node's registry, as far as the node uses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

RegistryData = str | int | tuple[str, ...] | bytes


@dataclass(frozen=True, slots=True)
class RegistryValue:
    """`kind`: string, expand, multi, dword, qword or binary."""

    name: str
    kind: str
    data: RegistryData

    @property
    def text(self) -> str:
        return "" if isinstance(self.data, (tuple, bytes)) else str(self.data)

    @property
    def lines(self) -> tuple[str, ...]:
        return self.data if isinstance(self.data, tuple) else (self.text,)

    @property
    def number(self) -> int:
        return self.data if isinstance(self.data, int) else 0


@dataclass(slots=True)
class RegistryKey:
    path: str
    changed: datetime
    values: dict[str, RegistryValue] = field(default_factory=dict[str, RegistryValue])


class Registry:
    """Keys by full path and their values; both ignore case."""

    def __init__(self) -> None:
        self._keys: dict[str, RegistryKey] = {}

    def key(self, path: str) -> RegistryKey | None:
        return self._keys.get(path.lower())

    def make(self, path: str, now: datetime) -> RegistryKey:
        return self._keys.setdefault(path.lower(), RegistryKey(path, now))

    def get(self, path: str, name: str) -> RegistryValue | None:
        key = self.key(path)
        return key.values.get(name.lower()) if key else None

    def text(self, path: str, name: str) -> str:
        value = self.get(path, name)
        return value.text if value else ""

    def lines(self, path: str, name: str) -> tuple[str, ...]:
        value = self.get(path, name)
        return value.lines if value else ()

    def set(self, path: str, value: RegistryValue, now: datetime) -> None:
        key = self.make(path, now)
        known = key.values.get(value.name.lower())
        key.values[value.name.lower()] = RegistryValue(known.name if known else value.name, value.kind, value.data)
        key.changed = now

    def remove(self, path: str, name: str, now: datetime) -> None:
        key = self.key(path)
        if key and key.values.pop(name.lower(), None):
            key.changed = now

    def has_below(self, path: str) -> bool:
        """Whether a key has keys in it."""
        return any(one.startswith(path.lower() + "\\") for one in self._keys)

    def remove_key(self, path: str) -> None:
        self._keys.pop(path.lower(), None)

    def __iter__(self) -> Iterator[RegistryKey]:
        return iter(list(self._keys.values()))
