"""The upgrade contract: a stack of the previous release goes on with this one, and nothing is replaced.

``states/`` holds what ``pulumi stack export`` said of the previous release, with ``NAMESPACE`` in place of the
namespace; at a release it is recorded anew, by this file's ``recorded`` of a stack that is up.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import Pod

from tests.support.projects import Project

STATES = Path(__file__).parent / "states"
RICH: dict[str, Any] = {
    "createNamespace": True,
    "retention": {"whenScaled": "Delete"},
    "storage": {"volumeName": "www", "createStorageClass": {"provisioner": "kubernetes.io/host-path"}},
    "volumes": [{"volumeName": "logs", "mountPath": "/logs"}],
    "labels": {"team": "web"},
    "annotations": {"example.com/owner": "team web"},
    "recommendedLabels": True,
    "env": {"MODE": "fast"},
    "files": [
        {"mountPath": "/etc/web", "content": {"web.conf": "listen 80;"}},
        {"mountPath": "/etc/keys", "content": {"key": "value"}, "secret": True},
    ],
    "resources": {"requests": {"cpu": "100m"}},
    "probes": {"readiness": {}},
    "security": "restricted",
    "topologySpread": True,
    "disruptionBudget": {},
    "networkPolicy": {},
    "serviceAccount": {},
    "clientService": {},
    "update": {"partition": 1},
}
STACKS: dict[str, dict[str, Any]] = {"scenario": {}, "rich": RICH}
CHILDREN = {
    "scenario": {
        "web-headless": "kubernetes:core/v1:Service",
        "web-set": "kubernetes:apps/v1:StatefulSet",
    },
    "rich": {
        "web-namespace": "kubernetes:core/v1:NamespacePatch",
        "web-class-www": "kubernetes:storage.k8s.io/v1:StorageClass",
        "web-account": "kubernetes:core/v1:ServiceAccount",
        "web-files-0": "kubernetes:core/v1:ConfigMap",
        "web-files-1": "kubernetes:core/v1:Secret",
        "web-headless": "kubernetes:core/v1:Service",
        "web-client": "kubernetes:core/v1:Service",
        "web-policy": "kubernetes:networking.k8s.io/v1:NetworkPolicy",
        "web-budget": "kubernetes:policy/v1:PodDisruptionBudget",
        "web-set": "kubernetes:apps/v1:StatefulSet",
    },
}
"""Names and types of the children: for life."""


def recorded(project: Project) -> str:
    """Return the state of a stack that is up, as it is kept in ``states/``."""
    exported = json.loads(project.pulumi("stack", "export").output)
    return json.dumps(exported, indent=1).replace(project.namespace, "NAMESPACE") + "\n"


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_of_the_previous_release_is_taken_on_without_a_replacement(project: Project, stack: str) -> None:
    project.configure({**STACKS[stack], "namespace": project.namespace})
    project.up()
    children = {r["urn"].rpartition("::")[2]: r["type"] for r in project.state() if "StatefulWeb$" in r["urn"]}
    assert children == CHILDREN[stack]
    uids = project.uids(Pod)

    before = (STATES / f"{stack}.json").read_text().replace("NAMESPACE", project.namespace)
    file = project.folder / "previous.json"
    file.write_text(before)
    project.pulumi("stack", "import", "--file", str(file))
    planned = json.loads(project.preview("--json").output)
    assert not {"replace", "create-replacement", "delete", "create"} & set(planned["changeSummary"])
    project.up()
    assert project.uids(Pod) == uids
    assert project.list(StatefulSet).keys() == {"web"}
    project.up("--expect-no-changes")
