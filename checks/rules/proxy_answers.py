"""Area node: the proxy that the container runtime is given answers this node."""

from __future__ import annotations

import re

from checks.check import Check, Context, said, unread
from checks.facts import Problem, ProxyAnswerFact
from checks.finding import Evidence, Finding, Verdict
from checks.given import answer_of
from checks.probe import EGRESS_TARGET
from checks.proxy import SESSION_KEY, registry_proxy
from checks.rules.node import DAEMON_USES
from checks.rules.pulls import cause_of, is_young, waiting_pulls

# Words of Go's HTTP client and of kubectl, the same in every language of Windows; the first that fits decides.
_HEARD = (
    ("unreachable", r"proxyconnect|invalid proxy|unknown scheme|unsupported protocol scheme"),
    ("sign-in", r"Proxy Authentication Required|\b407\b"),
    ("certificate", r"x509:|certificate"),
    ("through", r"Error from server|must be logged in|the server could not find|the server has asked|the server rejected"),
    ("turned-away", r"^Unable to connect to the server: (?:Forbidden|Not Found|Method Not Allowed|Unauthorized|Bad Request|"
                    r"Bad Gateway|Service Unavailable|Gateway Timeout|Internal Server Error|Not Implemented)\b"),
    ("no-answer", r"Client\.Timeout|deadline exceeded|i/o timeout|TLS handshake timeout"),
)  # fmt: skip


def proxy_answers(context: Context) -> Finding:
    """W9: the proxy is there, knows the runtime's account and leads to registries, as Go's own client finds it."""
    proxy = registry_proxy(context.facts)
    if isinstance(proxy, Problem):
        return unread(proxy)
    if proxy is None:
        return said(Verdict.NOT_APPLICABLE, "no-proxy", (Evidence("proxy", "–", f"{SESSION_KEY}\\HTTPS_PROXY"),))
    told = answer_of(context.facts.proxy, lambda one: one.answer)
    if isinstance(told, Problem):
        return unread(told)
    address = answer_of(context.facts.proxy, lambda one: one.address)
    values = {"proxy": proxy.value if isinstance(address, Problem) else address, "target": EGRESS_TARGET}
    values |= {"said": told.message}
    evidence = (Evidence("proxy", proxy.value, proxy.source), *_heard_evidence(told))
    heard = "through" if told.exit_code == 0 else _heard(told)
    fixes = ("set-proxy-variables",)
    if heard == "through":
        return said(Verdict.PASS, "leads-there", evidence, **values)
    if heard == "turned-away":
        return said(Verdict.INFO, "turned-away", evidence, **values)
    if heard == "unreachable":
        return said(Verdict.FAIL, "unreachable", evidence, fixes, **values)
    if heard == "sign-in":
        return said(Verdict.FAIL, "sign-in", evidence, fixes, **values)
    if heard == "certificate":
        return said(Verdict.WARN, "certificate", evidence, **values)
    if heard == "no-answer":
        if told.is_open:
            return said(Verdict.WARN, "slow", evidence, **values)
        if told.is_open is False:
            return said(Verdict.FAIL, "no-answer", evidence, fixes, **values)
    # A kubectl that ran has asked for more than a connection: words of it that nobody knows are not outweighed by one.
    if told.is_open and told.exit_code is None:
        return said(Verdict.PASS, "port-open", evidence, **values)
    pulls = _refused_pulls(context)
    if told.is_open is False and pulls:
        return said(Verdict.FAIL, "pulls-end-there", (*evidence, *pulls), fixes, **values)
    return said(Verdict.UNKNOWN, "port-silent" if told.is_open is False else "unclear", evidence, **values)


def _heard(told: ProxyAnswerFact) -> str:
    """What kubectl's last words mean; a kubectl that was given up got no answer. '': nothing that tells."""
    if not told.program:
        return ""
    if told.exit_code is None and not told.message:
        return "no-answer"
    return next((name for name, words in _HEARD if re.search(words, told.message)), "")


def _heard_evidence(told: ProxyAnswerFact) -> tuple[Evidence, ...]:
    evidence: list[Evidence] = []
    if told.program:
        code = "–" if told.exit_code is None else str(told.exit_code)
        evidence.append(Evidence("kubectl-said", " · ".join(one for one in (code, told.message) if one), told.program))
    if told.is_open is not None:
        evidence.append(Evidence("port-open", "yes" if told.is_open else "no", "Test-NetConnection"))
    return tuple(evidence)


def _refused_pulls(context: Context) -> tuple[Evidence, ...]:
    """Images that kubelet lately could not get, as its log says because of the proxy."""
    waiting = waiting_pulls(context.facts)
    if isinstance(waiting, Problem):
        return ()
    lately = [one for one in waiting if is_young(one, context.now) and cause_of(one) == "proxy"]
    return tuple(Evidence("image", f"{one.image} · {one.lines[0]}"[:1000], "kubelet's log") for one in lately[:1])


CHECKS = (
    Check(
        "node.proxy-answers",
        (*DAEMON_USES, "environment.machine"),
        proxy_answers,
        waits_for=("proxy", "runtime"),
    ),
)
