"""Answers of the probes of adapters, routes and the Host Network Service, for a simulated node."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from checks.session import Json
from checks.simulator.demo_answers import Trouble, document
from checks.simulator.demo_state import NodeState

Parameters = Mapping[str, Json]

_NO_WAY = re.compile(r"/32$|/128$|^127\.|^169\.254\.|^22[4-9]\.|^23\d\.|^ff|^fe80", re.IGNORECASE)
MOST_ENDPOINTS = 2048
MOST_LOAD_BALANCERS = 2048


def _networks(state: NodeState) -> list[Json]:
    return [
        {
            "id": network.id,
            "name": network.name,
            "type": network.type,
            "management_ip": network.management_ip,
            "subnets": list(network.subnets),
            "gateways": list(network.gateways),
            "adapter_name": network.adapter,
            "health_error": network.health_error,
            "remote_subnets": [{"prefix": one.pod_cidr, "provider_address": one.address} for one in network.peers],
        }
        for network in state.hns.networks
    ]


def _endpoints(state: NodeState) -> list[Json]:
    own_first = sorted(state.hns.endpoints, key=lambda endpoint: endpoint.is_remote)
    return [
        {
            "id": endpoint.id,
            "name": endpoint.name,
            "network_id": endpoint.network,
            "network_name": endpoint.network_name,
            "ip_address": endpoint.ip_address,
            "gateway": endpoint.gateway,
            "dns_servers": list(endpoint.dns_servers),
            "is_remote": endpoint.is_remote,
            "state": endpoint.state,
            "nat_exceptions": None if endpoint.nat_exceptions is None else list(endpoint.nat_exceptions),
        }
        for endpoint in own_first[:MOST_ENDPOINTS]
    ]


def _load_balancers(state: NodeState) -> list[Json]:
    dns_first = sorted(state.hns.policy_lists, key=lambda one: (one.port != 53, bool(one.vips)))
    return [
        {
            "id": one.id,
            "vips": list(one.vips),
            "protocol": one.protocol,
            "port": one.port,
            "internal_port": one.internal_port,
            "state": one.state,
            "is_dsr": one.is_dsr,
            "is_local_routed": one.is_local_routed,
            "source_vip": one.source_vip,
            "endpoint_count": one.endpoint_count,
        }
        for one in dns_first[:MOST_LOAD_BALANCERS]
    ]


def _refuse(trouble: Trouble) -> Json:
    raise trouble


def hns_document(state: NodeState, _: Parameters) -> dict[str, Json]:
    """Answer `Get-HnsFact`."""
    service = state.service("hns")
    questions: dict[str, Callable[[], Json]] = {
        "networks": lambda: _networks(state),
        "endpoint_count": lambda: len(state.hns.endpoints),
        "endpoints": lambda: _endpoints(state),
        "load_balancers": lambda: _load_balancers(state),
        "load_balancer_count": lambda: len(state.hns.policy_lists),
        "load_balancer_vips": lambda: sorted({vip for one in state.hns.policy_lists for vip in one.vips}),
    }
    trouble = None
    if service is None:
        trouble = Trouble("the Host Network Service is not installed", "0x80070424")
    elif service.state != "Running":
        trouble = Trouble("the Host Network Service is not running", "0x80070426")
    if trouble:
        questions = dict.fromkeys(questions, partial(_refuse, trouble))
    return document("Get-HnsFact", questions)


def network_document(state: NodeState, _: Parameters) -> dict[str, Json]:
    """Answer `Get-NetworkFact`."""
    index = {adapter.name: adapter.index for adapter in state.adapters}
    routes = [route for route in state.routes if not _NO_WAY.search(route.prefix)]
    routes.sort(key=lambda route: route.prefix not in ("0.0.0.0/0", "::/0"))
    return document(
        "Get-NetworkFact",
        {
            "adapters": lambda: [
                {
                    "name": adapter.name,
                    "description": adapter.description,
                    "index": adapter.index,
                    "status": adapter.status.lower() if adapter.status in ("Up", "Down", "Disabled") else "other",
                    "mac": adapter.mac,
                    "is_virtual": adapter.is_virtual,
                    "mtu": adapter.mtu,
                }
                for adapter in state.adapters
            ],
            "addresses": lambda: [
                {
                    "address": address.address,
                    "prefix_length": address.length,
                    "interface": address.interface,
                    "interface_index": index.get(address.interface, 0),
                    "family": "ipv6" if ":" in address.address else "ipv4",
                }
                for address in state.addresses
            ],
            "routes": lambda: [
                {"prefix": route.prefix, "next_hop": route.next_hop, "interface_index": index.get(route.interface, 0)}
                for route in routes
            ],
            "name_servers": lambda: [
                {
                    "interface": adapter.name,
                    "interface_index": adapter.index,
                    "family": "ipv4",
                    "servers": list(state.name_servers),
                }
                for adapter in state.adapters
                if state.name_servers and any(one.interface == adapter.name for one in state.addresses)
            ],
            "mtus": lambda: [
                {"interface": adapter.name, "interface_index": adapter.index, "mtu": adapter.mtu}
                for adapter in state.adapters
            ],
        },
    )
