"""What is derived from facts is asked once for the same facts, and never taken for others."""

from dataclasses import replace

from node_facts import healthy

from checks.derived import derived
from checks.facts import Problem


def test_asked_once_for_the_same_facts_and_words():
    asked: list[str] = []

    @derived
    def answer(facts, name: str = "") -> str:
        asked.append(name)
        return f"{name} of {type(facts.system).__name__}"

    facts = healthy("sdn-nssm")
    assert [answer(facts, "a"), answer(facts, "a"), answer(facts, name="a")] == ["a of SystemFacts"] * 3
    assert asked == ["a", "a"]
    assert answer(facts, "b") == "b of SystemFacts"


def test_other_facts_are_asked_again_though_they_are_equal():
    asked: list[object] = []

    @derived
    def answer(facts) -> bool:
        asked.append(facts)
        return isinstance(facts.system, Problem)

    facts = healthy("sdn-nssm")
    silent = replace(facts, system=Problem("system", "silent"))
    assert [answer(facts), answer(silent), answer(facts), answer(replace(facts))] == [False, True, False, False]
    assert len(asked) == 4


def test_an_error_is_not_remembered():
    asked: list[object] = []

    @derived
    def answer(facts) -> bool:
        asked.append(facts)
        if len(asked) == 1:
            raise ValueError("broken")
        return True

    facts = healthy("sdn-nssm")
    try:
        answer(facts)
    except ValueError:
        assert answer(facts)
