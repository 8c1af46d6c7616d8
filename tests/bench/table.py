"""Small pieces that all benchmarks share: timing pairs side by side and printing a table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence


def timed(call: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def side_by_side(rounds: int, *calls: Callable[[], object]) -> list[list[float]]:
    """Each call timed once a round, in turn, so that a busy machine slows all alike. One list of seconds per call."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for kept, call in zip(times, calls, strict=True):
            kept.append(timed(call))
    return times


def milliseconds(times: Sequence[float]) -> str:
    return f"{statistics.median(times) * 1000:.1f} ({min(times) * 1000:.1f}–{max(times) * 1000:.1f})"


def ratio(times: Sequence[float], against: Sequence[float]) -> str:
    """Median of the pairwise ratios: rounds that were slow for both cancel out."""
    return f"{statistics.median(one / other for one, other in zip(times, against, strict=True)):.2f}"


def show(title: str, rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    print(title)
    for number, row in enumerate(rows):
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))
    print()
