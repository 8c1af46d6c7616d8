"""Passwords in addresses, hidden before anything is shown, kept or logged. Imports nothing: errors on the way up need it, too."""

import re

_PASSWORD = re.compile(r"(://[^/:\s]*:)\S+@")


def mask(value: str) -> str:
    """A text with the addresses in it without their passwords, as it may be shown and kept."""
    return _PASSWORD.sub(r"\1***@", value)


def quoted(value: str, most: int = 80) -> str:
    """What somebody typed, as a message repeats it: a user and password before a host are hidden, whatever they look like."""
    _, at, host = value.rpartition("@")
    return f"***@{host}"[:most] if at else value[:most]
