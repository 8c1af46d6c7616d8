"""One node described twice: what is normalised before two answers are compared, and how they differ in words."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

WINDOWS_IDS = {0, 4, 640, 1208}
"""Process ids that every simulated Windows has: idle, System, services.exe, the host of WinRM."""
TIMES = {"modified", "created", "boot_time", "node_time", "machine_changed"}
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z")
KLOG = re.compile(r"^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d{6}")

# What the test machine itself can't answer, whatever stands on the node: its Win32_OperatingSystem fails, Wine does
# not list pipes, it has no event logs, no process of HNS is listed, and listening ports are not known. There the node has a problem and the demo an answer; everything else must be equal.
UNANSWERABLE = {
    "Get-SystemFact": "culture",
    "Get-DaemonFact": "crashes",
    "Get-ProfileFact": "pipes",
    "Get-MachineFact": "hns_service",
    "Get-FirewallFact": "kubelet_listens",
}


def normal(value: Any, key: str = "") -> Any:
    """A document without what differs between two machines of one kind: process ids, GUIDs and times."""
    if isinstance(value, dict):
        return {name: normal(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [normal(one, key) for one in value]
    if key in ("process_id", "parent_process_id") and value not in WINDOWS_IDS:
        return "a process id"
    if key in TIMES and isinstance(value, str):
        return "a time" if STAMP.fullmatch(value) else value
    if key == "program" and not value:
        return "any program, or not told"  # the test machine has no application filters
    if key in ("id", "network_id") and isinstance(value, str):
        return "a GUID"
    if key == "flanneld_log" and isinstance(value, str):
        return KLOG.sub(r"\1 a time", value)
    return value


def without_unanswerable(document: dict[str, Any], script: str) -> dict[str, Any]:
    """A probe's document without the one question that the test machine can't answer."""
    fact = UNANSWERABLE.get(script)
    facts = {name: one for name, one in document["facts"].items() if name != fact}
    problems = [one for one in document["problems"] if one["fact"] != fact]
    answer = facts.get("answer")
    if script == "Get-ProxyFact" and answer and "Service Unavailable by proxy" in answer["message"]:
        # Its kubectl asks the API server whatever it is told to ask, and no proxy leads there.
        facts["answer"] = {**answer, "exit_code": 0, "message": ""}
    return {**document, "facts": facts, "problems": problems}


def normal_change(document: dict[str, Any]) -> dict[str, Any]:
    """An answer of a script that changes a node: the test machine has no access rules, and says so."""
    facts = document.get("facts")
    if isinstance(facts, dict) and isinstance(facts.get("result"), dict):
        document = {**document, "facts": {**facts, "result": normal_change(facts["result"])}}
    for part in ("facts", "change"):
        told = document.get(part)
        if isinstance(told, dict) and STAMP.fullmatch(str(told.get("back_at"))):
            document = {**document, part: {**told, "back_at": "a time"}}
    problems = [one for one in document["problems"] if one["fact"] != "access"]
    return {**document, "problems": problems}


def differences(node: Any, demo: Any, place: str = "$") -> Iterator[str]:
    """Each place where two documents differ, in words; lists keep their order, names of objects don't."""
    if isinstance(node, dict) and isinstance(demo, dict):
        for name in sorted(node.keys() | demo.keys()):
            if name not in node or name not in demo:
                yield f"{place}.{name}: only {'node' if name in node else 'demo'} has it"
            else:
                yield from differences(node[name], demo[name], f"{place}.{name}")
    elif isinstance(node, list) and isinstance(demo, list) and len(node) == len(demo):
        for number, (one, other) in enumerate(zip(node, demo, strict=True)):
            yield from differences(one, other, f"{place}[{number}]")
    elif type(node) is not type(demo) or node != demo:
        yield f"{place}: node {shown(node)}, demo {shown(demo)}"


def shown(value: Any) -> str:
    """A value for a message; base64 of a file as its bytes."""
    if isinstance(value, str) and len(value) > 40:
        try:
            return repr(base64.b64decode(value, validate=True))[:400]
        except (binascii.Error, ValueError):
            pass
    return repr(value)[:400]
