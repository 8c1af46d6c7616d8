"""Planted nodes on disk: each is planted once a run, by the worker that needs it first; tests run on copies.

What lies here never runs again, so that copying it neither stops anybody's PowerShell nor takes over what a test did.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

from checks.file_lock import locked

PATIENCE_S = 240.0


def winnode_says(winnode: Path, *words: object, timeout_s: float = 120) -> str:
    """What the tool prints; it has to succeed."""
    done = subprocess.run(
        [winnode, *map(str, words)], capture_output=True, text=True, timeout=timeout_s, check=False, errors="replace"
    )
    assert done.returncode == 0, f"winnode {words}: {done.stdout}{done.stderr}"
    return done.stdout


class NodeStore:
    """Nodes by description and computer name, in a folder that all workers of a run share."""

    def __init__(self, winnode: Path, home: Path) -> None:
        self._winnode = winnode
        self._home = home
        home.mkdir(exist_ok=True)
        self._user = home / f"user-{os.getpid()}"
        with locked(home / "users.lock", PATIENCE_S):
            self._user.touch()

    def copy(self, spec: str | Path | dict[str, object], name: str, folder: Path) -> Path:
        """A node in `folder`, as it was planted. `spec`: a name of the tool's own descriptions, a path or an object."""
        if isinstance(spec, dict):
            text = json.dumps(spec, sort_keys=True)
        else:
            path = Path(spec)
            path = path if path.suffix else self._winnode.parent / "clusternode" / "specs" / f"{spec}.json"
            text = path.read_text(encoding="utf-8")
        place = self._home / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        with self._held(place):  # two copies at once would share files that should be their own
            if not place.is_dir():
                self._plant(text, name, place)
            winnode_says(self._winnode, "copy", place, folder)
        return folder

    def note(self, name: str, what: object) -> None:
        """Keep what a test found, for the other workers: anything that JSON can hold."""
        with self._held(self._home / f"{name}.note"):
            (self._home / f"{name}.note").write_text(json.dumps(what), encoding="utf-8")

    def noted(self, name: str) -> object:
        """What was kept under this name in this run; None: nothing."""
        with self._held(self._home / f"{name}.note"):
            path = self._home / f"{name}.note"
            return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    def leave(self) -> None:
        """Whoever leaves last deletes all."""
        with locked(self._home / "users.lock", PATIENCE_S):
            self._user.unlink()
            if not list(self._home.glob("user-*")):
                for place in [one for one in self._home.iterdir() if one.is_dir()]:
                    shutil.rmtree(place)

    def _held(self, place: Path):
        return locked(place.with_name(f"{place.name}.lock"), PATIENCE_S)

    def _plant(self, text: str, name: str, place: Path) -> None:
        part, spec = place.with_name(f"{place.name}.part"), place.with_name(f"{place.name}.json")
        spec.write_text(text, encoding="utf-8")
        empty = self._home / f"{name}-empty"
        with self._held(empty):
            if not empty.is_dir():
                self._make(empty, name)
            winnode_says(self._winnode, "copy", empty, part)
        winnode_says(self._winnode, "plant", part, spec)
        winnode_says(self._winnode, "stop", part)
        part.rename(place)

    def _make(self, place: Path, name: str) -> None:
        """A node on which nothing is. On a busy computer Wine may be too slow for the tool: then once more, elsewhere."""
        told = ""
        for attempt in range(3):
            part = place.with_name(f"{place.name}-{attempt}.part")
            done = subprocess.run(
                [self._winnode, "new", part, name], capture_output=True, text=True, timeout=120, check=False
            )
            if done.returncode == 0:
                part.rename(place)
                return
            told = done.stdout + done.stderr
        raise AssertionError(f"winnode new {place}: {told}")
