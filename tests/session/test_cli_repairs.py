"""The headless twin's whole road on nodes that keep their state: rehearse, apply, undo, and a line for each step."""

from __future__ import annotations

import io
import json

import pytest

from checks.cli import Exit, main
from checks.plan_file import load
from checks.simulator.site import start_demo

PROXY = ("--set", "HTTP_PROXY=http://proxy.example.com:3128", "--set", "HTTPS_PROXY=http://proxy.example.com:3128")
ROADS = [("remove-stale-subnet-files", ()), ("restart-flanneld", ()), ("set-proxy-variables", PROXY)]


@pytest.fixture
def run(resources, tmp_path, capsys, monkeypatch):
    """Runs the twin on the demo's nodes as on any other, so that what one run did the next one finds."""
    demo = start_demo(resources)
    lines = [
        f"  - {{name: {n.name}, address: 127.0.0.1, port: {n.port}, user: demo}}" for n in demo.nodes if not n.https
    ]
    nodes = tmp_path / "nodes.yaml"
    nodes.write_text("nodes:\n" + "\n".join(lines), encoding="utf-8")
    shared = ("--nodes", str(nodes), "--password-stdin", "--language", "en")

    def call(*words: str) -> tuple[int, list[str]]:
        monkeypatch.setattr("sys.stdin", io.StringIO("demo\n"))
        own = () if words[0] == "scan" else ("--receipts", str(tmp_path / "receipts"))
        code = int(main([*words, *shared, *own]))
        told = capsys.readouterr()
        return code, (told.out + told.err).splitlines()

    yield call
    demo.close()


@pytest.mark.parametrize(("fix", "values"), ROADS)
def test_there_and_back_again(run, tmp_path, fix, values):
    document = json.loads("\n".join(run("scan", "--json")[1]))
    ill = next(one["name"] for one in document["nodes"] for finding in one["findings"] if fix in finding["fixes"])
    file = tmp_path / "plan.json"
    code, shown = run("fix", fix, ill, "--rehearse", *values, "--out", str(file))
    assert code == Exit.GOOD
    steps = load(file).steps
    assert [line.partition(".")[0] for line in shown if line[:1].isdigit()] == [
        str(n) for n in range(1, len(steps) + 1)
    ]
    titles = [line.partition(". ")[2] for line in shown if line[:1].isdigit()]
    assert "" not in shown

    code, told = run("fix", "--apply", str(file))
    assert code == Exit.GOOD
    done = [line for line in told if line.startswith("done  ")]
    assert sorted(done) == sorted(f"done  {title}" for title in titles)
    assert told[: len(done)] == done

    code, again = run("fix", "--apply", str(file))
    assert code == Exit.REFUSED
    assert not [line for line in again if line.startswith("done")]

    receipt = next(line.rpartition(" ")[2] for line in told if line.startswith("To undo:"))
    code, undone = run("undo", receipt)
    assert code == Exit.GOOD
    back = [line for line in undone if line.startswith("put back  ")]
    assert sorted(back) == sorted(f"put back  {title}" for title in titles)
    assert not [line for line in undone if line.startswith("done")]
    assert any("undone" in line for line in undone)
