"""What the proxy answers, in words that Go's client and kubectl have for it, and what must be said of it."""

from __future__ import annotations

from cases_cluster import FAILED, IMAGE, SYNC, lists
from cases_node import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, WARN
from cases_proxy import FIX, FOR_PULLS, INSIDE, SET, own
from node_changes import Case, Change, in_service, machine, put, unread
from runtime_changes import logged

from checks.facts import ProxyAnswerFact
from checks.finding import Verdict

INFO = Verdict.INFO
KUBECTL = "C:\\k\\kubectl.exe"
LOST = "Unable to connect to the server: "
SENT = f'{LOST}Get "https://registry.k8s.io:443/v2/": '
REFUSED_PULL = (
    "failed to do request: Head https://example.com/v2/: proxyconnect tcp: dial tcp 10.9.9.9:3128: i/o timeout"
)


def said(message: str, code: int | None = 1, is_open: bool | None = None) -> Change:
    """What kubectl said last of the registry."""
    return put("proxy.answer", ProxyAnswerFact(KUBECTL, code, message, is_open))


def knocked(is_open: bool) -> Change:
    """Nobody but a TCP connection asked."""
    return put("proxy.answer", ProxyAnswerFact("", None, "", is_open))


def waiting(message: str) -> tuple[Change, ...]:
    """By kubelet's log a pod waits for an image, and why."""
    return logged(FAILED % (message, IMAGE), SYNC % IMAGE), lists("agent-1")


def heard(name: str, message: str, verdict: Verdict, reason: str, fixes: tuple[str, ...] = ()) -> Case:
    return Case(name, "sdn-native", (own(*SET, INSIDE), said(message)), verdict, reason, fixes)


def case(name: str, changes: tuple[Change, ...], verdict: Verdict, reason: str, fixes: tuple[str, ...] = ()) -> Case:
    return Case(name, "sdn-native", (own(*SET, INSIDE), *changes), verdict, reason, fixes)


PROXY_ANSWERS = (
    Case("no proxy is set", "sdn-native", (), NOT_APPLICABLE, "no-proxy"),
    Case("HTTP_PROXY alone", "sdn-native", (own(SET[1], INSIDE),), NOT_APPLICABLE, "no-proxy"),
    Case("everything excepted", "sdn-native", (own(*SET, "NO_PROXY=*"),), NOT_APPLICABLE, "no-proxy"),
    Case("registries excepted", "sdn-native", (own(*SET, "NO_PROXY=.k8s.io"),), NOT_APPLICABLE, "no-proxy"),
    Case("variables not read", "sdn-native", (unread("environment.machine"),), UNKNOWN, "not-read"),
    Case("set for the machine", "sdn-native", (machine(*SET, INSIDE),), PASS, "leads-there"),
    Case("rke2, for pulls", "rke2", (in_service("rke2", environment=FOR_PULLS),), PASS, "leads-there"),
    Case(
        "rke2, the exceptions of rke2 count for its pulls, too",
        "rke2",
        (in_service("rke2", environment=(FOR_PULLS[0], "NO_PROXY=registry.k8s.io")),),
        NOT_APPLICABLE,
        "no-proxy",
    ),
    case("it leads to the registry", (), PASS, "leads-there"),
    case("nobody asked", (unread("proxy"),), UNKNOWN, "not-read"),
    case("no answer was read", (unread("proxy.answer"),), UNKNOWN, "not-read"),
    case("the address was not read", (unread("proxy.address"),), PASS, "leads-there"),
    heard("the registry wants a token", "error: You must be logged in to the server (Unauthorized)", PASS, "leads-there"),
    heard("the registry forbids", "Error from server (Forbidden): unknown", PASS, "leads-there"),
    heard("the registry knows no such page", "Error from server (NotFound): the server could not find it", PASS, "leads-there"),
    heard("the proxy forbids", f"{LOST}Forbidden", INFO, "turned-away"),
    heard("the proxy finds nobody", f"{LOST}Service Unavailable by proxy proxy.example.com:3128", INFO, "turned-away"),
    heard("no such proxy", f"{SENT}proxyconnect tcp: dial tcp: lookup proxy.exmaple.com: no such host", FAIL, "unreachable", FIX),
    heard("the proxy's port is shut", f"{SENT}proxyconnect tcp: dial tcp 10.9.9.9:3128: connectex: 거부", FAIL, "unreachable", FIX),
    heard("no address", 'error: invalid proxy address "proxy example": parse "http://proxy example"', FAIL, "unreachable", FIX),
    heard("the proxy wants an account", f"{LOST}Proxy Authentication Required", FAIL, "sign-in", FIX),
    heard("the proxy opens connections", f"{LOST}x509: certificate signed by unknown authority", WARN, "certificate"),
    heard("what nobody knows", f"{LOST}EOF", UNKNOWN, "unclear"),
    case("kubectl could not be run", (said("access denied", None, True),), PASS, "port-open"),
    case("kubectl could not be run, no connection either", (said("access denied", None, False),), UNKNOWN, "port-silent"),
    case("kubectl was given up", (said("", None, False),), FAIL, "no-answer", FIX),
    case("kubectl was given up over a slow proxy", (said("", None, True),), WARN, "slow"),
    case(
        "time is up",
        (said(f"{SENT}net/http: request canceled (Client.Timeout exceeded while awaiting headers)", 1, False),),
        FAIL,
        "no-answer",
        FIX,
    ),
    case("time is up, port not tried", (said(f"{LOST}context deadline exceeded"),), UNKNOWN, "unclear"),
    case("time is up for the proxy itself", (said(f"{LOST}Request Timeout", 1, True),), UNKNOWN, "unclear"),
    case("without kubectl, a port that is open", (knocked(True),), PASS, "port-open"),
    case("without kubectl, a port that is not", (knocked(False),), UNKNOWN, "port-silent"),
    case(
        "without kubectl, and pods say why",
        (knocked(False), *waiting(REFUSED_PULL)),
        FAIL,
        "pulls-end-there",
        FIX,
    ),
    case("without kubectl, pods say something else", (knocked(False), *waiting("x509: bad")), UNKNOWN, "port-silent"),
    case("without kubectl, log not read", (knocked(False), unread("runtime.kubelet_log")), UNKNOWN, "port-silent"),
)  # fmt: skip
CASES = {"node.proxy-answers": PROXY_ANSWERS}
