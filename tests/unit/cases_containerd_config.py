"""containerd's configuration, and Docker beside it: what is changed, and what must be said of it, by check."""

from __future__ import annotations

from cases_images import DROP_IN, V1, V3
from cases_node import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, WARN
from node_changes import Case, Change, content, more, put, stopped, unread
from node_facts import process
from runtime_changes import config, containerd, docker, imports, in_config, no_version

from checks.facts import FileFact, HnsNetworkFact
from checks.finding import Verdict

PATH = "C:\\Program Files\\containerd\\config.toml"


def native(
    name: str, verdict: Verdict, reason: str, *changes: Change, layout: str = "hostprocess", cause: str = ""
) -> Case:
    return Case(name, layout, changes, verdict, reason, (), cause)


def nat(subnet: str) -> Change:
    network = HnsNetworkFact("F00D", "nat", "NAT", None, (subnet,), (), None, 0, ())
    return more("hns.networks", network)


CONFIG = (
    *(native(f"healthy {layout}", PASS, "readable", layout=layout) for layout in ("sdn-native", "hostprocess", "rke2")),
    native("Docker", NOT_APPLICABLE, "docker", layout="sdn-nssm"),
    native("CRLF", PASS, "readable", in_config(lambda text: text.replace("\n", "\r\n"))),
    native("no file", PASS, "defaults", config(None)),
    native("byte order mark", FAIL, "marked", in_config(lambda text: "\ufeff" + text)),
    native("UTF-16", FAIL, "marked", in_config(lambda text: text.encode("utf-16"))),
    native("UTF-16 without a mark", FAIL, "marked", in_config(lambda text: text.encode("utf-16-le"))),
    native(
        "backslashes",
        FAIL,
        "backslash",
        in_config(lambda text: text.replace("'C:\\opt\\cni\\bin'", '"C:\\opt\\cni\\bin"')),
    ),
    native("single quotes", PASS, "readable", in_config(lambda text: text + "root = 'C:\\ProgramData\\x'\n")),
    native("backslashes twice", PASS, "readable", config('version = 2\nroot = "C:\\\\ProgramData"\n')),
    native("bracket not closed", FAIL, "not-toml", in_config(lambda text: text + "[plugins\n")),
    native("key given twice", FAIL, "not-toml", in_config(lambda text: "version = 2\n" + text)),
    native("broken drop-in", FAIL, "not-toml", config(V3), imports(DROP_IN, "x"), containerd("2.1.0")),
    native("broken drop-in that nobody reads", PASS, "readable", imports(DROP_IN, "x")),
    native("broken and the version unknown", FAIL, "not-toml", config("x"), no_version("containerd")),
    native("version 1 on containerd 1", PASS, "readable", config(V1)),
    native("version 1 on containerd 2", FAIL, "too-old", config(V1), containerd("2.0.4")),
    native("version 2 on containerd 2", PASS, "readable", containerd("2.0.4")),
    native("version 3 on containerd 1", FAIL, "too-new", config(V3)),
    native("version 9 on containerd of tomorrow", PASS, "readable", config("version = 9\n"), containerd("2.9.0")),
    native("no UTF-8 for containerd 1", WARN, "not-utf8", config(b"version = 2 # \xb0\xa1\n")),
    native("no UTF-8 for containerd 2", FAIL, "not-utf8", config(b"version = 2 # \xb0\xa1\n"), containerd("2.1.0")),
    native("without CRI", FAIL, "without-cri", in_config(lambda text: 'disabled_plugins = ["cri"]\n' + text)),
    native("section of version 1 in 2", WARN, "wrong-section", config("version = 2\n" + V1)),
    native(
        "section of version 2 in 3",
        WARN,
        "wrong-section",
        in_config(lambda text: text.replace("= 2", "= 3")),
        containerd("2.1.0"),
    ),
    native("version not read", UNKNOWN, "not-read", no_version("containerd")),
    native(
        "not given out",
        UNKNOWN,
        "not-read",
        put("profile.containerd_config", (FileFact(PATH, None, problem="access denied"),)),
    ),
    *(
        native(f"{path} unread", UNKNOWN, "not-read", unread(path))
        for path in ("daemons", "profile", "profile.containerd_config", "runtime")
    ),
)
CONFIG = (
    *CONFIG,
    native("containerd's end follows from it", FAIL, "not-toml", config("x"), stopped("containerd")),
)

DOCKER = (
    *(native(f"healthy {layout}", PASS, "absent", layout=layout) for layout in ("sdn-native", "hostprocess", "rke2")),
    native("Docker is the runtime", PASS, "docker", layout="sdn-nssm"),
    native("runs", WARN, "running", docker()),
    native("runs as a process", WARN, "running", more("daemons.processes", process("C:\\docker\\dockerd.exe"))),
    native("will start", WARN, "will-start", docker("stopped")),
    native("stopped for good", PASS, "stopped", docker("stopped", "disabled")),
    native("its network is elsewhere", PASS, "absent", nat("172.28.0.0/20")),
    native("its network overlaps pods", FAIL, "nat-overlaps", nat("10.244.64.0/20")),
    native("its network overlaps services", FAIL, "nat-overlaps", nat("10.96.0.0/20"), layout="sdn-nssm"),
    native("its network holds the pods'", FAIL, "nat-overlaps", nat("10.0.0.0/8")),
    native("its network has no range", PASS, "absent", nat("none")),
    native(
        "ranges not known",
        PASS,
        "absent",
        nat("10.99.0.0/20"),
        content("flannel.subnet_env", None),
        put("flannel.net_conf", ()),
        put("cni.folders", ()),
    ),
    *(
        native(f"{path} unread", UNKNOWN, "not-read", unread(path))
        for path in ("daemons.services", "daemons.processes", "hns", "hns.networks")
    ),
)

CASES = {"node.containerd-config": CONFIG, "node.docker-left": DOCKER}
