"""The record of changes: a chain of entries that several programs may write, and that tells when it was changed by hand."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checks.errors import BadFile
from checks.file_lock import locked
from checks.plan import Outcome, Plan, Receipt
from checks.receipt import ReceiptStore

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


def receipt(name: str = "r1", **more: object) -> Receipt:
    plan = Plan("plan", "set-proxy-variables", "worker-03", "10.2.0.13", NOW, (), (), (), "[]", "s", "h")
    made = Receipt(name, "apply", plan, Outcome.FIXED, (), (), NOW, NOW, "me", "here", "C:\\b", "abc")
    return replace(made, **more)  # pyright: ignore[reportArgumentType]


def test_entries_follow_from_each_other(tmp_path: Path) -> None:
    store = ReceiptStore(tmp_path / "new" / "folder")
    assert store.all() == ()
    first, second = store.append(receipt("r1")), store.append(receipt("r2", goes_back=NOW))
    assert first.previous_hash == ""
    assert second.previous_hash == first.hash
    assert ReceiptStore(tmp_path / "new" / "folder").all() == (first, second)
    assert store.find("r2") == second
    assert store.find("r3") is None


def test_only_an_undo_that_worked_counts(tmp_path: Path) -> None:
    store = ReceiptStore(tmp_path)
    store.append(receipt("r1"))
    store.append(receipt("r2", kind="undo", outcome=Outcome.FAILED, undo_of="r1"))
    assert not store.is_undone("r1")
    store.append(receipt("r3", kind="undo", outcome=Outcome.UNDONE, undo_of="r1"))
    assert store.is_undone("r1")


WRITER = """
import sys
sys.path[:0] = sys.argv[1:3]
from pathlib import Path
from test_receipt import receipt
from checks.receipt import ReceiptStore
store = ReceiptStore(Path(sys.argv[3]))
for number in range(12):
    store.append(receipt(f"{sys.argv[4]}-{number}"))
"""


def test_two_programs_and_a_thread_write_one_chain(tmp_path: Path) -> None:
    words = [sys.executable, "-c", WRITER, str(ROOT), str(ROOT / "tests" / "unit"), str(tmp_path)]
    programs = [subprocess.Popen([*words, name]) for name in ("window", "twin")]
    store = ReceiptStore(tmp_path)
    thread = threading.Thread(target=lambda: [store.append(receipt(f"thread-{number}")) for number in range(12)])
    thread.start()
    thread.join()
    assert [program.wait(60) for program in programs] == [0, 0]
    assert len(store.all()) == 36  # reading holds the chain against every entry


def test_who_waits_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ReceiptStore(tmp_path)
    monkeypatch.setattr("checks.receipt.locked", lambda path: locked(path, 0.05))
    with locked(tmp_path / "receipts.lock"), pytest.raises(BadFile) as told:
        store.append(receipt())
    assert told.value.code == "receipts-busy"
    assert store.append(receipt()).previous_hash == ""


def test_a_torn_last_line_is_left_out_and_written_on_after(tmp_path: Path) -> None:
    store = ReceiptStore(tmp_path)
    first = store.append(receipt("r1"))
    path = tmp_path / "receipts.jsonl"
    path.write_bytes(path.read_bytes() + b'{"id": "r2", "ki')
    assert store.all() == (first,)
    second = store.append(receipt("r3"))
    assert store.all() == (first, second)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.replace(b'"fixed"', b'"failed"', 1),
        lambda data: b"".join(data.splitlines(keepends=True)[1:]),
        lambda data: b"".join([*data.splitlines(keepends=True)[:-1], b"\x00\xff\xfe rubbish\n"]),
        lambda data: b"".join(reversed(data.splitlines(keepends=True))),
    ],
    ids=["another word", "first entry gone", "last entry overwritten", "order changed"],
)
def test_damage_is_told(tmp_path: Path, damage) -> None:
    store = ReceiptStore(tmp_path)
    for name in ("r1", "r2", "r3"):
        store.append(receipt(name))
    path = tmp_path / "receipts.jsonl"
    path.write_bytes(damage(path.read_bytes()))
    for act in (store.all, lambda: store.append(receipt("r4"))):
        with pytest.raises(BadFile) as told:
            act()
        assert told.value.code == "receipts-damaged"
        assert told.value.fields["file"] == str(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits: the profile folder is the owner's")
def test_for_its_owner_only(tmp_path: Path) -> None:
    ReceiptStore(tmp_path).append(receipt())
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        "receipts.jsonl": 0o600,
        "receipts.lock": 0o600,
    }


def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(BadFile) as told:
        ReceiptStore(tmp_path / "file").append(receipt())
    assert told.value.code == "receipts-unwritable"
