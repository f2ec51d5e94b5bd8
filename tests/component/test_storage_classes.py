"""The StorageClass is looked up on the provider's own cluster, once for a program, and refused if it is not there."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.stateful_web import StatefulWeb
from tests.support.fake_api_server import FakeApiServer, fake_api_server
from tests.support.monitor import Ran

from .harness import Stack, known, storage_class
from .refusals import refusal

THERE = "(it has: my-sc, rigid, rook-ceph-block, standard (default))"


def template(inputs: dict[str, Any]) -> dict[str, Any]:
    (found,) = inputs["spec"]["volumeClaimTemplates"]
    return dict(found["spec"])


@pytest.mark.parametrize("command", ["preview", "up"])
def test_a_missing_class_fails_with_the_classes_that_exist_and_their_provisioners(stack: Stack, command: str) -> None:
    said = refusal(getattr(stack, command)(storage={"storage_class_name": "fast"}))
    assert f'storage.storage_class_name is "fast": this cluster has no StorageClass "fast" {THERE}.' in said
    assert "rook-ceph-block driver.example" in said


def test_the_message_names_the_volume_whose_class_is_missing(stack: Stack) -> None:
    volumes = [
        {"volume_name": "logs", "mount_path": "/logs", "storage_class_name": "my-sc"},
        {"volume_name": "tmp", "mount_path": "/scratch", "storage_class_name": "fast"},
    ]
    assert refusal(stack.preview(volumes=volumes)).startswith('volumes[1].storage_class_name is "fast"')


def test_claim_template_and_output_name_an_existing_class(stack: Stack) -> None:
    ran = stack.preview(storage={"storage_class_name": "my-sc"})
    assert (ran.error, ran.said) == ("", ())
    assert template(ran["web-set"].inputs)["storageClassName"] == "my-sc"
    assert ran.component_outputs["web"]["storageClassName"] == "my-sc"


def test_without_a_class_the_claim_template_leaves_the_choice_to_the_clusters_default(stack: Stack) -> None:
    ran = stack.preview()
    assert (ran.error, ran.said) == ("", ())
    assert "storageClassName" not in template(ran["web-set"].inputs)
    assert ran.component_outputs["web"].get("storageClassName") is None


def test_an_empty_class_name_asks_for_no_class_and_needs_none_on_the_cluster(stack: Stack, api: FakeApiServer) -> None:
    api.objects.clear()
    ran = stack.preview(storage={"storage_class_name": ""})
    assert ran.error == ""
    assert template(ran["web-set"].inputs)["storageClassName"] == ""


def test_without_a_class_and_without_a_default_the_preview_fails(stack: Stack, api: FakeApiServer) -> None:
    api.add(storage_class("standard"))
    said = refusal(stack.preview())
    assert "storage.storage_class_name is not given, and this cluster has no default StorageClass" in said
    assert "(it has: my-sc, rigid, rook-ceph-block, standard)" in said
    assert "rook-ceph-block driver.example" in said

    api.objects.clear()
    assert "(it has: none at all)" in refusal(stack.preview())


def test_several_default_classes_cause_a_warning_that_names_the_newest(stack: Stack, api: FakeApiServer) -> None:
    api.add(
        storage_class("aaa", default=True, creationTimestamp="2025-06-01T00:00:00Z"),
        storage_class("newest", default=True, creationTimestamp="2026-06-01T00:00:00Z"),
    )
    ran = stack.preview()
    (warning,) = ran.warnings
    assert "several default StorageClasses: newest, the newest, is the one that claims get, and not aaa, standard." in (
        warning
    )
    assert "web-set" in ran.resources
    assert stack.preview(storage={"storage_class_name": "standard"}).warnings == [], "a class is named"


@pytest.mark.parametrize(
    ("annotations", "is_default"),
    [
        ({"storageclass.kubernetes.io/is-default-class": "true"}, True),
        ({"storageclass.beta.kubernetes.io/is-default-class": "true"}, True),
        (
            {
                "storageclass.kubernetes.io/is-default-class": "false",
                "storageclass.beta.kubernetes.io/is-default-class": "true",
            },
            True,
        ),
        ({"storageclass.beta.kubernetes.io/is-default-class": "True"}, False),
        ({"storageclass.kubernetes.io/is-default-class": ""}, False),
        (None, False),
    ],
)
def test_either_annotation_makes_a_class_the_default_and_only_by_the_value_true(
    stack: Stack, api: FakeApiServer, annotations: dict[str, str] | None, is_default: bool
) -> None:
    api.objects.clear()
    api.add(storage_class("only", annotations=annotations))
    ran = stack.preview()
    if is_default:
        assert (ran.error, ran.said) == ("", ())
    else:
        assert "this cluster has no default StorageClass (it has: only)" in refusal(ran)


def test_of_default_classes_made_in_the_same_second_the_first_by_name_is_the_one_that_claims_get(
    stack: Stack, api: FakeApiServer
) -> None:
    at_once = "2026-06-01T00:00:00Z"
    api.add(*(storage_class(name, default=True, creationTimestamp=at_once) for name in ("bbb", "aaa", "ccc")))
    (warning,) = stack.preview().warnings
    assert (
        "several default StorageClasses: aaa, the newest, is the one that claims get, and not bbb, ccc, standard."
        in (warning)
    )


@pytest.mark.parametrize(
    ("given", "subject"),
    [
        ({"storage_class_name": "rook-ceph-block"}, 'StorageClass "rook-ceph-block"'),
        ({}, "The default StorageClass"),
    ],
)
def test_a_user_who_may_not_read_classes_gets_a_warning_and_can_still_grow_claims(
    stack: Stack, api: FakeApiServer, given: dict[str, Any], subject: str
) -> None:
    stack.config["kubernetes:kubeconfig"] = api.kubeconfig.replace("token: none", "token: canary-6f1b")
    api.forbid("list storageclasses", "get storageclasses")
    ran = stack.grown_up(replicas=2, storage=given)
    (warning,) = ran.warnings
    assert warning.startswith(f"{subject} was not looked up: storageclasses.storage.k8s.io is forbidden")
    grown = stack.up(replicas=2, storage={**given, "size": "2Gi"})
    assert {"web-claim-data-web-0", "web-claim-data-web-1"} <= grown.resources.keys()
    assert "canary-6f1b" not in str(ran.said) + str(grown.said)


def test_a_program_lists_each_kind_once_however_many_components_it_has(stack: Stack, api: FakeApiServer) -> None:
    def program() -> None:
        for n in range(5):
            StatefulWeb(f"web-{n}", {"image": "web:1", "storage": {"storage_class_name": "standard"}})

    ran = stack.program(program)
    assert ran.error == ""
    assert len(ran.of_type(":StatefulSet")) == 5
    assert sorted(api.asked) == ["list persistentvolumeclaims", "list statefulsets", "list storageclasses"]


def test_every_run_lists_the_classes_again(stack: Stack, api: FakeApiServer) -> None:
    assert "no StorageClass" in refusal(stack.preview(storage={"storage_class_name": "fast"}))
    api.add(storage_class("fast"))
    assert stack.preview(storage={"storage_class_name": "fast"}).error == ""


def test_without_verify_the_preview_accepts_any_class_and_asks_for_none(stack: Stack, api: FakeApiServer) -> None:
    ran = stack.preview(storage={"storage_class_name": "fast", "verify": False})
    assert (ran.error, ran.said) == ("", ())
    assert template(ran["web-set"].inputs)["storageClassName"] == "fast"
    assert "list storageclasses" not in api.asked


def test_verify_false_applies_to_its_own_claim_template_only(stack: Stack) -> None:
    logs = {"volume_name": "logs", "mount_path": "/logs", "storage_class_name": "fast"}
    assert stack.preview(volumes=[{**logs, "verify": False}]).error == ""
    assert "volumes[0]" in refusal(stack.preview(volumes=[logs]))


@pytest.mark.parametrize("mode", ["Immediate", "WaitForFirstConsumer"])
def test_the_set_depends_on_the_class_that_the_component_creates(stack: Stack, api: FakeApiServer, mode: str) -> None:
    api.objects.clear()
    own = {"provisioner": "driver.example", "volume_binding_mode": mode}
    ran = stack.preview(namespace="shop", storage={"volume_name": "www", "create_storage_class": own})
    assert (ran.error, ran.said) == ("", ())
    (made,) = ran.of_type(":StorageClass")
    assert made.inputs["metadata"]["name"] == "shop-web-www"
    fields = {key: made.inputs[key] for key in ("volumeBindingMode", "reclaimPolicy", "allowVolumeExpansion")}
    assert fields == {"volumeBindingMode": mode, "reclaimPolicy": "Retain", "allowVolumeExpansion": True}
    assert template(ran["web-set"].inputs)["storageClassName"] == "shop-web-www"
    assert made.name in ran["web-set"].depends_on
    assert ran.component_outputs["web"]["storageClassName"] == "shop-web-www"


def test_naming_and_creating_a_class_at_once_fails(stack: Stack) -> None:
    both = {"storage_class_name": "my-sc", "create_storage_class": {"provisioner": "driver.example"}}
    said = refusal(stack.preview(storage=both))
    assert said.startswith("storage.create_storage_class is given")
    assert "exactly one of them is expected" in said


def test_a_class_that_the_program_creates_need_not_exist_on_the_cluster_yet(stack: Stack) -> None:
    def program() -> None:
        made = k8s.storage.v1.StorageClass("fast", metadata={"name": "fast"}, provisioner="driver.example")
        StatefulWeb("web", {"image": "web:1", "storage": {"storage_class_name": made.metadata["name"]}})

    ran = stack.program(program)
    assert (ran.error, ran.said) == ("", ())
    assert template(ran["web-set"].inputs)["storageClassName"] == "fast"
    assert "fast" in ran["web-set"].depends_on


def test_a_class_name_from_any_other_output_must_exist_on_the_cluster(stack: Stack) -> None:
    assert stack.preview(storage={"storage_class_name": known("my-sc")}).error == ""
    said = refusal(stack.preview(storage={"storage_class_name": known("fast")}))
    assert f'this cluster has no StorageClass "fast" {THERE}' in said


@pytest.mark.parametrize("by", ["config", "provider", "providers"])
def test_the_component_asks_the_cluster_of_its_provider_and_no_other(stack: Stack, api: FakeApiServer, by: str) -> None:
    with fake_api_server() as elsewhere:
        elsewhere.add(storage_class("only-there"))
        opts: dict[str, Any] = {}
        if by == "config":
            stack.config["kubernetes:kubeconfig"] = elsewhere.kubeconfig
        elif by == "provider":
            opts = {"provider": stack.provider("there", kubeconfig=elsewhere.kubeconfig)}
        else:
            there = stack.provider("there", kubeconfig=elsewhere.kubeconfig)
            opts = {"providers": lambda: {"kubernetes": there()}}
        ran = stack.preview(opts=opts, storage={"storage_class_name": "only-there"})
        assert (ran.error, ran.said) == ("", ())
        assert ran["web-set"].provider == ("" if by == "config" else "there")
        said = refusal(stack.preview(opts=opts, storage={"storage_class_name": "my-sc"}))
        assert 'no StorageClass "my-sc" (it has: only-there)' in said
        assert api.asked == []
    stack.config.clear()
    assert "only-there" in refusal(stack.preview(storage={"storage_class_name": "only-there"}))


def test_each_of_two_components_asks_the_cluster_of_its_own_provider(stack: Stack, api: FakeApiServer) -> None:
    with fake_api_server() as elsewhere:
        elsewhere.add(storage_class("only-there"))
        there = stack.provider("there", kubeconfig=elsewhere.kubeconfig)

        def program() -> None:
            StatefulWeb("here", {"image": "web:1", "storage": {"storage_class_name": "my-sc"}})
            StatefulWeb(
                "other",
                {"image": "web:1", "storage": {"storage_class_name": "only-there"}},
                pulumi.ResourceOptions(provider=there()),
            )

        ran = stack.program(program)
        assert (ran.error, ran.said) == ("", ())
        assert api.asked.count("list storageclasses") == elsewhere.asked.count("list storageclasses") == 1


def depending(stack: Stack, make: Callable[[], pulumi.Resource], *, preview: bool = True) -> Ran:
    """Run a program whose component depends on a resource, and names a class that is not there."""

    def program() -> None:
        made = make()
        inputs: Any = {"image": "web:1", "storage": {"storage_class_name": "fast"}}
        StatefulWeb("web", inputs, pulumi.ResourceOptions(depends_on=[made]))

    return stack.program(program, preview=preview)


def chart() -> pulumi.Resource:
    """Make a component with a child, as a chart is one."""
    made = pulumi.ComponentResource("shop:index:Chart", "chart")
    k8s.core.v1.ConfigMap("driver", metadata={"name": "driver"}, opts=pulumi.ResourceOptions(parent=made))
    return made


@pytest.mark.parametrize("make", [chart, lambda: k8s.core.v1.ConfigMap("driver", metadata={"name": "driver"})])
def test_a_class_that_a_dependency_may_still_make_is_looked_for_by_up(
    stack: Stack, api: FakeApiServer, make: Callable[[], pulumi.Resource]
) -> None:
    ran = depending(stack, make)
    assert ran.error == ""
    assert ran.warnings == [
        'StorageClass "fast" is not there yet, and driver may make it: up looks for it once that is there.'
    ]
    assert 'this cluster has no StorageClass "fast"' in refusal(depending(stack, make, preview=False))
    api.add(storage_class("fast"))
    for preview in (True, False):
        ran = depending(stack, make, preview=preview)
        assert (ran.error, ran.said) == ("", ())


def test_a_class_is_missing_if_all_dependencies_are_there(stack: Stack, api: FakeApiServer) -> None:
    api.add(storage_class("fast"))
    assert depending(stack, chart, preview=False).error == ""
    del api.objects["storageclasses", "", "fast"]
    assert 'this cluster has no StorageClass "fast"' in refusal(depending(stack, chart))
