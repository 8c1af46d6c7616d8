"""Which language to speak: what was asked for, what was chosen before, what this computer speaks; else English."""

from __future__ import annotations

import locale
import os
from collections.abc import Iterable, Mapping

from checks.catalogue import ENGLISH

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

    windows = getattr(ctypes, "windll", None)
    if windows is None:
        return ""
    number = int(windows.kernel32.GetUserDefaultUILanguage())
    return locale.windows_locale.get(number, "")


def choose_language(available: Iterable[str], *wishes: str) -> str:
    """The first wish that there are words for; English where there is none."""
    known = tuple(available)
    return next((wish for wish in wishes if wish in known), ENGLISH)
