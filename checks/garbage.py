"""How often Python looks for garbage while nodes are read."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

THRESHOLDS = (1_000, 10, 100_000)
"""A look at everything there is takes a tenth of a second with the reports of 200 nodes: hardly ever by itself."""


@contextmanager
def looked_for_seldom() -> Generator[None]:
    """What is there now stays until the end, and what comes is looked at while it is young."""
    before = gc.get_threshold()
    gc.set_threshold(*THRESHOLDS)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
