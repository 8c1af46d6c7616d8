"""Sets up everything on a fresh machine and starts the app or its tests. Needs Python 3.11 and pip, nothing else.

python installer/run.py demo      the window on the built-in demo site
python installer/run.py test      all tests
python installer/run.py lint      style, types and PowerShell
python installer/run.py exec ...  any program of the environment
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
VENV = HOME / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LOCKS = {"demo": "requirements.lock", "test": "requirements-dev.lock"}


def tell(what: str, why: str, todo: str) -> None:
    print(f"{what}\n{why}\n{todo}", file=sys.stderr)


def make_environment() -> None:
    """A virtual environment in `.venv`; Debian's Python has no ensurepip, so this computer's pip may fill it."""
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], check=True)


def pip(*words: str) -> None:
    """pip of the environment, else this computer's pip working on the environment (pip 22.3 or later)."""
    own = subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    start = [str(PYTHON), "-m", "pip"] if own else [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    # What pip tells is not what the program started here tells: that may go into a file.
    subprocess.run([*start, "--disable-pip-version-check", *words], check=True, stdout=sys.stderr)


def set_up(lock_name: str) -> None:
    """Install what the lock file names, once; and the project itself, so that its commands are there."""
    lock = HOME / lock_name
    wanted = hashlib.sha256(lock.read_bytes() + (HOME / "pyproject.toml").read_bytes()).hexdigest()
    stamp = VENV / f"{lock_name}.stamp"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not PYTHON.exists():
        make_environment()
    print(f"Installing what {lock_name} names into {VENV} …", file=sys.stderr, flush=True)
    pip("install", "--quiet", "--require-hashes", "-r", str(lock))
    pip("install", "--quiet", "--no-deps", "--editable", str(HOME))
    stamp.write_text(wanted)


def qt_starts() -> bool:
    """Whether Qt's libraries load; a bare Linux lacks some that PySide6 does not bring."""
    tried = subprocess.run([str(PYTHON), "-c", "import PySide6.QtWidgets"], capture_output=True, text=True, check=False)
    if tried.returncode == 0:
        return True
    last = tried.stderr.strip().splitlines()[-1:] or ["no message"]
    tell(
        "Qt does not start on this computer.",
        last[0],
        "On Debian and Ubuntu: apt-get install libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3 libglib2.0-0"
        " libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0",
    )
    return False


def run(*words: str) -> int:
    return subprocess.run([str(PYTHON), *words], cwd=HOME, check=False).returncode


def lint() -> int:
    codes = [run("-m", "ruff", "check", "."), run("-m", "ruff", "format", "--check", "."), run("-m", "pyright")]
    return max(codes)


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 (this file is what an older Python is given first)
        tell(f"Python {sys.version.split()[0]} is too old.", "Nodepane needs 3.11 or later.", "Install a newer Python.")
        return 2
    verb = arguments[0] if arguments else ""
    if verb not in ("demo", "test", "lint", "exec"):
        print(__doc__)
        return 2
    try:
        set_up("requirements.lock" if verb == "demo" else "requirements-dev.lock")
    except subprocess.CalledProcessError as error:
        tell(
            "The set-up stopped.",
            f"This command failed: {' '.join(map(str, error.cmd))}",
            "Read its message above. pip needs its package index; behind a proxy set HTTPS_PROXY first.",
        )
        return 1
    if verb in ("demo", "test") and not qt_starts():
        return 1
    if verb == "demo":
        return run("-m", "gui", "--demo", *arguments[1:])
    if verb == "test":
        # One more than there are processors: tests often wait for a node. `-n 0` runs them one by one.
        workers = str(min(4, (os.cpu_count() or 1) + 1))
        return run("-m", "pytest", "-n", workers, "--dist", "worksteal", *arguments[1:])
    return lint() if verb == "lint" else run(*arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
