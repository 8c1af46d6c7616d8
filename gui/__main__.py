"""The window, as in `python -m gui`."""

import gc
import sys

# What is loaded for the first picture stays: to look for garbage in it meanwhile takes a twentieth of the start.
gc.disable()

from gui.start import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv))
