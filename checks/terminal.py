"""What texts take on a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

Cell = Callable[[str, int], str]
"""A first column up to where the second begins, from its words and what the widest of the column takes."""


def columns(text: str) -> int:
    """Columns of a terminal that a text takes: letters of East Asian scripts take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def aligned(text: str, width: int) -> str:
    """For a terminal, where all letters stand in columns."""
    return text + " " * (width - columns(text) + 2)


def tabbed(text: str, _: int) -> str:
    """For whoever sets the tab stop: where letters have widths of their own, spaces align nothing."""
    return f"{text}\t"
