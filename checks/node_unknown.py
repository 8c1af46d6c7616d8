"""Why a value of the cluster is not known: what could not be read, else that the node says it nowhere."""

from __future__ import annotations

from checks.cluster import cni_file, subnet_env_file
from checks.component_config import cluster_dns
from checks.daemons import line_unread
from checks.facts import FileFact, NodeFacts, Problem
from checks.flannel_files import all_read
from checks.given import answer_of, first_problem
from checks.proxy import NAMES, runtime_service, setting
from checks.site_rows import Note

_RKE2 = ("profile.api_servers", "profile.rke2_settings")
_FIELDS = {
    "management_subnet": ("hns.networks", "network.routes", "network.addresses"),
    "api_server": _RKE2,
    "hyperv_host": ("machine.guest",),
}
"""Facts that the value is taken from as they are."""


def why(facts: NodeFacts, name: str) -> Note:
    """The note for a value that is neither typed nor found."""
    trouble = first_problem(*_answers(facts, name))
    if trouble is not None:
        return Note("not-read", trouble.message)
    return Note("unset") if name in ("proxy", "no_proxy") else Note(f"nowhere.{name}")


def _answers(facts: NodeFacts, name: str) -> tuple[object, ...]:
    """What the value would have been taken from, in the order in which that is asked."""
    if name == "cluster_cidr":
        return (
            _whole(subnet_env_file(facts)),
            all_read(answer_of(facts.flannel, lambda one: one.net_conf), "flannel.net_conf"),
            line_unread(facts, "kube-proxy"),
        )
    if name == "service_cidr":
        return (cni_file(facts),)
    if name == "dns_service":
        return (cluster_dns(facts),)
    if name in ("proxy", "no_proxy"):
        own = runtime_service(facts)
        asked = [one for one in NAMES if (one == "NO_PROXY") == (name == "no_proxy")]
        return (own,) if isinstance(own, Problem) else tuple(setting(facts, own, one) for one in asked)
    return tuple(_answer(facts, path) for path in _FIELDS[name])


def _answer(facts: NodeFacts, path: str) -> object:
    """The fact `record.field`; the record's own problem where that was not answered."""
    record, field = path.split(".")
    told = getattr(facts, record)
    return told if isinstance(told, Problem) else getattr(told, field)


def _whole(file: FileFact | Problem) -> FileFact | Problem:
    if isinstance(file, FileFact) and file.problem:
        return Problem("file", f"{file.path}: {file.problem}")
    return file
