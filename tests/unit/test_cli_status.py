"""What is said of a pod, whatever its containers are at."""

from typing import Any

import pytest

from components.stateful_web.cli.status import pod_status


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ({"running": {}}, "Running"),
        ({"waiting": {"reason": "ImagePullBackOff"}}, "ImagePullBackOff"),
        ({"waiting": {}}, "Running"),
        ({}, "Running"),
    ],
    ids=["runs", "waits for its image", "was made and is not started yet", "is not known yet"],
)
def test_a_pod_is_told_by_the_reason_of_a_container_that_waits_or_its_phase(state: dict[str, Any], says: str) -> None:
    pod = {
        "metadata": {"name": "web-0", "namespace": "default"},
        "spec": {},
        "status": {"phase": "Running", "containerStatuses": [{"state": {"running": {}}}, {"state": state}]},
    }
    assert pod_status(pod, "web").status == says
