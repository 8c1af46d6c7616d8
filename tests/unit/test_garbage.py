"""While nodes are read Python hardly ever looks at everything, and afterwards as before."""

import gc

from checks.garbage import THRESHOLDS, looked_for_seldom


def test_holds_while_it_lasts_and_not_longer():
    before = gc.get_threshold()
    frozen = gc.get_freeze_count()
    with looked_for_seldom():
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > frozen
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() <= frozen
