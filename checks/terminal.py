"""What texts take on a terminal."""

from __future__ import annotations

import unicodedata


def columns(text: str) -> int:
    """Columns of a terminal that a text takes: letters of East Asian scripts take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
