"""Remove stale subnet files: stop kube-proxy, move what is of another subnet, start kube-proxy; it asks anew."""

from __future__ import annotations

import ntpath

from checks.assigned import is_subnet_certain
from checks.cluster import in_range, pod_subnet
from checks.daemons import processes, service
from checks.facts import FileFact, FlannelFacts, Problem, ServiceFact
from checks.fix import Change, Inputs, refuse
from checks.fixes.guards import file_guard, files_guards, guarded, presence_guard, service_guards
from checks.fixes.proxy import refuse_disabled, refuse_not_there
from checks.flannel_files import present, read_source_vip, read_source_vip_subnet
from checks.ranges import Range
from checks.rules.network import pod_network

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


def _runs_again(own: ServiceFact) -> bool:
    """What stood still because a person wants it so stays so."""
    return own.start_mode != "disabled" and (own.state != "stopped" or own.start_mode == "auto")


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
    refuse_not_there(FIX, inputs, own, service(inputs.facts, "flanneld"))
    if own is None or isinstance(own, Problem):
        raise refuse(FIX, inputs.node, "kube-proxy-no-service")
    refuse_disabled(FIX, inputs, own)
    flanneld = processes(inputs.facts, "flanneld")
    if isinstance(flanneld, Problem) or not flanneld:
        raise refuse(FIX, inputs.node, "flanneld-first")
    if not is_subnet_certain(inputs.facts, pod_network(inputs.facts)):
        raise refuse(FIX, inputs.node, "subnet-uncertain")
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
    changes = (
        _service(own.name, "stop"),
        *(_move(path) for path in files),
        *(_move(one.path) for one in reserved),
        *watches,
        *((_service(own.name, "start"),) if _runs_again(own) else ()),
    )
    return guarded(changes, _guards(inputs, flannel, subnet.source, own))


def _guards(inputs: Inputs, flannel: FlannelFacts, subnet_file: str, own: ServiceFact) -> tuple[Change, ...]:
    """The pod subnet, the files that were found right, reservations that were missing, and both services."""
    files: tuple[FileFact, ...] = ()
    vips: list[str] = []
    for told in (flannel.source_vip, flannel.source_vip_request):
        files += () if isinstance(told, Problem) else present(told)
    if not isinstance(flannel.source_vip, Problem) and not isinstance(flannel.reservations, Problem):
        folders = dict.fromkeys(ntpath.dirname(one.path) for one in flannel.reservations)
        held = {one.address for one in flannel.reservations}
        wanted = dict.fromkeys(read_source_vip(one.data) for one in present(flannel.source_vip))
        vips = [f"{folder}\\{vip}" for vip in wanted if vip and vip not in held for folder in folders]
    flanneld = service(inputs.facts, "flanneld")
    services = (own,) if flanneld is None or isinstance(flanneld, Problem) else (own, flanneld)
    return (
        file_guard(subnet_file),
        *files_guards(files),
        *(presence_guard(path) for path in vips),
        *(guard for one in services for guard in service_guards(one)),
    )
