"""What crictl said: its JSON, and its tables where the JSON would tell more than anybody needs.

Tables are read of pods and images: their JSON also holds pods' annotations, and nobody needs those off the node.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import cast

from checks.facts import NodeFacts, Problem
from checks.programs import asked

PODS = "pods --state ready"
IMAGES = "images"


def _answer(facts: NodeFacts, arguments: str) -> str | Problem | None:
    """What it printed; None where there is no crictl on this node, or it was not asked this."""
    said = asked(facts, "crictl", arguments)
    if said is None or isinstance(said, Problem):
        return said
    if said.problem or said.exit_code != 0:
        return _trouble(arguments, said.problem or said.errors or str(said.exit_code))
    return said.output


def _trouble(arguments: str, why: object, code: str = "") -> Problem:
    return Problem("runtime.programs", f"crictl {arguments}: {why}"[:400], code)


def crictl(facts: NodeFacts, arguments: str) -> Mapping[str, object] | Problem | None:
    """What crictl answered as JSON; None where there is no crictl on this node, or it was not asked."""
    answer = _answer(facts, arguments)
    if answer is None or isinstance(answer, Problem):
        return answer
    try:
        tree: object = json.loads(answer)
    except (ValueError, RecursionError) as error:
        return _trouble(arguments, error)
    return cast("Mapping[str, object]", tree) if isinstance(tree, dict) else _trouble(arguments, "no object")


def _rows(text: str, *columns: str) -> list[tuple[str, ...]] | None:
    """These columns of a table that is aligned under its heading; None where the heading is another."""
    heading, *lines = text.splitlines() or [""]
    titles = [(found.start(), found[0]) for found in re.finditer(r"\S+(?: \S+)*", heading)]
    names = [name for _, name in titles]
    if any(one not in names for one in columns):
        return None
    starts = [start for start, _ in titles] + [10_000]
    places = [names.index(one) for one in columns]
    return [tuple(line[starts[at] : starts[at + 1]].strip() for at in places) for line in lines if line.strip()]


def _table(facts: NodeFacts, arguments: str, *columns: str) -> list[tuple[str, ...]] | Problem:
    answer = _answer(facts, arguments)
    if answer is None:
        return _trouble(arguments, "crictl.exe was not found on this node", "no-crictl")
    if isinstance(answer, Problem):
        return answer
    rows = _rows(answer, *columns)
    return _trouble(arguments, "another heading than expected") if rows is None else rows


def ready_pods(facts: NodeFacts) -> frozenset[str] | Problem:
    """`namespace/name` of the pods that the runtime keeps a sandbox for."""
    rows = _table(facts, PODS, "NAME", "NAMESPACE")
    return rows if isinstance(rows, Problem) else frozenset(f"{row[1]}/{row[0]}" for row in rows)


def images_here(facts: NodeFacts) -> frozenset[str] | Problem:
    """Images that the runtime has, by their full names; those without a tag by their path alone."""
    rows = _table(facts, IMAGES, "IMAGE", "TAG")
    if isinstance(rows, Problem):
        return rows
    return frozenset(name if tag == "<none>" else f"{name}:{tag}" for name, tag in rows)
