"""Area flannel: parameters of the overlay that Windows can keep (6.6)."""

from __future__ import annotations

from checks.check import Check, Context, said, unread
from checks.facts import FileFact, NodeFacts, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.flannel_files import NetConf, present, read_net_conf
from checks.profile import USES
from checks.rules.network import where_flannel_applies
from checks.rules.network_names import own_net_conf
from checks.thresholds import threshold

SHARED = ("kubeadm-hostprocess", "wins")
"""Layouts whose net-conf.json is the ConfigMap of the whole cluster, so that Linux nodes read it too."""


@where_flannel_applies
def vxlan_parameters(context: Context) -> Finding:
    """6.6: VNI, port and options that flanneld on Windows takes, and that Linux nodes use as well."""
    file = own_net_conf(context.facts)
    if isinstance(file, Problem):
        return unread(file)
    if file is None:
        return said(Verdict.FAIL, "missing", (Evidence("file", "–", "C:\\etc\\kube-flannel\\net-conf.json"),))
    conf = read_net_conf(file.data)
    evidence = (Evidence("file", file.path, "as flanneld reads it"),)
    values = {"file": file.path, "backend": conf.backend or "–"}
    if conf.faults:
        more = (*evidence, Evidence("fault", conf.faults[0], file.path))
        return said(Verdict.FAIL, conf.faults[0], more, **values)
    if conf.is_overlay:
        found = _judge(context, conf, (*evidence, Evidence("vxlan", _told(conf), file.path)), values)
    else:
        found = said(Verdict.NOT_APPLICABLE, "not-vxlan", evidence, **values)
    apart = None if found.verdict is Verdict.FAIL else _apart(context.facts, file, conf)
    if apart is not None:
        more = (*evidence, Evidence("file", _told(read_net_conf(apart.data)), apart.path))
        return said(Verdict.WARN, "copies-differ", more, other=apart.path, **values)
    return found


def _told(conf: NetConf) -> str:
    """The backend in few words."""
    options = [name for name, is_on in (("DirectRouting", conf.direct_routing), ("GBP", conf.gbp)) if is_on]
    vni, port = (str(one) if one is not None else "–" for one in (conf.vni, conf.port))
    return " · ".join((conf.backend or "–", conf.name or "–", f"VNI {vni}", f"Port {port}", *options))


def _apart(facts: NodeFacts, file: FileFact, conf: NetConf) -> FileFact | None:
    """Another copy of the file whose backend is another one: the set-up scripts copy it before they correct it."""
    files = (
        ()
        if isinstance(facts.flannel, Problem) or isinstance(facts.flannel.net_conf, Problem)
        else facts.flannel.net_conf
    )
    others = [one for one in present(files) if one.path != file.path]
    return next((one for one in others if _told(read_net_conf(one.data)) != _told(conf)), None)


def _judge(context: Context, conf: NetConf, evidence: tuple[Evidence, ...], values: dict[str, str]) -> Finding:
    least, port = int(threshold("vxlan-least-vni")), int(threshold("vxlan-port"))
    told = {"vni": str(conf.vni), "port": str(conf.port), "least": str(least), "needed": str(port), **values}
    if conf.vni is not None and conf.vni < least:
        return said(Verdict.FAIL, "vni", evidence, **told)
    if conf.port is not None and conf.port != port:
        return said(Verdict.FAIL, "port", evidence, **told)
    if conf.direct_routing:
        return said(Verdict.FAIL, "direct-routing", evidence, **told)
    if conf.gbp:
        return said(Verdict.FAIL, "gbp", evidence, **told)
    if conf.vni is None or conf.port is None:
        return _judge_defaults(context, evidence, told)
    return said(Verdict.PASS, "fits", evidence, **told)


def _judge_defaults(context: Context, evidence: tuple[Evidence, ...], told: dict[str, str]) -> Finding:
    """Windows falls back to what it needs, Linux to VNI 1 and port 8472: one file for both can't leave them out."""
    if context.profile.name in SHARED:
        return said(Verdict.FAIL, "linux-defaults", evidence, **told)
    if context.profile.name.startswith("sdn-"):
        return said(Verdict.PASS, "own-defaults", evidence, **told)
    return said(Verdict.WARN, "defaults", evidence, **told)


CHECKS = (
    Check("flannel.vxlan-parameters", (*USES, "flannel.net_conf", "hns.networks", "cni.folders"), vxlan_parameters),
)
