"""``make adopt``: a live set becomes a stack; its pods and claims stay who they are."""

import copy
import json
import re
from typing import Any

import pytest
import yaml
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod, Service

from tests.support.beside import count, made_beside
from tests.support.cli import follow, run_command
from tests.support.corpus import EXPRESSED, objects_of
from tests.support.projects import Ended, Project
from tests.support.scenario import SERVICE, STATEFUL_SET
from tests.support.waiting import eventually

KINDS = ("StatefulSet", "Service", "PodDisruptionBudget", "NetworkPolicy", "HorizontalPodAutoscaler", "ServiceAccount")


def labelled() -> list[dict[str, Any]]:
    """Return the scenario with labels on its claim template, as many charts have them, and a secret."""
    stateful_set: dict[str, Any] = copy.deepcopy(STATEFUL_SET)
    stateful_set["spec"]["volumeClaimTemplates"][0]["metadata"]["labels"] = {"release": "one"}
    (container,) = stateful_set["spec"]["template"]["spec"]["containers"]
    container["env"] = [{"name": "PG_PASSWORD", "value": "correct-horse"}, {"name": "A", "value": "a"}]
    return [SERVICE, stateful_set]


def identities(project: Project) -> dict[str, str]:
    """Return who all pods, claims and objects are."""
    kinds = (Pod, PersistentVolumeClaim, Service, StatefulSet)
    return {f"{kind.__name__} {name}": uid for kind in kinds for name, uid in project.uids(kind).items()}


def adopt(project: Project, name: str) -> Ended:
    """Run ``make adopt`` for a set of the project's namespace."""
    return run_command(project, "adopt", "shop", f"{project.namespace}/{name}")


def applied(project: Project, objects: list[dict[str, Any]], pods: int) -> None:
    """Let kubectl apply objects, and wait for so many pods that are ready."""
    project.kubectl("apply", "--filename", "-", given=yaml.safe_dump_all(objects))
    for one in objects:
        if one.get("spec", {}).get("type") == "LoadBalancer":
            served = {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}  # as a cloud does
            name = one["metadata"]["name"]
            project.kubectl("patch", "service", name, "--subresource", "status", "--patch", json.dumps(served))

    def all_ready() -> bool:
        conditions = [pod.get("status", {}).get("conditions") or [] for pod in project.list(Pod).values()]
        return (
            sum({"Ready": "True"}.items() <= {c["type"]: c["status"] for c in of}.items() for of in conditions) == pods
        )

    eventually(all_ready, f"{pods} pods are ready")


def test_a_set_with_labelled_claim_templates_becomes_a_stack_and_nothing_restarts(project: Project) -> None:
    applied(project, labelled(), 3)
    before, versions = identities(project), project.kubectl("get", "statefulsets,services,pods,pvc", "-o", "name")
    said = adopt(project, "web")
    assert said.code == 0, said.output
    assert "its preview restarts no pod, replaces nothing and touches no claim" in said.output
    assert "kubectl made them, and has nothing to let go of" in said.output
    assert project.kubectl("get", "statefulsets,services,pods,pvc", "-o", "name") == versions
    file = (project.folder / "Pulumi.shop.yaml").read_text()
    assert "correct-horse" not in file + said.output

    again = adopt(project, "web")
    assert again.code == 1
    assert "Pulumi.shop.yaml is there already, and is not overwritten." in again.output

    project.pulumi("stack", "init", "shop")
    secret = ("config", "set", "--secret", "--path", 'stateful-web:env["PG_PASSWORD"]', "--stack", "shop")
    project.pulumi(*secret, "correct-horse")
    assert "correct-horse" not in (project.folder / "Pulumi.shop.yaml").read_text()
    # Objects carry the selector's labels; the command has said so.
    changed = re.findall(r"asked for in (.*); up changes it", project.preview("--stack", "shop").output)
    assert set(changed) == {"metadata.labels"}
    assert "StatefulSet web: metadata.labels is set." in said.output
    project.up("--stack", "shop")
    assert identities(project) == before
    project.up("--stack", "shop", "--expect-no-changes")

    # For life: without adopt, the labels would else replace the set.
    project.pulumi("config", "rm", "adopt", "--stack", "shop")
    project.up("--stack", "shop")
    kept = {key: uid for key, uid in identities(project).items() if not key.startswith("Pod ")}
    assert kept.items() <= before.items()


def test_a_set_that_is_not_there_is_named_with_those_that_are(project: Project) -> None:
    applied(project, labelled(), 3)
    said = adopt(project, "shop")
    assert (said.code, said.output.strip()) == (
        1,
        f"There is no StatefulSet shop in namespace {project.namespace} (it has: web). Name one of these.",
    )
    assert not (project.folder / "Pulumi.shop.yaml").exists()


@pytest.mark.extended
@pytest.mark.parametrize("name", EXPRESSED)
def test_a_public_set_that_kubectl_made_becomes_a_stack_and_nothing_restarts(project: Project, name: str) -> None:
    every = copy.deepcopy([one for one in objects_of(name) if one and one.get("kind") in KINDS])
    sets = [one for one in every if one["kind"] == "StatefulSet"]
    for one in every:
        one["metadata"].pop("namespace", None)
    with made_beside(project, every):
        applied(project, every, sum(count(one, every) for one in sets))
        before = identities(project)
        said = adopt(project, sets[0]["metadata"]["name"])
        if said.code:
            assert "can't be adopted as it is:" in said.output
            return
        for command in re.findall("^  (kubectl .* patch service .*)", said.output, re.MULTILINE):
            follow(project, command)
        project.pulumi("stack", "init", "shop")
        project.preview("--stack", "shop")
        project.up("--stack", "shop")
        assert identities(project) == before
        project.up("--stack", "shop", "--expect-no-changes")
