"""The whole road on the demo, over the wire: found, rehearsed, applied, green; undone, and ill as before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_bench import Bench

from checks.plan import Outcome, StepState
from checks.simulator.demo_rules import SUBNET_ENV, remove_processes
from checks.simulator.demo_steps import named
from checks.simulator.site import RunningDemo, start_demo

PROXY = "http://proxy.example.com:3128"
REPAIRS = (
    ("worker-02", "restart-flanneld", {}),
    ("worker-03", "remove-stale-subnet-files", {}),
    ("worker-05", "set-proxy-variables", {"HTTPS_PROXY": PROXY}),
)
STAYS = {
    "restart-flanneld": {
        "network.hns-network-exists",
        "network.endpoints-are-clean",
        "network.addresses-left",
        "network.right-adapter",
    },
}
"""What an undo leaves mended: taking away the network that flanneld made would cut off every pod."""


@pytest.fixture
def demo(resources: Path) -> Iterator[RunningDemo]:
    running = start_demo(resources)
    yield running
    running.close()


@pytest.mark.parametrize(("name", "fix", "values"), REPAIRS, ids=[name for name, _, _ in REPAIRS])
def test_each_fix_turns_its_findings_green(demo: RunningDemo, tmp_path, name: str, fix: str, values) -> None:
    bench = Bench(demo, name, tmp_path)
    facts = bench.scan().facts
    ill = bench.ill()
    assert ill

    before = bench.snapshot()
    session = bench.open()
    plan = bench.repair.rehearse(session, bench.node, fix, facts, values)
    session.close()
    assert plan.steps
    assert bench.snapshot() == before

    receipt = bench.repair.apply(bench.open, bench.node, plan, values, bench.results.append)
    assert receipt.outcome is Outcome.FIXED, receipt
    assert {one.state for one in receipt.results} == {StepState.DONE}
    assert bench.ill() == set()

    undone = bench.repair.undo(bench.open, bench.node, receipt, bench.results.append)
    assert undone.outcome is Outcome.UNDONE
    assert bench.snapshot() == before
    assert bench.ill() == ill - STAYS.get(fix, set())


@pytest.mark.parametrize("text", [b"FLANNEL_SUBNET=10.244.5.1/24\n", b"# see the other node\n", None])
def test_an_undo_has_the_last_word_over_what_a_restarted_daemon_writes(demo: RunningDemo, tmp_path, text) -> None:
    bench = Bench(demo, "worker-01", tmp_path)
    if text is None:
        bench.state.disk.remove(SUBNET_ENV)
    else:
        bench.state.disk.write(SUBNET_ENV, text, bench.state.clock())
    before = _without_logs(bench.snapshot())
    receipt = bench.repair.apply(bench.open, bench.node, bench.rehearse("restart-flanneld"), {}, bench.results.append)
    assert receipt.outcome is Outcome.FIXED, receipt
    assert _without_logs(bench.snapshot()) != before
    assert bench.undo(receipt).outcome is Outcome.UNDONE
    assert _without_logs(bench.snapshot()) == before


def _without_logs(snapshot):
    """A daemon that was restarted has written to its log, and to nothing else."""
    return {**snapshot, "files": {name: data for name, data in snapshot["files"].items() if not name.endswith(".log")}}


@pytest.mark.parametrize("name", ["worker-01", "worker-02"], ids=["service", "task"])
def test_flanneld_comes_up_at_a_later_start(demo: RunningDemo, tmp_path, name: str) -> None:
    bench = Bench(demo, name, tmp_path)
    bench.state.hns.networks.clear()
    plan = bench.rehearse("restart-flanneld")
    bench.state.hns.failures = 2
    assert bench.repair.apply(bench.open, bench.node, plan, {}, bench.results.append).outcome is Outcome.FIXED
    assert bench.state.hns.failures == 0


def test_a_network_that_cuts_the_session_is_looked_up_afterwards(demo: RunningDemo, tmp_path) -> None:
    bench = Bench(demo, "worker-02", tmp_path)
    state = next(one.state for one in demo.site.nodes if one.name == "worker-02")
    state.hns.blip = True
    facts = bench.scan().facts
    session = bench.open()
    plan = bench.repair.rehearse(session, bench.node, "restart-flanneld", facts, {})
    session.close()
    receipt = bench.repair.apply(bench.open, bench.node, plan, {}, bench.results.append)
    assert state.cuts == 1
    assert receipt.outcome is Outcome.FIXED
    assert bench.ill() == set()


@pytest.mark.parametrize(("name", "fix", "values"), REPAIRS, ids=[name for name, _, _ in REPAIRS])
def test_a_change_and_its_looks_go_through_one_powershell(
    demo: RunningDemo, tmp_path, name: str, fix: str, values
) -> None:
    bench = Bench(demo, name, tmp_path)
    plan = bench.rehearse(fix, values)
    wire = demo.wire(bench.node)
    del wire.actions[:]
    receipt = bench.repair.apply(bench.open, bench.node, plan, values, bench.results.append)
    assert receipt.outcome is Outcome.FIXED
    # Where the change can cut the network, the word that we are back goes through a session of its own.
    assert wire.actions.count("Command") == (2 if fix == "restart-flanneld" else 1)
    del wire.actions[:]
    assert bench.undo(receipt).outcome is Outcome.UNDONE
    assert wire.actions.count("Command") <= 2
    assert demo.servers[name].shells.open_count == 0


class Falls:
    """Sessions after whose change the node's kube-proxy ends."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def open(self):
        session = self.bench.open()
        run = session.run

        def falling(requests, deadline_s, hold_ms=0):
            yield from run(requests, deadline_s, hold_ms)
            if requests[0].parameters.get("Mode") == "apply":
                remove_processes(self.bench.state, named(self.bench.state, "kube-proxy.exe"))

        session.run = falling
        return session


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(("runs", "outcome"), [(True, Outcome.NOT_FIXED), (False, Outcome.FIXED)])
def test_what_ran_before_has_to_run_afterwards(demo: RunningDemo, tmp_path, runs: bool, outcome: Outcome) -> None:
    """What was stale is gone either way; a kube-proxy that the change has cost is no success."""
    bench = Bench(demo, "worker-03", tmp_path)
    if not runs:
        remove_processes(bench.state, named(bench.state, "kube-proxy.exe"))
    plan = bench.rehearse("remove-stale-subnet-files")
    receipt = bench.repair.apply(Falls(bench).open, bench.node, plan, {}, bench.results.append)
    assert receipt.outcome is outcome, receipt.verdicts
    assert dict(receipt.verdicts).get("node.kube-proxy-runs") == ("fail" if runs else None)
