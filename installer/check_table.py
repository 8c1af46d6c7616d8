"""Writes the table of checks into README.md. Run it with: python installer/run.py exec installer/check_table.py.

Tips, statements and limits come from the catalogue, probes from what a check uses, fixes from their declarations.
"""

from __future__ import annotations

import sys
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HOME))

from checks.catalogue import load_catalogue  # noqa: E402 (the project lies beside this file, installed or not)
from checks.check import Check  # noqa: E402
from checks.finding import Area  # noqa: E402
from checks.fix_list import FIXES  # noqa: E402
from checks.node_ports import FIELD as TRIED_FROM_HERE  # noqa: E402
from checks.probe import HOST_PROBE, PROBES  # noqa: E402
from checks.rules import CHECKS  # noqa: E402

README = HOME / "README.md"
BEGIN, END = "<!-- checks: written by installer/check_table.py -->", "<!-- end of checks -->"


def probes_of(check: Check) -> str:
    probes = {**PROBES, HOST_PROBE.field: HOST_PROBE}
    scripts = dict.fromkeys(probes[record].script for record in check.needs if record in probes)
    asked = [script.removeprefix("Get-").removesuffix("Fact") for script in scripts]
    return ", ".join([*asked, *(["this computer"] if TRIED_FROM_HERE in check.needs else [])])


def table() -> str:
    """One row a check, by area and order; a tip that is no check of its own stands below."""
    words = load_catalogue(HOME / "resources" / "catalogue")
    checks = {check.id: check for check in CHECKS}
    rows = [
        "| tip | check | true when it passes | probes | fixes | known limits |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    areas = list(Area)
    for one in sorted(words.checks.values(), key=lambda one: (areas.index(one.area), one.order, one.id)):
        fixes = ", ".join(f"`{fix.id}`" for fix in FIXES.values() if one.id in fix.checks)
        asked = probes_of(checks[one.id]) if one.id in checks else "all nodes' reports"
        rows.append(f"| {one.tip} | `{one.id}` | {one.title} | {asked} | {fixes} | {one.limits} |")
    rows.append("| X1 | the page *Further help* (F1) | three places to ask | | | |")
    return "\n".join(rows)


def with_table(text: str) -> str:
    """README's text with the table as it has to be."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
