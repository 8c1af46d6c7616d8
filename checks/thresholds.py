"""Numbers that decide a verdict: data in `resources/thresholds.yaml`, each with its unit and source."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
import yaml

from checks.conversion import convert
from checks.errors import BadFile

_FILE = Path(__file__).resolve().parents[1] / "resources" / "thresholds.yaml"


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: float
    unit: str
    source: str


def load_thresholds(path: Path) -> Mapping[str, Threshold]:
    """All thresholds by name. Raises `BadFile` (code `catalogue`) that names the file and what is wrong in it."""
    try:
        return convert(yaml.safe_load(path.read_text(encoding="utf-8")), dict[str, Threshold])
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise BadFile("catalogue", detail=f"{path.name}: {error}", file=str(path)) from error


@cache
def _shipped() -> Mapping[str, Threshold]:
    return load_thresholds(_FILE)


def threshold(name: str) -> float:
    """The number in force; its unit stands with it in the file."""
    return _shipped()[name].value
