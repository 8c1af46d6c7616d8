from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import tree_sitter_powershell
from tree_sitter import Language, Parser

SCRIPTS = Path(__file__).resolve().parents[2] / "resources" / "scripts"
PROBES = sorted((SCRIPTS / "probes").glob("*.ps1"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`script`: every shipped script; `probe_script`: every probe."""
    if "script" in metafunc.fixturenames:
        found = sorted(SCRIPTS.rglob("*.ps1"))
        metafunc.parametrize("script", found, ids=[path.stem for path in found])
    if "probe_script" in metafunc.fixturenames:
        metafunc.parametrize("probe_script", PROBES, ids=[path.stem for path in PROBES])


@pytest.fixture(scope="session")
def powershell(shared: Path) -> Path:
    """The PowerShell engine on this computer; skips where there is none."""
    engine = shared / "tools" / "powershell" / "pwsh"
    if not engine.is_file():
        pytest.skip("no PowerShell engine in ../shared/tools/powershell")
    return engine


@pytest.fixture
def run_powershell(powershell: Path, tmp_path: Path) -> Callable[..., str]:
    """Run the text of a script and give its output; `node` is a text that declares commands beforehand."""

    def run(text: str, node: str = "") -> str:
        file = tmp_path / "test.ps1"
        file.write_text(text, encoding="utf-8-sig")
        declared = tmp_path / "node.ps1"
        declared.write_text(node, encoding="utf-8-sig")
        ended = subprocess.run(
            [powershell, "-NoProfile", "-NonInteractive", "-File", file],
            env={
                "NODE_SCRIPT": str(declared),
                "PATH": "/usr/bin:/bin",
                "HOME": str(tmp_path),
                "SystemDrive": "C:",
                "SystemRoot": os.environ.get("SYSTEMROOT", ""),
            },
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr.decode("utf-8", "replace") + ended.stdout.decode("utf-8", "replace")
        return ended.stdout.decode("utf-8")

    return run


@pytest.fixture(scope="session")
def functions() -> Callable[[str], dict[str, str]]:
    """Functions of a script's text by name, as they are written."""
    parser = Parser(Language(tree_sitter_powershell.language()))

    def find(text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        nodes = [parser.parse(text.encode("utf-8")).root_node]
        while nodes:
            node = nodes.pop()
            nodes.extend(node.children)
            if node.type == "function_statement" and node.text is not None:
                body = node.text.decode("utf-8")
                found[re.split(r"[\s({]", body, maxsplit=2)[1]] = body
        return found

    return find
