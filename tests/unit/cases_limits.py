"""Known limits of Windows: what is said of each node, and by which facts."""

from __future__ import annotations

from node_changes import Case, cni, put, unread

from checks.finding import Verdict

INFO, UNKNOWN = Verdict.INFO, Verdict.UNKNOWN

PING = (
    Case("overlay", "sdn-native", (), INFO, "limitation"),
    Case("l2bridge", "sdn-nssm", (), INFO, "limitation"),
    Case("sdn plug-ins", "hostprocess", (), INFO, "limitation"),
    Case("no CNI file", "sdn-nssm", (put("cni.folders", ()),), INFO, "limitation"),
    Case("a file that is no JSON", "sdn-nssm", (cni(lambda _: "#"),), INFO, "limitation"),
    Case("CNI unread", "sdn-nssm", (unread("cni.folders"),), UNKNOWN, "not-read"),
)
NODE_PORT = (
    Case("Server 2019, new", "sdn-nssm", (), INFO, "works"),
    Case("the update itself", "sdn-nssm", (put("system.ubr", 1432),), INFO, "works"),
    Case("before the update", "sdn-nssm", (put("system.ubr", 1431),), INFO, "limitation"),
    Case("Server 2022, low revision", "sdn-nssm", (put("system.build", 20348), put("system.ubr", 1)), INFO, "works"),
    Case("build unread", "sdn-nssm", (unread("system.build"),), UNKNOWN, "not-read"),
    Case("revision unread", "sdn-nssm", (unread("system.ubr"),), UNKNOWN, "not-read"),
    Case("machine unread", "sdn-nssm", (unread("system"),), UNKNOWN, "not-read"),
)
SERVICE_ADDRESS = (
    Case("range known", "sdn-nssm", (), INFO, "limitation"),
    Case("no CNI file", "sdn-nssm", (put("cni.folders", ()),), INFO, "limitation"),
    Case("no route in it", "sdn-nssm", (cni(lambda _: "{}"),), INFO, "limitation"),
    Case("CNI unread", "sdn-nssm", (unread("cni"),), UNKNOWN, "not-read"),
)

CASES = {
    "network.ping-outside": PING,
    "network.local-node-port": NODE_PORT,
    "network.service-address-from-node": SERVICE_ADDRESS,
}
