"""The three fixes on planted nodes, over the real wire: rehearsed, applied, undone; the node's truth decides."""

from __future__ import annotations

import pytest

from checks.errors import Refused
from checks.finding import Verdict
from checks.fix_list import FIXES
from checks.plan import Outcome, StepState

pytestmark = pytest.mark.node
PROXY = {"HTTPS_PROXY": "http://proxy.example.com:3128", "HTTP_PROXY": "http://proxy.example.com:3128"}
CASES = [
    ("stale-source-vip", "remove-stale-subnet-files", {}, "flannel.source-vip", "stale"),
    ("flanneld-dead", "restart-flanneld", {}, "flannel.flanneld-runs", "no-node-name"),
    ("flanneld-dead-blip", "restart-flanneld", {}, "flannel.flanneld-runs", "no-node-name"),
    ("flanneld-wrong-flags", "restart-flanneld", {}, "flannel.flanneld-runs", "wrong-flags"),
    ("behind-proxy", "set-proxy-variables", PROXY, "node.proxy-variables", "no-proxy-set"),
    ("proxy-without-exceptions", "set-proxy-variables", {}, "node.proxy-variables", "api-through-proxy"),
]


@pytest.mark.parametrize(("spec", "fix", "values", "check", "reason"), CASES, ids=[case[0] for case in CASES])
def test_found_repaired_and_undone(bench, fresh, truth, picture, spec, fix, values, check, reason):
    folder = fresh(spec)
    on = bench(folder)
    report = on.scan(only=FIXES[fix].reads)
    found = {one.check: one for one in report.findings}
    assert (found[check].verdict, found[check].reason) == (Verdict.FAIL, reason)
    assert fix in found[check].fixes
    before = picture(folder)

    plan = on.rehearse(fix, values, report)
    assert plan.steps
    assert picture(folder) == before, "rehearsing wrote something"

    receipt = on.apply(plan)
    assert receipt.outcome is Outcome.FIXED, (receipt.results, receipt.verdicts)
    assert {one.state for one in receipt.results} == {StepState.DONE}
    real = truth(folder)
    assert (real["podsWork"], real["pull"]) == (True, "ok")
    after = picture(folder)

    with pytest.raises(Refused):
        on.apply(plan)
    assert picture(folder) == after, "a second run changed something"
    again = on.rehearse(fix, values) if fix != "remove-stale-subnet-files" else None
    assert again is None or again.changes_nothing

    undone = on.undo(receipt)
    assert undone.outcome is Outcome.UNDONE, undone.results
    assert picture(folder) == before
    assert [one.kind for one in on.receipts.all()] == ["apply", "undo"]
    on.line.drop()
    assert on.server.shells.open_count == 0


MOVES = {
    "remove-stale-subnet-files": (
        "stale-source-vip",
        r"[IO.File]::AppendAllText('C:\k\sourceVip.json', ' ')",
        r"[IO.File]::AppendAllText('C:\run\flannel\subnet.env', '# x')",
        r"Set-ItemProperty HKLM:\SYSTEM\CurrentControlSet\Services\kube-proxy\Parameters AppParameters -Value 'other'",
    ),
    "restart-flanneld": (
        "flanneld-wrong-flags",
        r"Set-ItemProperty HKLM:\SYSTEM\CurrentControlSet\Services\flanneld Environment @('A=1') -Type MultiString",
        r"[IO.File]::AppendAllText('C:\etc\kube-flannel\net-conf.json', ' ')",
        r"[IO.File]::Move('C:\k\config', 'C:\k\config.old')",
    ),
}
"""By fix: a node, and what may happen to what the plan was judged from, while a person reads it."""


@pytest.mark.parametrize("fix", MOVES)
def test_a_state_that_moved_is_refused(bench, fresh, on_node, picture, fix):
    spec, *moves = MOVES[fix]
    folder = fresh(spec)
    on = bench(folder)
    plans = []
    report = on.scan(only=FIXES[fix].reads)
    for move in moves:
        plans.append(on.rehearse(fix, {}, report))
        on_node(folder, move)
    before = picture(folder)
    for plan in plans:
        with pytest.raises(Refused) as told:
            on.apply(plan)
        assert told.value.code == "state-moved"
    assert picture(folder) == before
    assert on.receipts.all() == ()


def test_an_undo_of_a_state_that_moved_is_refused(bench, fresh, on_node, picture):
    folder = fresh("stale-source-vip")
    on = bench(folder)
    receipt = on.apply(on.rehearse("remove-stale-subnet-files", {}))
    on_node(folder, r"[IO.File]::AppendAllText('C:\k\sourceVip.json', ' ')")
    before = picture(folder)
    with pytest.raises(Refused) as told:
        on.undo(receipt)
    assert told.value.code == "undo-moved"
    assert picture(folder) == before


@pytest.mark.parametrize("spec", ["healthy-overlay", "hostprocess-healthy"])
def test_what_is_not_stale_is_refused(bench, planted, spec):
    on = bench(planted(spec))
    with pytest.raises(Refused):
        on.rehearse("remove-stale-subnet-files", {})


@pytest.mark.usefixtures("hasty")
def test_values_arrive_as_they_are_and_old_lines_stay(bench, fresh, on_node, picture):
    odd = "http://x/$(calc)';rm"
    folder = fresh(
        {
            "profile": "kubeadm-hostprocess",
            "network": {"direct": False, "proxy": "proxy.example.com:3128"},
            "serviceEnvironment": {"containerd": ["FIRST=1", "https_proxy=old", "LAST=x y"]},
        }
    )
    on = bench(folder)
    before = picture(folder)
    receipt = on.apply(on.rehearse("set-proxy-variables", {"HTTPS_PROXY": odd, "HTTP_PROXY": odd, "NO_PROXY": "a,b"}))
    lines = on_node(
        folder,
        r"(Get-ItemProperty HKLM:\SYSTEM\CurrentControlSet\Services\containerd).Environment",
    ).splitlines()
    assert lines == ["FIRST=1", f"HTTPS_PROXY={odd}", "LAST=x y", f"HTTP_PROXY={odd}", "NO_PROXY=a,b"]
    machine = on_node(folder, "[Environment]::GetEnvironmentVariable('HTTPS_PROXY', 'Machine')").strip()
    assert machine == odd
    assert on.undo(receipt).outcome is Outcome.UNDONE
    assert picture(folder) == before


@pytest.mark.usefixtures("hasty")
def test_a_password_is_sent_and_kept_nowhere_here(bench, fresh, on_node, tmp_path):
    folder = fresh("behind-proxy")
    on = bench(folder)
    address = "http://me:hunter2@proxy.example.com:3128"
    plan = on.rehearse("set-proxy-variables", {"HTTPS_PROXY": address, "HTTP_PROXY": PROXY["HTTP_PROXY"]})
    assert plan.secret_parameters == ("HTTPS_PROXY",)
    assert "password-in-url" in plan.notes
    assert "hunter2" not in repr(plan)
    with pytest.raises(Refused):
        on.apply(plan)
    receipt = on.apply(plan, {"HTTPS_PROXY": address})
    assert receipt.outcome is Outcome.FIXED, receipt.verdicts
    runs = ("node.containerd-runs", "node.kubelet-runs", "node.kube-proxy-runs")
    # kubectl of the test machine asks the API server whatever it is told to ask, and the proxy leads not inside.
    told = {"node.proxy-variables": "warn", "node.proxy-answers": "info"}
    assert dict(receipt.verdicts) == {**told, **dict.fromkeys(runs, "pass")}
    assert "hunter2" not in repr(receipt)
    assert all("hunter2" not in path.read_text(encoding="utf-8") for path in tmp_path.glob("receipts/*"))
    lines = on_node(folder, r"(Get-ItemProperty HKLM:\SYSTEM\CurrentControlSet\Services\containerd).Environment")
    assert f"HTTPS_PROXY={address}" in lines
    report = on.scan()
    assert "hunter2" not in repr(report)
