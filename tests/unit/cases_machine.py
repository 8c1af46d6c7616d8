"""The machine itself: what is changed on a healthy node, and what must be said of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from node_changes import Case, Change, first, in_line, in_process, inside, more, put, unread
from node_facts import GIB
from node_files import STARTED, file

from checks.facts import ContainersFact, DiskFact, NodeConditionFact
from checks.finding import Verdict

FAIL, WARN, PASS, UNKNOWN = Verdict.FAIL, Verdict.WARN, Verdict.PASS, Verdict.UNKNOWN


def drive(letter: str, free: float) -> DiskFact:
    return DiskFact(letter, 100 * GIB, int(free * GIB))


def toml(text: str | bytes | None) -> Change:
    return put("profile.containerd_config", (file("C:\\Program Files\\containerd\\config.toml", text),))


ON_D = toml("version = 2\nroot = 'D:\\containerd\\root'\n")
FEATURE = (
    Case("healthy", "sdn-nssm", (), PASS, "there"),
    Case("with Hyper-V", "sdn-nssm", (inside("machine.containers", hyper_v=True),), PASS, "there"),
    Case(
        "not installed",
        "sdn-nssm",
        (put("machine.containers", ContainersFact(False, False, "absent", False)),),
        FAIL,
        "absent",
    ),
    Case(
        "its state unread",
        "sdn-nssm",
        (put("machine.containers", ContainersFact(True, False, "not-read", True)), unread("machine.pending_reboots")),
        FAIL,
        "absent",
    ),
    Case(
        "installed, not restarted",
        "sdn-nssm",
        (
            put("machine.containers", ContainersFact(False, False, "installed", False)),
            put("machine.pending_reboots", ("component-servicing",)),
        ),
        FAIL,
        "restart-first",
    ),
    Case("a restart is owed", "sdn-nssm", (put("machine.pending_reboots", ("windows-update",)),), WARN, "restart-owed"),
    Case("restarts unread", "sdn-nssm", (unread("machine.pending_reboots"),), UNKNOWN, "not-read"),
    Case("services unread", "sdn-nssm", (unread("machine.containers"),), UNKNOWN, "not-read"),
    Case("no answer", "sdn-nssm", (unread("machine"),), UNKNOWN, "not-read"),
)
REFUSED = "node.containerd-config"
DISK = (
    Case("healthy", "sdn-nssm", (), PASS, "room"),
    Case("just enough", "sdn-nssm", (put("machine.disks", (drive("C:", 15),)),), PASS, "room"),
    Case("filling", "sdn-nssm", (put("machine.disks", (drive("C:", 14.9),)),), WARN, "filling"),
    Case("still filling", "sdn-nssm", (put("machine.disks", (drive("C:", 10),)),), WARN, "filling"),
    Case("full", "sdn-nssm", (put("machine.disks", (drive("C:", 9.9),)),), FAIL, "full"),
    Case("no size", "sdn-nssm", (put("machine.disks", (DiskFact("C:", 0, 0),)),), FAIL, "full"),
    Case("a drive without images", "sdn-native", (more("machine.disks", drive("E:", 1)),), PASS, "room"),
    Case("images elsewhere", "sdn-native", (ON_D,), PASS, "room"),
    Case(
        "images elsewhere, full",
        "sdn-native",
        (ON_D, put("machine.disks", (drive("C:", 50), drive("D:", 3)))),
        FAIL,
        "full",
    ),
    Case(
        "images on a lost drive",
        "sdn-native",
        (ON_D, put("machine.disks", (drive("C:", 50),))),
        UNKNOWN,
        "no-such-drive",
    ),
    Case("containerd's flag", "sdn-native", (in_line("containerd", "--run-service", "--root D:\\x"),), PASS, "room"),
    Case(
        "Docker's flag",
        "sdn-nssm",
        (in_line("dockerd", "--run-service", "--data-root=E:\\docker"), more("machine.disks", drive("E:", 5))),
        FAIL,
        "full",
    ),
    Case(
        "another configuration",
        "sdn-native",
        (
            in_line("containerd", "--run-service", "-c C:\\other.toml"),
            put("profile.containerd_config", (file("C:\\other.toml", "root = '/x'"),)),
        ),
        PASS,
        "room",
    ),
    Case("configuration of no sense", "sdn-native", (toml("root = ["),), UNKNOWN, "not-read", cause=REFUSED),
    Case(
        "configuration unreadable",
        "sdn-native",
        (toml("x"), first("profile.containerd_config", present=None, problem="locked")),
        UNKNOWN,
        "not-read",
    ),
    Case("configurations unread", "sdn-native", (unread("profile.containerd_config"),), UNKNOWN, "not-read"),
    Case("profile unread", "sdn-native", (unread("profile"),), UNKNOWN, "not-read"),
    Case("processes unread", "sdn-native", (unread("daemons.processes"),), UNKNOWN, "not-read"),
    Case(
        "full, and processes unread",
        "sdn-native",
        (put("machine.disks", (drive("C:", 2),)), unread("daemons.processes")),
        FAIL,
        "full",
    ),
    Case("disks unread", "sdn-native", (unread("machine.disks"),), UNKNOWN, "not-read"),
    Case("no answer", "sdn-native", (unread("machine"),), UNKNOWN, "not-read"),
)
HNS = (
    Case("healthy", "sdn-nssm", (), PASS, "healthy"),
    Case("stopped", "sdn-nssm", (inside("machine.hns_service", state="stopped", process_id=0),), FAIL, "stopped"),
    Case("not there", "sdn-nssm", (inside("machine.hns_service", state="absent"),), FAIL, "absent"),
    Case(
        "not there, as the feature",
        "sdn-nssm",
        (
            inside("machine.hns_service", state="absent"),
            put("machine.containers", ContainersFact(False, False, "absent", False)),
        ),
        FAIL,
        "absent",
        cause="node.containers-feature",
    ),
    Case("200 threads", "sdn-nssm", (inside("machine.hns_service", threads=200),), PASS, "healthy"),
    Case("201 threads", "sdn-nssm", (inside("machine.hns_service", threads=201),), WARN, "many-threads"),
    Case(
        "201 threads and no answer",
        "sdn-nssm",
        (inside("machine.hns_service", threads=201), unread("hns.networks")),
        FAIL,
        "deadlocked",
    ),
    Case(
        "started with the daemons",
        "sdn-nssm",
        (inside("machine.hns_service", created=STARTED + timedelta(minutes=5)),),
        PASS,
        "healthy",
    ),
    Case(
        "restarted under them",
        "sdn-nssm",
        (inside("machine.hns_service", created=STARTED + timedelta(days=2)),),
        WARN,
        "restarted",
    ),
    Case(
        "restarted, kube-proxy too",
        "sdn-nssm",
        (
            inside("machine.hns_service", created=STARTED + timedelta(days=2)),
            in_process("kube-proxy", created=STARTED + timedelta(days=3)),
        ),
        WARN,
        "restarted",
    ),
    Case(
        "restarted, then both",
        "sdn-nssm",
        (
            inside("machine.hns_service", created=STARTED + timedelta(days=2)),
            in_process("kube-proxy", created=STARTED + timedelta(days=3)),
            in_process("flanneld", created=STARTED + timedelta(days=3)),
        ),
        PASS,
        "healthy",
    ),
    Case("start times hidden", "sdn-nssm", (in_process("kube-proxy", created=None),), PASS, "healthy"),
    Case("process not listed", "sdn-nssm", (inside("machine.hns_service", threads=None),), UNKNOWN, "no-process"),
    Case(
        "process not listed, no answer",
        "sdn-nssm",
        (inside("machine.hns_service", created=None), unread("hns")),
        UNKNOWN,
        "not-read",
    ),
    Case("networks unread", "sdn-nssm", (unread("hns.networks"),), UNKNOWN, "not-read"),
    Case("processes unread", "sdn-nssm", (unread("daemons.processes"),), UNKNOWN, "not-read"),
    Case("service unread", "sdn-nssm", (unread("machine.hns_service"),), UNKNOWN, "not-read"),
    Case("no answer", "sdn-nssm", (unread("machine"),), UNKNOWN, "not-read"),
)


def condition(status: str, changed: datetime | None = STARTED) -> Change:
    """DiskPressure, among what kubelet tells the cluster; '' leaves it out."""
    told = (NodeConditionFact("DiskPressure", status, "Kubelet", "", changed),) if status else ()
    return inside("cluster.node", conditions=(NodeConditionFact("Ready", "True", "KubeletReady", "", STARTED), *told))


PRESSURE = (
    Case("healthy", "sdn-nssm", (), PASS, "none"),
    Case("under pressure", "rke2", (condition("True"),), FAIL, "pressure"),
    Case("nobody knows since when", "rke2", (condition("True", None),), FAIL, "pressure"),
    Case(
        "of a full disk",
        "sdn-nssm",
        (condition("True"), put("machine.disks", (drive("C:", 5),))),
        FAIL,
        "pressure",
        (),
        "node.disk-has-room",
    ),
    Case("kubelet is silent", "sdn-nssm", (condition("Unknown"),), UNKNOWN, "not-told"),
    Case("no such condition", "sdn-nssm", (condition(""),), UNKNOWN, "not-told"),
    Case("the Node unread", "sdn-nssm", (unread("cluster.node"),), UNKNOWN, "not-read"),
    Case("no kubectl", "sdn-nssm", (unread("cluster"),), UNKNOWN, "not-read"),
)
CASES = {
    "node.containers-feature": FEATURE,
    "node.disk-has-room": DISK,
    "node.no-disk-pressure": PRESSURE,
    "network.hns-is-healthy": HNS,
}
