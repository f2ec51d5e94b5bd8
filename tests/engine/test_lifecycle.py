"""The program on the real engine: no diff after an up, nothing lost by a destroy, bad input refused first."""

import dataclasses
from collections.abc import Iterator

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod, Service
from lightkube.types import PatchType

from sandbox.instance import Sandbox
from tests.support.projects import Project


@pytest.fixture(scope="module")
def deployed(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The scenario after an ``up``, as every test leaves it."""
    with Project.in_new_namespace(sandbox, tmp_path_factory.mktemp("lifecycle") / "project") as made:
        made.up()
        yield made


def test_children_have_their_names_types_and_parent(deployed: Project) -> None:
    project_urn = "urn:pulumi:dev::stateful-web::"
    urns = {resource["urn"]: resource for resource in deployed.state()}
    component = f"{project_urn}stateful-web:index:StatefulWeb::web"
    service = f"{project_urn}stateful-web:index:StatefulWeb$kubernetes:core/v1:Service::web-headless"
    stateful_set = f"{project_urn}stateful-web:index:StatefulWeb$kubernetes:apps/v1:StatefulSet::web-set"
    children = {urn for urn in urns if "kubernetes:" in urn and "providers" not in urn}
    assert children == {service, stateful_set}, "and nothing for growth, as nothing grew"
    assert urns[service]["parent"] == urns[stateful_set]["parent"] == component
    assert service in urns[stateful_set]["dependencies"], "the Service outlives the pods that it names"


def test_a_second_up_and_a_refresh_find_nothing_to_change(deployed: Project) -> None:
    deployed.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    deployed.up("--expect-no-changes")


@pytest.mark.upstream("Cascading delete")
def test_destroy_removes_the_pods_and_keeps_the_claims_for_the_next_up(deployed: Project) -> None:
    before = deployed.uids(PersistentVolumeClaim)
    deployed.pulumi("destroy", "--yes", "--skip-preview")
    assert deployed.list(StatefulSet) == deployed.list(Service) == deployed.list(Pod) == {}
    deployed.up()
    after = deployed.uids(PersistentVolumeClaim)
    assert after == before
    assert {claim["status"]["phase"] for claim in deployed.list(PersistentVolumeClaim).values()} == {"Bound"}


def test_refresh_sees_what_somebody_else_removed_and_up_repairs_it(deployed: Project) -> None:
    edit = {"metadata": {"labels": {"app": None}}}
    deployed.api.patch(Service, "nginx", edit, namespace=deployed.namespace, patch_type=PatchType.MERGE)
    assert deployed.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes", check=False).code != 0
    deployed.up()
    assert deployed.get(Service, "nginx")["metadata"]["labels"] == {"app": "nginx"}


def test_a_wrong_passphrase_is_said_to_be_one(project: Project) -> None:
    wrong = dataclasses.replace(project, env={**project.env, "PULUMI_CONFIG_PASSPHRASE": "wrong"})
    failed = wrong.preview(check=False)
    assert failed.code != 0
    assert "incorrect passphrase" in failed.output
