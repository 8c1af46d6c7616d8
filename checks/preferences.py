"""What a person chose for both fronts, kept in `settings.yaml` beside the node list. Nothing in it is needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from checks.kept_copy import keep, kept


@dataclass(frozen=True, slots=True)
class Preferences:
    language: str = ""
    """Two letters; empty: what this computer speaks."""


def _file(folder: Path) -> Path:
    return folder / "settings.yaml"


def _copy(folder: Path) -> Path:
    return folder / "cache" / "settings.json"


def load_preferences(folder: Path) -> Preferences:
    """What was chosen before. A file that can't be read is as good as none: it holds nothing that is needed."""
    try:
        raw = _file(folder).read_bytes()
    except OSError:
        return Preferences()
    language = kept(_copy(folder), raw)
    if not isinstance(language, str):
        language = _language(raw)
        keep(_copy(folder), raw, language)
    return Preferences(language)


def _language(raw: bytes) -> str:
    """The file's one word; empty where it holds anything else."""
    import yaml  # takes longer than the window to open

    try:
        tree: object = yaml.safe_load(raw.decode("utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError):
        return ""
    fields = cast("dict[object, object]", tree) if isinstance(tree, dict) else {}
    language = fields.get("language")
    return language if isinstance(language, str) and len(fields) == 1 else ""


def save_preferences(folder: Path, preferences: Preferences) -> bool:
    """Keep what was chosen; whether that was possible."""
    import yaml

    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = _file(folder).with_suffix(".part")
        part.write_text(yaml.safe_dump({"language": preferences.language}), encoding="utf-8")
        part.replace(_file(folder))
    except OSError:
        return False
    return True
