"""The program on the real engine: no diff after an up, nothing lost by a destroy, bad input refused first."""

import dataclasses

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod, Service
from lightkube.types import PatchType

from tests.support.projects import Project


def test_children_have_their_names_types_and_parent(project: Project) -> None:
    project.up()
    project_urn = "urn:pulumi:dev::stateful-web::"
    urns = {resource["urn"]: resource for resource in project.state()}
    component = f"{project_urn}stateful-web:index:StatefulWeb::web"
    service = f"{project_urn}stateful-web:index:StatefulWeb$kubernetes:core/v1:Service::web-headless"
    stateful_set = f"{project_urn}stateful-web:index:StatefulWeb$kubernetes:apps/v1:StatefulSet::web-set"
    assert {urn for urn in urns if "kubernetes:" in urn and "providers" not in urn} == {service, stateful_set}
    assert urns[service]["parent"] == urns[stateful_set]["parent"] == component
    assert service in urns[stateful_set]["dependencies"], "the Service outlives the pods that it names"


def test_a_second_up_and_a_refresh_find_nothing_to_change(project: Project) -> None:
    project.up()
    project.preview("--expect-no-changes", "--diff")
    project.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    project.up("--expect-no-changes")


@pytest.mark.upstream("Cascading delete")
def test_destroy_removes_the_pods_and_keeps_the_claims_for_the_next_up(project: Project) -> None:
    project.up()
    before = {name: claim["metadata"]["uid"] for name, claim in project.list(PersistentVolumeClaim).items()}
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert project.list(StatefulSet) == project.list(Service) == project.list(Pod) == {}
    project.up()
    after = {name: claim["metadata"]["uid"] for name, claim in project.list(PersistentVolumeClaim).items()}
    assert after == before
    assert {claim["status"]["phase"] for claim in project.list(PersistentVolumeClaim).values()} == {"Bound"}


def test_refresh_sees_what_somebody_else_removed_and_up_repairs_it(project: Project) -> None:
    project.up()
    edit = {"metadata": {"labels": {"app": None}}}
    project.api.patch(Service, "nginx", edit, namespace=project.namespace, patch_type=PatchType.MERGE)
    assert project.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes", check=False).code != 0
    project.up()
    assert project.get(Service, "nginx")["metadata"]["labels"] == {"app": "nginx"}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"replcas": 5}, 'stateful-web:replcas is not a key that exists. Did you mean "replicas"?'),
        ({"storage.clas": "x"}, "stateful-web:storage.clas is not a key that exists. Known keys:"),
        ({"storage.size": "big"}, 'stateful-web:storage.size is "big": a Kubernetes quantity is expected, e.g. 10Gi.'),
        ({"port": 70000}, "stateful-web:port is 70000: 1 to 65535 is expected."),
        ({"image": "nginx"}, 'stateful-web:image is "nginx": a tag or a digest is expected.'),
        ({"serviceName": "Nginx"}, 'stateful-web:serviceName is "Nginx": lower-case letters, digits and dashes'),
    ],
)
def test_bad_config_is_one_sentence_and_nothing_is_planned(
    project: Project, values: dict[str, object], sentence: str
) -> None:
    project.configure(values)
    failed = project.preview(check=False)
    assert failed.code != 0
    assert sentence in failed.output
    assert "Traceback" not in failed.output
    assert "StatefulSet" not in failed.output


def test_a_count_that_is_no_number_is_refused_by_name(project: Project) -> None:
    project.configure({"replicas": "three"})
    failed = project.preview(check=False)
    assert failed.code != 0
    assert 'stateful-web:replicas is "three": a whole number is expected.' in failed.output


def test_a_wrong_passphrase_is_said_to_be_one(project: Project) -> None:
    wrong = dataclasses.replace(project, env={**project.env, "PULUMI_CONFIG_PASSPHRASE": "wrong"})
    failed = wrong.preview(check=False)
    assert failed.code != 0
    assert "incorrect passphrase" in failed.output
