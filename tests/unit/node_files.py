"""Files of a healthy node by content: CNI configuration, flannel's files and the source VIP's."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from checks.facts import FileFact

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
BOOT = NOW - timedelta(days=6)
STARTED = BOOT + timedelta(minutes=1)
ADDRESS = "10.2.0.13"


@dataclass(frozen=True)
class Cluster:
    pods: str = "10.244.0.0/16"
    services: str = "10.96.0.0/12"
    own: str = "10.244.3"
    dns: str = "10.96.0.10"


def file(path: str, text: str | bytes | None) -> FileFact:
    """A file with this content; None: it is not there."""
    if text is None:
        return FileFact(path, False)
    data = text.encode("utf-8") if isinstance(text, str) else text
    return FileFact(path, True, len(data), STARTED, base64.b64encode(data).decode("ascii"))


def cni_text(kind: str, name: str, cluster: Cluster, *more: str, route: str = "ROUTE", second: bool = False) -> str:
    """A CNI file for flannel with the policies of a healthy node; `second`: in the shape of HNS' second version."""

    def policy(**value: Any) -> dict[str, Any]:
        kind = value.pop("Type")
        return {"Name": "EndpointPolicy", "Value": {"Type": kind, **({"Settings": value} if second else value)}}

    excepted = [cluster.pods, cluster.services, *more]
    policies = [
        policy(Type="OutBoundNAT", **{"Exceptions" if second else "ExceptionList": excepted}),
        policy(Type=route, DestinationPrefix=cluster.services, NeedEncap=True),
    ]
    if second:
        policies.append(policy(Type="ProviderAddress", ProviderAddress=ADDRESS))
    elif more:
        policies.append(policy(Type=route, DestinationPrefix=f"{ADDRESS}/32", NeedEncap=True))
    delegate = {"type": kind, "AdditionalArgs" if kind.startswith("sdn") else "Policies": policies}
    if second and kind.startswith("win-"):
        delegate["apiVersion"] = 2
    capable = {"portMappings": True, "dns": True}
    plugin = {"name": name, "type": "flannel", "capabilities": capable, "delegate": delegate}
    return json.dumps({"cniVersion": "0.3.0", **plugin})


def kubelet_config(cluster: Cluster) -> str:
    """As kubeadm leaves it: shared by all nodes, so that its resolvConf is one of Linux."""
    return (
        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
        f"clusterDNS:\n- {cluster.dns}\nclusterDomain: cluster.local\nresolvConf: /run/systemd/resolve/resolv.conf\n"
    )


def net_conf(name: str, backend: str, cluster: Cluster) -> str:
    return json.dumps({"Network": cluster.pods, "Backend": {"Name": name, "Type": backend, "VNI": 4096, "Port": 4789}})


def source_vip(address: str) -> bytes:
    """As PowerShell's Out-File leaves host-local's answer."""
    return b"\xff\xfe" + json.dumps({"cniVersion": "0.2.0", "ip4": {"ip": f"{address}/24"}}).encode("utf-16-le")


def source_vip_request(subnet: str) -> str:
    return json.dumps({"name": "vxlan0", "ipam": {"type": "host-local", "ranges": [[{"subnet": subnet}]]}})


def subnet_env(cluster: Cluster, mtu: int) -> str:
    lines = (f"NETWORK={cluster.pods}", f"SUBNET={cluster.own}.1/24", f"MTU={mtu}", "IPMASQ=true")
    return "".join(f"FLANNEL_{line}\n" for line in lines)


def containerd_config(image: str, programs: str, folder: str) -> str:
    """A file of version 2, as `containerd config default` lays it out."""
    section = 'plugins."io.containerd.grpc.v1.cri"'
    return (
        f'version = 2\n\n[{section}]\n  sandbox_image = "{image}"\n\n'
        f"  [{section}.cni]\n    bin_dir = '{programs}'\n    conf_dir = '{folder}'\n"
    )


def crictl_info(ready: bool = True, message: str = "") -> str:
    """What `crictl info` says of the runtime's network."""
    reason = "" if ready else "NetworkPluginNotReady"
    told = {"type": "NetworkReady", "status": ready, "reason": reason, "message": message}
    runtime = {"type": "RuntimeReady", "status": True, "reason": "", "message": ""}
    return json.dumps({"status": {"conditions": [runtime, told]}, "lastCNILoadStatus": message or "OK"})
