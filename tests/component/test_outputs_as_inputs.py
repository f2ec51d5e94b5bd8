"""Outputs of other resources as inputs: they reach the objects, are judged when they are known, and hold nothing up."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.stateful_web import StatefulWeb
from tests.support.monitor import UNKNOWN, Ran, Secret

from .harness import Stack, at, known, secret, unknown

INPUTS: Mapping[str, tuple[Any, str, str]] = {
    "image": ("web:2", "web-set", "spec.template.spec.containers.0.image"),
    "namespace": ("shop", "web-headless", "metadata.namespace"),
    "replicas": (3, "web-set", "spec.replicas"),
    "port": (8080, "web-headless", "spec.ports.0.port"),
    "storage.size": ("2Gi", "web-set", "spec.volumeClaimTemplates.0.spec.resources.requests.storage"),
    "storage.create_storage_class.provisioner": ("driver.example", "web-class-data", "provisioner"),
    "storage.create_storage_class.parameters.tier": ("gold", "web-class-data", "parameters.tier"),
    "storage.data_source.name": ("www-old-0", "web-set", "spec.volumeClaimTemplates.0.spec.dataSource.name"),
    "volumes.0.size": ("3Gi", "web-set", "spec.volumeClaimTemplates.1.spec.resources.requests.storage"),
    "volumes.0.storage_class_name": ("my-sc", "web-set", "spec.volumeClaimTemplates.1.spec.storageClassName"),
    "labels.team": ("front", "web-headless", "metadata.labels.team"),
    "annotations.owner": ("front", "web-headless", "metadata.annotations.owner"),
    "termination_grace_period_seconds": (20, "web-set", "spec.template.spec.terminationGracePeriodSeconds"),
    "min_ready_seconds": (5, "web-set", "spec.minReadySeconds"),
    "ordinals_start": (3, "web-set", "spec.ordinals.start"),
    "revision_history_limit": (4, "web-set", "spec.revisionHistoryLimit"),
    "env.MODE": ("fast", "web-set", "spec.template.spec.containers.0.env.0.value"),
    "env_from.0.config_map_name": ("conf", "web-set", "spec.template.spec.containers.0.envFrom.0.configMapRef.name"),
    "env_from.1.secret_name": ("creds", "web-set", "spec.template.spec.containers.0.envFrom.1.secretRef.name"),
    "files.0.content.page": ("hello", "web-files-0", "data.page"),
    "files.1.content.key": ("hello", "web-files-1", "stringData.key"),
    "resources.requests.cpu": ("100m", "web-set", "spec.template.spec.containers.0.resources.requests.cpu"),
    "resources.limits.memory": ("64Mi", "web-set", "spec.template.spec.containers.0.resources.limits.memory"),
    "probes.readiness.path": ("/up", "web-set", "spec.template.spec.containers.0.readinessProbe.httpGet.path"),
    "client_service.port": (81, "web-client", "spec.ports.0.port"),
    "app_protocol": ("http", "web-headless", "spec.ports.0.appProtocol"),
    "ports.0.port": (7946, "web-headless", "spec.ports.1.port"),
    "ports.0.app_protocol": ("a.b/c", "web-client", "spec.ports.1.appProtocol"),
    "pod_labels.tier": ("front", "web-set", "spec.template.metadata.labels.tier"),
    "pod_annotations.scrape": ("true", "web-set", "spec.template.metadata.annotations.scrape"),
    "service_annotations.owner2": ("front", "web-headless", "metadata.annotations.owner2"),
    "client_service.annotations.dns": ("a.b", "web-client", "metadata.annotations.dns"),
    "client_service.load_balancer_class": ("a.b/c", "web-client", "spec.loadBalancerClass"),
    "client_service.load_balancer_source_ranges.0": ("10.0.0.0/8", "web-client", "spec.loadBalancerSourceRanges.0"),
    "command.0": ("serve", "web-set", "spec.template.spec.containers.0.command.0"),
    "args.1": ("-v", "web-set", "spec.template.spec.containers.0.args.1"),
    "working_dir": ("/srv", "web-set", "spec.template.spec.containers.0.workingDir"),
    "image_pull_secrets.0": ("registry", "web-set", "spec.template.spec.imagePullSecrets.0.name"),
    "env.NODE.field_path": (
        "spec.nodeName",
        "web-set",
        "spec.template.spec.containers.0.env.1.valueFrom.fieldRef.fieldPath",
    ),
    "env.PASSWORD.secret_name": (
        "creds",
        "web-set",
        "spec.template.spec.containers.0.env.2.valueFrom.secretKeyRef.name",
    ),
    "env.PASSWORD.key": ("password", "web-set", "spec.template.spec.containers.0.env.2.valueFrom.secretKeyRef.key"),
    "env.TIER.config_map_name": (
        "conf",
        "web-set",
        "spec.template.spec.containers.0.env.3.valueFrom.configMapKeyRef.name",
    ),
    "probes.readiness.headers.Host": (
        "shop",
        "web-set",
        "spec.template.spec.containers.0.readinessProbe.httpGet.httpHeaders.0.value",
    ),
    "probes.liveness.command.0": ("true", "web-set", "spec.template.spec.containers.0.livenessProbe.exec.command.0"),
    "probes.startup.grpc": ("shop", "web-set", "spec.template.spec.containers.0.startupProbe.grpc.service"),
    "probes.startup.port": (9000, "web-set", "spec.template.spec.containers.0.startupProbe.grpc.port"),
    "run_as_user": (101, "web-set", "spec.template.spec.securityContext.runAsUser"),
    "run_as_group": (102, "web-set", "spec.template.spec.securityContext.runAsGroup"),
    "fs_group": (103, "web-set", "spec.template.spec.securityContext.fsGroup"),
    "node_selector.disk": ("ssd", "web-set", "spec.template.spec.nodeSelector.disk"),
    "tolerations.0.key": ("disk", "web-set", "spec.template.spec.tolerations.0.key"),
    "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution.0.topologyKey": (
        "zone",
        "web-set",
        "spec.template.spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution.0.topologyKey",
    ),
    "priority_class_name": ("high", "web-set", "spec.template.spec.priorityClassName"),
    "init_containers.0.image": ("first:2", "web-set", "spec.template.spec.initContainers.0.image"),
    "sidecars.0.env.0.value": ("fast", "web-set", "spec.template.spec.initContainers.1.env.0.value"),
    "autoscale.max_replicas": (5, "web-autoscaler", "spec.maxReplicas"),
    "autoscale.min_replicas": (2, "web-autoscaler", "spec.minReplicas"),
    "autoscale.cpu": (80, "web-autoscaler", "spec.metrics.0.resource.target.averageUtilization"),
    "autoscale.behavior.scaleDown.stabilizationWindowSeconds": (
        60,
        "web-autoscaler",
        "spec.behavior.scaleDown.stabilizationWindowSeconds",
    ),
}
"""For each input that takes an output: a value, and where it is registered."""
OF_A_SECRET = "files.1.content.key"
"""The one that is registered as a secret, in whatever form it is given."""
AROUND: dict[str, Any] = {
    "storage": {
        "create_storage_class": {"parameters": {}},
        "data_source": {"kind": "PersistentVolumeClaim"},
    },
    "volumes": [{"volume_name": "logs", "mount_path": "/logs"}],
    "labels": {},
    "annotations": {},
    "env": {"MODE": "", "NODE": {}, "PASSWORD": {}, "TIER": {"key": "tier"}},
    "env_from": [{}, {}],
    "files": [{"mount_path": "/a", "content": {}}, {"mount_path": "/b", "content": {}, "secret": True}],
    "resources": {"requests": {}, "limits": {}},
    "probes": {"readiness": {"headers": {}}, "liveness": {"command": [""]}, "startup": {}},
    "client_service": {"type": "LoadBalancer", "annotations": {}, "load_balancer_source_ranges": [""]},
    "ports": [{"name": "gossip", "client": True}],
    "pod_labels": {},
    "pod_annotations": {},
    "service_annotations": {},
    "command": [""],
    "args": ["-q", ""],
    "image_pull_secrets": [""],
    "node_selector": {},
    "tolerations": [{"operator": "Exists"}],
    "affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{}]}},
    "init_containers": [{"name": "first"}],
    "sidecars": [{"name": "side", "image": "side:1", "env": [{"name": "MODE"}]}],
    "autoscale": {"behavior": {"scaleDown": {}}},
}
OBJECTS = {"web-class-data", "web-files-0", "web-files-1", "web-headless", "web-client", "web-set", "web-autoscaler"}


def plain(value: Any) -> Any:
    return value


def inputs(form: Callable[[Any], Any], *names: str) -> dict[str, Any]:
    """Return all inputs, those with these names in another form."""
    made = copy.deepcopy(AROUND)
    for name, (value, _, _) in INPUTS.items():
        place: Any = made
        *parts, last = (int(part) if part.isdigit() else part for part in name.split("."))
        for part in parts:
            place = place[part]
        place[last] = form(value) if name in names else value
    return made


@pytest.mark.parametrize(
    ("form", "registered"), [(plain, plain), (known, plain), (secret, Secret)], ids=["plain", "output", "secret"]
)
def test_an_input_reaches_its_object_in_whatever_form_it_is_given(
    run: Callable[..., Ran], opts: Callable[..., Any], form: Callable[[Any], Any], registered: Callable[[Any], Any]
) -> None:
    ran = run(opts=opts(), **inputs(form, *INPUTS))
    assert (ran.error, ran.said) == ("", ())
    found = {name: at(ran[child], place) for name, (_, child, place) in INPUTS.items()}
    expected = {name: registered(value) for name, (value, _, _) in INPUTS.items()}
    assert found == expected | {OF_A_SECRET: Secret("hello")}


@pytest.mark.parametrize("name", INPUTS)
def test_an_unknown_input_stays_unknown_in_its_object_and_the_preview_goes_on(
    stack: Stack, opts: Callable[..., Any], name: str
) -> None:
    _, child, place = INPUTS[name]
    ran = stack.preview(opts=opts(), **inputs(lambda _: unknown, name))
    assert ran.error == ""
    assert ran.resources.keys() - {"web", "explicit"} == OBJECTS
    assert at(ran[child], place) == (Secret(UNKNOWN) if name == OF_A_SECRET else UNKNOWN)


def test_a_preview_in_which_no_input_is_known_goes_on(stack: Stack, opts: Callable[..., Any]) -> None:
    ran = stack.preview(opts=opts(), **inputs(lambda _: unknown, *INPUTS))
    assert ran.error == ""
    found = {name: at(ran[child], place) for name, (_, child, place) in INPUTS.items()}
    assert found == dict.fromkeys(INPUTS, UNKNOWN) | {OF_A_SECRET: Secret(UNKNOWN)}


@pytest.mark.parametrize(
    ("partition", "registered"),
    [(1, 1), (known(1), 1), (known(0), 0), (unknown, UNKNOWN)],
    ids=["plain", "output", "output of none", "unknown"],
)
def test_a_partition_is_an_input_like_any_other(
    stack: Stack, opts: Callable[..., Any], partition: Any, registered: Any
) -> None:
    ran = stack.preview(opts=opts(), update={"partition": partition})
    assert ran.error == ""
    assert at(ran["web-set"], "spec.updateStrategy.rollingUpdate.partition") == registered


@pytest.mark.parametrize("explicit", [False, True], ids=["default provider", "explicit provider"])
def test_objects_come_after_the_resources_whose_outputs_they_hold(stack: Stack, preview: bool, explicit: bool) -> None:
    def program() -> None:
        numbers = k8s.core.v1.ConfigMap("numbers", metadata={"name": "numbers"}, data={"replicas": "2"})
        own = k8s.storage.v1.StorageClass("own", metadata={"name": "own-class"}, provisioner="driver.example")
        opts: Any = {"provider": stack.provider()()} if explicit else {}
        StatefulWeb(
            "web",
            {
                "image": "web:1",
                "replicas": numbers.data["replicas"].apply(int),
                "storage": {"storage_class_name": own.metadata["name"]},
                "files": [{"mount_path": "/etc/web", "content": {"name": numbers.metadata["name"]}}],
            },
            pulumi.ResourceOptions(**opts),
        )

    ran = stack.program(program, preview=preview)
    assert (ran.error, ran.said) == ("", ())
    assert at(ran["web-set"], "spec.replicas") == 2
    assert at(ran["web-set"], "spec.volumeClaimTemplates.0.spec.storageClassName") == "own-class"
    assert {"numbers", "own"} <= ran["web-set"].depends_on
    assert "numbers" in ran["web-files-0"].depends_on


def test_an_awaitable_is_an_input_like_an_output(run: Callable[..., Ran]) -> None:
    async def image() -> str:
        return "web:2"

    ran = run(image=image)
    assert ran.error == ""
    assert at(ran["web-set"], "spec.template.spec.containers.0.image") == "web:2"


WHOLE_NUMBER = "a whole number is expected."
TEXT = "text is expected."
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "too few": ({"replicas": known(-77)}, "replicas is an output that can not be used: 0 or more is expected."),
    "text": ({"replicas": known("-77")}, f"replicas is an output that can not be used: {WHOLE_NUMBER}"),
    "a boolean": ({"replicas": known(True)}, f"replicas is an output that can not be used: {WHOLE_NUMBER}"),
    "port": ({"port": known(-77)}, "port is an output that can not be used: 1 to 65535 is expected."),
    "name": (
        {"namespace": known("-77")},
        "namespace is an output that can not be used: lower-case letters, digits and dashes are expected, at most 63 "
        "characters, with a letter or digit at both ends.",
    ),
    "number": ({"env": {"MODE": known(-7.7)}}, f"env.MODE is an output that can not be used: {TEXT}"),
    "file": (
        {"files": [{"mount_path": "/a", "content": {"page": known(-7.7)}}]},
        f"files[0].content.page is an output that can not be used: {TEXT}",
    ),
    "size": (
        {"storage": {"size": known("-77")}},
        "storage.size is an output that can not be used: more than zero is expected, e.g. 10Gi.",
    ),
    "class": (
        {"storage": {"storage_class_name": known("-77")}},
        "storage.storage_class_name is an output that can not be used: lower-case letters, digits, dashes and dots "
        "are expected, at most 253 characters.",
    ),
    "partition": (
        {"update": {"partition": known(-77)}},
        "update.partition is an output that can not be used: 0 or more is expected.",
    ),
    "path": (
        {"probes": {"readiness": {"path": known("-77")}}},
        "probes.readiness.path is an output that can not be used: a path that starts with / is expected.",
    ),
    "source": (
        {"env": {"A": {"secret_name": known("A"), "key": "a"}}},
        "env.A.secret_name is an output that can not be used: lower-case letters, digits, dashes and dots are "
        "expected, at most 253 characters.",
    ),
    "source in place of a value": (
        {"env": {"A": known({"secret_name": "a", "key": "b"})}},
        f"env.A is an output that can not be used: {TEXT}",
    ),
    "sources": (
        {"env": known({"A": {"secret_name": "a"}})},
        "env.A needs exactly one of secretName with key, configMapName with key, and fieldPath. Give one.",
    ),
    "key of sources": (
        {"env": known({"A": {"secret_name": "a", "key": "b/c"}})},
        'env.A.key is an output that can not be used: at most 253 letters, digits, "-", "_" and "." are expected.',
    ),
    "further port": (
        {"ports": [{"name": "a", "port": known(65536)}]},
        "ports[0].port is an output that can not be used: 1 to 65535 is expected.",
    ),
    "user": ({"run_as_user": known(-1)}, "run_as_user is an output that can not be used: 0 or more is expected."),
    "autoscaler": (
        {"autoscale": {"max_replicas": known(0)}},
        "autoscale.max_replicas is an output that can not be used: 1 or more is expected.",
    ),
    "secret": ({"replicas": secret(-77)}, "replicas is an output that can not be used: 0 or more is expected."),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_output_that_turns_out_wrong_is_refused_without_its_value(
    run: Callable[..., Ran], opts: Callable[..., Any], case: str
) -> None:
    given, sentence = WRONG[case]
    ran = run(opts=opts(), **given)
    assert ran.error == sentence
    assert ran.said == (("ERROR", sentence),)
    assert ran.of_type(":StatefulSet") == []


WHOLE: Mapping[str, tuple[dict[str, Any], str, str]] = {
    "labels": ({"team": "a"}, "web-headless", "metadata.labels.team"),
    "annotations": ({"team": "a"}, "web-headless", "metadata.annotations.team"),
    "pod_labels": ({"team": "a"}, "web-set", "spec.template.metadata.labels.team"),
    "pod_annotations": ({"team": "a"}, "web-set", "spec.template.metadata.annotations.team"),
    "service_annotations": ({"team": "a"}, "web-headless", "metadata.annotations.team"),
    "node_selector": ({"team": "a"}, "web-set", "spec.template.spec.nodeSelector.team"),
    "env": ({"team": "a"}, "web-set", "spec.template.spec.containers.0.env.0.value"),
}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize(("form", "registered"), [(known, plain), (secret, Secret)], ids=["output", "secret"])
def test_a_map_of_values_may_be_an_output_as_a_whole(
    run: Callable[..., Ran],
    opts: Callable[..., Any],
    name: str,
    form: Callable[[Any], Any],
    registered: Callable[[Any], Any],
) -> None:
    value, child, place = WHOLE[name]
    ran = run(opts=opts(), **{name: form(value)})
    assert (ran.error, ran.said) == ("", ())
    assert at(ran[child], place) == registered("a")


@pytest.mark.parametrize("name", WHOLE)
def test_a_map_that_is_not_known_yet_holds_no_preview_up(stack: Stack, opts: Callable[..., Any], name: str) -> None:
    _, child, place = WHOLE[name]
    ran = stack.preview(opts=opts(), **{name: unknown})
    assert ran.error == ""
    assert at(ran[child], place) == UNKNOWN


def test_sources_of_variables_may_be_in_an_output_of_them_all(run: Callable[..., Ran]) -> None:
    sources = {"B": {"secret_name": "creds", "key": "b"}, "A": {"field_path": "metadata.name"}, "C": 5}
    ran = run(env=known(sources))
    assert ran.error == ""
    assert at(ran["web-set"], "spec.template.spec.containers.0.env") == [
        {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "creds", "key": "b"}}},
        {"name": "C", "value": "5"},
    ]


OF_STRUCTURE: Mapping[str, Any] = {
    **dict.fromkeys(("name", "service_name", "container_name", "port_name", "mount_path", "selector_labels"), "web"),
    "ports": [],
    "topology_keys": ["zone"],
    "topology_spread_required": True,
    "ip_family_policy": "SingleStack",
    "ip_families": ["IPv4"],
    "image_pull_policy": "Always",
    "image_pull_secrets": ["a"],
    "command": ["a"],
    "autoscale": {"max_replicas": 3},
}


@pytest.mark.parametrize("name", OF_STRUCTURE)
def test_an_output_in_place_of_a_name_or_the_structure_is_refused(run: Callable[..., Ran], name: str) -> None:
    ran = run(**{name: known(OF_STRUCTURE[name])})
    assert ran.error == f"{name} is an output, but it decides names or structure. Give it a plain value."
    assert ran.resources == {}


@pytest.mark.parametrize("name", ["pod_template", "sidecars", "init_containers", "affinity"])
def test_an_output_that_hides_what_is_merged_is_refused(run: Callable[..., Ran], name: str) -> None:
    ran = run(**{name: known({})})
    assert (
        ran.error == f"{name} is an output, which hides keys that are merged. Write it out, with outputs as its values."
    )
    assert ran.resources == {}


def test_an_unknown_input_holds_up_only_what_depends_on_it(stack: Stack, opts: Callable[..., Any]) -> None:
    stack.grown_up(replicas=2)
    ran = stack.preview(opts=opts(), replicas=2, env={"MODE": unknown}, storage={"size": "2Gi"})
    assert (ran.error, ran.said) == ("", ())
    assert len(ran.of_type(":PersistentVolumeClaimPatch")) == 2
    refused = stack.preview(opts=opts(), env={"MODE": unknown}, storage={"storage_class_name": "none-such"})
    assert 'this cluster has no StorageClass "none-such"' in refused.error


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"replicas": unknown}, "replicas"),
        ({"ordinals_start": unknown}, "ordinals_start"),
        ({"storage": {"size": unknown}}, "storage.size"),
        ({"storage": {"storage_class_name": unknown}}, "storage.storage_class_name"),
    ],
)
def test_an_unknown_input_that_decides_is_named(
    stack: Stack, opts: Callable[..., Any], given: dict[str, Any], key: str
) -> None:
    stack.grown_up()
    ran = stack.preview(opts=opts(), **given)
    assert ran.error == ""
    assert ran.warnings == [f"{key} is not known before up: what depends on it was not checked."]
