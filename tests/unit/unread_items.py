"""Answers that hold several files, folders, programs or processes: the same with one of them unread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from node_facts import fact, with_fact

from checks.facts import (
    CertificateFact,
    CniFolderFact,
    FileFact,
    NodeFacts,
    PluginFolderFact,
    Problem,
    ProcessFact,
    ProgramFact,
)

LISTS = (
    "access.certificates",
    "cni.folders",
    "cni.plugins",
    "daemons.processes",
    "flannel.net_conf",
    "flannel.source_vip",
    "flannel.source_vip_request",
    "flannel.subnet_env",
    "profile.containerd_config",
    "profile.kube_proxy_config",
    "profile.kubelet_config",
    "runtime.programs",
)
WHY = "it is held by another process"


def with_one_unread(facts: NodeFacts, path: str) -> Iterator[NodeFacts]:
    """These facts, each time with another item of this list unread; none where the whole list was not answered."""
    items = fact(facts, path)
    for less in () if isinstance(items, Problem) else _lists(items):
        yield with_fact(facts, path, less)


_made: dict[int, tuple[Any, list[Any]]] = {}


def _lists(items: Any) -> list[Any]:
    """The same objects for the same list: most nodes have it from a healthy one, and are judged together then."""
    if id(items) not in _made:
        found = [
            (*items[:number], less, *items[number + 1 :]) for number, item in enumerate(items) for less in _unread(item)
        ]
        _made[id(items)] = items, found
    return _made[id(items)][1]


def _unread(item: Any) -> Iterator[Any]:
    if isinstance(item, ProcessFact):
        if item.command_line is not None:
            yield replace(item, command_line=None, executable_path=None)
        return
    if item.problem:
        return
    if isinstance(item, FileFact):
        yield replace(item, present=True, content="", problem=WHY)
    elif isinstance(item, CniFolderFact):
        yield replace(item, present=True, files=(), problem=WHY)
        for number, file in enumerate(item.files):
            for less in _unread(file):
                yield replace(item, files=(*item.files[:number], less, *item.files[number + 1 :]))
    elif isinstance(item, PluginFolderFact):
        yield replace(item, present=True, programs=(), problem=WHY)
    elif isinstance(item, CertificateFact):
        yield replace(item, not_before=None, not_after=None, problem=WHY)
    elif isinstance(item, ProgramFact) and item.path:
        yield replace(item, exit_code=None, output="", errors="", problem=WHY)
