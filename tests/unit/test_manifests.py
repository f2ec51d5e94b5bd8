"""The objects that inputs stand for."""

from typing import Any

import pytest

from components.stateful_web import StatefulWebArgs, manifests
from components.stateful_web.validation import validate


def inputs(**given: Any) -> StatefulWebArgs:
    args: Any = {"image": "web:1", **given}
    complete, findings = validate("shop", args)
    assert findings == []
    return complete


def test_an_image_is_enough() -> None:
    web = manifests.stateful_set(inputs())
    assert web["metadata"]["name"] == web["spec"]["serviceName"] == "shop"
    assert "namespace" not in web["metadata"], "it is the provider's"
    assert web["spec"]["replicas"] == 1
    (container,) = web["spec"]["template"]["spec"]["containers"]
    assert container["name"] == "shop"
    assert container["volumeMounts"] == [{"name": "data", "mountPath": "/data"}]


def test_the_service_has_no_address_of_its_own() -> None:
    assert manifests.headless_service(inputs())["spec"]["clusterIP"] == "None"


def test_pods_get_their_names_when_they_are_ready_unless_asked_otherwise() -> None:
    assert "publishNotReadyAddresses" not in manifests.headless_service(inputs())["spec"]
    assert (
        manifests.headless_service(inputs(publish_not_ready_addresses=True))["spec"]["publishNotReadyAddresses"] is True
    )


@pytest.mark.parametrize("labels", [{}, {"selector_labels": {"app": "nginx"}}, {"labels": {"team": "web"}}])
def test_selectors_and_pod_labels_agree_whatever_is_asked(labels: dict[str, Any]) -> None:
    args = inputs(**labels)
    spec, service = manifests.stateful_set(args)["spec"], manifests.headless_service(args)
    assert spec["selector"]["matchLabels"] == service["spec"]["selector"] == args["selector_labels"]
    assert args["selector_labels"].items() <= spec["template"]["metadata"]["labels"].items()


def test_the_default_selector_is_two_labels_that_never_change() -> None:
    assert inputs(name="front")["selector_labels"] == {
        "app.kubernetes.io/name": "front",
        "app.kubernetes.io/instance": "shop",
    }


def test_recommended_labels_are_on_objects_and_pods_and_in_no_selector() -> None:
    args = inputs(selector_labels={"app": "shop"})
    web = manifests.stateful_set(args)
    for labels in (web["metadata"]["labels"], web["spec"]["template"]["metadata"]["labels"]):
        assert labels["app.kubernetes.io/managed-by"] == "pulumi"
    assert web["spec"]["selector"]["matchLabels"] == {"app": "shop"}


def test_claim_templates_carry_no_labels_that_could_change() -> None:
    (template,) = manifests.stateful_set(inputs(labels={"version": "2"}))["spec"]["volumeClaimTemplates"]
    assert template["metadata"] == {"name": "data"}


def test_a_class_is_named_only_if_one_was_asked_for() -> None:
    def spec(**storage: Any) -> dict[str, Any]:
        (template,) = manifests.stateful_set(inputs(storage=storage))["spec"]["volumeClaimTemplates"]
        found: dict[str, Any] = template["spec"]
        return found

    assert "storageClassName" not in spec()
    assert spec(storage_class_name="")["storageClassName"] == ""
    assert spec(storage_class_name="fast")["storageClassName"] == "fast"


def test_claims_outlive_the_set_and_its_pods() -> None:
    assert manifests.stateful_set(inputs())["spec"]["persistentVolumeClaimRetentionPolicy"] == {
        "whenDeleted": "Retain",
        "whenScaled": "Retain",
    }


def test_pods_are_secure_by_default() -> None:
    pod = manifests.stateful_set(inputs())["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}}
    assert pod["containers"][0]["securityContext"] == {"allowPrivilegeEscalation": False}


def test_annotations_are_on_objects_and_not_on_pods() -> None:
    web = manifests.stateful_set(inputs(annotations={"team": "web"}))
    assert web["metadata"]["annotations"] == {"team": "web"}
    assert "annotations" not in web["spec"]["template"]["metadata"]
