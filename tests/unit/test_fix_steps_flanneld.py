"""Restart flanneld: the flags it gets, from whatever its service or its running command line says now."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fix_steps import SERVICES, node, proposed, steps, working
from node_changes import first, gone, in_line, in_service, machine, put, typed_apart, unread, without_service
from node_facts import healthy, service
from node_files import BOOT

from checks.command_line import arguments_of, flag, program
from checks.errors import Refused
from checks.facts import NodeFacts, ServerReachFact
from checks.fixes.flanneld import quoted

FIX = "restart-flanneld"
ENVIRONMENT = ("NODE_NAME=worker-03",)


def line_of(path: str) -> str:
    """The command line that the service starts after the fix; '' where it stays."""
    facts = node("sdn-native", in_service("flanneld", path_name=path, environment=ENVIRONMENT), gone("flanneld"))
    (one, *_), *_ = [working(FIX, facts)]
    return str(one["value"]) if one["kind"] == "registry" else ""


def flags(line: str) -> dict[str, str | None]:
    return {name: flag(line, name) for name in ("kubeconfig-file", "iface", "ip-masq", "kube-subnet-mgr")}


WANTED = {"kubeconfig-file": "C:\\k\\config", "iface": "10.2.0.13", "ip-masq": "1", "kube-subnet-mgr": "1"}


@pytest.mark.parametrize(
    ("path", "start", "kept"),
    [
        ("C:\\flannel\\flanneld.exe --v=4", "C:\\flannel\\flanneld.exe", ("--v=4",)),
        ("C:\\flannel\\flanneld.exe -v 4 -iface 10.9.9.9", "C:\\flannel\\flanneld.exe", ("-v", "4")),
        ("C:\\flannel\\flanneld.exe --iface 10.9.9.9 --ip-masq --v=4", "C:\\flannel\\flanneld.exe", ("--v=4",)),
        ('"C:\\Program Files\\flannel\\flanneld.exe" --v=4', "C:\\Program Files\\flannel\\flanneld.exe", ("--v=4",)),
        ("C:\\Program Files\\flannel\\flanneld.exe --v=4", "C:\\Program Files\\flannel\\flanneld.exe", ("--v=4",)),
        (
            'C:\\flannel\\FLANNELD.EXE --net-config-path="C:\\my conf\\net-conf.json" --iface=10.9.9.9 --iface=10.8.8.8',
            "C:\\flannel\\FLANNELD.EXE",
            ("--net-config-path=C:\\my conf\\net-conf.json",),
        ),
        ("C:\\flannel\\flanneld.exe", "C:\\flannel\\flanneld.exe", ()),
    ],
)
def test_the_flags_come_in_and_the_others_stay(path: str, start: str, kept: tuple[str, ...]) -> None:
    line = line_of(path)
    assert program(line) == start
    assert flags(line) == WANTED
    assert arguments_of(line)[4:] == kept


@pytest.mark.parametrize(
    "path",
    [
        "C:\\flannel\\flanneld.exe --kube-subnet-mgr=1 --ip-masq=1 --iface=10.2.0.13 --kubeconfig-file=C:\\k\\config",
        '"C:\\flannel\\flanneld.exe"  "--kubeconfig-file=C:\\k\\config" --iface=10.2.0.13 --ip-masq=1 --kube-subnet-mgr=1',
    ],
)
def test_order_and_quotes_are_no_difference(path: str) -> None:
    assert line_of(path) == ""


def test_the_service_keeps_its_own_name_and_place() -> None:
    facts = healthy("sdn-native")
    odd = service(
        "FlannelD", '"C:\\My Tools\\NSSM.exe"', "C:\\flannel\\flanneld.exe --iface 10.9.9.9", extra=ENVIRONMENT
    )
    facts = node("sdn-native", without_service("flanneld"), gone("flanneld"))
    facts = put("daemons.services", (*facts.daemons.services, odd))(facts)  # type: ignore[union-attr]
    (value, restart) = working(FIX, facts)
    assert (value["key"], value["name"]) == (f"{SERVICES}\\FlannelD\\Parameters", "AppParameters")
    assert flags(f"x {value['value']}") == WANTED
    assert not str(value["value"]).startswith("C:\\flannel")
    assert (restart["name"], restart["action"]) == ("FlannelD", "restart")


@pytest.mark.parametrize(
    ("layout", "place"),
    [("sdn-native", "Environment"), ("sdn-nssm", "AppEnvironmentExtra")],
)
def test_the_name_goes_where_the_service_reads_it(layout: str, place: str) -> None:
    change = in_service("flanneld", environment=None)
    facts = node(layout, change, gone("flanneld"))
    facts = put("environment.machine", ())(facts)
    told = [one for one in working(FIX, facts, NODE_NAME="worker-3b") if one["kind"] == "registry"]
    assert [(one["name"], one["lines"], one["merge"]) for one in told] == [(place, ["NODE_NAME=worker-3b"], True)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (in_service("flanneld", start_mode="disabled"), "service-disabled"),
        (typed_apart("flanneld_service"), "service-not-there"),
        (in_service("hns", state="stopped"), "hns-stopped"),
        (put("access.servers", (ServerReachFact("10.2.0.2:6443", ("c:\\k\\CONFIG",), False),)), "api-not-reached"),
        (in_service("flanneld", path_name="C:\\tools\\winsw.exe"), "other-wrapper"),
        (in_service("flanneld", path_name="powershell.exe -File C:\\k\\start-flannel.ps1"), "other-wrapper"),
        (
            lambda facts: put(
                "daemons.services",
                tuple(
                    service("flanneld", "C:\\k\\srvany.exe", "C:\\flannel\\flanneld.exe --v=2")
                    if one.name == "flanneld"
                    else one
                    for one in facts.daemons.services
                ),
            )(facts),
            "other-wrapper",
        ),
    ],
    ids=["disabled", "not there", "no HNS", "no API server", "another wrapper", "a script", "srvany"],
)
def test_what_would_break_it_is_refused(change, reason: str) -> None:
    with pytest.raises(Refused) as told:
        steps(FIX, node("sdn-native", change, gone("flanneld")))
    assert told.value.fields["reason"] == reason


def test_another_server_that_does_not_answer_is_no_reason() -> None:
    other = ServerReachFact("10.9.9.9:6443", ("C:\\old\\config",), False)
    facts = node("sdn-native", gone("flanneld"))
    assert working(FIX, put("access.servers", (*facts.access.servers, other))(facts))
    assert working(FIX, unread("access")(facts)), "not known is no reason either: the change can be taken back"


@pytest.mark.parametrize("layout", ["hostprocess", "rke2"])
def test_what_starts_it_itself_is_refused(layout: str) -> None:
    with pytest.raises(Refused):
        steps(FIX, healthy(layout))


def test_a_stopped_manual_service_is_started_and_nothing_else() -> None:
    facts = node("sdn-native", in_service("flanneld", start_mode="manual", state="stopped"), gone("flanneld"))
    assert [(one["kind"], one["name"]) for one in working(FIX, facts)] == [("service", "flanneld")]


@pytest.mark.parametrize(
    "parts", [("a b", "c"), ("C:\\my dir\\",), ('say "x"', "--y=z"), ("", "x"), ("--a=C:\\dir\\", "b")]
)
def test_quoted_words_arrive_as_they_are(parts: tuple[str, ...]) -> None:
    line = quoted(("x.exe", *parts))
    assert line.startswith("x.exe ")
    for part in parts:
        if " " in part and '"' not in part:
            assert f'"{part}' in line
    assert not line.endswith('\\"') or line.endswith('\\\\"')


def test_proposals() -> None:
    for layout in ("sdn-native", "sdn-nssm"):
        assert proposed(FIX, healthy(layout)) == {
            "IFACE": "10.2.0.13",
            "KUBECONFIG": "C:\\k\\config",
            "NODE_NAME": "worker-03",
        }


def in_path(old: str, new: str) -> NodeFacts:
    return node("sdn-native", in_line("flanneld", old, new), gone("flanneld"))


def test_a_kubeconfig_that_is_not_there_is_not_proposed() -> None:
    moved = in_path("C:\\k\\config", "C:\\k\\old")
    assert proposed(FIX, moved)["KUBECONFIG"] == "C:\\k\\config"
    assert flag(str(working(FIX, moved)[0]["value"]), "kubeconfig-file") == "C:\\k\\config"
    for unknown in (put("profile.api_servers", ()), unread("profile.api_servers"), unread("profile")):
        assert proposed(FIX, unknown(moved))["KUBECONFIG"] == "C:\\k\\old"


PROXY = "HTTPS_PROXY=http://proxy.example.com:3128"
OWN_PROXY = in_service("flanneld", environment=(*ENVIRONMENT, PROXY))
ALL_BUT_API = in_service("flanneld", environment=(*ENVIRONMENT, PROXY, "NO_PROXY=10.2.0.0/24"))
SET_BEFORE_BOOT = put("environment.machine_changed", BOOT - timedelta(days=1))
SET_SINCE = put("environment.machine_changed", BOOT + timedelta(days=1))


@pytest.mark.parametrize(
    ("changes", "is_refused"),
    [
        ((OWN_PROXY,), True),
        ((ALL_BUT_API,), False),
        ((machine(PROXY), SET_BEFORE_BOOT), True),
        ((machine(PROXY, "NO_PROXY=10.2.0.2"), SET_BEFORE_BOOT), False),
        ((machine(PROXY), SET_SINCE), False),  # services have what stood there when Windows started
        ((machine(PROXY), SET_SINCE, without_service("flanneld")), True),  # a task has what stands there now
        ((machine(PROXY), SET_BEFORE_BOOT, unread("environment")), False),
    ],
)
def test_no_start_into_a_proxy_that_leads_to_no_api_server(changes, *, is_refused: bool) -> None:
    facts = node("sdn-native", *changes)
    if not is_refused:
        assert steps(FIX, facts)
        return
    with pytest.raises(Refused) as told:
        steps(FIX, facts)
    assert told.value.fields["reason"] == "proxy-first"


def test_an_address_of_before_is_not_proposed() -> None:
    moved = node(
        "sdn-native",
        in_line("flanneld", "10.2.0.13", "10.2.0.12"),
        first("hns.networks", management_ip="10.2.0.12"),
    )
    assert proposed(FIX, moved)["IFACE"] == "10.2.0.13"
    assert proposed(FIX, unread("network")(moved))["IFACE"] == "10.2.0.12"
