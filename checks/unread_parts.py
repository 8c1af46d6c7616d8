"""Answers that hold several files: which unread one among them leaves a question as open as no answer at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from checks.cluster import cni_file
from checks.command_line import same_path
from checks.containerd import config_path
from checks.daemons import command_line
from checks.facts import NodeFacts, Problem
from checks.flannel_files import all_read
from checks.given import answer_of, first_problem


def unread_part(facts: NodeFacts, path: str) -> Problem | None:
    """Why a list of files that was answered, one of `PARTS`, does not tell what counts; None where it does.

    flannel's files are compared with their copies, so that each counts. Of others, only the one that is in force.
    """
    return PARTS[path](facts)


def _subnet_env(facts: NodeFacts) -> Problem | None:
    return first_problem(all_read(answer_of(facts.flannel, lambda one: one.subnet_env), "flannel.subnet_env"))


def _net_conf(facts: NodeFacts) -> Problem | None:
    return first_problem(all_read(answer_of(facts.flannel, lambda one: one.net_conf), "flannel.net_conf"))


def _cni(facts: NodeFacts) -> Problem | None:
    return first_problem(cni_file(facts))


def _containerd(facts: NodeFacts) -> Problem | None:
    """The main file, where containerd is there to read it: it tells where CNI files are looked for."""
    path = config_path(facts) if command_line(facts, "containerd") is not None else ""
    files = answer_of(facts.profile, lambda one: one.containerd_config)
    if isinstance(path, Problem) or isinstance(files, Problem):
        return None  # a problem of its own, of a fact that is asked for by itself
    own = tuple(one for one in files if same_path(one.path, path))
    return first_problem(all_read(own, "profile.containerd_config"))


PARTS: Mapping[str, Callable[[NodeFacts], Problem | None]] = {
    "flannel.subnet_env": _subnet_env,
    "flannel.net_conf": _net_conf,
    "cni.folders": _cni,
    "profile.containerd_config": _containerd,
}
