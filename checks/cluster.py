"""What the node itself tells of its cluster, each value with the place it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from checks.cni import CniConf, first_file, read_cni
from checks.command_line import same_path, variable
from checks.daemons import command_line, daemon_flag, processes, service
from checks.derived import derived
from checks.facts import FileFact, NodeFacts, Problem
from checks.flannel_files import present, read_net_conf, read_subnet_env
from checks.given import answer_of, first_problem
from checks.profile import Profile, conf_folders
from checks.ranges import Range, holds, parse_address, parse_range

RKE2_SERVICES = "10.43.0.0/16"
"""RKE2's default service range."""
RKE2_DEFAULT = "RKE2's default"
RKE2_CONFIG = "C:\\etc\\rancher\\rke2\\config.yaml"


@dataclass(frozen=True, slots=True)
class Told:
    """A value and where it was read."""

    value: str
    source: str

    @property
    def range(self) -> Range | None:
        return parse_range(self.value)


@derived
def cni_file(facts: NodeFacts) -> FileFact | Problem | None:
    """The CNI file that is in force: first in the runtime's own folder, else in the first folder that has one."""
    folders = answer_of(facts.cni, lambda one: one.folders)
    if isinstance(folders, Problem):
        return folders
    own = conf_folders(facts)
    ranked = sorted(folders, key=lambda one: not any(same_path(one.path, path) for path in own))
    for folder in ranked:
        if folder.problem:
            if not own or any(same_path(folder.path, path) for path in own):
                return Problem("cni.folders", f"{folder.path}: {folder.problem}")
            continue
        first = first_file(folder)
        if first is not None:
            return Problem("cni.folders", f"{first.path}: {first.problem}") if first.problem else first
        if own and any(same_path(folder.path, path) for path in own):
            return None
    return None


@derived
def cni_conf(facts: NodeFacts) -> CniConf | None:
    file = cni_file(facts)
    return read_cni(file.data) if isinstance(file, FileFact) and file.present else None


def subnet_env_file(facts: NodeFacts) -> FileFact | Problem:
    """flannel's subnet.env: where flanneld was told to write it, else the default place."""
    found = answer_of(facts.flannel, lambda one: one.subnet_env)
    if isinstance(found, Problem):
        return found
    trouble = _unread_line(facts) if len(present(found)) > 1 else None
    if trouble is not None:
        return trouble  # several files, and which one is flanneld's was not told
    told = daemon_flag(facts, "flanneld", "subnet-file") or "C:\\run\\flannel\\subnet.env"
    for file in found:
        if same_path(file.path, told):
            return file
    for file in present(found):
        return file
    return next(iter(found), Problem("flannel.subnet_env", f"{told} was not asked for"))


def _unread_line(facts: NodeFacts) -> Problem | None:
    """Why flanneld's command line is not known; None where it is, or where there is none."""
    if command_line(facts, "flanneld") is not None:
        return None
    return first_problem(processes(facts, "flanneld"), service(facts, "flanneld"))


def pod_subnet(facts: NodeFacts) -> Told | None:
    """The node's own pod subnet as flannel leased it."""
    file = subnet_env_file(facts)
    if isinstance(file, FileFact) and file.present and not file.problem:
        subnet = read_subnet_env(file.data).subnet
        if subnet is not None:
            return Told(str(subnet), file.path)
    return None


def cluster_cidr(facts: NodeFacts) -> Told | None:
    """The range of all pods: subnet.env, net-conf.json, kube-proxy's flag, in this order."""
    file = subnet_env_file(facts)
    if isinstance(file, FileFact) and file.present and not file.problem:
        network = read_subnet_env(file.data).network
        if network is not None:
            return Told(str(network), file.path)
    if not isinstance(facts.flannel, Problem) and not isinstance(facts.flannel.net_conf, Problem):
        for conf in present(facts.flannel.net_conf):
            network = read_net_conf(conf.data).network
            if network is not None:
                return Told(str(network), conf.path)
    told = daemon_flag(facts, "kube-proxy", "cluster-cidr")
    if told and parse_range(told):
        return Told(told, "kube-proxy --cluster-cidr")
    return None


def service_cidr(facts: NodeFacts, profile: Profile) -> Told | None:
    """The range of services: a route policy of the CNI file, else RKE2's default. Load balancers only confirm it."""
    file, conf = cni_file(facts), cni_conf(facts)
    if conf is not None and isinstance(file, FileFact):
        pods = cluster_cidr(facts)
        for route in conf.routes:
            ranged = parse_range(route)
            if ranged is not None and ranged.num_addresses > 1 and not (pods and pods.range == ranged):
                return Told(str(ranged), file.path)
    if profile.name == "rke2":
        return Told(RKE2_SERVICES, RKE2_DEFAULT)
    return None


def management_address(facts: NodeFacts) -> Told | None:
    """The node's own address: the pod network's ManagementIP, else --iface, else the default route's interface."""
    if not isinstance(facts.hns, Problem) and not isinstance(facts.hns.networks, Problem):
        # Where the node list names the pods' network, no other one counts.
        for network in (one for one in facts.hns.networks if not one.typed_apart):
            if network.management_ip and network.type.lower() in ("overlay", "l2bridge", "l2tunnel"):
                return Told(network.management_ip, f"HNS network {network.name}")
    return default_route_address(facts)


def default_route_address(facts: NodeFacts) -> Told | None:
    """The address of the adapter that leads outside."""
    if isinstance(facts.network, Problem):
        return None
    routes, addresses = facts.network.routes, facts.network.addresses
    if isinstance(routes, Problem) or isinstance(addresses, Problem):
        return None
    for route in routes:
        if route.prefix == "0.0.0.0/0":
            for one in addresses:
                if one.interface_index == route.interface_index and one.family == "ipv4":
                    return Told(one.address, f"Get-NetIPAddress, {one.interface}")
    return None


def management_range(facts: NodeFacts) -> Told | None:
    """The subnet of the node's own address."""
    own = management_address(facts)
    if own is None or isinstance(facts.network, Problem) or isinstance(facts.network.addresses, Problem):
        return None
    for one in facts.network.addresses:
        if one.address == own.value:
            return Told(str(parse_range(f"{one.address}/{one.prefix_length}")), f"Get-NetIPAddress, {one.interface}")
    return None


def api_server(facts: NodeFacts) -> Told | None:
    """host:port of the API server as the kubeconfigs name it; RKE2's lead to this node, and its configuration onwards."""
    if isinstance(facts.profile, Problem) or isinstance(facts.profile.api_servers, Problem):
        return None
    named = daemon_flag(facts, "flanneld", "kubeconfig-file") or daemon_flag(facts, "kubelet", "kubeconfig")
    ranked = sorted(facts.profile.api_servers, key=lambda one: not (named and same_path(one.path, named)))
    settings = facts.profile.rke2_settings
    own = () if isinstance(settings, Problem) else tuple(one.value for one in settings if one.name == "server")
    places = (*((one.server, one.path) for one in ranked), *((server, RKE2_CONFIG) for server in own))
    return next((told for server, path in places if (told := _endpoint(server, path)) is not None), None)


def _endpoint(server: str, path: str) -> Told | None:
    parts = urlsplit(server if "://" in server else f"https://{server}")
    if not parts.hostname or parts.hostname in ("127.0.0.1", "localhost", "::1"):
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return Told(f"{host}:{parts.port or 443}", path)


def api_host(facts: NodeFacts) -> Told | None:
    told = api_server(facts)
    return None if told is None else Told(told.value.rpartition(":")[0].strip("[]"), told.source)


def usable_kubeconfigs(facts: NodeFacts) -> tuple[str, ...] | Problem:
    """Paths of the kubeconfigs on this node that name an API server."""
    if isinstance(facts.profile, Problem):
        return facts.profile
    told = facts.profile.api_servers
    return told if isinstance(told, Problem) else tuple(dict.fromkeys(one.path for one in told))


def node_name(facts: NodeFacts) -> Told | None:
    """The Node object's name: kubelet's and kube-proxy's override, RKE2's setting, else the host name."""
    for daemon in ("kubelet", "kube-proxy"):
        told = daemon_flag(facts, daemon, "hostname-override")
        if told:
            return Told(told.lower(), f"{daemon} --hostname-override")
    if not isinstance(facts.profile, Problem) and not isinstance(facts.profile.rke2_settings, Problem):
        for one in facts.profile.rke2_settings:
            if one.name == "node-name" and one.value:
                return Told(one.value, RKE2_CONFIG)
    if not isinstance(facts.system, Problem) and not isinstance(facts.system.host_name, Problem):
        return Told(facts.system.host_name.lower(), "host name")
    return None


def flanneld_node_name(facts: NodeFacts) -> Told | None:
    """NODE_NAME as flanneld's service gives it; None for a bare process, whose own variables nobody can read."""
    from checks.proxy import machine, own_lines, replaces_environment

    own = service(facts, "flanneld")
    if own is not None and not isinstance(own, Problem):
        for lines, source in own_lines(own):
            value = variable(lines, "NODE_NAME")
            if value:
                return Told(value, source)
        if replaces_environment(own):
            return None
    value = machine(facts, "NODE_NAME")
    return Told(value, "machine variable NODE_NAME") if isinstance(value, str) and value else None


def owns_address(facts: NodeFacts, text: str) -> bool | None:
    """Whether an adapter that is up has this address; None where it can't be told."""
    if isinstance(facts.network, Problem) or isinstance(facts.network.addresses, Problem):
        return None
    adapters = facts.network.adapters
    if isinstance(adapters, Problem):
        return None
    up = {one.index for one in adapters if one.status == "up"}
    if any(one.name.lower() == text.lower() for one in adapters if one.index in up):
        return True
    address = parse_address(text)
    return any(parse_address(one.address) == address and one.interface_index in up for one in facts.network.addresses)


def in_range(text: str, ranged: Range) -> bool:
    address = parse_address(text)
    return address is not None and holds(ranged, address)
