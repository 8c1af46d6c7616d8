"""Set proxy variables: where each layout's services read them, what is merged, what restarts, and what is proposed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fix_steps import SERVICES, node, proposed, steps, working
from node_changes import each, in_service, machine, more, typed_apart
from node_facts import healthy, service

from checks.errors import Refused
from checks.proxy import own_lines, setting

FIX = "set-proxy-variables"
PROXY = "http://proxy.example.com:3128"
VALUES = {"HTTPS_PROXY": PROXY, "HTTP_PROXY": PROXY}
COMMON = ["localhost", "127.0.0.1", "10.2.0.2"]
NAMES = [".svc", ".svc.cluster.local", ".cluster.local"]


@pytest.mark.parametrize(
    ("layout", "ranges"),
    [
        ("sdn-native", ["10.2.0.0/24", "10.244.0.0/16", "10.96.0.0/12"]),
        ("sdn-nssm", ["10.2.0.0/24", "10.244.0.0/16", "10.96.0.0/12"]),
        ("hostprocess", ["10.2.0.0/24", "10.244.0.0/16", "10.96.0.0/12"]),
        ("rke2", ["10.2.0.0/24", "10.42.0.0/16", "10.43.0.0/16"]),
    ],
)
def test_what_is_proposed_to_be_excepted(layout: str, ranges: list[str]) -> None:
    assert proposed(FIX, healthy(layout))["NO_PROXY"].split(",") == [*COMMON, *ranges, *NAMES]


def test_what_is_excepted_already_stays_in_front() -> None:
    told = proposed(FIX, node("sdn-native", machine("no_proxy=intern.example.com,localhost")))["NO_PROXY"]
    assert told.split(",")[:3] == ["intern.example.com", "localhost", "127.0.0.1"]
    assert len(told.split(",")) == len(set(told.split(",")))


def test_a_masked_password_is_not_proposed() -> None:
    told = proposed(FIX, node("sdn-native", machine("HTTPS_PROXY=http://u:***@p.example.com:1")))
    assert told["HTTPS_PROXY"] == ""


@pytest.mark.parametrize(
    ("layout", "name"),
    [("sdn-native", "containerd"), ("sdn-nssm", "docker"), ("hostprocess", "containerd"), ("rke2", "rke2")],
)
def test_the_runtime_gets_them_and_restarts(layout: str, name: str) -> None:
    made = working(FIX, healthy(layout), **VALUES)
    own = next(one for one in made if one["id"] == f"environment-{name}")
    assert (own["key"], own["name"], own["merge"]) == (f"{SERVICES}\\{name}", "Environment", True)
    assert [line.partition("=")[0] for line in own["lines"]] == ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"]
    assert [one["name"] for one in made if one["kind"] == "service"] == [name]
    assert [one["name"] for one in made if one["title"] == "machine-variable"] == [
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "NO_PROXY",
    ]


def test_a_runtime_under_nssm_gets_them_in_addition() -> None:
    wrapped = service(
        "containerd",
        '"C:\\Program Files\\nssm\\nssm.exe"',
        "C:\\containerd\\containerd.exe",
        extra=("Http_Proxy=http://old",),
    )
    facts = node("sdn-native", each("daemons.services", lambda one: wrapped if one.name == "containerd" else one))
    own = next(one for one in working(FIX, facts, **VALUES) if one["id"] == "environment-containerd")
    assert (own["key"], own["name"]) == (f"{SERVICES}\\containerd\\Parameters", "AppEnvironmentExtra")
    assert proposed(FIX, facts)["HTTP_PROXY"] == "http://old"


def test_daemons_that_get_the_proxy_get_the_exceptions_too() -> None:
    facts = node("sdn-native", machine(f"https_proxy={PROXY}"))
    made = working(FIX, facts, **VALUES)
    told = {one["target"]: one["lines"] for one in made if one["id"].startswith("environment-")}
    assert set(told) == {"containerd", "flanneld", "kubelet", "kube-proxy"}
    assert all(
        lines == [f"NO_PROXY={proposed(FIX, facts)['NO_PROXY']}"]
        for name, lines in told.items()
        if name != "containerd"
    )


def test_what_stands_still_is_not_started() -> None:
    still = {"state": "stopped", "start_mode": "manual"}
    facts = node("sdn-native", machine(f"HTTPS_PROXY={PROXY}"), in_service("kube-proxy", **still))
    made = working(FIX, facts, **VALUES)
    assert "kube-proxy" not in [one["name"] for one in made if one["kind"] == "service"]
    assert "environment-kube-proxy" in [one["id"] for one in made]
    facts = node("sdn-native", in_service("containerd", **still))
    assert [one for one in working(FIX, facts, **VALUES) if one["kind"] == "service"] == []


def test_all_that_runs_and_needs_the_runtime_restarts_with_it_in_order() -> None:
    facts = node(
        "sdn-native",
        in_service("kubelet", depends_on=("ContainerD",)),
        in_service("kube-proxy", depends_on=("KUBELET",)),
        more(
            "daemons.services",
            service("agent", "C:\\agent.exe", depends_on=("containerd", "kubelet")),
            service("sleeper", "C:\\s.exe", depends_on=("containerd",), state="stopped", start_mode="manual"),
        ),
    )
    (restart,) = [one for one in working(FIX, facts, **VALUES) if one["kind"] == "service"]
    assert restart["target"] == "containerd, kubelet, agent, kube-proxy"


def test_an_environment_that_replaces_hides_the_machine() -> None:
    facts = node("sdn-nssm", machine(f"HTTPS_PROXY={PROXY}"))
    (kubelet,) = [one for one in facts.daemons.services if one.name == "kubelet"]  # type: ignore[union-attr]
    assert kubelet.nssm is not None
    assert setting(facts, kubelet, "HTTPS_PROXY") is not None
    alone = replace(kubelet, environment=("HTTP_PROXY=x",), nssm=replace(kubelet.nssm, app_environment=("A=1",)))
    assert setting(facts, alone, "HTTPS_PROXY") is None
    assert setting(facts, alone, "HTTP_PROXY") is None
    assert [lines for lines, _ in own_lines(alone)] == [("A=1",)]
    both = replace(
        alone, nssm=replace(kubelet.nssm, app_environment=("A=1",), app_environment_extra=("https_proxy=y",))
    )
    told = setting(facts, both, "HTTPS_PROXY")
    assert getattr(told, "value", None) == "y"
    empty = replace(kubelet, nssm=replace(kubelet.nssm, app_environment=("",)))
    assert setting(facts, empty, "HTTPS_PROXY") is not None


@pytest.mark.parametrize("name", ["containerd", "kubelet"])
def test_what_could_not_be_started_again_is_not_stopped(name: str) -> None:
    needs = in_service("kubelet", depends_on=("containerd",))
    facts = node("sdn-native", needs, in_service(name, start_mode="disabled"))
    with pytest.raises(Refused) as told:
        steps(FIX, facts, **VALUES)
    assert told.value.fields["reason"] == "service-disabled"


def test_without_a_runtime_it_is_refused() -> None:
    gone = each("daemons.services", lambda one: None if one.name == "containerd" else one)
    with pytest.raises(Refused):
        steps(FIX, node("sdn-native", gone), **VALUES)


@pytest.mark.parametrize("key", ["runtime_service", "kubelet_service", "kube_proxy_service", "flanneld_service"])
def test_no_other_service_is_changed_where_the_typed_one_is_not_there(key: str) -> None:
    with pytest.raises(Refused) as told:
        steps(FIX, node("sdn-native", typed_apart(key)), **VALUES)
    assert told.value.fields["reason"] == "service-not-there"


@pytest.mark.parametrize(("state", "may_stay_ill"), [("running", None), ("paused", True), ("stopped", "no restart")])
def test_what_has_ended_holds_up_no_other_service(state: str, may_stay_ill: object) -> None:
    env = ("NODE_NAME=worker-03", f"HTTPS_PROXY={PROXY}")
    made = working(FIX, node("sdn-native", in_service("flanneld", environment=env, state=state)), **VALUES)
    restarts = {one["name"]: one.get("may_stay_ill") for one in made if one["kind"] == "service"}
    assert restarts.get("flanneld", "no restart") == may_stay_ill
    assert restarts["containerd"] is None
