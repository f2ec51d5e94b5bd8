"""The scenario S1-S4, S6, S7 and S10: stack dev as it is committed, read back through the API server."""

import re
from collections.abc import Iterator

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolume, PersistentVolumeClaim, Pod, Service

from sandbox.instance import Sandbox
from tests.support.projects import Project
from tests.support.waiting import eventually
from tests.support.watching import pod_events


@pytest.fixture(scope="module")
def dev(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Stack dev, unchanged, in the namespace that it names."""
    with Project.in_namespace(sandbox, tmp_path_factory.mktemp("dev") / "project", "default") as made:
        made.up()
        yield made


def test_s1_the_service_is_headless_and_named_labelled_and_selecting_as_asked(dev: Project) -> None:
    service = dev.get(Service, "nginx")
    assert service["metadata"]["labels"] == {"app": "nginx"}
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["selector"] == {"app": "nginx"}
    assert service["spec"]["ports"] == [{"name": "web", "port": 80, "protocol": "TCP", "targetPort": 80}]


@pytest.mark.upstream("Creating a StatefulSet")
def test_s2_the_stateful_set_has_every_field_of_the_scenario(dev: Project) -> None:
    spec = dev.get(StatefulSet, "web")["spec"]
    assert spec["replicas"] == 3
    assert spec["serviceName"] == "nginx"
    assert spec["selector"] == {"matchLabels": spec["template"]["metadata"]["labels"]}
    pod = spec["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] == 10
    (container,) = pod["containers"]
    assert container["name"] == "nginx"
    assert container["image"] == "registry.k8s.io/nginx-slim:0.8"
    assert container["ports"] == [{"containerPort": 80, "name": "web", "protocol": "TCP"}]
    assert container["volumeMounts"] == [{"mountPath": "/usr/share/nginx/html", "name": "www"}]


def test_s3_the_claim_template_asks_for_1gi_of_rook_ceph_block_read_write_once(dev: Project) -> None:
    (template,) = dev.get(StatefulSet, "web")["spec"]["volumeClaimTemplates"]
    assert template["metadata"]["name"] == "www"
    assert template["spec"]["accessModes"] == ["ReadWriteOnce"]
    assert template["spec"]["resources"] == {"requests": {"storage": "1Gi"}}
    assert template["spec"]["storageClassName"] == "rook-ceph-block"


def test_s3_one_config_line_selects_another_class(project: Project) -> None:
    project.pulumi("config", "set", "--path", "storage.storageClassName", "my-sc")
    project.up()
    claims = project.list(PersistentVolumeClaim)
    assert {claim["spec"]["storageClassName"] for claim in claims.values()} == {"my-sc"}
    assert {claim["status"]["phase"] for claim in claims.values()} == {"Bound"}
    assert project.outputs()["storage_class_name"] == "my-sc"


def test_s4_a_class_that_is_not_there_fails_the_preview_and_lists_those_that_are(project: Project) -> None:
    project.configure({"storage.storageClassName": "fast"})
    failed = project.preview(check=False)
    assert failed.code != 0
    # Other tests on this cluster may have classes of their own.
    assert re.search(
        r'stateful-web:storage\.storageClassName is "fast": this cluster has no StorageClass "fast" '
        r"\(it has: my-sc, rigid, rook-ceph-block, standard \(default\)(, test-[-\w]+)*\)\.",
        failed.output,
    )
    assert "Traceback" not in failed.output
    assert project.up(check=False).code != 0
    assert project.list(StatefulSet) == {}
    assert project.list(Service) == {}


@pytest.mark.upstream("Examining the Pod's ordinal index")
def test_s6_every_pod_has_a_claim_and_a_volume_of_its_own(dev: Project) -> None:
    pods = dev.list(Pod)
    assert sorted(pods) == ["web-0", "web-1", "web-2"]
    volumes = set()
    for pod in pods.values():
        (volume,) = (v for v in pod["spec"]["volumes"] if "persistentVolumeClaim" in v)
        claim_name = volume["persistentVolumeClaim"]["claimName"]
        assert claim_name == f"www-{pod['metadata']['name']}"
        claim = dev.get(PersistentVolumeClaim, claim_name)
        assert claim["status"]["phase"] == "Bound"
        bound = dev.api.get(PersistentVolume, claim["spec"]["volumeName"]).to_dict()
        assert bound["spec"]["claimRef"]["uid"] == claim["metadata"]["uid"]
        volumes.add(bound["metadata"]["uid"])
    assert len(volumes) == 3


@pytest.mark.upstream("Scaling up")
@pytest.mark.upstream("Scaling down")
@pytest.mark.upstream("Ordered Pod termination")
def test_s7_claims_and_volumes_survive_scaling_and_return_to_the_same_pods(dev: Project) -> None:
    def identities() -> dict[str, tuple[str, str]]:
        claims = dev.list(PersistentVolumeClaim)
        return {name: (claim["metadata"]["uid"], claim["spec"]["volumeName"]) for name, claim in claims.items()}

    at_three = identities()
    try:
        dev.pulumi("config", "set", "replicas", "5")
        dev.up()
        at_five = identities()
        assert {name: at_five[name] for name in at_three} == at_three
        assert sorted(at_five) == [f"www-web-{ordinal}" for ordinal in range(5)]

        with pod_events(dev.api, "default") as events:
            dev.pulumi("config", "set", "replicas", "1")
            dev.up()
            eventually(lambda: sum(event.what == "DELETED" for event in events) == 4, "four pods are gone")
        assert [event.pod for event in events if event.what == "DELETED"] == ["web-4", "web-3", "web-2", "web-1"]
        assert identities() == at_five
    finally:  # the other tests share the stack
        dev.pulumi("config", "set", "replicas", "3")
        dev.up()
    assert sorted(dev.list(Pod)) == ["web-0", "web-1", "web-2"]
    assert identities() == at_five


@pytest.mark.parametrize("labels", [{"app": "nginx"}, {"app": "other", "tier": "front"}])
def test_s10_selectors_and_pod_labels_are_one_and_the_same(project: Project, labels: dict[str, str]) -> None:
    project.configure({"selectorLabels": labels, "labels": {"team": "web"}, "recommendedLabels": True})
    project.up()
    spec = project.get(StatefulSet, "web")["spec"]
    assert spec["selector"] == {"matchLabels": labels}
    assert project.get(Service, "nginx")["spec"]["selector"] == labels
    assert labels.items() <= spec["template"]["metadata"]["labels"].items()


def test_s10_a_label_can_not_contradict_the_selector(project: Project) -> None:
    project.configure({"labels": {"app": "apache"}})
    failed = project.preview(check=False)
    assert failed.code != 0
    assert 'stateful-web:labels.app is "apache", but selectorLabels has "nginx"' in failed.output


def test_the_outputs_name_service_pods_claims_class_and_count(dev: Project) -> None:
    assert dev.outputs() == {
        "service_name": "nginx",
        "namespace": "default",
        "pod_hosts": [f"web-{ordinal}.nginx.default.svc.cluster.local" for ordinal in range(3)],
        "claim_names": [f"www-web-{ordinal}" for ordinal in range(3)],
        "storage_class_name": "rook-ceph-block",
        "replicas": 3,
    }
