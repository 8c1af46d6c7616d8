"""Planted nodes: planted once a run, shared by tests that only read, copied for those that write."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from node_bench import Bench

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def winnode() -> Path:
    """The tool that makes Windows nodes on this computer; skips where it, or Wine, is missing."""
    told = os.environ.get("NODEPANE_WINNODE")
    tool = Path(told) if told else ROOT.parent / "shared" / "tools" / "powershell" / "winnode"
    if not tool.is_file():
        pytest.skip("no test node tool: set NODEPANE_WINNODE, or put shared/ beside this clone")
    if shutil.which("wine") is None:
        pytest.skip("Wine is not installed")
    return tool


def _run(winnode: Path, *words: object, timeout_s: float = 120) -> str:
    done = subprocess.run(
        [winnode, *map(str, words)], capture_output=True, text=True, timeout=timeout_s, check=False, errors="replace"
    )
    assert done.returncode == 0, f"winnode {words}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def planted(winnode: Path, tmp_path_factory: pytest.TempPathFactory):
    """`planted(spec)`: the folder of a node that follows a description: a name of specs/, a path or a mapping."""
    home = tmp_path_factory.mktemp("planted")
    made: dict[str, Path] = {}

    def plant(spec: str | Path | dict[str, object], name: str = "WORKER-03") -> Path:
        key = (json.dumps(spec, sort_keys=True) if isinstance(spec, dict) else str(spec)) + name
        if key not in made:
            folder = home / f"node-{len(made)}"
            path = home / f"spec-{len(made)}.json"
            if isinstance(spec, dict):
                path.write_text(json.dumps(spec), encoding="utf-8")
            else:
                path = Path(spec) if Path(spec).suffix else winnode.parent / "clusternode" / "specs" / f"{spec}.json"
            _run(winnode, "new", folder, name)
            _run(winnode, "plant", folder, path)
            made[key] = folder
        return made[key]

    yield plant
    for folder in made.values():
        _run(winnode, "remove", folder)


@pytest.fixture
def fresh(winnode: Path, planted: Callable[..., Path], tmp_path: Path):
    """`fresh(spec)`: a copy of a planted node that a test may change."""
    made: list[Path] = []

    def copy(spec: str | Path | dict[str, object], name: str = "WORKER-03") -> Path:
        folder = tmp_path / f"fresh-{len(made)}"
        _run(winnode, "copy", planted(spec, name), folder)
        made.append(folder)
        return folder

    yield copy
    for folder in made:
        _run(winnode, "remove", folder)


@pytest.fixture
def truth(winnode: Path) -> Callable[[Path], dict[str, object]]:
    """`truth(folder)`: what really works on the node."""
    return lambda folder: json.loads(_run(winnode, "truth", folder))


@pytest.fixture
def on_node(winnode: Path) -> Callable[[Path, str], str]:
    """`on_node(folder, command)`: what a PowerShell command prints there."""
    return lambda folder, command: _run(
        winnode, "run", folder, "-NoProfile", "-ExecutionPolicy", "Bypass", "-Command", command
    )


@pytest.fixture
def bench(winnode, scripts, tmp_path):
    made = []

    def start(folder: Path) -> Bench:
        made.append(Bench(winnode, folder, scripts, tmp_path / "receipts"))
        return made[-1]

    yield start
    for one in made:
        one.server.close()
