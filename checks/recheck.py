"""Whether a change helped: what the checks that decide say now."""

from __future__ import annotations

from checks.errors import SignInRefused, ToolError
from checks.finding import Verdict
from checks.line import Line
from checks.node import Node
from checks.plan_steps import Ending
from checks.scan import Scanner


def unknown_endings(checks: tuple[str, ...]) -> tuple[Ending, ...]:
    """What is said of checks while the node does not answer."""
    return tuple((check, Verdict.UNKNOWN, "") for check in checks)


def ask_checks(scanner: Scanner, line: Line, node: Node, checks: tuple[str, ...]) -> tuple[Ending, ...]:
    """What they say by one scan; all UNKNOWN while nobody answers. Raises `SignInRefused`."""
    try:
        report = scanner.read(line.session(), node, checks)
    except SignInRefused:
        raise
    except ToolError:
        line.drop()  # not reachable now: it may be, the next time
        return unknown_endings(checks)
    if report.error is not None:
        line.drop()
        if isinstance(report.error, SignInRefused):
            raise report.error
    found = {one.check: (one.verdict, one.reason) for one in report.findings}
    return tuple((check, *found.get(check, (Verdict.UNKNOWN, ""))) for check in checks)
