"""Area node: the daemons know the proxy, and what must not go through it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checks.check import Check, Context, said, unread
from checks.cluster import api_host, api_server
from checks.cluster_context import node_range, pod_range, service_range
from checks.daemons import processes, service
from checks.facts import Problem, ServiceFact
from checks.finding import Evidence, Finding, Verdict
from checks.given import answer_of, first_problem
from checks.no_proxy import excepts_host, excepts_range, excepts_suffix
from checks.proxy import (
    Setting,
    given_twice,
    has_password,
    pull_setting,
    registry_proxy,
    runtime,
    runtime_service,
    setting,
)
from checks.rules.node import DAEMON_USES

TALKERS = ("flanneld", "kubelet", "kube-proxy")
"""Daemons that talk to the API server themselves."""


def proxy_variables(context: Context) -> Finding:
    """W9: who reads which proxy variable, and what must not go through the proxy."""
    facts = context.facts
    name = runtime(facts)
    own = runtime_service(facts)
    if isinstance(name, Problem):
        return unread(name)
    if isinstance(own, Problem):
        return unread(own)
    ways = _ways(context, name, own)
    if isinstance(ways, Problem):
        return unread(ways)
    pulls = tuple(way for way in ways if way.pulls)
    registries = registry_proxy(facts)
    if isinstance(registries, Problem):
        return unread(registries)
    if registries is None:
        given = sorted((way for way in pulls if way.proxies), key=lambda way: not way.is_for_https)
        direct = _direct(context, given[0] if given else None)
        if direct is not None and not (direct.verdict is Verdict.NOT_APPLICABLE and any(way.proxies for way in ways)):
            return direct
    judged = [_judge_exceptions(context, way) if way.talks else _judge_values(way) for way in ways if way.proxies]
    worst = min((one for one in judged if one is not None), key=lambda one: one.verdict.rank, default=None)
    if worst is not None and worst.verdict is Verdict.FAIL:
        return worst
    return _picked_up(context, ways) or worst or _password(ways) or _fine(ways)


@dataclass(frozen=True, slots=True)
class _Way:
    """What one daemon gets of the three variables."""

    daemon: str
    proxies: tuple[Setting, ...]
    exceptions: Setting | None
    twice: tuple[str, ...]
    """Names that its service gives more than once, with different values."""
    pulls: bool
    """Whether images are pulled this way."""
    talks: bool = True
    """Whether the cluster is reached this way too, so that what is inside must be excepted."""

    @property
    def is_for_https(self) -> bool:
        """Registries and the API server are asked over HTTPS: HTTP_PROXY is of no use there."""
        return any(one.name.endswith("HTTPS_PROXY") for one in self.proxies)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        told = (*self.proxies, *((self.exceptions,) if self.exceptions else ()))
        return tuple(Evidence(f"{self.daemon} {one.name}", one.value, one.source) for one in told)


def _way(
    context: Context, daemon: str, own: ServiceFact | None, pulls: bool, *, prefixed: bool = False
) -> _Way | Problem:
    ask = pull_setting if prefixed else setting
    told = [ask(context.facts, own, variable) for variable in ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")]
    for one in told:
        if isinstance(one, Problem):
            return one
    https, http, exceptions = (one for one in told if not isinstance(one, Problem))
    proxies = tuple(one for one in (https, http) if one is not None)
    return _Way(daemon, proxies, exceptions, given_twice(own) if own is not None else (), pulls, not prefixed)


def _ways(context: Context, name: str, own: ServiceFact | None) -> tuple[_Way, ...] | Problem:
    ways = [_way(context, name, own, True)]
    if name == "rke2":
        # Its containerd alone gets these; its flanneld gets none of any, kubelet and kube-proxy get rke2's own.
        ways.append(_way(context, "containerd", own, True, prefixed=True))
    for daemon in TALKERS if name != "rke2" else ():
        service_fact = service(context.facts, daemon)
        if isinstance(service_fact, Problem):
            return service_fact
        if service_fact is not None:  # a bare process or a pod: its own variables can't be read
            ways.append(_way(context, daemon, service_fact, False))
    return first_problem(*ways) or tuple(one for one in ways if not isinstance(one, Problem))


def _direct(context: Context, given: _Way | None) -> Finding | None:
    """The runtime asks registries directly: then that way out decides. `given`: where it has a proxy that is not for them."""
    egress = context.facts.egress
    fixes = ("set-proxy-variables",)
    if isinstance(egress, Problem):
        return unread(egress)
    if isinstance(egress.reached, Problem):
        return unread(egress.reached)
    target = egress.target if isinstance(egress.target, str) else "?"
    told = (Evidence("direct-way", f"{target}: {'yes' if egress.reached else 'no'}", "Test-NetConnection"),)
    if egress.reached:
        return said(Verdict.NOT_APPLICABLE, "direct", told, target=target)
    if given is not None:
        evidence, values = (*given.evidence, *told), {"target": target, "daemon": given.daemon}
        if given.is_for_https:
            return said(Verdict.FAIL, "registries-excepted", evidence, fixes, **values)
        return said(Verdict.FAIL, "only-http-proxy", evidence, fixes, **values)
    return said(Verdict.FAIL, "no-proxy-set", told, fixes, target=target)


def _judge_exceptions(context: Context, way: _Way) -> Finding | None:
    """What must not go through the proxy, for one daemon; None where all is excepted."""
    facts = context.facts
    value = way.exceptions.value if way.exceptions else ""
    values = {"daemon": way.daemon, "proxy": way.proxies[0].value}
    fixes = ("set-proxy-variables",)
    api, pods, services = api_host(facts), pod_range(context), service_range(context)
    server = api_server(facts)
    port = server.value.rpartition(":")[2] if server else ""
    # What is inside is asked over HTTPS: HTTP_PROXY alone leads none of it astray.
    astray = way.is_for_https
    if astray and api is not None and not excepts_host(value, api.value, port):
        evidence = (*way.evidence, Evidence("api-server", api.value, api.source))
        return said(Verdict.FAIL, "api-through-proxy", evidence, fixes, missing=api.value, **values)
    for told in (pods, services):
        if astray and told is not None and told.range is not None and not excepts_range(value, told.range):
            evidence = (*way.evidence, Evidence("range", told.value, told.source))
            return said(Verdict.FAIL, "cluster-through-proxy", evidence, fixes, missing=told.value, **values)
    unknown = [name for name, told in (("API server", api), ("pods", pods), ("services", services)) if told is None]
    if unknown:
        return said(Verdict.UNKNOWN, "ranges-unknown", way.evidence, fixes, missing=", ".join(unknown), **values)
    missing = [suffix for suffix in (".svc", ".cluster.local") if not excepts_suffix(value, suffix)]
    for told in (pods, services, node_range(context)):
        if told is not None and told.range is not None and not excepts_range(value, told.range):
            missing.append(told.value)
    if missing:
        return said(Verdict.WARN, "exceptions-incomplete", way.evidence, fixes, missing=", ".join(missing), **values)
    return _judge_values(way)


def _judge_values(way: _Way) -> Finding | None:
    """How the values are written; None where nothing is amiss."""
    values = {"daemon": way.daemon, "proxy": way.proxies[0].value}
    fixes = ("set-proxy-variables",)
    if way.twice:
        return said(Verdict.WARN, "twice", way.evidence, fixes, variable=way.twice[0], **values)
    for one in way.proxies:
        if "://" not in one.value:
            return said(Verdict.WARN, "no-scheme", way.evidence, fixes, variable=one.name, **values)
    return None


def _picked_up(context: Context, ways: tuple[_Way, ...]) -> Finding | None:
    """Whether the runtime started with the machine's variables as they are now.

    Services get them as of the last boot, whenever they start; a process without a service as of its own start.
    """
    way = next((one for one in ways if one.pulls and one.proxies), None)
    if way is None or way.proxies[0].own:
        return None
    since = _read_since(context, way.daemon)
    changed = answer_of(context.facts.environment, lambda one: one.machine_changed)
    fixes = ("set-proxy-variables",)
    values = {"daemon": way.daemon, "variable": way.proxies[0].name}
    if isinstance(changed, Problem) or since is None:
        return said(Verdict.WARN, "may-not-be-read", way.evidence, fixes, **values)
    read, evidence = since
    told = Evidence("changed", changed.isoformat(timespec="seconds"), way.proxies[0].source)
    if changed > read:
        return said(Verdict.WARN, "may-not-be-read", (*way.evidence, told, evidence), fixes, **values)
    return None


def _read_since(context: Context, name: str) -> tuple[datetime, Evidence] | None:
    """As of when a daemon has the machine's variables; None where it can't be told."""
    own, running = service(context.facts, name), processes(context.facts, name)
    if own is None and not isinstance(running, Problem) and running:
        start = running[0].created
        return (start, Evidence("started", start.isoformat(timespec="seconds"), "Win32_Process")) if start else None
    boot = answer_of(context.facts.system, lambda one: one.boot_time)
    if isinstance(boot, Problem):
        return None
    return boot, Evidence("boot", boot.isoformat(timespec="seconds"), "Win32_OperatingSystem")


def _password(ways: tuple[_Way, ...]) -> Finding | None:
    """Last of all, so that it is said only where nothing else is amiss: a fix that was confirmed with it may leave it."""
    for way in ways:
        for one in way.proxies:
            if has_password(one.value):
                values = {"daemon": way.daemon, "proxy": way.proxies[0].value}
                return said(Verdict.WARN, "password", way.evidence, variable=one.name, **values)
    return None


def _fine(ways: tuple[_Way, ...]) -> Finding:
    way = next((one for one in ways if one.proxies and one.pulls), next(one for one in ways if one.proxies))
    return said(Verdict.PASS, "set", way.evidence, daemon=way.daemon, proxy=way.proxies[0].value)


CHECKS = (
    Check(
        "node.proxy-variables",
        (
            *DAEMON_USES,
            "environment.machine",
            "profile.api_servers",
            "flannel.subnet_env",
            "flannel.net_conf",
            "cni.folders",
            "network.addresses",
            "network.routes",
            "hns.networks",
            "system.boot_time",
        ),
        proxy_variables,
        waits_for=("egress",),
    ),
)
