"""Which language to speak: what was asked for, what was chosen before, what this computer speaks; else English."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

ENGLISH = "en"
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def system_language(environment: Mapping[str, str] = os.environ) -> str:
    """Two letters of the language this computer speaks to its user; '' where it does not say.

    Windows: the user's display language. Elsewhere: the first of LC_ALL, LC_MESSAGES and LANG that is set.
    """
    told = _windows_language() if os.name == "nt" else ""
    if not told:
        told = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    return told[:2].lower() if told[:2].isalpha() and told[2:3] in ("", "_", "-", ".", "@") else ""


def _windows_language() -> str:
    import ctypes
    import locale

    windows = getattr(ctypes, "windll", None)
    if windows is None:
        return ""
    number = int(windows.kernel32.GetUserDefaultUILanguage())
    return locale.windows_locale.get(number, "")


def languages(folder: Path) -> tuple[str, ...]:
    """Languages that the catalogue in `folder` has words in: English, which all others stand on, first."""
    others = sorted(home.name for home in folder.iterdir() if home.is_dir() and home.name != ENGLISH)
    return (ENGLISH, *others)


def choose_language(available: Iterable[str], *wishes: str) -> str:
    """The first wish that there are words for; English where there is none."""
    known = tuple(available)
    return next((wish for wish in wishes if wish in known), ENGLISH)
