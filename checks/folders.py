"""Where Nodepane keeps its own files on this computer."""

from __future__ import annotations

from pathlib import Path


def own_folder() -> Path:
    """Node list, receipts and logs of this user; it may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_data_dir("Nodepane", appauthor=False))
