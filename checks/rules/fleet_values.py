"""What is read of each node to hold it against the others of its cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from checks.cluster import Told, cni_conf, cni_file, management_range, subnet_env_file
from checks.command_line import same_path
from checks.daemons import daemon_flag, line_unread
from checks.facts import FileFact, NodeFacts, Problem, ProgramFact
from checks.flannel_files import all_read, present, read_net_conf, read_subnet_env
from checks.given import all_of, answer_of, first_problem
from checks.no_proxy import entries
from checks.programs import VERSION, asked, shown, version
from checks.proxy import runtime_service, setting
from checks.ranges import contains, parse_range

DAEMONS = ("kubelet", "kube-proxy", "flanneld", "containerd")
NODE_OBJECT = "kubectl get node"
NET_CONF = "C:\\etc\\kube-flannel\\net-conf.json"

Values = Mapping[str, Told]
"""By what they are; what a node does not have is left out."""
Reader = Callable[[NodeFacts], Values | Problem]


def _env(facts: NodeFacts) -> FileFact | Problem | None:
    """subnet.env; None where it is not there."""
    file = subnet_env_file(facts)
    if isinstance(file, Problem):
        return file
    if file.problem or file.present is None:
        return Problem("flannel.subnet_env", f"{file.path}: {file.problem}")
    return file if file.present else None


def read_subnet(facts: NodeFacts) -> Values | Problem:
    """FLANNEL_SUBNET."""
    file = _env(facts)
    if file is None or isinstance(file, Problem):
        return {} if file is None else file
    subnet = read_subnet_env(file.data).subnet
    return {} if subnet is None else {"FLANNEL_SUBNET": Told(str(subnet), file.path)}


def read_cidrs(facts: NodeFacts) -> Values | Problem:
    """The pod CIDRs of the Node object."""
    node = answer_of(facts.cluster, lambda one: one.node)
    if isinstance(node, Problem):
        return node
    ranges = [one for one in node.pod_cidrs if parse_range(one) is not None]
    return {f"podCIDR {number}": Told(one, NODE_OBJECT) for number, one in enumerate(ranges, 1)}


def read_flannel(facts: NodeFacts) -> Values | Problem:
    """flannel's network and MTU as it runs, and the backend that it is set to."""
    files = all_of(_env(facts), answer_of(facts.flannel, lambda one: one.net_conf))
    if isinstance(files, Problem):
        return files
    hidden = line_unread(facts, "flanneld")
    if hidden is not None:
        return hidden
    file, confs = files
    found: dict[str, Told] = {}
    if file is not None:
        env = read_subnet_env(file.data)
        found |= {"FLANNEL_NETWORK": Told(str(env.network), file.path)} if env.network else {}
        found |= {"FLANNEL_MTU": Told(str(env.mtu), file.path)} if env.mtu is not None else {}
    own = all_read(_own_net_conf(facts, confs), "flannel.net_conf")
    if isinstance(own, Problem):
        return own
    for conf in present(own):
        if read_net_conf(conf.data).backend:
            found["backend"] = Told(read_net_conf(conf.data).backend, conf.path)
    return found


def _own_net_conf(facts: NodeFacts, files: tuple[FileFact, ...]) -> tuple[FileFact, ...]:
    """The net-conf.json that flanneld was told of, else of the default place; the only one where the node list names it."""
    path = daemon_flag(facts, "flanneld", "net-config-path") or NET_CONF
    found = tuple(one for one in files if same_path(one.path, path))
    return found or (files if len(files) == 1 else ())


def read_versions(facts: NodeFacts) -> Values | Problem:
    """Versions that the daemons' programs tell; where one does not, what kubelet has told the cluster of it."""
    node = answer_of(facts.cluster, lambda one: one.node)
    of_cluster: dict[str, str] = {}
    if not isinstance(node, Problem):
        runtime, _, number = node.runtime_version.rpartition("://")
        of_cluster = {"kubelet": node.kubelet_version, "kube-proxy": node.proxy_version, runtime: number}
    found: dict[str, Told] = {}
    for name in dict.fromkeys((*DAEMONS, *of_cluster)):
        program = asked(facts, name, "--version")
        of_program = version(facts, name) if program is not None else None
        of_node = VERSION.search(of_cluster.get(name, ""))
        if isinstance(of_program, tuple) and isinstance(program, ProgramFact):
            found[name] = Told(shown(of_program), f"{program.path} --version")
        elif of_node is not None:
            found[name] = Told(of_node[1], NODE_OBJECT)
        elif isinstance(of_program, Problem):
            return of_program
    return found


def read_no_proxy(facts: NodeFacts) -> Values | Problem:
    """NO_PROXY as the container runtime gets it, without the node's own names and addresses; order and case do not matter."""
    own = runtime_service(facts)
    if isinstance(own, Problem):
        return own
    told = setting(facts, own, "NO_PROXY")
    if isinstance(told, Problem):
        return told
    listed = {entry.lower() for entry in entries(told.value)} if told is not None else set[str]()
    here = _own_names(facts) if listed else frozenset[str]()
    if isinstance(here, Problem):
        return here
    value = ",".join(sorted(entry for entry in listed if entry.removesuffix("/32") not in here))
    return {"NO_PROXY": Told(value, told.source if told is not None else "–")}


def _own_names(facts: NodeFacts) -> frozenset[str] | Problem:
    """What only this node is called, in lower case: its names and addresses but those of every computer."""
    called = answer_of(facts.system, lambda one: all_of(one.computer_name, one.host_name))
    answers = all_of(called, answer_of(facts.network, lambda one: one.addresses))
    if isinstance(answers, Problem):
        return answers
    (computer, host), addresses = answers
    own = (one.address.lower() for one in addresses if one.address not in ("127.0.0.1", "::1"))
    return frozenset((computer.lower(), host.lower(), *own))


def read_exceptions(facts: NodeFacts) -> Values | Problem:
    """Exceptions of outbound NAT without what each node has for itself: its own subnet, and its part of a wider range."""
    file = cni_file(facts)
    if isinstance(file, Problem):
        return file
    trouble = first_problem(answer_of(facts.network, lambda one: all_of(one.addresses, one.routes)))
    if trouble is not None:
        return trouble
    conf = cni_conf(facts)
    if conf is None or file is None or conf.fault or not conf.is_flannel:
        return {}
    own = management_range(facts)
    ranges = {ranged for one in conf.exceptions if (ranged := parse_range(one)) is not None}
    widest = (one for one in ranges if not any(contains(wide, one) for wide in ranges if wide != one))
    kept = sorted(str(one) for one in widest if own is None or one != own.range)
    return {"exceptions": Told(", ".join(kept), file.path)}
