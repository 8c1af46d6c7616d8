"""Which colours a person wants."""

from enum import StrEnum


class Scheme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
