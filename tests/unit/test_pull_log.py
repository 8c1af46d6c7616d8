"""kubelet's log and crictl's tables, as Windows nodes have them: images that are missing, and for which pods."""

from __future__ import annotations

import pytest
from cases_cluster import BOTH, FAILED, IMAGE, SYNC, lists
from node_facts import healthy
from runtime_changes import says

from checks.crictl import images_here, ready_pods
from checks.facts import Problem
from checks.pull_log import full_name, is_here, logged_pulls

NOT_FOUND = (
    'E0713 10:00:00.000000    4012 pod_workers.go:1294] "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for '
    '\\"web\\" with ErrImagePull: \\"rpc error: code = NotFound desc = failed to pull and unpack image '
    '\\\\\\"docker.io/library/nginx:1.25\\\\\\": no match for platform in manifest: not found\\"" pod="shop/web-0" podUID="b"'
)
SANDBOX = (
    'E0713 10:00:00.000000    4012 log.go:32] "RunPodSandbox from runtime service failed" err="rpc error: failed to get '
    'sandbox image \\"registry.k8s.io/pause:3.5\\": failed to pull image \\"registry.k8s.io/pause:3.5\\": no match for platform"'
)


@pytest.mark.parametrize(
    ("image", "full"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.25", "docker.io/library/nginx:1.25"),
        ("team/app", "docker.io/team/app:latest"),
        ("localhost/app:1", "localhost/app:1"),
        ("example.com/a/b", "example.com/a/b:latest"),
        ("example.com:5000/a", "example.com:5000/a:latest"),
        ("example.com/a@sha256:ab", "example.com/a@sha256:ab"),
        ("a@sha256:ab", "docker.io/library/a@sha256:ab"),
    ],
)
def test_an_image_has_one_full_name(image, full):
    assert full_name(image) == full


def test_the_log_tells_image_pod_and_cause():
    (found,) = logged_pulls((NOT_FOUND,))
    assert (found.image, found.pods) == ("docker.io/library/nginx:1.25", ("shop/web-0",))
    assert "no match for platform" in found.lines[0]


def test_lines_of_one_image_belong_together():
    first, second = logged_pulls(BOTH)
    assert (first.image, first.pods) == (IMAGE, ("default/agent-1",))
    assert first.lines[-1] == "rpc error: dial tcp 1.2.3.4"
    assert second.pods == ("default/agent-1",)


def test_a_failure_without_its_pod_names_none():
    (found,) = logged_pulls((FAILED % ("x", IMAGE),))
    assert found.pods == ()


def test_what_is_no_pull_is_left_alone():
    assert logged_pulls((SANDBOX, 'E1 "Error syncing pod, skipping" err="network is not ready" pod="a/b"', "")) == ()
    assert logged_pulls(('E1 "Error syncing pod" err="with ErrImagePull: unknown" pod="a/b"',)) == ()


def test_tables_are_read_by_their_headings():
    facts = lists("web-0", "agent-1")(healthy("sdn-native"))
    assert ready_pods(facts) == {"default/web-0", "default/agent-1"}
    assert images_here(facts) == {"example.com/web:1"}


@pytest.mark.parametrize(
    "changes", [{"output": "NOTHING KNOWN"}, {"output": ""}, {"exit_code": 1}, {"problem": "late"}, {"path": ""}]
)
def test_another_answer_is_a_problem(changes):
    facts = says("crictl", **changes)(lists("web-0")(healthy("sdn-native")))
    assert isinstance(ready_pods(facts), Problem)
    assert isinstance(images_here(facts), Problem)


def test_a_node_whose_crictl_was_not_asked_says_so():
    told = ready_pods(healthy("sdn-native"))
    assert isinstance(told, Problem)
    assert told.code == "no-crictl"


def test_an_image_by_digest_may_be_one_without_a_tag():
    here = frozenset({"example.com/a", "example.com/b:1"})
    assert is_here("example.com/a@sha256:ab", here)
    assert is_here("example.com/a:2@sha256:ab", here)
    assert not is_here("example.com/c@sha256:ab", here)
    assert is_here("example.com/b:1", here)
    assert not is_here("example.com/a:1", here)


def test_the_same_line_twice_is_one_image():
    (found,) = logged_pulls((SYNC % IMAGE, SYNC % IMAGE))
    assert found.pods == ("default/agent-1",)
    assert len(found.lines) == 2
