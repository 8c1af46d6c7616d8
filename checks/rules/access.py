"""Area node: the way to the API server."""

from __future__ import annotations

from checks.check import Check, Context, said, unread
from checks.command_line import same_path
from checks.daemons import all_processes, daemon_flag, services
from checks.facts import NodeFacts, Problem, ServerReachFact
from checks.finding import Evidence, Finding, Verdict
from checks.given import answer_of

_KUBECONFIG_FLAGS = (("kubelet", "kubeconfig"), ("flanneld", "kubeconfig-file"), ("kube-proxy", "kubeconfig"))
_LOCAL = ("127.", "localhost:", "[::1]:")


def own_kubeconfigs(facts: NodeFacts) -> tuple[str, ...]:
    """The kubeconfigs that command lines of this node's daemons name."""
    told = (daemon_flag(facts, daemon, key) for daemon, key in _KUBECONFIG_FLAGS)
    return tuple(dict.fromkeys(one for one in told if one))


def api_server_reachable(context: Context) -> Finding:
    """The useful half of W5: the address in the kubeconfigs must answer the node itself."""
    facts = context.facts
    servers = answer_of(facts.access, lambda one: one.servers)
    if isinstance(servers, Problem):
        return unread(servers)
    for answer in (services(facts), all_processes(facts)):
        if isinstance(answer, Problem):
            return unread(answer)  # which kubeconfig is in use was not told
    named = own_kubeconfigs(facts)
    used = [one for one in servers if any(same_path(path, name) for path in one.paths for name in named)]
    if not used:
        return said(Verdict.UNKNOWN, "no-kubeconfig", _told(servers), paths=", ".join(named) or "–")
    lost = [one for one in used if not one.reached]
    if lost:
        host, _, port = lost[0].target.rpartition(":")
        values = {"target": lost[0].target, "host": host.strip("[]"), "port": port, "path": lost[0].paths[0]}
        return said(Verdict.FAIL, "not-reached", _told(used), **values)
    if all(one.target.startswith(_LOCAL) for one in used):
        return _behind_local(tuple(servers), used)
    return said(Verdict.PASS, "reached", _told(used), target=used[0].target)


def _told(servers: list[ServerReachFact] | tuple[ServerReachFact, ...]) -> tuple[Evidence, ...]:
    if not servers:
        return (Evidence("api-server", "–", "kubeconfigs"),)
    return tuple(
        Evidence("api-server", f"{one.target}: {'yes' if one.reached else 'no'}", ", ".join(one.paths))
        for one in servers
    )


def _behind_local(servers: tuple[ServerReachFact, ...], used: list[ServerReachFact]) -> Finding:
    """RKE2's agent has a load balancer of its own before the servers: that one answers whatever lies behind it."""
    behind = [one for one in servers if not one.target.startswith(_LOCAL)]
    evidence = _told((*used, *behind))
    if any(one.reached for one in behind):
        return said(Verdict.PASS, "reached-behind", evidence, target=behind[0].target, local=used[0].target)
    return said(Verdict.UNKNOWN, "only-local", evidence, local=used[0].target)


CHECKS = (
    Check(
        "node.api-server-reachable",
        ("access.servers", "daemons.services", "daemons.processes"),
        api_server_reachable,
    ),
)
