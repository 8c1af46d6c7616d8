"""Builds the Host Network Service of a simulated node from its description."""

from __future__ import annotations

import uuid
from datetime import datetime

from checks.simulator.demo_networks import Hns, HnsEndpoint, HnsNetwork, Peer, PolicyList
from checks.simulator.demo_spec import HnsSpec, PeerSpec
from checks.simulator.demo_spec_reader import SpecReader


def peer_of(spec: PeerSpec) -> Peer:
    return Peer(spec.pod_cidr, spec.address, spec.mac)


def lay_networks(hns: Hns, reader: SpecReader, spec: HnsSpec, now: datetime) -> None:
    """Networks and load balancers, and the service's own state. Raises `BadFile` for an age that is none."""
    hns.failures, hns.blip = spec.failures, False
    hns.threads = spec.threads
    hns.started = now - reader.age(spec.started, "$.hns.started") if spec.started else None
    for one in spec.networks:
        hns.networks.append(
            HnsNetwork(
                id=one.id or str(uuid.uuid4()).upper(),
                name=one.name,
                type=one.type,
                management_ip=one.management_ip,
                subnets=one.subnets,
                gateways=one.gateways,
                adapter=one.adapter,
                health_error=one.health_error,
                peers=tuple(peer_of(peer) for peer in one.peers),
            )
        )
    hns.policy_lists = [
        PolicyList(
            vips=one.vips,
            protocol=protocol,
            port=one.port,
            internal_port=one.internal_port or one.port,
            state=one.state,
            is_dsr=one.dsr,
            is_local_routed=one.local_routed,
            source_vip=one.source_vip,
            endpoint_count=one.endpoints,
            answers=one.answers,
        )
        for one in spec.load_balancers
        for protocol in one.protocols
    ]


def lay_endpoints(hns: Hns, reader: SpecReader, spec: HnsSpec) -> None:
    """After the daemons' start, which makes the networks that endpoints belong to. Raises `BadFile` for one of none."""
    for place, one in enumerate(spec.endpoints):
        network = next((network for network in hns.networks if network.name == one.network), None)
        if network is None:
            raise reader.wrong(f"$.hns.endpoints[{place}].network", f"no network is called {one.network}")
        hns.endpoints.append(
            HnsEndpoint(
                id=str(uuid.uuid4()),
                name=one.name,
                network=network.id,
                network_name=network.name,
                ip_address=one.ip_address,
                state=one.state,
                is_remote=one.remote,
                nat_exceptions=one.nat_exceptions,
                gateway=one.gateway,
                dns_servers=one.dns_servers,
            )
        )
