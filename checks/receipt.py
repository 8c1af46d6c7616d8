"""Receipts: what was done, append-only, each entry holding the sum of the one before it."""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import replace
from pathlib import Path

import msgspec

from checks.conversion import decode_json
from checks.errors import BadFile
from checks.file_lock import locked
from checks.plan import Outcome, Receipt


def receipt_hash(receipt: Receipt) -> str:
    """SHA-256 over all of a receipt but its own sum."""
    return hashlib.sha256(msgspec.json.encode(replace(receipt, hash=""), order="deterministic")).hexdigest()


class ReceiptStore:
    """`receipts.jsonl` in a folder: one JSON document a line. Safe from several threads and several programs."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "receipts.jsonl"
        self._lock_file = folder / "receipts.lock"
        self._lock = threading.Lock()

    def all(self) -> tuple[Receipt, ...]:
        """Every receipt, oldest first. A torn last line (the computer went off) is left out; other damage raises `BadFile`."""
        with self._lock:
            return self._read()

    def find(self, receipt_id: str) -> Receipt | None:
        return next((one for one in self.all() if one.id == receipt_id), None)

    def is_undone(self, receipt_id: str) -> bool:
        return any(one.undo_of == receipt_id and one.outcome is Outcome.UNDONE for one in self.all())

    def append(self, receipt: Receipt) -> Receipt:
        """Add one at the end, chained to the last; answers it with its sums. Raises `BadFile`."""
        with self._lock:
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                # The last entry is read and the next one written in one hold: the window and the headless twin may both run.
                with locked(self._lock_file):
                    return self._chain(receipt)
            except TimeoutError as error:
                raise BadFile("receipts-busy", detail=str(error), file=str(self._file)) from error
            except OSError as error:
                raise BadFile("receipts-unwritable", detail=str(error), file=str(self._file)) from error

    def _chain(self, receipt: Receipt) -> Receipt:
        known = self._read()
        chained = replace(receipt, previous_hash=known[-1].hash if known else "", hash="")
        chained = replace(chained, hash=receipt_hash(chained))
        line = msgspec.json.encode(chained) + b"\n"
        handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "ab") as file:
            if os.fstat(handle).st_size and not self._ends_whole():
                file.write(b"\n")
            file.write(line)
            file.flush()
            os.fsync(handle)
        return chained

    def _ends_whole(self) -> bool:
        with self._file.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def _read(self) -> tuple[Receipt, ...]:
        if not self._file.exists():
            return ()
        try:
            lines = self._file.read_bytes().split(b"\n")
        except OSError as error:
            raise BadFile("receipts-damaged", detail=str(error), file=str(self._file)) from error
        found: list[Receipt] = []
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                receipt = decode_json(line, Receipt)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                if number == len(lines):
                    continue  # torn while it was written: no end of line came
                if any(one.strip() for one in lines[number:]):
                    continue  # torn, and gone on after it: the chain below tells whether anything is missing
                raise BadFile("receipts-damaged", detail=f"line {number}: {error}", file=str(self._file)) from error
            expected = found[-1].hash if found else ""
            if receipt.hash != receipt_hash(receipt) or receipt.previous_hash != expected:
                raise BadFile("receipts-damaged", detail=f"line {number}", file=str(self._file))
            found.append(receipt)
        return tuple(found)
