"""Typed values from documents, in many threads at once: none of them may end the program."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from checks.conversion import convert, decode_json

ROOT = Path(__file__).resolve().parents[2]
MANY_AT_ONCE = """
import sys, threading, types
from checks.conversion import convert

sys.setswitchinterval(1e-6)
for number in range(60):
    text = "from __future__ import annotations\\nfrom dataclasses import dataclass\\n"
    for place in range(12):
        inner = f"tuple[C{place - 1}, ...]" if place else "str"
        fields = "".join(f"    f{field}: {'tuple[str, ...]' if field else inner}\\n" for field in range(6))
        text += f"@dataclass(frozen=True)\\nclass C{place}:\\n{fields}"
    module = types.ModuleType(f"types_{number}")
    sys.modules[module.__name__] = module
    exec(text, module.__dict__)
    start = threading.Barrier(8)

    def work():
        start.wait()
        convert({f"f{field}": [] for field in range(6)}, module.C11)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
print("all of them")
"""


@dataclass(frozen=True)
class Place:
    name: str
    ports: tuple[int, ...] = ()


def test_threads_that_meet_a_type_at_once_all_get_their_values():
    done = subprocess.run(
        [sys.executable, "-c", MANY_AT_ONCE], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "all of them\n", "")


def test_values_and_what_is_wrong_with_them():
    assert (
        convert({"name": "a", "ports": [1]}, Place)
        == decode_json(b'{"name":"a","ports":[1]}', Place)
        == Place("a", (1,))
    )
    with pytest.raises(msgspec.ValidationError, match=r"\$\.ports\[0\]"):
        convert({"name": "a", "ports": ["1"]}, Place)
    with pytest.raises(msgspec.DecodeError):
        decode_json(b"{", Place)


def test_nobody_converts_without_taking_turns():
    for path in (ROOT / "checks").rglob("*.py"):
        if path.name != "conversion.py":
            text = path.read_text(encoding="utf-8")
            assert "msgspec.convert(" not in text, path.name
            assert "type=" not in text or "json.decode(" not in text, path.name
