"""The headless twin on the demo site: words, exit codes, JSON, and no password where others can read it."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta

import jsonschema
import pytest

from checks.cli import Exit, main
from checks.finding import Verdict
from checks.preferences import Preferences, save_preferences

FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def is_utc_time(value: object) -> bool:
    return datetime.fromisoformat(str(value)).utcoffset() == timedelta(0)


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Runs the twin with receipts of its own; answers exit code, standard output, standard error."""

    def call(*words: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        monkeypatch.setattr("checks.cli.own_folder", lambda: tmp_path / "own")
        monkeypatch.setenv("LC_ALL", "C.UTF-8")
        try:
            code = main([*words, "--receipts", str(tmp_path / "receipts")])
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        told = capsys.readouterr()
        return int(code), told.out, told.err

    return call


def names(document, verdict: Verdict):
    return {
        (node["name"], finding["check"])
        for node in document["nodes"]
        for finding in node["findings"]
        if finding["verdict"] == verdict.value
    }


@pytest.fixture
def demo(run):
    code, out, err = run("scan", "--demo", "--json")
    assert err == ""
    return code, json.loads(out)


def test_json_is_what_the_schema_says(demo, resources):
    code, document = demo
    schema = json.loads((resources / "scan.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema, format_checker=FORMATS)
    assert code == Exit.UNREACHABLE
    assert len(document["nodes"]) >= 6
    unread = [node for node in document["nodes"] if node["error"]]
    assert len(unread) == 1
    assert all(unread[0]["error"][part] for part in ("what", "why", "do"))
    assert {finding["verdict"] for finding in unread[0]["findings"]} == {"unknown"}


def test_every_ill_demo_node_is_found_ill_and_no_healthy_one(demo):
    _, document = demo
    failed = {check for _, check in names(document, Verdict.FAIL)}
    assert {"flannel.source-vip", "flannel.flanneld-runs", "node.proxy-variables"} <= failed
    read = [node for node in document["nodes"] if not node["error"]]
    healthy = [
        node for node in read if all(f["verdict"] in ("pass", "not_applicable", "info") for f in node["findings"])
    ]
    assert len(healthy) >= 2


def test_a_healthy_node_alone_is_all_good(run, demo):
    _, document = demo
    read = [node for node in document["nodes"] if not node["error"]]
    good = next(
        node["name"]
        for node in read
        if all(f["verdict"] in ("pass", "not_applicable", "info") for f in node["findings"])
    )
    code, out, _ = run("scan", "--demo", good)
    assert code == Exit.GOOD
    assert good in out


@pytest.fixture
def node_with(demo):
    """The name of the demo node whose check fails and offers the fix."""

    def find(fix: str) -> str:
        return next(
            node["name"] for node in demo[1]["nodes"] for finding in node["findings"] if fix in finding["fixes"]
        )

    return find


PROXY = ("--set", "HTTP_PROXY=http://proxy.example.com:3128", "--set", "HTTPS_PROXY=http://proxy.example.com:3128")


@pytest.mark.parametrize(
    ("fix", "values"),
    [("remove-stale-subnet-files", ()), ("restart-flanneld", ()), ("set-proxy-variables", PROXY)],
)
def test_rehearse_apply_and_a_receipt(run, node_with, tmp_path, fix, values):
    node = node_with(fix)
    plan = tmp_path / "plan.json"
    code, out, err = run("fix", fix, node, "--rehearse", *values, "--out", str(plan), "--demo")
    assert (code, err) == (Exit.GOOD, "")
    assert node in out
    document = json.loads(plan.read_text(encoding="utf-8"))
    assert document["plan"]["steps"] if "plan" in document else document["steps"]
    code, out, err = run("fix", "--apply", str(plan), "--demo")
    assert (code, err) == (Exit.GOOD, ""), out
    receipts = list((tmp_path / "receipts").rglob("*.jsonl"))
    assert receipts
    assert node in receipts[0].read_text(encoding="utf-8")


def test_a_plan_that_was_changed_by_hand_is_refused(run, node_with, tmp_path):
    plan = tmp_path / "plan.json"
    node = node_with("remove-stale-subnet-files")
    run("fix", "remove-stale-subnet-files", node, "--rehearse", "--out", str(plan), "--demo")
    plan.write_text(plan.read_text(encoding="utf-8").replace("sourceVip", "sourceVap"), encoding="utf-8")
    code, _, err = run("fix", "--apply", str(plan), "--demo")
    assert code == Exit.MISUSE
    assert str(plan) in err


def test_a_fix_that_does_not_apply_is_refused(run, demo, tmp_path):
    _, document = demo
    healthy = next(
        node["name"]
        for node in document["nodes"]
        for finding in node["findings"]
        if finding["check"] == "flannel.source-vip" and finding["verdict"] == "pass"
    )
    plan = tmp_path / "plan.json"
    code, _, err = run("fix", "remove-stale-subnet-files", healthy, "--rehearse", "--out", str(plan), "--demo")
    assert code == Exit.REFUSED
    assert err
    assert not plan.exists()


def test_a_password_on_the_command_line_is_refused_and_not_repeated(run, node_with, tmp_path):
    node = node_with("set-proxy-variables")
    words = ("--set", "HTTPS_PROXY=http://me:hunter2@proxy.example.com:3128", "--out", str(tmp_path / "p"), "--demo")
    code, out, err = run("fix", "set-proxy-variables", node, "--rehearse", *words)
    assert code == Exit.REFUSED
    assert "hunter2" not in out + err
    assert not (tmp_path / "p").exists()


@pytest.mark.usefixtures("hasty")
def test_a_password_in_a_proxy_address_is_asked_for_and_never_kept(run, node_with, tmp_path):
    node = node_with("set-proxy-variables")
    plan = tmp_path / "plan.json"
    address = "http://me:hunter2@proxy.example.com:3128\n"
    words = ("--set", "HTTPS_PROXY=-", "--set", "HTTP_PROXY=http://proxy.example.com:3128", "--password-stdin")
    code, out, err = run(
        "fix", "set-proxy-variables", node, "--rehearse", *words, "--out", str(plan), "--demo", stdin=address
    )
    assert (code, err) == (Exit.GOOD, "")
    assert "hunter2" not in out + plan.read_text(encoding="utf-8")
    code, out, err = run("fix", "--apply", str(plan), "--demo", "--password-stdin", stdin=address)
    kept = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "receipts").rglob("*") if path.is_file())
    assert "hunter2" not in out + err + kept
    assert code == Exit.GOOD, (
        "the password was told of in the plan: that it is there does not mean that nothing was fixed"
    )
    assert "Daemons use the right proxy variables: Warning" in out


@pytest.mark.parametrize(
    "words",
    [
        ("scan", "--nodes", "none.yaml"),
        ("scan", "--demo", "no-such-node"),
        ("scan", "--demo", "--nodes", "x"),
        ("fix", "restart-flanneld", "--demo"),
        ("fix", "--apply", "none.json", "--demo"),
        ("fix", "no-such-fix", "worker-01", "--rehearse", "--out", "x", "--demo"),
        ("undo", "no-such-receipt", "--demo"),
        ("dance",),
    ],
)
def test_misuse_is_told_and_has_its_code(run, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*words)
    assert code == Exit.MISUSE
    assert err
    assert out == ""
    assert "Traceback" not in err


def test_a_wrong_node_list_names_line_and_key(run, tmp_path):
    listed = tmp_path / "nodes.yaml"
    listed.write_text("nodes:\n  - name: a\n    adress: b\n", encoding="utf-8")
    code, _, err = run("scan", "--nodes", str(listed))
    assert code == Exit.MISUSE
    assert "line 3: $.nodes[0].adress" in err


def test_basic_over_http_is_refused_with_a_reason(run, tmp_path):
    listed = tmp_path / "nodes.yaml"
    listed.write_text("nodes:\n  - {name: a, address: 127.0.0.1, sign_in: basic, user: u}\n", encoding="utf-8")
    code, _, err = run("scan", "--nodes", str(listed), "--password-stdin", stdin="secret\n")
    assert code == Exit.MISUSE
    assert "basic" in err
    assert "secret" not in err


def test_the_words_are_in_the_language_asked_for_or_chosen(run, tmp_path):
    _, english, _ = run("scan", "worker-03", "--demo")
    _, korean, _ = run("scan", "worker-03", "--demo", "--language", "ko")
    assert "Source VIP belongs to this node's pod subnet" in english
    assert "소스 VIP가 이 노드의 파드 서브넷에 속함" in korean
    assert save_preferences(tmp_path / "own", Preferences(language="ko"))
    _, chosen, _ = run("scan", "worker-03", "--demo")
    without_times = [[line for line in told.splitlines()[1:] if "프로브" not in line] for told in (chosen, korean)]
    assert without_times[0] == without_times[1]
    code, _, err = run("scan", "nobody", "--demo")
    assert code == Exit.MISUSE
    assert "nobody라는 노드가 없습니다." in err
