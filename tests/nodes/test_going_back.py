"""A change that can cut off its node goes back by itself unless we return: on a planted node, with time passing."""

from __future__ import annotations

import pytest

from checks.errors import Refused
from checks.plan import Outcome

pytestmark = pytest.mark.node
KEY = r"HKLM:\SYSTEM\CurrentControlSet\Services\flanneld"


def one_shots(truth, folder) -> list[str]:
    return [name for name in truth(folder)["tasks"] if name.startswith("Nodepane 2")]


class Vanishing:
    """The app, gone once it has sent what it had to say."""

    def __init__(self, on, keeps: bool) -> None:
        self.on = on
        self.asked: list[str] = []
        self.keeps = keeps

    def open(self):
        session = self.on.open()
        run = session.run

        def ask(requests, deadline_s, hold_ms=0):
            self.asked += [str(one.parameters.get("Mode", one.script.name)) for one in requests]
            if self.asked[-1] == "keep" and not self.keeps:
                raise KeyboardInterrupt
            yield from run(requests, deadline_s, hold_ms)

        session.run = ask
        return session


def test_what_is_kept_stays(bench, fresh, truth, picture, passes):
    folder = fresh("flanneld-wrong-flags")
    on = bench(folder)
    receipt = on.apply(on.rehearse("restart-flanneld", {}))
    assert (receipt.outcome, receipt.goes_back) == (Outcome.FIXED, None)
    assert one_shots(truth, folder) == []
    after = picture(folder)
    assert "Nodepane" not in passes(folder, 30)
    assert picture(folder) == after
    assert on.undo(receipt).outcome is Outcome.UNDONE
    assert one_shots(truth, folder) == []


def test_what_nobody_came_back_for_is_undone(bench, fresh, on_node, truth, picture, passes):
    folder = fresh("flanneld-wrong-flags")
    on = bench(folder)
    before = picture(folder)
    plan = on.rehearse("restart-flanneld", {})
    with pytest.raises(KeyboardInterrupt):
        on.repair.apply(Vanishing(on, keeps=False).open, on.node, plan, {}, on.told.append)
    (receipt,) = on.receipts.all()
    assert receipt.outcome is Outcome.UNKNOWN
    assert receipt.goes_back is not None
    assert picture(folder) != before
    assert "back ran" not in passes(folder, 5)
    assert "back ran" in passes(folder, 30)
    assert picture(folder) == before
    with pytest.raises(Refused) as told:
        on.undo(receipt)
    assert told.value.code == "undo-went-back"

    # Once more, and then somebody changes by hand what it had set: that is not undone.
    plan = on.rehearse("restart-flanneld", {})
    with pytest.raises(KeyboardInterrupt):
        on.repair.apply(Vanishing(on, keeps=False).open, on.node, plan, {}, on.told.append)
    on_node(folder, f"Set-ItemProperty {KEY} ImagePath 'C:\\flannel\\flanneld.exe --other'")
    moved = picture(folder)
    passes(folder, 30)
    assert picture(folder) == moved
    with pytest.raises(Refused) as told:
        on.undo(on.receipts.all()[-1])
    assert told.value.code == "undo-moved"
    # Only the task that ran last is left; the next change takes it away.
    assert [name.rpartition(" ")[2] for name in one_shots(truth, folder)] == ["back"]
