"""What a person chose for both fronts, kept in `settings.yaml` beside the node list. Nothing in it is needed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import yaml


class Preferences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    language: str = ""
    """Two letters; empty: what this computer speaks."""


def _file(folder: Path) -> Path:
    return folder / "settings.yaml"


def load_preferences(folder: Path) -> Preferences:
    """What was chosen before. A file that can't be read is as good as none: it holds nothing that is needed."""
    try:
        tree = yaml.safe_load(_file(folder).read_text(encoding="utf-8"))
        return msgspec.convert(tree or {}, Preferences)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError):
        return Preferences()


def save_preferences(folder: Path, preferences: Preferences) -> bool:
    """Keep what was chosen; whether that was possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = _file(folder).with_suffix(".part")
        part.write_text(yaml.safe_dump(msgspec.to_builtins(preferences)), encoding="utf-8")
        part.replace(_file(folder))
    except OSError:
        return False
    return True
