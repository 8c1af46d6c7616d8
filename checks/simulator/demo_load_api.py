"""Builds what the cluster side says of a simulated node from its description."""

from __future__ import annotations

from datetime import datetime

from checks.simulator.demo_api import Api, ApiContainer, ApiEvent, ApiPod
from checks.simulator.demo_spec import NodeSpec
from checks.simulator.demo_spec_api import PodSpec
from checks.simulator.demo_spec_reader import SpecReader

_CONTAINERD = "1.7.27"


def build_api(reader: SpecReader, spec: NodeSpec, now: datetime) -> Api:
    """Read `$.api`. Raises `BadFile` for an event whose age is none."""
    told = spec.api
    events = None
    if told.events is not None:
        events = tuple(
            ApiEvent(
                one.namespace,
                one.pod,
                one.reason,
                one.message,
                one.count,
                one.host or spec.name,
                now - reader.age(one.age, f"$.api.events[{place}].age"),
            )
            for place, one in enumerate(told.events)
        )
    docker = any(path.lower().endswith("\\dockerd.exe") for path in spec.programs)
    return Api(
        kubernetes=told.kubernetes,
        runtime=told.runtime or f"{'docker' if docker else 'containerd'}://{_CONTAINERD}",
        name=told.name,
        public_ip=told.public_ip,
        internal_ip=told.internal_ip,
        pod_cidr=told.pod_cidr,
        disk_pressure=told.disk_pressure,
        pods=None if told.pods is None else tuple(_pod(pod) for pod in told.pods),
        events=events,
    )


def _pod(spec: PodSpec) -> ApiPod:
    return ApiPod(
        namespace=spec.namespace,
        name=spec.name,
        owner=spec.owner,
        phase=spec.phase,
        pod_ip=spec.ip,
        host_network=spec.host_network,
        os=spec.os,
        node_selector=spec.selector,
        affinity_systems=spec.affinity,
        containers=tuple(
            ApiContainer(one.name, one.image, one.ready, one.restarts, one.waiting, one.message)
            for one in spec.containers
        ),
    )
