"""Area node: no daemon is told a flag that its version no longer knows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.check import Check, Context, said, unread
from checks.command_line import role, words
from checks.daemons import configured_line, processes, service
from checks.facts import NodeFacts, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.programs import log_line, shown, version
from checks.tables import flag_table, numbers

DAEMONS = ("kubelet", "kube-proxy")
_SPELLED = {"true": ("true", "t", "1"), "false": ("false", "f", "0")}
"""How Go reads a boolean (strconv.ParseBool), in lower case."""


@dataclass(frozen=True, slots=True)
class Line:
    """How a daemon is started. `text` None: a script starts it, or nothing does."""

    daemon: str
    text: str | None
    is_running: bool
    is_there: bool
    """A process or a service of it."""


def daemon_line(facts: NodeFacts, daemon: str) -> Line | Problem:
    """The running command line, else the one its service is set to start."""
    running, own = processes(facts, daemon), service(facts, daemon)
    if isinstance(running, Problem):
        return running
    if isinstance(own, Problem):
        return own
    line = running[0].command_line if running else None
    if line is None and own is not None:
        line = configured_line(own)
        line = line if role(line) == daemon else None
    return Line(daemon, line, bool(running), bool(running) or own is not None)


def given_flags(line: str) -> tuple[tuple[str, str], ...]:
    """Names and values of all flags of a command line."""
    found: list[tuple[str, str]] = []
    given = words(line)[1:]
    for index, word in enumerate(given):
        if not word.startswith("-"):
            continue
        name, equals, value = word.lstrip("-").partition("=")
        follows = given[index + 1] if index + 1 < len(given) else "-"
        found.append((name, value if equals or follows.startswith("-") else follows))
    return tuple(found)


def removed(line: str, daemon: str) -> tuple[tuple[str, str, str], ...]:
    """Flags and gates of a line that some version no longer knows: as written, that version, source."""
    table = flag_table()
    found: list[tuple[str, str, str]] = []
    for name, value in given_flags(line):
        for flag in table.flags:
            if name.replace("_", "-") in flag.names and daemon in flag.daemons:
                found.append((f"--{name}", flag.removed, flag.source))
        for gate in table.gates if name.replace("_", "-") == "feature-gates" else ():
            for one in value.split(","):
                key, _, told = (part.strip() for part in one.partition("="))
                is_refused = not gate.value or told.lower() in _SPELLED.get(gate.value, (gate.value,))
                if key == gate.name and daemon in gate.daemons and is_refused:
                    found.append((f"--feature-gates={key}={told}", gate.removed, gate.source))
    return tuple(found)


def is_complaint_of(logged: str, line: str) -> bool:
    """Whether kubelet's complaint names what the line still has: one of an earlier start may be mended since."""
    given = given_flags(line)
    gate = re.search(r"unrecognized feature gate:? \"?([\w.-]+)", logged)
    if gate is not None:
        gates = [value for name, value in given if name.replace("_", "-") == "feature-gates"]
        return any(one.partition("=")[0].strip() == gate[1] for value in gates for one in value.split(","))
    flag = re.search(r"unknown flag: --?([\w.-]+)", logged)
    return flag is not None and flag[1] in (name for name, _ in given)


def removed_flags(context: Context) -> Finding:
    """6.13: what each daemon is told against what its version knows; the worst of both counts."""
    told: list[Finding] = []
    for daemon in DAEMONS:
        line = daemon_line(context.facts, daemon)
        if isinstance(line, Problem):
            return unread(line)
        if line.is_there or daemon == "kubelet":
            told.append(_judge(context.facts, line))
    return min(told, key=lambda one: one.verdict.rank)


def _judge(facts: NodeFacts, line: Line) -> Finding:
    own = version(facts, line.daemon)
    values = {"daemon": line.daemon}
    logged = "" if line.is_running or line.daemon != "kubelet" else log_line(facts, "unknown-flag")
    if line.text is None:
        if logged:
            return said(Verdict.FAIL, "log-names-flag", (Evidence("log", logged[:400], "kubelet"),), **values)
        told = Evidence("command-line", "–", "Win32_Process, Win32_Service")
        return said(Verdict.UNKNOWN, "line-unknown", (told,), **values)
    evidence = (Evidence("command-line", line.text[:1000], "Win32_Process" if line.is_running else "Win32_Service"),)
    complaint: Finding | None = None
    if is_complaint_of(logged, line.text):
        more = (*evidence, Evidence("log", logged[:400], "kubelet"))
        complaint = said(Verdict.FAIL, "log-names-flag", more, **values)
    known = removed(line.text, line.daemon)
    if not known:
        return complaint or said(Verdict.PASS, "all-known", evidence, **values)
    if isinstance(own, Problem):
        return complaint or unread(own)
    evidence = (*evidence, Evidence("version", shown(own), f"{line.daemon} --version"))
    gone = [one for one in known if numbers(one[1]) <= own]
    if not gone:
        return complaint or said(Verdict.PASS, "all-known", evidence, **values)
    evidence = (*evidence, *(Evidence("removed", f"{name}: {since}", source) for name, since, source in gone))
    flags = ", ".join(dict.fromkeys(name for name, _, _ in gone))
    values |= {"flags": flags, "version": shown(own), "since": gone[0][1]}
    if line.is_running:
        # It runs, so the program that was started took them; it may have been replaced since.
        return said(Verdict.INFO, "runs-with-them", evidence, **values)
    if logged:
        evidence = (*evidence, Evidence("log", logged[:400], "kubelet"))
    return said(Verdict.FAIL, "ends-over-them", evidence, **values)


CHECKS = (
    Check(
        "node.removed-flags",
        ("daemons.services", "daemons.processes", "runtime.programs", "runtime.kubelet_log"),
        removed_flags,
    ),
)
