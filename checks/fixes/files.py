"""Remove stale subnet files: stop kube-proxy, move what is of another subnet, start kube-proxy; it asks anew."""

from __future__ import annotations

import ntpath

from checks.cluster import in_range, pod_subnet
from checks.daemons import processes, service
from checks.facts import FlannelFacts, Problem
from checks.fix import Change, Inputs, refuse
from checks.flannel_files import present, read_source_vip, read_source_vip_subnet
from checks.ranges import Range

FIX = "remove-stale-subnet-files"


def _move(path: str) -> Change:
    return {"id": f"move-{path}", "kind": "move", "title": "move-file", "target": path, "path": path}


def _service(name: str, action: str) -> Change:
    title = "stop-service" if action == "stop" else "start-service"
    step: dict[str, str] = {"id": f"{action}-{name}", "kind": "service", "title": title, "target": name}
    return {**step, "name": name, "action": action}


def _stale_files(flannel: FlannelFacts, subnet: Range) -> tuple[str, ...]:
    """The answer files, and their requests, that are not of this subnet: both go together, they are one memory."""
    if isinstance(flannel.source_vip, Problem) or isinstance(flannel.source_vip_request, Problem):
        return ()
    stale: list[str] = []
    requests = {ntpath.dirname(one.path).lower(): one for one in present(flannel.source_vip_request)}
    for file in present(flannel.source_vip):
        request = requests.get(ntpath.dirname(file.path).lower())
        vip = read_source_vip(file.data)
        asked = read_source_vip_subnet(request.data) if request else None
        if not vip or not in_range(vip, subnet) or (asked is not None and asked != subnet) or _unreserved(flannel, vip):
            stale.extend((file.path, *((request.path,) if request else ())))
    return tuple(stale)


def _unreserved(flannel: FlannelFacts, vip: str) -> bool:
    return not isinstance(flannel.reservations, Problem) and all(one.address != vip for one in flannel.reservations)


def steps(inputs: Inputs) -> tuple[Change, ...]:
    flannel, subnet = inputs.facts.flannel, pod_subnet(inputs.facts)
    if (
        isinstance(flannel, Problem)
        or isinstance(flannel.source_vip, Problem)
        or isinstance(flannel.reservations, Problem)
    ):
        raise refuse(FIX, inputs.node, "not-readable")
    if subnet is None or subnet.range is None:
        raise refuse(FIX, inputs.node, "pod-subnet-unknown")
    own = service(inputs.facts, "kube-proxy")
    if own is None or isinstance(own, Problem):
        raise refuse(FIX, inputs.node, "kube-proxy-no-service")
    flanneld = processes(inputs.facts, "flanneld")
    if isinstance(flanneld, Problem) or not flanneld:
        raise refuse(FIX, inputs.node, "flanneld-first")
    files = _stale_files(flannel, subnet.range)
    if not files:
        raise refuse(FIX, inputs.node, "not-stale")
    wanted = subnet.range
    reserved = [
        one
        for one in flannel.reservations
        if one.content.startswith(("dummy", "kube-proxy")) and not in_range(one.address, wanted)
    ]
    folders = dict.fromkeys(ntpath.dirname(one.path) for one in flannel.reservations)
    watches: list[Change] = [
        {"id": f"watch-{path}", "kind": "watch", "title": "watch", "target": path, "path": path, "begins": "dummy"}
        for path in folders
    ]
    return (
        _service(own.name, "stop"),
        *(_move(path) for path in files),
        *(_move(one.path) for one in reserved),
        *watches,
        _service(own.name, "start"),
    )
