"""The packs on the real engine: a bad program is denied at preview, with the rule's name and the fix."""

import pytest

from tests.support.projects import Project

PACK = ("--policy-pack", "policies/stateful")

PROGRAM = """
import pulumi_kubernetes as k8s

labels = {{"app": "shop"}}
k8s.core.v1.Service(
    "shop", metadata={{"name": "shop", "namespace": "{namespace}"}},
    spec={{"selector": labels, "ports": [{{"port": 80}}], {cluster_ip}}},
)
k8s.apps.v1.StatefulSet(
    "shop", metadata={{"name": "shop", "namespace": "{namespace}"}},
    spec={{
        "serviceName": "{service}", "selector": {{"matchLabels": labels}},
        "persistentVolumeClaimRetentionPolicy": {{"whenDeleted": "Retain", "whenScaled": "Retain"}},
        "template": {{"metadata": {{"labels": labels}}, "spec": {{"containers": [
            {{"name": "shop", "image": "registry.k8s.io/nginx-slim:0.27",
              "volumeMounts": [{{"name": "data", "mountPath": "/data"}}]}}]{volumes}}}}},
        {templates}
    }},
)
"""
HEADLESS = '"clusterIP": "None"'
TEMPLATES = """"volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {
    "accessModes": ["ReadWriteOnce"], "storageClassName": "standard",
    "resources": {"requests": {"storage": "1Gi"}}}}]"""


def shop(project: Project, **changes: str) -> None:
    """Write a program with a StatefulSet of its own, compliant but for the changes."""
    parts = {"cluster_ip": HEADLESS, "templates": TEMPLATES, "service": "shop", "volumes": ""}
    project.configure({}, remove=tuple(project.config()))
    project.program(PROGRAM.format(namespace=project.namespace, **parts | changes))


def test_a_compliant_program_passes(project: Project) -> None:
    shop(project)
    passed = project.preview(*PACK)
    assert "mandatory" not in passed.output


@pytest.mark.parametrize(
    ("changes", "rule", "fix"),
    [
        ({"cluster_ip": ""}, "headless-service", "clusterIP"),
        (
            {"templates": "", "volumes": ', "volumes": [{"name": "data", "emptyDir": {}}]'},
            "volume-claim-templates-required",
            "volumeClaimTemplates",
        ),
        ({"service": "elsewhere"}, "governing-service", "elsewhere"),
    ],
)
def test_a_bad_program_is_denied_at_preview(project: Project, changes: dict[str, str], rule: str, fix: str) -> None:
    shop(project, **changes)
    denied = project.preview(*PACK, check=False)
    assert denied.code != 0
    assert "[mandatory]" in denied.output
    assert rule in denied.output
    assert fix in denied.output
