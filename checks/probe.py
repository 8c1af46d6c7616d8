"""Probes: which script answers which field of `NodeFacts`, and how its JSON document becomes typed facts.

A document looks like this, with one entry in `facts` or in `problems` for each question:
`{"schema":1,"script":"Get-EgressFact","facts":{"target":"registry.k8s.io:443"},
"problems":[{"fact":"reached","message":"...","code":"0x80131501"}]}`
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Union, get_args, get_origin, get_type_hints

import msgspec

from checks.conversion import convert
from checks.facts import (
    AccessFacts,
    ClusterFacts,
    CniFacts,
    DaemonFacts,
    EgressFacts,
    EnvironmentFacts,
    FirewallFacts,
    FlannelFacts,
    HnsFacts,
    HyperVFacts,
    MachineFacts,
    NetworkFacts,
    Problem,
    ProfileFacts,
    ProxyFacts,
    RuntimeFacts,
    SystemFacts,
)
from checks.session import Json

SCHEMA = 1

EGRESS_TARGET = "registry.k8s.io"
EGRESS_PORT = 443

PROGRAMS_S = 30
"""How long the programs that a node is asked for may take together."""

ProbeFacts = (
    SystemFacts
    | DaemonFacts
    | EnvironmentFacts
    | FlannelFacts
    | HnsFacts
    | NetworkFacts
    | CniFacts
    | ProfileFacts
    | MachineFacts
    | RuntimeFacts
    | FirewallFacts
    | AccessFacts
    | ClusterFacts
    | EgressFacts
    | ProxyFacts
    | HyperVFacts
)


@dataclass(frozen=True, slots=True)
class ExtraPaths:
    """Places that this node's command lines name and no probe looks at by itself; full paths on the node."""

    subnet_env: tuple[str, ...] = ()
    net_conf: tuple[str, ...] = ()
    source_vip: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    cni_folders: tuple[str, ...] = ()
    kubeconfigs: tuple[str, ...] = ()
    containerd_configs: tuple[str, ...] = ()
    """File names may hold * and ?."""
    kubelet_configs: tuple[str, ...] = ()
    """Files, and folders of drop-in files."""
    kube_proxy_configs: tuple[str, ...] = ()
    kubectl: tuple[str, ...] = ()
    node_kubeconfig: tuple[str, ...] = ()
    """The kubeconfig to ask the cluster with, instead of the kubelet's own."""
    plugin_folders: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    """No paths: services by their names."""
    images: tuple[str, ...] = ()
    """No paths: images whose local copy decides."""
    proxy: tuple[str, ...] = ()
    """No paths: where the registry holds the variable with the runtime's proxy, and its name."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A read-only script and the facts it answers. `budget_s`: seconds after which its answer is overdue.

    `spares`: switches that leave facts unasked, and which, for whoever needs none of them; those become a `Problem`.
    """

    field: str
    script: str
    facts_type: type[ProbeFacts]
    budget_s: float
    parameters: Callable[[ExtraPaths], Mapping[str, Json]]
    spares: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def asked_for(self, paths: ExtraPaths, uses: Collection[str] | None = None) -> Mapping[str, Json]:
        """The parameters where only these facts (`record.field`) are of use; None: all are."""
        named = {} if uses is None else {name: True for name, facts in self.spares if not set(facts) & set(uses)}
        return {**self.parameters(paths), **named}


def _named(**lists: tuple[str, ...]) -> Mapping[str, Json]:
    """Parameters by name; an empty list is left to the script's own default."""
    return {name: list(values) for name, values in lists.items() if values}


def _nothing(_: ExtraPaths) -> Mapping[str, Json]:
    return {}


def _daemons(more: ExtraPaths) -> Mapping[str, Json]:
    return _named(Service=more.services)


def _flannel(more: ExtraPaths) -> Mapping[str, Json]:
    return _named(SubnetEnv=more.subnet_env, NetConf=more.net_conf, SourceVip=more.source_vip, Log=more.logs)


def _cni(more: ExtraPaths) -> Mapping[str, Json]:
    return _named(Folder=more.cni_folders, ProgramFolder=more.plugin_folders)


def _profile(more: ExtraPaths) -> Mapping[str, Json]:
    return _named(
        Kubeconfig=more.kubeconfigs,
        ContainerdConfig=more.containerd_configs,
        KubeletConfig=more.kubelet_configs,
        KubeProxyConfig=more.kube_proxy_configs,
    )


def _access(more: ExtraPaths) -> Mapping[str, Json]:
    return _named(Kubeconfig=more.kubeconfigs)


def _cluster(more: ExtraPaths) -> Mapping[str, Json]:
    return _named(Kubectl=more.kubectl, Kubeconfig=more.node_kubeconfig)


def _runtime(more: ExtraPaths) -> Mapping[str, Json]:
    return {**_named(Image=more.images), "Seconds": PROGRAMS_S}


def _proxy(more: ExtraPaths) -> Mapping[str, Json]:
    source, name = (*more.proxy, "", "")[:2]
    return {
        "Source": source,
        "Name": name,
        "Target": EGRESS_TARGET,
        "Port": EGRESS_PORT,
        **_named(Kubectl=more.kubectl),
    }


def _egress(_: ExtraPaths) -> Mapping[str, Json]:
    return {"Target": EGRESS_TARGET, "Port": EGRESS_PORT}


_NO_PODS = (("WithoutPods", ("cluster.pods", "cluster.events")),)
"""A fix looks again and again whether it helped: the cluster need not list pods and events each time."""

# In the order in which they are worth having. The cluster may take 25 s not to answer, and HNS can hang when it is
# deadlocked, so that most else is known before them; access, proxy and egress wait for a time-out where nothing answers,
# and of the last two only the one is asked that another fact needs.
PROBES: Mapping[str, Probe] = {
    probe.field: probe
    for probe in (
        Probe("system", "Get-SystemFact", SystemFacts, 20, _nothing),
        Probe("daemons", "Get-DaemonFact", DaemonFacts, 60, _daemons),
        Probe("environment", "Get-EnvironmentFact", EnvironmentFacts, 10, _nothing),
        Probe("flannel", "Get-FlannelFact", FlannelFacts, 20, _flannel),
        Probe("cni", "Get-CniFact", CniFacts, 10, _cni),
        Probe("profile", "Get-ProfileFact", ProfileFacts, 15, _profile),
        Probe("machine", "Get-MachineFact", MachineFacts, 30, _nothing),
        Probe("network", "Get-NetworkFact", NetworkFacts, 45, _nothing),
        Probe("cluster", "Get-ClusterFact", ClusterFacts, 60, _cluster, _NO_PODS),
        Probe("hns", "Get-HnsFact", HnsFacts, 60, _nothing),
        Probe("firewall", "Get-FirewallFact", FirewallFacts, 60, _nothing),
        Probe("access", "Get-AccessFact", AccessFacts, 75, _access),
        Probe("runtime", "Get-RuntimeFact", RuntimeFacts, 45, _runtime),
        Probe("proxy", "Get-ProxyFact", ProxyFacts, 60, _proxy),
        Probe("egress", "Get-EgressFact", EgressFacts, 45, _egress),
    )
}


HOST_PROBE = Probe("hyperv", "Get-HyperVHostFact", HyperVFacts, 30, _nothing)
"""The one probe that runs on another computer: the Hyper-V host, which is told machine and MAC addresses (`checks.hyperv_host`)."""


@cache
def _answer_types(facts_type: type[ProbeFacts]) -> Mapping[str, object]:
    """Give the type of each field's answer: its annotation without `Problem`."""
    hints = get_type_hints(facts_type)
    answers: dict[str, object] = {}
    for one in fields(facts_type):
        hint = hints[one.name]
        if get_origin(hint) in (types.UnionType, Union):
            parts = tuple(part for part in get_args(hint) if part is not Problem)
            hint = parts[0] if len(parts) == 1 else Union[parts]  # noqa: UP007 (made at run time)
        answers[one.name] = hint
    return answers


def _mapping(value: object) -> Mapping[str, object] | None:
    if not isinstance(value, Mapping):
        return None
    entries = typing.cast("Mapping[object, object]", value)
    return {key: entry for key, entry in entries.items() if isinstance(key, str)}


def _problems(field: str, value: object) -> dict[str, Problem]:
    """Problems of a document by fact. One that names no fact is dropped: the fact it stood for is missing anyway."""
    found: dict[str, Problem] = {}
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        return found
    for entry in typing.cast("Sequence[object]", value):
        problem = _mapping(entry)
        fact = problem.get("fact") if problem is not None else None
        if problem is None or not isinstance(fact, str):
            continue
        message, code = problem.get("message"), problem.get("code")
        found[fact] = Problem(
            f"{field}.{fact}",
            message if isinstance(message, str) else "",
            code if isinstance(code, str) else "",
        )
    return found


def decode(field: str, document: object) -> ProbeFacts | Problem:
    """Facts of the probe behind the `NodeFacts` field `field`; never raises for whatever the node answered.

    A question that is missing, of the wrong type or among the document's problems becomes a `Problem` in its place; a
    document that is not one of this probe becomes a `Problem` as a whole.
    """
    probe = HOST_PROBE if field == HOST_PROBE.field else PROBES[field]
    answer = _mapping(document)
    if answer is None:
        return Problem(field, "not a JSON object", "shape")
    schema = answer.get("schema")
    if schema != SCHEMA or isinstance(schema, bool):
        return Problem(field, f"schema {schema!r:.40} instead of {SCHEMA}", "schema")
    if answer.get("script") != probe.script:
        return Problem(field, f"script {answer.get('script')!r:.80} instead of {probe.script}", "script")
    facts = _mapping(answer.get("facts"))
    if facts is None:
        return Problem(field, "no facts", "shape")
    problems = _problems(field, answer.get("problems"))
    made: dict[str, object] = {}
    for name, kind in _answer_types(probe.facts_type).items():
        if name in problems:
            made[name] = problems[name]
        elif name not in facts:
            made[name] = Problem(f"{field}.{name}", "not answered", "missing")
        else:
            try:
                made[name] = convert(facts[name], typing.cast("type[object]", kind))
            except (msgspec.ValidationError, ValueError, TypeError, OverflowError, RecursionError) as trouble:
                made[name] = Problem(f"{field}.{name}", str(trouble)[:400], "type")
    return probe.facts_type(**made)  # pyright: ignore[reportArgumentType] made holds exactly its fields
