"""Texts that our own code and scripts write, in words of one language: known as they stand, with fields, or part by part.

What they are written into (problems, evidence, errors) keeps the English text, which is what documents hold. Only where a
person reads it is it looked up here. A text that is not known is somebody else's and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from string import Formatter

WHY = "why"
"""The field of a text that holds another one: it is looked up as well."""
NUMBERS = frozenset({"code", "count", "held", "line", "seconds", "size"})
"""Fields that stand for a whole number, so that what a parser says of "line 1 column 2" is not taken for ours."""
_MESSAGES, _ANSWERS = re.compile(": "), re.compile(r": |, | · | \(|\)")
MESSAGES = "said"
SOURCES = "source"
HEADLINE = "headline"
VALUES = "value"
FIELDS = "field"


class OwnTexts:
    """Texts of one kind. `between`: what stands between their parts."""

    def __init__(self, texts: Mapping[str, str], between: re.Pattern[str] = _ANSWERS) -> None:
        """`texts`: words by the English text, in which `{field}` stands for what the text names."""
        self._texts = {told: words for told, words in texts.items() if told != words}
        self._between = between
        self._patterns: tuple[_Pattern, ...] | None = None
        """Made when first needed: a start that shows no finding does without."""
        self._said = lru_cache(maxsize=512)(self._look_up)
        """A list asks for the same texts with each paint."""

    def say(self, text: str) -> str:
        """The text in these words: the whole, or what is known of its parts and of what follows them."""
        return self._said(text) if self._texts and text else text

    def _look_up(self, text: str) -> str:
        said, rest = "", text
        while (known := self._known(rest)) is None:
            found = self._between.search(rest)
            if found is None:
                return said + rest
            head = rest[: found.start()]
            said += (self._known(head) or head) + found[0]
            rest = rest[found.end() :]
        return said + known

    def _known(self, text: str) -> str | None:
        words = self._texts.get(text)
        if words is not None:
            return words
        if self._patterns is None:
            self._patterns = _patterns(self._texts)
        for told, pattern, template in self._patterns:
            # Most are ruled out by their own words, at a small part of what a search for fields costs in a long text.
            found = pattern.fullmatch(text) if told in text else None
            if found is not None:
                fields = {name: self.say(value) if name == WHY else value for name, value in found.groupdict().items()}
                return template.format(**fields)
        return None


_Pattern = tuple[str, re.Pattern[str], str]
"""The longest piece that stands in each such text, its pattern, and the words."""


def _patterns(texts: Mapping[str, str]) -> tuple[_Pattern, ...]:
    """Patterns of the texts with fields: those around another text first, then the most telling ones."""
    found: list[tuple[tuple[bool, int], _Pattern]] = []
    for told, words in texts.items():
        parts = [(literal, name) for literal, name, _, _ in Formatter().parse(told)]
        if any(name for _, name in parts):
            pattern = "".join(re.escape(literal) + (_field(name) if name else "") for literal, name in parts)
            rank = (any(name == WHY for _, name in parts), sum(len(literal) for literal, _ in parts))
            longest = max((literal for literal, _ in parts), key=len)
            found.append((rank, (longest, re.compile(pattern, re.DOTALL), words)))
    return tuple(one for _, one in sorted(found, key=lambda one: one[0], reverse=True))


def _field(name: str) -> str:
    return rf"(?P<{name}>-?\d+)" if name in NUMBERS else f"(?P<{name}>.+)"


def own_texts(labels: Mapping[str, str]) -> Mapping[str, OwnTexts]:
    """All of a language: labels `said.<text>`, `source.<text>`, `headline.<text>`, `value.<label>.<text>`, `field.<name>.<text>`."""
    groups: dict[str, dict[str, str]] = {}
    for name, words in labels.items():
        kind, _, text = name.partition(".")
        if kind in (VALUES, FIELDS):
            of, _, text = text.partition(".")
            groups.setdefault(f"{kind}.{of}", {})[text] = words
        elif kind in (MESSAGES, SOURCES, HEADLINE):
            groups.setdefault(kind, {})[text] = words
    return {kind: OwnTexts(texts, _MESSAGES if kind == MESSAGES else _ANSWERS) for kind, texts in groups.items()}
