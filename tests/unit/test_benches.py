"""The measuring scripts start: nobody runs them with the tests, and what they stand on moves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCHES = sorted(path.name for path in (ROOT / "tests" / "bench").glob("bench_*.py"))


def test_every_bench_finds_what_it_imports():
    assert len(BENCHES) >= 4
    code = f"import runpy\nfor name in {BENCHES}:\n    runpy.run_path('tests/bench/' + name, run_name='looked at')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
