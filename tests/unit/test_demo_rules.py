"""By which rules the daemons of a simulated node start, stay and leave things behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.simulator.demo_binding import Thrown
from checks.simulator.demo_load import load_demo_node
from checks.simulator.demo_reach import flag_of, in_range, reach, role_of, with_lines, words_of
from checks.simulator.demo_registry import RegistryValue
from checks.simulator.demo_rules import SERVICE_MANAGER, SUBNET_ENV, remove_network, start_program
from checks.simulator.demo_service_steps import Stopped, do_service
from checks.simulator.demo_services import (
    ServiceError,
    restart_service,
    service_environment,
    start_service,
    start_task,
    stop_service,
)
from checks.simulator.demo_state import MACHINE_ENVIRONMENT, Reach, Task
from checks.simulator.demo_toml import toml_problem

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"
FLAGS = "--kubeconfig-file=C:\\k\\config --iface=10.2.0.12 --ip-masq=1 --kube-subnet-mgr=1"
FLANNELD = f"C:\\flannel\\flanneld.exe {FLAGS}"
NAMED = {"NODE_NAME": "worker-02"}


def state_of(name: str):
    state = load_demo_node(DEMO / f"{name}.yaml").state
    assert state is not None
    return state


def running(state) -> set[str]:
    return {role_of(process.path or "") for process in state.processes}


@pytest.fixture
def bare():
    return state_of("worker-02")


def test_flanneld_makes_the_network_and_writes_subnet_env(bare):
    assert not bare.hns.networks
    start = start_program(bare, FLANNELD, NAMED, SERVICE_MANAGER)
    assert start.is_running
    (network,) = bare.hns.networks
    assert (network.name, network.type, network.subnets) == ("cbr0", "l2bridge", ("10.244.2.0/24",))
    assert [endpoint.ip_address for endpoint in bare.hns.endpoints] == ["10.244.2.2"]
    assert bare.disk.file(SUBNET_ENV).data == (
        b"FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.2.1/24\nFLANNEL_MTU=1500\nFLANNEL_IPMASQ=true\n"
    )


@pytest.mark.parametrize(
    ("line", "variables", "told"),
    [
        (FLANNELD, {}, "POD_NAME"),
        (FLANNELD, {"NODE_NAME": "Worker-02"}, 'nodes "Worker-02" not found'),
        (FLANNELD.replace("=1 --kube-subnet-mgr=1", "=1"), NAMED, "127.0.0.1:2379"),
        (FLANNELD.replace("\\k\\config", "\\k\\none"), NAMED, "cannot find the file"),
        (FLANNELD.replace("10.2.0.12", "10.2.0.99"), NAMED, "valid interface"),
        (FLANNELD, {**NAMED, "HTTPS_PROXY": "http://proxy.example.com:3128"}, "proxyconnect"),
        ("C:\\none\\flanneld.exe", NAMED, "was not found"),
    ],
)
def test_flanneld_does_not_stay_without(bare, line: str, variables: dict[str, str], told: str):
    start = start_program(bare, line, variables, SERVICE_MANAGER)
    assert not start.is_running
    assert told in " ".join(start.log)
    assert not bare.hns.networks
    assert not bare.disk.exists(SUBNET_ENV)


def test_making_the_network_fails_as_often_as_told(bare):
    bare.hns.failures = 1
    assert "0x803b0010" in start_program(bare, FLANNELD, NAMED, SERVICE_MANAGER).log[0]
    assert start_program(bare, FLANNELD, NAMED, SERVICE_MANAGER).is_running


def test_a_network_with_another_prefix_is_made_anew_and_a_right_one_is_kept():
    state = state_of("worker-03")
    flanneld = state.service("flanneld")
    (before,) = state.hns.networks
    restart_service(state, flanneld)
    assert state.hns.networks == [before]
    before.subnets = ("10.244.5.0/24",)
    restart_service(state, flanneld)
    (after,) = state.hns.networks
    assert after.subnets == ("10.244.7.0/24",)
    assert after.id != before.id


def test_kube_proxy_asks_for_a_source_vip_only_where_its_file_is_missing():
    state = state_of("worker-03")
    proxy = state.service("kube-proxy")
    restart_service(state, proxy)
    assert any("--source-vip=10.244.5.2" in process.command_line for process in state.processes)
    assert "0x803b002f" in state.journal[-1]
    for path in ("C:\\k\\sourceVip.json", "C:\\k\\sourceVipRequest.json"):
        state.disk.remove(path)
    restart_service(state, proxy)
    assert any("--source-vip=10.244.7.2" in process.command_line for process in state.processes)
    assert state.disk.file("C:\\k\\sourceVip.json").data.startswith(b"\xff\xfe")
    assert state.disk.file("C:\\var\\lib\\cni\\networks\\vxlan0\\10.244.7.2").data == b"dummy\r\ndummy"


def test_nssm_pauses_and_a_plain_service_refuses_when_the_program_ends():
    state = state_of("worker-01")
    flanneld = state.service("flanneld")
    parameters = RegistryValue("AppParameters", "expand", "--kubeconfig-file=C:\\k\\config")
    state.registry.set(flanneld.parameters_key, parameters, state.clock())
    restart_service(state, flanneld)
    assert (flanneld.state, flanneld.exit_code) == ("Paused", 1)
    state.registry.set(flanneld.key, RegistryValue("ImagePath", "expand", FLANNELD), state.clock())
    stop_service(state, flanneld)
    with pytest.raises(ServiceError, match=r"flanneld \(flanneld\)"):
        start_service(state, flanneld)
    assert flanneld.state == "Stopped"


def test_a_service_others_need_stops_only_with_them():
    state = state_of("worker-01")
    with pytest.raises(ServiceError) as told:
        stop_service(state, state.service("docker"), force=False)
    assert told.value.code == "ServiceHasDependentServices"
    assert [one.name for one in stop_service(state, state.service("docker"))] == ["kubelet"]
    assert running(state) == {"nssm", "flanneld"}
    start_service(state, state.service("kube-proxy"))
    assert {"dockerd", "kubelet", "kube-proxy"} <= running(state)


def test_services_get_the_variables_of_boot_and_their_own():
    state = state_of("worker-05")
    containerd = state.service("containerd")
    state.registry.set(MACHINE_ENVIRONMENT, RegistryValue("HTTPS_PROXY", "string", "http://a"), state.clock())
    assert "HTTPS_PROXY" not in service_environment(state, containerd)
    lines = RegistryValue("Environment", "multi", ("HTTPS_PROXY=http://b", "NO_PROXY="))
    state.registry.set(containerd.key, lines, state.clock())
    assert service_environment(state, containerd) == {"HTTPS_PROXY": "http://b"}


def test_a_task_gets_the_variables_of_now(bare):
    task = Task("flanneld", "C:\\flannel\\flanneld.exe", FLAGS)
    assert not start_task(bare, task).is_running
    assert task.last_result == 1
    bare.registry.set(MACHINE_ENVIRONMENT, RegistryValue("NODE_NAME", "string", "worker-02"), bare.clock())
    assert start_task(bare, task).is_running
    assert task.last_result == 0x41301


def test_rke2_gives_flanneld_no_proxy_and_restarts_it_with_itself():
    state = state_of("edge-2")
    remove_network(state, state.hns.networks[0].id)
    rke2 = state.service("rke2")
    lines = RegistryValue("Environment", "multi", ("HTTPS_PROXY=http://nowhere",))
    state.registry.set(rke2.key, lines, state.clock())
    restart_service(state, rke2)
    (flanneld,) = [process for process in state.processes if role_of(process.path) == "flanneld"]
    assert flanneld.environment == {"NODE_NAME": "edge-2", "PATH": "C:\\var\\lib\\rancher\\rke2\\bin"}
    assert [network.name for network in state.hns.networks] == ["flannel.4096"]


@pytest.mark.parametrize(
    ("network", "variables", "target", "way"),
    [
        (Reach(), {}, "registry.k8s.io:443", "ok"),
        (Reach(direct=False), {}, "registry.k8s.io:443", "dial tcp registry.k8s.io:443: i/o timeout"),
        (Reach(direct=False, proxy="p:1"), {"https_proxy": "http://u:x@p:1/"}, "registry.k8s.io:443", "ok"),
        (Reach(direct=False, proxy="p:1"), {"HTTPS_PROXY": "q:1"}, "registry.k8s.io:443", "proxyconnect"),
        (Reach(proxy="p:1", inside=("10.2.0.2:6443",)), {"HTTPS_PROXY": "p:1"}, "10.2.0.2:6443", "Service Unavailable"),
        (
            Reach(proxy="p:1", inside=("10.2.0.2:6443",)),
            {"HTTPS_PROXY": "p:1", "NO_PROXY": "x, 10.2.0.0/24"},
            "10.2.0.2:6443",
            "ok",
        ),
        (Reach(direct=True), {"HTTPS_PROXY": "p:1", "NO_PROXY": ".example.com"}, "a.example.com:443", "ok"),
        (Reach(direct=True), {"HTTPS_PROXY": "p:1", "NO_PROXY": "*"}, "a.example.com:443", "ok"),
    ],
)
def test_the_way_out_follows_the_rules_of_go(network: Reach, variables: dict[str, str], target: str, way: str):
    assert reach(network, variables, target).startswith(way)


def test_words_and_flags_as_windows_and_go_part_them():
    line = '"C:\\Program Files\\x.exe" --a=1 -a 2 --flag --b="c d" --a'
    words = words_of(line)
    assert words == ["C:\\Program Files\\x.exe", "--a=1", "-a", "2", "--flag", "--b=c d", "--a"]
    assert [flag_of(words, name) for name in ("a", "flag", "b", "none")] == ["true", "true", "c d", None]
    assert with_lines({"A": "1", "B": "2"}, ["a=3", "B=", "noise"]) == {"a": "3"}
    assert in_range("10.244.3.9", "10.244.3.0/24")
    assert not in_range("10.244.3.9", "10.244.3.9")
    assert not in_range("", "10.244.3.0/24")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b'version = 2\n[plugins."a"]\n  x = [\n "b" ]\n', ""),
        (b"\xef\xbb\xbfversion = 2\n", "byte order mark"),
        (b"[plugins", "expected a key"),
        (b'a = "b\n', "line 1: unterminated string"),
        (b"a = [\n", "unclosed bracket"),
        (b"", ""),
    ],
)
def test_containerd_refuses_what_is_no_toml(data: bytes, problem: str):
    assert problem in toml_problem(data)
    assert bool(problem) == bool(toml_problem(data))


def test_a_service_that_was_ill_may_stay_so_where_a_step_says_so():
    state = state_of("worker-03")
    state.disk.remove("C:\\k\\config")
    step = {"kind": "service", "name": "flanneld", "action": "restart"}
    with pytest.raises(Thrown):
        do_service(state, step, Stopped())
    told = Stopped()
    do_service(state, {**step, "may_stay_ill": True}, told)
    assert state.service("flanneld").state == "Paused"
    assert [one["fact"] for one in told.problems] == ["service"]
