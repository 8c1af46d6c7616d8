"""Facts of healthy nodes, one per layout, made from few values; and ways to change one fact of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from node_files import (
    ADDRESS,
    BOOT,
    NOW,
    STARTED,
    Cluster,
    cni_text,
    containerd_config,
    crictl_info,
    file,
    kubelet_config,
    net_conf,
    source_vip,
    source_vip_request,
    subnet_env,
)

from checks.causes import fold
from checks.check import Check, Context, evaluate
from checks.cni import read_cni
from checks.command_line import role
from checks.facts import (
    AccessFacts,
    AdapterFact,
    AddressFact,
    ApiServerFact,
    CertificateFact,
    ClockFacts,
    ClockServiceFact,
    ClusterFacts,
    CniFacts,
    CniFolderFact,
    ContainersFact,
    DaemonFacts,
    DiskFact,
    EgressFacts,
    EnvironmentFacts,
    FileFact,
    FirewallFacts,
    FirewallProfileFact,
    FirewallRuleFact,
    FlannelFacts,
    GuestFact,
    HnsFacts,
    HnsLoadBalancerFact,
    HnsNetworkFact,
    HnsRemoteSubnet,
    HnsServiceFact,
    HyperVFacts,
    InterfaceMtuFact,
    MachineFacts,
    NameServersFact,
    NetworkFacts,
    NodeAddressFact,
    NodeConditionFact,
    NodeFacts,
    NodeObjectFact,
    NodePortFacts,
    NssmFact,
    PluginFolderFact,
    PodContainerFact,
    PodFact,
    Problem,
    ProcessFact,
    ProfileFacts,
    ProgramFact,
    ProxyAnswerFact,
    ProxyFacts,
    ReservationFact,
    RouteFact,
    RuntimeFacts,
    ServerReachFact,
    ServiceFact,
    SystemFacts,
    VariableFact,
    VirtualAdapterFact,
)
from checks.finding import Finding
from checks.node import Node
from checks.profile import detect
from checks.rules import CHECKS

NODE = Node("worker-03", "10.2.0.13")
LAYOUTS = ("sdn-native", "sdn-nssm", "hostprocess", "rke2")
SUBNET_ENV = "C:\\run\\flannel\\subnet.env"
GIB = 2**30
PKI = "C:\\var\\lib\\kubelet\\pki"
KUBELET_CONFIG = "C:\\var\\lib\\kubelet\\config.yaml"
RKE2 = "C:\\var\\lib\\rancher\\rke2"
CONTAINERD_CONFIG = "C:\\Program Files\\containerd\\config.toml"


def process(line: str, number: int = 4100, created: datetime | None = STARTED) -> ProcessFact:
    name = role(line)
    return ProcessFact(f"{name}.exe", name, number, 640, "services.exe", line, line.split(" ")[0].strip('"'), created)


def service(name: str, path: str, nssm: str = "", *, state: str = "running", **more: Any) -> ServiceFact:
    """A service that starts `path`; `nssm`: the command line that NSSM at `path` starts."""
    wrapped = None
    if nssm:
        application, _, parameters = nssm.partition(" ")
        wrapped = NssmFact(application, parameters, "C:\\k", None, more.pop("extra", None), None, None)
    told = ServiceFact(name, state, "auto", path, 4000, "LocalSystem", 0, (), None, wrapped)
    return replace(told, **more)


def _flanneld(folder: str, kubeconfig: str) -> str:
    return f"{folder}\\flanneld.exe --kubeconfig-file={kubeconfig} --iface={ADDRESS} --ip-masq=1 --kube-subnet-mgr=1"


def _kubelet(folder: str, kubeconfig: str, dns: str) -> str:
    told = f"--cluster-dns={dns}" if dns else f"--config={KUBELET_CONFIG}"
    return f'{folder}\\kubelet.exe --hostname-override=worker-03 --kubeconfig={kubeconfig} {told} --resolv-conf=""'


def _proxy(folder: str, kubeconfig: str, network: str, cluster: Cluster, vip: bool) -> str:
    more = f" --network-name={network}" + (f" --source-vip={cluster.own}.2" if vip else "")
    return f"{folder}\\kube-proxy.exe --hostname-override=worker-03 --kubeconfig={kubeconfig} --cluster-cidr={cluster.pods}{more}"


@cache
def healthy(layout: str) -> NodeFacts:
    """A node on which nothing is amiss: `sdn-native` (overlay), `sdn-nssm` (l2bridge), `hostprocess` or `rke2`."""
    return {"sdn-native": _native, "sdn-nssm": _nssm, "hostprocess": _hostprocess, "rke2": _rke2}[layout]()


def _native() -> NodeFacts:
    cluster = Cluster()
    lines = (
        "C:\\containerd\\containerd.exe --run-service",
        _kubelet("C:\\k", "C:\\k\\config", cluster.dns) + " --cni-conf-dir=C:\\k\\cni\\config",
        _flanneld("C:\\flannel", "C:\\k\\config"),
        _proxy("C:\\k", "C:\\k\\config", "vxlan0", cluster, True),
    )
    own = tuple(
        service(role(line), line, environment=("NODE_NAME=worker-03",) if "flanneld" in line else None)
        for line in lines
    )
    conf = file("C:\\k\\cni\\config\\cni.conf", cni_text("win-overlay", "vxlan0", cluster))
    return _facts("vxlan0", cluster, own, lines, conf, ("C:\\k\\config",), ("C:\\k\\helper.psm1",), "C:\\k")


def _nssm() -> NodeFacts:
    cluster = Cluster()
    lines = (
        "C:\\docker\\dockerd.exe --run-service",
        _kubelet("C:\\k", "C:\\k\\config", cluster.dns)
        + (
            " --network-plugin=cni --cni-bin-dir=C:\\k\\cni --cni-conf-dir=C:\\k\\cni\\config"
            " --pod-infra-container-image=registry.k8s.io/pause:3.9"
        ),
        _flanneld("C:\\flannel", "C:\\k\\config"),
        _proxy("C:\\k", "C:\\k\\config", "cbr0", cluster, False),
    )
    own = (
        service("docker", lines[0]),
        *(
            service(role(line), "C:\\k\\nssm.exe", line, extra=("NODE_NAME=worker-03",) if "flanneld" in line else None)
            for line in lines[1:]
        ),
    )
    conf = file("C:\\k\\cni\\config\\cni.conf", cni_text("win-bridge", "cbr0", cluster, "10.2.0.0/24"))
    return _facts("cbr0", cluster, own, lines, conf, ("C:\\k\\config",), ("C:\\k\\helper.psm1",))


def _hostprocess() -> NodeFacts:
    cluster = Cluster()
    lines = (
        "C:\\containerd\\containerd.exe --run-service",
        _kubelet("C:\\k", "C:\\etc\\kubernetes\\kubelet.conf", ""),
        _flanneld("C:\\hpc\\flannel", "C:\\hpc\\mounts\\kubeconfig.conf"),
        _proxy("C:\\hpc\\kube-proxy", "C:\\hpc\\mounts\\kubeconfig.conf", "flannel.4096", cluster, True),
    )
    shell = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe -File C:\\k\\StartKubelet.ps1"
    own = (service("containerd", lines[0]), service("kubelet", "C:\\nssm\\nssm.exe", shell))
    text = cni_text("sdnoverlay", "flannel.4096", cluster, route="SDNRoute", second=True)
    conf = file("C:\\etc\\cni\\net.d\\10-flannel.conf", text)
    paths = ("C:\\k\\StartKubelet.ps1", "C:\\hpc", "C:\\sourcevip", "C:\\var\\lib\\kubelet\\config.yaml")
    kubeconfigs = ("C:\\etc\\kubernetes\\kubelet.conf", "C:\\hpc\\mounts\\kubeconfig.conf")
    found = _facts("flannel.4096", cluster, own, lines, conf, kubeconfigs, paths, "C:\\sourcevip")
    return with_fact(found, "profile.kubelet_config", (file(KUBELET_CONFIG, kubelet_config(cluster)),))


def _rke2() -> NodeFacts:
    cluster = Cluster("10.42.0.0/16", "10.43.0.0/16", "10.42.3", "10.43.0.10")
    agent = f"{RKE2}\\agent"
    lines = (
        "C:\\usr\\local\\bin\\rke2.exe agent",
        f"{RKE2}\\bin\\containerd.exe -c {agent}\\etc\\containerd\\config.toml",
        _kubelet(f"{RKE2}\\bin", f"{agent}\\kubelet.kubeconfig", cluster.dns),
        _flanneld(f"{RKE2}\\bin", f"{agent}\\flannel.kubeconfig"),
        _proxy(f"{RKE2}\\bin", f"{agent}\\kubeproxy.kubeconfig", "flannel.4096", cluster, False),
    )
    text = cni_text("win-overlay", "flannel.4096", cluster, route="SDNRoute", second=True)
    conf = file(f"{agent}\\etc\\cni\\07-flannel.conflist", text)
    kubeconfigs = tuple(f"{agent}\\{name}.kubeconfig" for name in ("kubelet", "flannel", "kubeproxy"))
    found = _facts("flannel.4096", cluster, (service("rke2", lines[0]),), lines, conf, kubeconfigs, ())
    held = ReservationFact(
        "flannel.4096", "10.42.3.2", "C:\\var\\lib\\cni\\networks\\flannel.4096\\10.42.3.2", "kube-proxy\r\n", BOOT
    )
    found = with_fact(found, "flannel.reservations", (held,))
    return with_fact(found, "profile.rke2_settings", (VariableFact("node-name", "worker-03"),))


def _facts(
    network: str,
    cluster: Cluster,
    services: tuple[ServiceFact, ...],
    lines: tuple[str, ...],
    conf: FileFact,
    kubeconfigs: tuple[str, ...],
    paths: tuple[str, ...],
    vip_folder: str = "",
) -> NodeFacts:
    overlay = network != "cbr0"
    vip, subnet = f"{cluster.own}.2", f"{cluster.own}.0/24"
    told = net_conf(network, "vxlan" if overlay else "host-gw", cluster)
    held = ReservationFact(network, vip, f"C:\\var\\lib\\cni\\networks\\{network}\\{vip}", "dummy\r\ndummy", BOOT)
    folder = conf.path.rpartition("\\")[0]
    vips = vip_folder or "C:\\k"
    hns = service("hns", "C:\\Windows\\System32\\svchost.exe -k NetworkService -p -s hns")
    peer = HnsRemoteSubnet(cluster.pods.replace(".0.0/16", ".0.0/24"), "10.2.0.2")
    return NodeFacts(
        system=SystemFacts(
            "WORKER-03", "worker-03", "Windows Server 2019", 17763, 6532, True, "en-US", BOOT, NOW, "Microsoft", "VM"
        ),
        daemons=DaemonFacts(
            (hns, *services), tuple(process(line, 4100 + number) for number, line in enumerate(lines)), ()
        ),
        environment=EnvironmentFacts((), BOOT - timedelta(days=9)),
        flannel=FlannelFacts(
            subnet_env=(file(SUBNET_ENV, subnet_env(cluster, 1450 if overlay else 1500)),),
            net_conf=(file("C:\\etc\\kube-flannel\\net-conf.json", told),),
            source_vip=(file(f"{vips}\\sourceVip.json", source_vip(vip) if vip_folder else None),),
            source_vip_request=(
                file(
                    f"{vips}\\sourceVipRequest.json",
                    source_vip_request(subnet) if vip_folder else None,
                ),
            ),
            reservations=(held,) if vip_folder else (),
            flanneld_log=(),
            kube_proxy_log=(),
        ),
        hns=HnsFacts(
            networks=(
                HnsNetworkFact(
                    "26E0C124",
                    network,
                    "Overlay" if overlay else "L2Bridge",
                    ADDRESS,
                    (subnet,),
                    (f"{cluster.own}.1",),
                    "Ethernet",
                    0,
                    (peer,) if overlay else (),
                ),
            ),
            endpoints=(),
            endpoint_count=0,
            load_balancers=tuple(
                HnsLoadBalancerFact(f"LB{protocol}", (cluster.dns,), protocol, 53, 53, 2) for protocol in (6, 17)
            ),
            load_balancer_count=2,
            load_balancer_vips=(cluster.dns,),
        ),
        network=NetworkFacts(
            adapters=(
                AdapterFact("Ethernet", "Microsoft Hyper-V Network Adapter", 6, "up", "00-15-5D-01-02-0D", False, 1500),
                AdapterFact("vEthernet (Ethernet)", "Hyper-V Virtual", 12, "up", "00-15-5D-01-02-0D", True, 1500),
            ),
            addresses=(AddressFact(ADDRESS, 24, "vEthernet (Ethernet)", 12, "ipv4"),),
            routes=(RouteFact("0.0.0.0/0", "10.2.0.1", 12),),
            name_servers=(NameServersFact("vEthernet (Ethernet)", 12, "ipv4", ("10.2.0.1",)),),
            mtus=(InterfaceMtuFact("vEthernet (Ethernet)", 12, 1500),),
        ),
        cni=CniFacts((CniFolderFact(folder, True, (conf,)),), (plugins(_folder_of_plugins(folder), conf),)),
        profile=ProfileFacts(
            paths,
            (),
            tuple(ApiServerFact(path, "https://10.2.0.2:6443") for path in kubeconfigs),
            (),
            _containerd_config(lines, folder),
            (),
            (),
        ),
        machine=MachineFacts(
            containers=ContainersFact(True, True, "not-asked", False),
            pending_reboots=(),
            disks=(DiskFact("C:", 128 * GIB, 60 * GIB), DiskFact("D:", 512 * GIB, 400 * GIB)),
            hns_service=HnsServiceFact("running", 1640, 24, BOOT),
            clock_service=ClockServiceFact("running", False),
            guest=GuestFact("HV-01", "worker-03", ""),
        ),
        firewall=FirewallFacts(
            profiles=tuple(FirewallProfileFact(name, True, False) for name in ("domain", "private", "public")),
            rules=(
                FirewallRuleFact("kubelet", True, False, ("any",), "port", "", ""),
                FirewallRuleFact("overlay", True, False, ("any",), "", "port", "System"),
            ),
            kubelet_listens=True,
        ),
        access=AccessFacts(
            (ServerReachFact("10.2.0.2:6443", kubeconfigs, True),),
            (CertificateFact(f"{PKI}\\kubelet-client-current.pem", BOOT, BOOT + timedelta(days=365)),),
        ),
        cluster=_cluster(subnet, overlay, kubeconfigs[0]),
        runtime=RuntimeFacts(_programs(lines), ()),
        egress=EgressFacts("registry.k8s.io:443", True),
        proxy=ProxyFacts("proxy.example.com:3128", ProxyAnswerFact("C:\\k\\kubectl.exe", 0, "", None)),
        clock=ClockFacts(-0.3, 0.2),
        hyperv=HyperVFacts(
            "HV-01", True, (VirtualAdapterFact("worker-03", "m-1", "Network Adapter", "00155D01020D", "LAN", True),)
        ),
        node_ports=NodePortFacts(ADDRESS, ()),
    )


def pod(name: str, image: str = "example.com/web:1", waiting: str = "", message: str = "", **more: Any) -> PodFact:
    """A pod for Windows; `waiting`: why its only container does."""
    container = PodContainerFact("main", image, not waiting, 0, waiting, message)
    phase = "Pending" if waiting else "Running"
    told = PodFact("default", name, "", phase, "10.244.3.7", False, "", ("kubernetes.io/os=windows",), (), (container,))
    return replace(told, **more)


def _cluster(subnet: str, overlay: bool, kubeconfig: str) -> ClusterFacts:
    node = NodeObjectFact(
        name="worker-03",
        os_label="windows",
        build_label="10.0.17763",
        backend_type="vxlan" if overlay else "host-gw",
        public_ip=ADDRESS,
        public_ip_overwrite="",
        pod_cidrs=(subnet,),
        taints=(),
        addresses=(NodeAddressFact("InternalIP", ADDRESS), NodeAddressFact("Hostname", "worker-03")),
        conditions=(
            NodeConditionFact("DiskPressure", "False", "KubeletHasNoDiskPressure", "", STARTED),
            NodeConditionFact("Ready", "True", "KubeletReady", "kubelet is posting ready status", STARTED),
        ),
        os_image="Windows Server 2019 Datacenter",
        kernel_version="10.0.17763.6532",
        runtime_version="containerd://1.7.27",
        kubelet_version="v1.30.4",
        proxy_version="v1.30.4",
    )
    return ClusterFacts("C:\\k\\kubectl.exe", kubeconfig, "", "worker-03", node, (pod("web-0"),), ())


def _folder_of_plugins(conf_folder: str) -> str:
    if "rke2" in conf_folder:
        return f"{RKE2}\\bin"
    return "C:\\k\\cni" if conf_folder.startswith("C:\\k") else "C:\\opt\\cni\\bin"


def plugins(folder: str, conf: FileFact) -> PluginFolderFact:
    """A folder with the programs that a network configuration names."""
    return PluginFolderFact(folder, True, tuple(f"{name}.exe" for name in sorted(read_cni(conf.data).programs)))


def _containerd_config(lines: tuple[str, ...], folder: str) -> tuple[FileFact, ...]:
    """Where containerd runs: a file of version 2 that names image and folders."""
    if "containerd.exe" not in "".join(lines):
        return ()
    own = f"{RKE2}\\agent\\etc\\containerd\\config.toml" if "rke2" in lines[0] else CONTAINERD_CONFIG
    return (file(own, containerd_config("registry.k8s.io/pause:3.9", _folder_of_plugins(folder), folder)),)


def _programs(lines: tuple[str, ...]) -> tuple[ProgramFact, ...]:
    """What the daemons of these command lines say of themselves; the SDN scripts last fit Kubernetes 1.23."""
    is_docker = "dockerd" in lines[0]
    kubernetes = "1.23.17" if "--cni-conf-dir" in lines[1] else "1.30.4"
    said = {
        "kubelet": f"Kubernetes v{kubernetes}",
        "kube-proxy": f"Kubernetes v{kubernetes}",
        "flanneld": "v0.25.6",
        "containerd": "containerd github.com/containerd/containerd v1.7.27 05044ec0a9a75232cad458027ca83437aae3f4da",
    }
    running = {role(line): line.split(" ")[0] for line in lines}
    found = [
        ProgramFact(name, running.get(name, ""), "--version", 0 if name in running else None, text)
        for name, text in said.items()
    ]
    crictl = "" if is_docker else "C:\\containerd\\crictl.exe"
    return (*found, ProgramFact("crictl", crictl, "info", None if is_docker else 0, "" if is_docker else crictl_info()))


def fact_paths() -> tuple[str, ...]:
    """Every place where a `Problem` may stand: records, and their fields."""
    facts = healthy("sdn-nssm")
    nested = [f"{one.name}.{inner.name}" for one in fields(facts) for inner in fields(getattr(facts, one.name))]
    return (*(one.name for one in fields(facts)), *nested)


def fact(facts: NodeFacts, path: str) -> Any:
    """The answer at `record` or `record.field`; a record's Problem stands for its fields too."""
    record, _, name = path.partition(".")
    answer = getattr(facts, record)
    return getattr(answer, name) if name and not isinstance(answer, Problem) else answer


def with_fact(facts: NodeFacts, path: str, value: Any) -> NodeFacts:
    """The same with another answer at `path`; nothing changes below a record that is a Problem itself."""
    record, _, name = path.partition(".")
    answer = getattr(facts, record)
    if not name:
        return replace(facts, **{record: value})
    return facts if isinstance(answer, Problem) else replace(facts, **{record: replace(answer, **{name: value})})


def with_problem(facts: NodeFacts, path: str, problem: Problem | None = None) -> NodeFacts:
    return with_fact(facts, path, problem or Problem(path, "access denied", "0x80070005"))


def changed(facts: NodeFacts, path: str, change: Callable[[Any], Any]) -> NodeFacts:
    """Each item of the list at `path` put through `change`; None drops it."""
    return with_fact(facts, path, tuple(new for one in fact(facts, path) if (new := change(one)) is not None))


def context(facts: NodeFacts, node: Node = NODE, now: datetime = NOW) -> Context:
    return Context(facts, detect(facts, node.profile), node, now)


def the_check(check_id: str) -> Check:
    return next(one for one in CHECKS if one.id == check_id)


def judge(facts: NodeFacts, node: Node = NODE, now: datetime = NOW) -> dict[str, Finding]:
    """All findings by check, consequences under their causes."""
    seen = context(facts, node, now)
    found = fold(tuple(evaluate(check, seen) for check in CHECKS))
    return {one.check: one for one in found}
