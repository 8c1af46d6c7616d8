"""What of a node's checklist is copied: plain text, for mail and chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.finding import Finding, Verdict
from gui.state import NodeState

if TYPE_CHECKING:
    from gui.wording import Wording


def finding_text(wording: Wording, state: NodeState, finding: Finding) -> str:
    """The whole finding."""
    head = f"[{wording.verdict(finding.verdict)}] {wording.title(finding.check)}"
    where = f"{state.node.name} ({state.node.address}), {wording.place(finding.check)}"
    parts = [head, where, "", wording.catalogue.saw(finding)]
    if finding.verdict in (Verdict.FAIL, Verdict.WARN):
        parts += ["", wording.why(finding.check)]
    if finding.evidence:
        parts += ["", *(wording.evidence_text(one) for one in finding.evidence)]
    todo = wording.catalogue.todo(finding)
    return "\n".join([*parts, *(["", todo] if todo else [])])


def row_text(wording: Wording, finding: Finding) -> str:
    """One line: verdict, statement, deciding value."""
    return f"[{wording.verdict(finding.verdict)}] {wording.title(finding.check)}: {wording.summary(finding)}"
