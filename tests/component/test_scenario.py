"""The scenario S1-S4 and S10: what the repository's program registers with the config of stack dev."""

from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.paths import ROOT
from tests.support.fake_api_server import FakeApiServer
from tests.support.monitor import Ran

from .harness import Stack, as_the_engine_hands_it_over, file
from .refusals import refusal


class Dev:
    """The program with the config of stack dev, on the fake cluster."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        committed: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
        self._values = {key: value for key, value in committed.items() if not key.startswith("kubernetes:")}

    def run(self, *, preview: bool = False, **changes: Any) -> Ran:
        """Run it with other values of the program's own keys."""
        values = self._values | {f"stateful-web:{key}": value for key, value in changes.items()}
        return Stack(self._stack.api, as_the_engine_hands_it_over(values)).program(file(), preview=preview)


@pytest.fixture
def dev(stack: Stack) -> Dev:
    return Dev(stack)


@pytest.fixture
def ran(dev: Dev) -> Ran:
    """What stack dev registers, unchanged."""
    made = dev.run()
    assert (made.error, made.said) == ("", ())
    return made


def spec(ran: Ran) -> dict[str, Any]:
    assert ran.error == ""
    return dict(ran["web-set"].inputs["spec"])


def test_s1_the_service_is_headless_and_named_labelled_and_selecting_as_asked(ran: Ran) -> None:
    (service,) = ran.of_type(":Service")
    assert service.inputs["metadata"]["name"] == "nginx"
    assert service.inputs["metadata"]["labels"] == {"app": "nginx"}
    assert service.inputs["spec"]["clusterIP"] == "None"
    assert service.inputs["spec"]["selector"] == {"app": "nginx"}
    assert service.inputs["spec"]["ports"] == [{"name": "web", "port": 80}]


def test_s2_the_stateful_set_has_every_field_of_the_scenario(ran: Ran) -> None:
    (made,) = ran.of_type(":StatefulSet")
    assert made.inputs["metadata"]["name"] == "web"
    assert spec(ran)["replicas"] == 3
    assert spec(ran)["serviceName"] == "nginx"
    assert spec(ran)["selector"] == {"matchLabels": spec(ran)["template"]["metadata"]["labels"]}
    pod = spec(ran)["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] == 10
    (container,) = pod["containers"]
    assert container["name"] == "nginx"
    assert container["image"] == "registry.k8s.io/nginx-slim:0.8"
    assert container["ports"] == [{"containerPort": 80, "name": "web"}]
    assert container["volumeMounts"] == [{"mountPath": "/usr/share/nginx/html", "name": "www"}]


def test_s3_the_claim_template_asks_for_1gi_of_rook_ceph_block_read_write_once(ran: Ran) -> None:
    assert spec(ran)["volumeClaimTemplates"] == [
        {
            "metadata": {"name": "www"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}},
                "storageClassName": "rook-ceph-block",
            },
        }
    ]


def test_s3_one_config_line_selects_another_class(dev: Dev) -> None:
    ran = dev.run(storage={"volumeName": "www", "size": "1Gi", "storageClassName": "my-sc"})
    (template,) = spec(ran)["volumeClaimTemplates"]
    assert template["spec"]["storageClassName"] == "my-sc"
    assert ran.outputs["storage_class_name"] == "my-sc"


@pytest.mark.parametrize("preview", [True, False])
def test_s4_a_missing_class_fails_with_the_classes_that_exist(dev: Dev, preview: bool) -> None:
    said = refusal(dev.run(preview=preview, storage={"volumeName": "www", "storageClassName": "fast"}))
    assert said.startswith(
        'stateful-web:storage.storageClassName is "fast": this cluster has no StorageClass "fast" '
        "(it has: my-sc, rigid, rook-ceph-block, standard (default))."
    )


def test_s4_without_a_default_class_the_message_names_the_config_key(dev: Dev, api: FakeApiServer) -> None:
    del api.objects["storageclasses", "", "standard"]
    said = refusal(dev.run(storage={"volumeName": "www"}))
    assert said.startswith("stateful-web:storage.storageClassName is not given, and this cluster has no default")


LABELS = st.dictionaries(
    st.sampled_from(["app", "tier", "app.kubernetes.io/name", "example.com/part-of", "Team"]),
    st.sampled_from(["nginx", "web-1", "a.b_c", "0", ""]),
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    selector=LABELS.filter(bool),
    labels=st.dictionaries(st.sampled_from(["team", "owner"]), st.sampled_from(["shop", "web"])),
    recommended=st.booleans(),
)
def test_s10_all_objects_have_the_same_selector_and_every_pod_has_its_labels(
    dev: Dev, selector: dict[str, str], labels: dict[str, str], recommended: bool
) -> None:
    ran = dev.run(
        selectorLabels=selector,
        labels=labels,
        recommendedLabels=recommended,
        clientService={},
        disruptionBudget={},
        networkPolicy={},
        topologySpread=True,
    )
    pod = spec(ran)["template"]
    assert selector.items() <= pod["metadata"]["labels"].items()
    assert labels.items() <= pod["metadata"]["labels"].items()
    (spread,) = pod["spec"]["topologySpreadConstraints"]
    selectors = {
        "set": spec(ran)["selector"],
        "headless": {"matchLabels": ran["web-headless"].inputs["spec"]["selector"]},
        "client": {"matchLabels": ran["web-client"].inputs["spec"]["selector"]},
        "budget": ran["web-budget"].inputs["spec"]["selector"],
        "policy": ran["web-policy"].inputs["spec"]["podSelector"],
        "spread": spread["labelSelector"],
    }
    assert selectors == {where: {"matchLabels": selector} for where in selectors}
    for made in ran.resources.values():
        if made.parent == "web":
            assert selector.items() <= made.inputs["metadata"]["labels"].items(), made.name


def test_s10_a_label_can_not_contradict_the_selector(dev: Dev) -> None:
    said = refusal(dev.run(labels={"app": "apache"}))
    assert said.startswith('stateful-web:labels.app is "apache", but selectorLabels has "nginx"')


def test_the_outputs_name_service_pods_claims_class_and_count(dev: Dev) -> None:
    assert dev.run(namespace="shop").outputs == {
        "service_name": "nginx",
        "namespace": "shop",
        "pod_hosts": [f"web-{ordinal}.nginx.shop.svc.cluster.local" for ordinal in range(3)],
        "claim_names": [f"www-web-{ordinal}" for ordinal in range(3)],
        "storage_class_name": "rook-ceph-block",
        "replicas": 3,
    }
