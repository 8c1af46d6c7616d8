"""Brings the window's translations up to date. Run it with: python installer/run.py exec installer/translate.py.

Reads every text marked for translation in gui/ into resources/translations/*.ts (new ones are marked unfinished; texts
that are gone are dropped), and compiles them for Qt. A test fails while a text is missing.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
FOLDER = HOME / "resources" / "translations"
LANGUAGES = ("ko",)


def tool(name: str) -> str:
    """A program that PySide6 brings, beside this Python."""
    return str(Path(sys.executable).with_name(name))


def read(into: Path) -> None:
    """Bring one .ts file up to date with the texts in gui/."""
    sources = sorted(str(path.relative_to(HOME)) for path in (HOME / "gui").glob("*.py"))
    words = [tool("pyside6-lupdate"), *sources, "-no-obsolete", "-locations", "none", "-ts", str(into)]
    subprocess.run(words, cwd=HOME, check=True, capture_output=True)


def compile_words(source: Path, target: Path) -> None:
    """Compile a .ts file for Qt; unfinished texts stay English."""
    words = [tool("pyside6-lrelease"), str(source), "-qm", str(target)]
    subprocess.run(words, cwd=HOME, check=True, capture_output=True)


def main() -> int:
    for language in LANGUAGES:
        source = FOLDER / f"nodepane_{language}.ts"
        read(source)
        compile_words(source, source.with_suffix(".qm"))
        unfinished = source.read_text(encoding="utf-8").count('type="unfinished"')
        print(f"{source.name}: {unfinished} texts to translate")
    return 0


if __name__ == "__main__":
    sys.exit(main())
