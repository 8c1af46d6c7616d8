"""What our own code and scripts say is said in every language; what a node says stays as it was read."""

from __future__ import annotations

import re
import time

import pytest
import yaml
from node_facts import NOW
from written_texts import ROOT, SCRIPTS, evidence_labels, messages, script_messages, sources

from checks.catalogue import Catalogue, load_catalogue
from checks.errors import BadFile, CannotReachNode, ScriptFailed
from checks.finding import Evidence, Finding, Verdict
from checks.inventory import parse_nodes
from checks.language import languages
from checks.node import Node, Typed
from checks.own_texts import OwnTexts, own_texts
from checks.profile import TITLES
from checks.report import report_lines, scan_document
from checks.scan import unread_report
from checks.tables import flag_table, image_table
from checks.windows_builds import shipped_builds

CATALOGUE = ROOT / "resources" / "catalogue"
NAMES = frozenset(
    re.findall(
        r"\w+",
        "crictl info inspecti os version pods state ready images hnsdiag list hnscall kubectl exe kubeconfig containerd kubelet"
        " hostnameoverride networkready nodeport hns hyper windows cmdlet vmcompute dll session manager environment"
        " currentversion json yaml http api mib nul",
    )
)
"""Words in messages that are names: of programs, of what they are told, and of parts of Windows and of Kubernetes."""


@pytest.fixture(scope="module", params=languages(CATALOGUE)[1:])
def other(request) -> Catalogue:
    return load_catalogue(CATALOGUE, request.param)


@pytest.fixture(scope="module")
def ko() -> Catalogue:
    return load_catalogue(CATALOGUE, "ko")


def filled(texts: set[str]) -> set[str]:
    return {text.replace("{}", "7") for text in texts}


def english_left(text: str, names: frozenset[str] = NAMES) -> set[str]:
    """Words that are neither a name nor part of a path."""
    return {word for word in re.findall(r"[a-z]{2,}", re.sub(r"[A-Z]:\\\S+", "", text).lower()) if word not in names}


def test_every_message_of_ours_has_words(other: Catalogue):
    written = filled(messages() | script_messages())
    assert len(written) > 80
    assert {text: english_left(other.told(text)) for text in written if english_left(other.told(text))} == {}


def test_no_words_are_kept_for_a_message_that_nobody_writes():
    kept = yaml.safe_load((CATALOGUE / "en" / "labels-said.yaml").read_text(encoding="utf-8"))
    assert all(name == f"said.{text}" for name, text in kept.items())
    written = [part for text in filled(messages() | script_messages()) for part in {text, *text.split(": ")}]
    unused = {text for text in kept.values() if all(OwnTexts({text: "!"}).say(one) == one for one in written)}
    assert unused == {"{why} (line {line})"}, (
        "that one stands in the script that stays on a node, with what it adds to an error"
    )


COMMANDS = re.compile(
    r"(?:kubelet|kube-proxy|flanneld|containerd|dockerd|crictl|kubectl|--|7|Get-|Test-|Win32_|HKLM|C:\\)[\w.:\\/ *-]*"
    r"|HNS|InternalIP|CurrentBuildNumber|Windows NT|CONTAINERD_7|NODE_NAME|HTTPS_PROXY|NO_PROXY|[\w.-]+\.(?:env|json)|host-local|node-name"
    r"|kubeconfig|cluster-dns|hostname-override|network-name|source-vip|flannel\.alpha.*|7031|7034|0\.0\.0\.0/0|–|"
)
"""Places that are called by their own names: commands, classes of WMI, keys of the registry, files and flags."""


def test_every_place_where_we_read_has_words(other: Catalogue):
    written = filled(sources()) | {Typed("a", "b", scope).source for scope in ("list", "group", "node")}
    left = {
        part
        for text in written
        if other.source(text) == text
        for part in re.split(r", | \(|\)", text)
        if not COMMANDS.fullmatch(part)
    }
    assert left == set()


def test_every_place_quoted_in_a_table_has_words(other: Catalogue):
    flags, images = flag_table(), image_table()
    quoted = {one.source for one in (*flags.flags, *flags.gates, *images.families, *shipped_builds())}
    tools = {one.tool_source for one in images.families if one.tool_source}
    same = {text for text in quoted if other.source(text) == text}
    assert {text for text in same if " " in text} == {
        "AgentBaker, kubeletstart",
        "Kubernetes PR 133779; sig-windows-tools#397",
    }
    assert {text for text in tools if other.value(Evidence("tool", text, "tables")) == text} == set()


def test_every_label_of_evidence_has_words(other: Catalogue):
    assert {one for one in evidence_labels() if one not in other.labels} == {"NODE_NAME"}


def states(*scripts: str) -> set[str]:
    """States and start modes that these probes answer: `'Running' { 'running' }`, `default { 'other' }`."""
    found: set[str] = set()
    for script in scripts:
        text = (SCRIPTS / "probes" / f"{script}.ps1").read_text(encoding="utf-8")
        found.update(re.findall(r"^ +(?:'[A-Z][\w ]+'|default) \{ (?:return )?'([a-z-]+)' \}", text, re.MULTILINE))
    return found


def test_every_state_of_a_service_has_words(other: Catalogue):
    known = states("Get-DaemonFact", "Get-MachineFact")
    assert {"running", "start-pending", "auto", "disabled", "other"} <= known
    told = {one: other.value(Evidence("service", f"kubelet: {one}", "x")) for one in known}
    assert {one for one, value in told.items() if english_left(value, frozenset({"kubelet"}))} == set()


def test_layouts_are_named(ko: Catalogue):
    assert ko.headline("SDN scripts, overlay") == "SDN 스크립트, overlay"
    assert ko.headline("wins DaemonSets (wins)") == "wins 데몬셋 (wins)"
    assert {ko.headline(one) for one in TITLES.values()} >= {"RKE2", "AKS", "HostProcess", "KubeCluster"}


@pytest.mark.parametrize(
    ("label", "value", "said"),
    [
        ("service", "containerd: stopped, auto", "containerd: 중지됨, 자동"),
        ("service", "flanneld: stopped, exit code -1", "flanneld: 중지됨, 종료 코드 -1"),
        ("service", "hns: running, PID 812", "hns: 실행 중, PID 812"),
        ("firewall-profile", "domain: on, keeps out", "도메인: 켬, 인바운드 차단"),
        ("firewall-rule", "TCP 10250: kubelet-10250 (domain, private)", "TCP 10250: kubelet-10250 (도메인, 개인)"),
        ("mac-spoofing", "Off (worker-03 · Network Adapter · LAN)", "끔 (worker-03 · Network Adapter · LAN)"),
        ("node-port", "10.2.0.11:30080 no-answer", "10.2.0.11:30080 응답 없음"),
        ("reservation", "12 of 253", "253개 중 12개"),
        ("reservation", "10.244.1.2", "10.244.1.2"),
        ("endpoint", "10.244.1.9 · pod-1 · remote", "10.244.1.9 · pod-1 · 다른 노드"),
        ("load-balancer", "10.96.0.10:53 TCP, state 3", "10.96.0.10:53 TCP, 상태 3"),
        ("clock", "-47 s (± 0.1 s)", "-47초 (± 0.1초)"),
        ("fault", "Expecting value: line 1 column 1 (char 0)", "Expecting value: line 1 column 1 (char 0)"),
        ("log", "stopped, auto: running", "stopped, auto: running"),
        ("not-read", "crictl info: it did not end within 10 seconds", "crictl info: 10초 안에 끝나지 않음"),
        (
            "not-read",
            "C:\\k\\config: the file holds zero bytes: it is no text",
            "C:\\k\\config: NUL 문자가 들어 있어 텍스트 파일이 아님",
        ),
        ("not-read", "crictl info: line 1 column 2", "crictl info: line 1 column 2"),
        ("not-read", 'pods is forbidden: User "x" cannot list', 'pods is forbidden: User "x" cannot list'),
        ("not-read", "", ""),
    ],
)
def test_answers_are_said(ko: Catalogue, label: str, value: str, said: str):
    assert ko.value(Evidence(label, value, "x")) == said


def test_english_stays_what_it_is(words: Catalogue):
    for label, value in (
        ("service", "kubelet: running, auto"),
        ("not-read", "C:\\x: too big"),
        ("reservation", "1 of 2"),
    ):
        assert words.value(Evidence(label, value, "flanneld's log")) == value
    assert words.source("flanneld's log") == "flanneld's log"
    assert words.value(Evidence("restart-owed", "windows-update", "x")) == "Windows Update"


def test_values_in_sentences_are_said(ko: Catalogue):
    off = Finding("network.firewall-lets-in", Verdict.FAIL, "kubelet-shut", (("profiles", "domain, public"),))
    assert ko.fields(off) == {"profiles": "도메인, 공용"}
    dead = Finding("x", Verdict.FAIL, "hns-stopped", (("state", "paused"), ("source", "machine variable NODE_NAME")))
    assert ko.fields(dead) == {"state": "일시 중지됨", "source": "시스템 환경 변수 NODE_NAME"}
    silent = Finding("x", Verdict.UNKNOWN, "host-not-read", (("why", "no answer in time"), ("host", "running")))
    assert ko.fields(silent) == {"why": "제한 시간 안에 응답 없음", "host": "running"}


def test_a_node_that_is_not_reached_says_so_in_every_row(ko: Catalogue, words: Catalogue):
    error = CannotReachNode("connection-refused", node="worker-07", address="10.2.0.17", port="5985", user="E\\a, b")
    finding = unread_report(Node("worker-07", "10.2.0.17"), error, NOW).findings[0]
    told = finding.evidence[0]
    assert told.value == str(error), "what documents hold"
    assert ko.value(told) == "worker-07 노드가 포트 5985의 연결을 거부했습니다."
    assert words.value(told) == words.error(error.code, error.fields)[0]
    assert ko.told("no-such-code (node=a)") == "no-such-code (node=a)"


def test_technical_text_of_an_error_is_said_line_by_line(ko: Catalogue, words: Catalogue):
    error = ScriptFailed("powershell-ended", detail="exit code 5\nThe term 'x' is not recognized.")
    assert ko.detail(error) == "종료 코드 5\nThe term 'x' is not recognized."
    assert words.detail(error) == error.detail
    assert ko.told("the service kubelet is not there (line 264)") == "서비스 kubelet이(가) 없음 (스크립트 264번째 줄)"
    assert ko.told("Access is denied. (line 3)") == "Access is denied. (스크립트 3번째 줄)"


@pytest.mark.parametrize(
    "text",
    [
        "nodes: a: b\n",
        "nodes:\n\t- name: x\n",
        "nodes:\n  - name: x\n address: y\n",
        "nodes: [a\n",
        "nodes:\n  - name: 'x\n",
        "nodes:\n  - name: @x\n",
        'nodes:\n  - name: "a\\q"\n',
        "nodes: *a\n",
        "- a\nnodes: c\n",
        "nodes: - b\n",
        "nodes: {b: c\nd: e",
        "---\nnodes: a\n---\nnodes: b\n",
        "nodes: \x07\n",
        "nodes:\n  - name: a\n\taddress: x\n",
        "nodes: &x\n  b: &x c\n",
        "nodes: !a!b c\n",
        "%x\nnodes: a\n",
        "nodes: & b\n",
        "nodes: |x\n  b\n",
        "nodes: [a, ]]\n",
        "nodes: {,}\n",
        "nodes: 'a\n---\n",
    ],
)
@pytest.mark.parametrize("in_c", [True, False])
def test_a_node_list_that_is_no_yaml_is_told_in_korean(ko: Catalogue, monkeypatch, text: str, in_c: bool):
    if not in_c:
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    with pytest.raises(BadFile) as caught:
        parse_nodes(text, "nodes.yaml")
    said = ko.detail(caught.value)
    assert re.match(r"\d번째 줄: .*[가-힣]", said)
    # Quoted signs and the parser's names of what it found stay.
    assert english_left(re.sub(r"'[^']*'|<[^>]*>", "", said)) == set()


def test_documents_hold_what_was_read(ko: Catalogue, words: Catalogue):
    report = unread_report(Node("a", "10.0.0.1"), CannotReachNode("silent", node="a", address="10.0.0.1"), NOW)
    values = [
        [
            evidence["value"]
            for finding in scan_document([report], some, NOW)["nodes"][0]["findings"]
            for evidence in finding["evidence"]
        ]
        for some in (ko, words)
    ]
    assert values[0] == values[1]
    assert "silent (node=a, address=10.0.0.1)" in values[0]
    assert "응답" in "\n".join(report_lines(report, ko))


def test_labels_of_other_kinds_are_no_texts():
    found = own_texts({"said.a": "b", "verdict.pass": "c", "value.x.y.z": "w", "field.f.v": "u"})
    assert set(found) == {"said", "value.x", "field.f"}
    assert found["value.x"].say("y.z") == "w"


def test_a_long_text_of_somebody_else_costs_little(ko: Catalogue):
    """A list says its rows on the thread that paints them."""
    text = "failed to pull (a, b): dial tcp 10.0.0.1:443: no route, retry " * 100
    started = time.process_time()
    assert ko.told(text) == text
    assert time.process_time() - started < 0.2
