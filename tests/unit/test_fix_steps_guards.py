"""A plan is compared with all that it was judged from: the guards that each fix's steps carry."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from fix_steps import SERVICES, node, steps
from node_changes import each, gone, in_service, more, put, without_service
from node_facts import SUBNET_ENV, fact, healthy
from node_files import file, source_vip

from checks.facts import VariableFact

VALUES = {"HTTPS_PROXY": "http://proxy.example.com:3128", "HTTP_PROXY": "", "NO_PROXY": "localhost,10.2.0.2"}
STALE = put("flannel.source_vip", (file("C:\\k\\sourceVip.json", source_vip("10.244.9.2")),))


def guards(made: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """What is compared, as (kind of thing, place)."""
    found = [one for one in made if one["kind"] == "guard"]
    return {
        (one["on"], f"{one['key']}\\{one['name']}" if one["on"] == "registry" else one.get("path") or one["name"])
        for one in found
    }


def test_stale_files_are_judged_from_the_pod_subnet_and_both_services() -> None:
    told = guards(steps("remove-stale-subnet-files", STALE(healthy("sdn-native"))))
    assert ("file", SUBNET_ENV) in told
    for name in ("flanneld", "kube-proxy"):
        assert ("installed", name) in told
        assert ("registry", f"{SERVICES}\\{name}\\ImagePath") in told
    # Stale by the reservation that is missing: one that comes back in between makes it fit again.
    assert ("presence", "C:\\var\\lib\\cni\\networks\\vxlan0\\10.244.9.2") in told


def test_a_file_that_fits_is_compared_and_stays() -> None:
    fits = file("C:\\sourcevip\\sourceVip.json", source_vip("10.244.3.2"))
    made = steps("remove-stale-subnet-files", node("sdn-native", STALE, more("flannel.source_vip", fits)))
    assert ("file", fits.path) in guards(made)
    assert fits.path not in [one.get("path") for one in made if one["kind"] == "move"]
    assert ("file", "C:\\k\\sourceVip.json") not in guards(made)  # its own step compares it


@pytest.mark.parametrize("layout", ["sdn-native", "sdn-nssm"])
def test_flanneld_is_judged_from_its_service_and_the_network_configuration(layout: str) -> None:
    facts = healthy(layout)
    told = guards(steps("restart-flanneld", facts))
    assert ("registry", f"{SERVICES}\\flanneld\\ImagePath") in told
    assert ("registry", f"{SERVICES}\\flanneld\\Environment") in told
    assert ("file", fact(facts, "flannel.net_conf")[0].path) in told
    assert ("presence", "C:\\k\\config") in told
    assert ("address", "10.2.0.13") in told
    nssm = {name for on, name in told if on == "registry" and "\\Parameters\\" in name}
    assert bool(nssm) is (layout == "sdn-nssm")


def test_what_a_step_writes_needs_no_guard() -> None:
    line = "C:\\flannel\\flanneld.exe --iface=10.2.0.99"
    facts = in_service("flanneld", path_name=line)(healthy("sdn-native"))
    made = steps("restart-flanneld", facts)
    assert [one["name"] for one in made if one["kind"] == "registry"] == ["ImagePath"]
    assert ("registry", f"{SERVICES}\\flanneld\\ImagePath") not in guards(made)


def test_a_bare_flanneld_is_judged_from_the_line_that_runs() -> None:
    facts = node(
        "sdn-native",
        without_service("flanneld"),
        put("profile.present_paths", ("C:\\k\\start.ps1", "C:\\flannel\\flanneld.exe")),
    )
    assert ("process", "flanneld.exe") in guards(steps("restart-flanneld", facts))
    assert ("process", "flanneld.exe") in guards(steps("restart-flanneld", gone("flanneld")(facts)))


def test_proxies_are_judged_from_every_value_that_is_set() -> None:
    facts = put("environment.machine", (VariableFact("http_proxy", "http://old.example.com:1"),))(healthy("sdn-nssm"))
    told = guards(steps("set-proxy-variables", facts, **VALUES))
    key = "SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment"
    assert ("registry", f"{key}\\HTTP_PROXY") in told  # left as it is, and judged from
    assert ("registry", f"{key}\\HTTPS_PROXY") not in told
    for name in ("docker", "kubelet", "kube-proxy", "flanneld"):
        assert ("installed", name) in told
    assert ("registry", f"{SERVICES}\\kubelet\\Parameters\\AppEnvironment") in told
    assert ("file", SUBNET_ENV) in told


def test_a_guard_holds_no_value_of_the_node() -> None:
    secret = "http://u:hunter2@proxy.example.com:3128"
    facts = in_service("docker", environment=(f"HTTPS_PROXY={secret}",))(healthy("sdn-nssm"))
    made = [one for one in steps("set-proxy-variables", facts, **VALUES) if one["kind"] == "guard"]
    assert made
    assert all(set(one) <= {"id", "kind", "on", "key", "name", "path"} for one in made)
    assert "hunter2" not in str(made)
    assert base64.b64encode(secret.encode()).decode() not in str(made)


def test_every_id_is_its_own() -> None:
    for layout in ("sdn-native", "sdn-nssm", "hostprocess", "rke2"):
        made = steps("set-proxy-variables", each("daemons.services", lambda one: one)(healthy(layout)), **VALUES)
        assert len({one["id"] for one in made}) == len(made)
