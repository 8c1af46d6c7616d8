"""The runtime's way to the network plugins: what is changed on a healthy node, and what must be said of it."""

from __future__ import annotations

from cases_images import V1
from cases_node import FAIL, PASS, UNKNOWN
from node_changes import Case, Change, cni, gone, in_line, more, put, stopped, unread, without_service
from node_files import crictl_info, file
from runtime_changes import absent, config, containerd, in_config, logged, no_version, plugin_folder, says

from checks.facts import CniFolderFact, FileFact, PluginFolderFact
from checks.finding import Verdict

OPT, NET_D = "C:\\opt\\cni\\bin", "C:\\etc\\cni\\net.d"
NOT_READY = says(
    "crictl", output=crictl_info(False, "cni config load failed: no network config found in c:/etc/cni/net.d")
)
ALL = ("flannel.exe", "host-local.exe", "sdnoverlay.exe")


def native(
    name: str, verdict: Verdict, reason: str, *changes: Change, layout: str = "hostprocess", cause: str = ""
) -> Case:
    return Case(name, layout, changes, verdict, reason, (), cause)


def folder(path: str, *names: str, problem: str = "", present: bool | None = True) -> Change:
    files = tuple(file(f"{path}\\{name}", '{"name":"x","type":"flannel"}') for name in names)
    return put("cni.folders", (CniFolderFact(path, present, files, problem),))


NO_CONF = folder(NET_D)
ELSEWHERE = more(
    "cni.folders", CniFolderFact("C:\\k\\cni\\config", True, (file("C:\\k\\cni\\config\\cni.conf", "{}"),))
)
KUBELET_TOLD = in_line("kubelet", " --hostname-override", " --cni-conf-dir=C:\\k\\cni\\config --hostname-override")
ENDPOINT = in_line(
    "kubelet", " --hostname-override", " --container-runtime-endpoint=npipe:////./pipe/x --hostname-override"
)

READY = (
    *(
        native(f"healthy {layout}", PASS, "ready", layout=layout)
        for layout in ("sdn-native", "sdn-nssm", "hostprocess", "rke2")
    ),
    native("no crictl", PASS, "ready", absent("crictl")),
    native("other letters", PASS, "ready", plugin_folder("c:/opt/cni/bin", *(name.upper() for name in ALL))),
    native(
        "several folders",
        PASS,
        "ready",
        in_config(lambda text: text.replace("bin_dir = 'C:\\opt\\cni\\bin'", "bin_dirs = ['C:\\a', 'C:\\b']")),
        put("cni.plugins", (PluginFolderFact("C:\\a", True, ALL[:1]), PluginFolderFact("C:\\b", True, ALL[1:]))),
    ),
    native(
        "containerd's default folders",
        FAIL,
        "elsewhere",
        config("version = 2\n"),
        more("cni.folders", CniFolderFact("C:\\Program Files\\containerd\\cni\\conf", False, ())),
    ),
    native("RKE2 without a section", PASS, "ready", in_config(lambda _: "version = 2\n"), layout="rke2"),
    native("nothing there", FAIL, "no-conf", NO_CONF),
    native("nothing there, not ready", FAIL, "no-conf", NO_CONF, NOT_READY),
    native(
        "nothing there since flanneld is dead",
        FAIL,
        "no-conf",
        NO_CONF,
        gone("flanneld"),
        put("hns.networks", ()),
        cause="flannel.flanneld-runs",
    ),
    native("folder is not there", FAIL, "no-conf", folder(NET_D, present=False)),
    native("flannel writes elsewhere", FAIL, "elsewhere", NO_CONF, ELSEWHERE),
    native("kubelet told another, runtime not named", UNKNOWN, "two-folders", NO_CONF, ELSEWHERE, KUBELET_TOLD),
    native("kubelet told another, not ready", FAIL, "elsewhere", NO_CONF, ELSEWHERE, KUBELET_TOLD, NOT_READY),
    native("kubelet told another and the runtime", FAIL, "elsewhere", NO_CONF, ELSEWHERE, KUBELET_TOLD, ENDPOINT),
    native(
        "Docker's folder",
        FAIL,
        "elsewhere",
        in_line("kubelet", " --cni-conf-dir=C:\\k\\cni\\config", ""),
        more("cni.folders", CniFolderFact(NET_D, True, ())),
        layout="sdn-nssm",
    ),
    native(
        "Docker's folder, and kubelet is down",
        UNKNOWN,
        "not-read",
        gone("kubelet"),
        without_service("kubelet"),
        more("cni.folders", CniFolderFact(NET_D, True, ())),
        layout="sdn-nssm",
        cause="node.kubelet-runs",
    ),
    native("no delegate", FAIL, "plugin-missing", plugin_folder(OPT, *ALL[:2])),
    native("no host-local", FAIL, "plugin-missing", plugin_folder(OPT, ALL[0], ALL[2])),
    native(
        "no flannel",
        FAIL,
        "plugin-missing",
        plugin_folder("C:\\k\\cni", "win-bridge.exe", "host-local.exe"),
        layout="sdn-nssm",
    ),
    native(
        "all elsewhere",
        FAIL,
        "plugins-elsewhere",
        put("cni.plugins", (PluginFolderFact(OPT, True, ()), PluginFolderFact("C:\\k\\cni", True, ALL))),
    ),
    native("none anywhere", UNKNOWN, "no-plugins", plugin_folder(OPT, present=False)),
    native("none anywhere, not ready", FAIL, "not-ready", plugin_folder(OPT, present=False), NOT_READY),
    native(
        "none anywhere, log tells",
        FAIL,
        "plugin-missing",
        plugin_folder(OPT, "x.exe"),
        logged('E1 x failed to find plugin "flannel" in path [C:\\opt\\cni\\bin]'),
    ),
    native("not ready for another reason", FAIL, "not-ready", NOT_READY),
    native(
        "broken file",
        UNKNOWN,
        "conf-broken",
        cni(lambda text: "\ufeff" + text),
        cause="network.outbound-nat-exceptions",
    ),
    native(
        "containerd's file refused",
        UNKNOWN,
        "config-unusable",
        config(V1),
        containerd("2.0.0"),
        cause="node.containerd-config",
    ),
    native("runtime says nothing", UNKNOWN, "not-read", says("crictl", exit_code=1, output="", errors="FATA[0000] x")),
    native(
        "runtime is down",
        UNKNOWN,
        "not-read",
        says("crictl", exit_code=1, output=""),
        stopped("containerd"),
        cause="node.containerd-runs",
    ),
    native("runtime hangs", UNKNOWN, "not-read", says("crictl", exit_code=None, output="", problem="it did not end")),
    native("runtime says no JSON", UNKNOWN, "not-read", says("crictl", output="hello")),
    native("runtime says no object", UNKNOWN, "not-read", says("crictl", output="[]")),
    native("runtime says no conditions", UNKNOWN, "not-read", says("crictl", output="{}")),
    native("folder not given out", UNKNOWN, "not-read", folder(NET_D, problem="access denied", present=None)),
    native(
        "file not given out",
        UNKNOWN,
        "not-read",
        put(
            "cni.folders", (CniFolderFact(NET_D, True, (FileFact(f"{NET_D}\\x.conf", None, problem="access denied"),)),)
        ),
    ),
    native("plugins not given out", UNKNOWN, "not-read", plugin_folder(OPT, present=None, problem="access denied")),
    native("folder not asked for", UNKNOWN, "not-read", put("cni.folders", ())),
    native("plugins not asked for", UNKNOWN, "not-read", put("cni.plugins", ())),
    native("version not read", UNKNOWN, "not-read", no_version("containerd")),
    *(
        native(f"{path} unread", UNKNOWN, "not-read", unread(path))
        for path in (
            "daemons",
            "profile.containerd_config",
            "runtime",
            "runtime.kubelet_log",
            "cni",
            "cni.folders",
            "cni.plugins",
        )
    ),
)

CASES = {"network.cni-ready": READY}
