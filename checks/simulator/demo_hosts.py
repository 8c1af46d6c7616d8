"""Hyper-V hosts of the demo: not in its node list, but asked about the virtual machines that nodes of it are."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from checks.hyperv_host import plain_mac
from checks.session import Json
from checks.simulator.demo_answers import Trouble, document, texts
from checks.simulator.demo_spec import HostSpec
from checks.simulator.demo_spec_reader import SpecReader
from checks.simulator.demo_state import Cluster, NodeState, Reach, System, VirtualAdapter


def load_demo_hosts(folder: Path) -> Mapping[str, NodeState]:
    """All hosts that are described in a folder, by name. Raises `BadFile` (code `demo-node`) that names file and key."""
    hosts = [_load(path) for path in sorted(folder.glob("*.yaml"))]
    return {host.system.computer_name: host for host in hosts}


def _load(path: Path) -> NodeState:
    spec = SpecReader(path).read(HostSpec)
    system = System(
        computer_name=spec.name.upper(),
        host_name=spec.name.lower(),
        product_name="Windows Server 2022 Datacenter",
        build=20348,
        ubr=2849,
        culture="en-US",
        manufacturer="Dell Inc.",
        model="PowerEdge R750",
    )
    nowhere = Cluster("", "", "", "", "", "", "", "", ())
    adapters = [
        VirtualAdapter(machine, plain_mac(one.mac), one.switch, one.spoofing, one.name)
        for machine, its in spec.machines.items()
        for one in its
    ]
    return NodeState(system, nowhere, Reach(), datetime.now(UTC), virtual_adapters=adapters)


def host_document(state: NodeState, parameters: Mapping[str, Json]) -> dict[str, Json]:
    wanted = [mac for one in texts(parameters.get("Mac")) if (mac := plain_mac(one))]
    return document(
        "Get-HyperVHostFact",
        {
            "host": lambda: state.system.computer_name,
            "module": lambda: state.virtual_adapters is not None,
            "adapters": lambda: _adapters(state, str(parameters.get("Machine") or ""), wanted),
        },
    )


def _adapters(state: NodeState, machine: str, wanted: list[str]) -> Json:
    if state.virtual_adapters is None:
        raise Trouble("The term 'Get-VMNetworkAdapter' is not recognized", "0x80131501")
    ours = [one for one in state.virtual_adapters if one.mac in wanted]
    named = [one for one in ours if one.machine.casefold() == machine.casefold()]
    return [
        {
            "machine": one.machine,
            "machine_id": str(uuid.uuid5(uuid.NAMESPACE_DNS, one.machine)),
            "name": one.name,
            "mac": one.mac,
            "switch": one.switch,
            "spoofing": one.spoofing,
        }
        for one in (named if len(named) >= len(wanted) else ours)
    ]
