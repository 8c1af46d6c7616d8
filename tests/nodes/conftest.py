"""Planted nodes: planted once a run, one copy for all tests of a worker that only read, one for each that writes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from node_bench import Bench
from node_store import NodeStore, winnode_says

ROOT = Path(__file__).resolve().parents[2]
OWN = ("ProgramData/ClusterNode", "ProgramData/Nodepane", "users/", "windows/")


def files(folder: Path) -> dict[str, str]:
    """Sums of all files of the node's C: but Windows' own, the simulation's, and logs, which only grow."""
    drive = folder / "drive_c"
    found = {}
    for path in drive.rglob("*"):
        name = path.relative_to(drive).as_posix()
        if path.is_file() and not path.is_symlink() and not name.startswith(OWN) and not name.endswith(".log"):
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


REGISTRY = r"""
foreach ($root in 'SYSTEM\CurrentControlSet\Services', 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment') {
    $waiting = New-Object System.Collections.Queue
    $waiting.Enqueue([Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($root))
    while ($waiting.Count) {
        $key = $waiting.Dequeue()
        foreach ($name in ($key.GetValueNames() | Sort-Object)) {
            '{0} {1} {2} {3}' -f $key.Name, $name, $key.GetValueKind($name), (@($key.GetValue($name, $null, 'DoNotExpandEnvironmentNames')) -join '|')
        }
        foreach ($name in ($key.GetSubKeyNames() | Sort-Object)) { $waiting.Enqueue($key.OpenSubKey($name)) }
    }
}
"""


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


@pytest.fixture(scope="session")
def node_store(winnode: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeStore]:
    """Nodes as they were planted, for all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    store = NodeStore(winnode, (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "node-store")
    yield store
    store.leave()


@pytest.fixture(scope="session")
def planted(winnode: Path, node_store: NodeStore, tmp_path_factory: pytest.TempPathFactory):
    """`planted(spec)`: the folder of a node that follows a description: a name of specs/, a path or a mapping."""
    home = tmp_path_factory.mktemp("planted")
    made: dict[str, Path] = {}

    def plant(spec: str | Path | dict[str, object], name: str = "WORKER-03") -> Path:
        key = (json.dumps(spec, sort_keys=True) if isinstance(spec, dict) else str(spec)) + name
        if key not in made:
            made[key] = node_store.copy(spec, name, home / f"node-{len(made)}")
        return made[key]

    yield plant
    for folder in made.values():
        winnode_says(winnode, "remove", folder)


@pytest.fixture
def fresh(winnode: Path, node_store: NodeStore, tmp_path: Path):
    """`fresh(spec)`: a planted node that a test may change."""
    made: list[Path] = []

    def copy(spec: str | Path | dict[str, object], name: str = "WORKER-03") -> Path:
        made.append(node_store.copy(spec, name, tmp_path / f"fresh-{len(made)}"))
        return made[-1]

    yield copy
    for folder in made:
        winnode_says(winnode, "remove", folder)


@pytest.fixture
def truth(winnode: Path) -> Callable[[Path], dict[str, object]]:
    """`truth(folder)`: what really works on the node."""
    return lambda folder: json.loads(winnode_says(winnode, "truth", folder))


@pytest.fixture
def passes(winnode: Path) -> Callable[[Path, int], str]:
    """`passes(folder, minutes)`: so much time passes there; which tasks ran."""
    return lambda folder, minutes: winnode_says(winnode, "pass", folder, minutes)


@pytest.fixture
def on_node(winnode: Path) -> Callable[[Path, str], str]:
    """`on_node(folder, command)`: what a PowerShell command prints there."""
    return lambda folder, command: winnode_says(
        winnode, "run", folder, "-NoProfile", "-ExecutionPolicy", "Bypass", "-Command", command
    )


@pytest.fixture
def picture(on_node):
    """What a change may touch: files and registry, whole."""
    return lambda folder: (files(folder), on_node(folder, REGISTRY))


@pytest.fixture
def bench(winnode, scripts, tmp_path, fresh):
    made = []
    del fresh  # named so that its nodes go after the sessions on them

    def start(folder: Path) -> Bench:
        made.append(Bench(winnode, folder, scripts, tmp_path / "receipts"))
        return made[-1]

    yield start
    for one in made:
        one.close()
