"""What is written in Kubernetes' own words is read as pulumi_kubernetes takes it, and mistakes are told."""

import asyncio
import re
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest
from pulumi_kubernetes.core import v1

from components.stateful_web.findings import Finding, InvalidInput, python_key
from components.stateful_web.kubernetes_inputs import notes, read
from components.stateful_web.pod_schema import Field

POD = Field("core_v1.PodTemplateSpec")


def read_right(value: Any, field: Field = POD) -> Any:
    findings: list[Finding] = []
    found = read(value, field, ("pod",), findings)
    assert findings == []
    return found


def mistakes(value: Any, field: Field = POD) -> list[str]:
    findings: list[Finding] = []
    read(value, field, ("pod",), findings)
    return [finding.sentence(python_key) for finding in findings]


def spec(**keys: Any) -> dict[str, Any]:
    return {"spec": keys}


def container(**keys: Any) -> dict[str, Any]:
    return spec(containers=[{"name": "web", **keys}])


CAMEL: Any = {
    "metadata": {"annotations": {"my_own/key_of_mine": "a"}},
    "spec": {
        "hostIPC": True,
        "nodeSelector": {"disk_type": "ssd"},
        "securityContext": {"fsGroup": 101},
        "containers": [
            {
                "name": "web",
                "volumeMounts": [{"name": "cache", "mountPath": "/var/cache"}],
                "lifecycle": {"preStop": {"exec": {"command": ["stop"]}}},
                "env": [{"name": "my_name", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
            }
        ],
        "volumes": [{"name": "cache", "emptyDir": {"sizeLimit": "1Gi"}}],
    },
}
SNAKE: Any = {
    "metadata": {"annotations": {"my_own/key_of_mine": "a"}},
    "spec": {
        "host_ipc": True,
        "node_selector": {"disk_type": "ssd"},
        "security_context": {"fs_group": 101},
        "containers": [
            {
                "name": "web",
                "volume_mounts": [{"name": "cache", "mount_path": "/var/cache"}],
                "lifecycle": {"pre_stop": {"exec_": {"command": ["stop"]}}},
                "env": [{"name": "my_name", "value_from": {"field_ref": {"field_path": "metadata.name"}}}],
            }
        ],
        "volumes": [{"name": "cache", "empty_dir": {"size_limit": "1Gi"}}],
    },
}
TYPED: Any = v1.PodTemplateSpecArgs(
    metadata=k8s.meta.v1.ObjectMetaArgs(annotations={"my_own/key_of_mine": "a"}),
    spec=v1.PodSpecArgs(
        host_ipc=True,
        node_selector={"disk_type": "ssd"},
        security_context=v1.PodSecurityContextArgs(fs_group=101),
        containers=(
            v1.ContainerArgs(
                name="web",
                volume_mounts=[v1.VolumeMountArgs(name="cache", mount_path="/var/cache")],
                lifecycle=v1.LifecycleArgs(pre_stop=v1.LifecycleHandlerArgs(exec_=v1.ExecActionArgs(command=["stop"]))),
                env=[
                    v1.EnvVarArgs(
                        name="my_name",
                        value_from=v1.EnvVarSourceArgs(
                            field_ref=v1.ObjectFieldSelectorArgs(field_path="metadata.name")
                        ),
                    )
                ],
            ),
        ),
        volumes=[v1.VolumeArgs(name="cache", empty_dir=v1.EmptyDirVolumeSourceArgs(size_limit="1Gi"))],
    ),
)
MIXED = {"metadata": CAMEL["metadata"], "spec": {**CAMEL["spec"], "containers": SNAKE["spec"]["containers"]}}


@pytest.mark.parametrize("given", [CAMEL, SNAKE, TYPED, MIXED], ids=["camelCase", "snake_case", "typed", "mixed"])
def test_every_spelling_is_the_same_and_names_of_the_users_own_stay(given: Any) -> None:
    assert read_right(given) == CAMEL


def test_typed_objects_may_stand_in_plain_maps() -> None:
    given = {"metadata": CAMEL["metadata"], "spec": {**SNAKE["spec"], "volumes": TYPED.spec.volumes}}
    assert read_right(given) == CAMEL


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"metadata": {"annotations": {"a": True, "b": 9113, "c": None}}},
         {"metadata": {"annotations": {"a": "true", "b": "9113", "c": None}}}),
        ({"metadata": {"labels": {1: 2}}}, {"metadata": {"labels": {"1": "2"}}}),
        (container(env=[{"name": "A", "value": 8080}]), container(env=[{"name": "A", "value": "8080"}])),
        (container(args=[1, False, "x"]), container(args=["1", "false", "x"])),
        (container(resources={"limits": {"cpu": 1, "memory": 0.5}, "requests": {"cpu": 2.0}}),
         container(resources={"limits": {"cpu": "1", "memory": "0.5"}, "requests": {"cpu": "2"}})),
        (spec(nodeSelector={"ssd": True}), spec(nodeSelector={"ssd": "true"})),
        (spec(terminationGracePeriodSeconds=5.0), spec(terminationGracePeriodSeconds=5)),
        (spec(terminationGracePeriodSeconds="5"), spec(terminationGracePeriodSeconds="5")),
        (spec(hostNetwork="yes"), spec(hostNetwork="yes")),
        (container(livenessProbe={"httpGet": {"port": "web"}}), container(livenessProbe={"httpGet": {"port": "web"}})),
        (container(livenessProbe={"httpGet": {"port": 80}}), container(livenessProbe={"httpGet": {"port": 80}})),
        (spec(volumes=[{"name": "a", "emptyDir": {"sizeLimit": 1000}}]),
         spec(volumes=[{"name": "a", "emptyDir": {"sizeLimit": "1000"}}])),
        (spec(securityContext=None, tolerations=None), spec(securityContext=None, tolerations=None)),
        (spec(tolerations=[{"toleration_seconds": 5}]), spec(tolerations=[{"tolerationSeconds": 5}])),
    ],
)  # fmt: skip
def test_values_become_what_kubernetes_wants_and_null_stays(given: Any, kept: Any) -> None:
    assert read_right(given) == kept


LOST = (
    "text is expected, and a number with decimals has lost its own text (1.10 is 1.1). Put it in quotes in the stack "
    "file, or use pulumi config set --path --type string."
)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        # kinds
        ({"metadata": "web"}, 'pod.metadata is "web": a map of its keys is expected.'),
        (spec(containers=1), "pod.spec.containers is 1: a list is expected."),
        (spec(containers={"name": "web"}), 'pod.spec.containers is {"name": "web"}: a list is expected.'),
        (spec(containers=["web"]), 'pod.spec.containers[0] is "web": a map of its keys is expected.'),
        (spec(nodeSelector=["a"]), 'pod.spec.nodeSelector is ["a"]: a map is expected.'),
        (container(image=["web:1"]), 'pod.spec.containers[0].image is ["web:1"]: text is expected.'),
        (container(command="run"), "pod.spec.containers[0].command is a value that is not shown: a list is expected."),
        (spec(hostNetwork={"a": 1}), 'pod.spec.hostNetwork is {"a": 1}: true or false is expected.'),
        (spec(priority=[1]), "pod.spec.priority is [1]: a whole number is expected."),
        (container(livenessProbe={"tcpSocket": {"port": []}}),
         "pod.spec.containers[0].livenessProbe.tcpSocket.port is []: a single value is expected."),
        # text that is lost
        ({"metadata": {"labels": {"version": 1.1}}}, f"pod.metadata.labels.version is 1.1: {LOST}"),
        ({"metadata": {"labels": {"version": 1.0}}}, f"pod.metadata.labels.version is 1.0: {LOST}"),
        (container(env=[{"name": "A", "value": 1.5}]),
         f"pod.spec.containers[0].env[0].value is a value that is not shown: {LOST}"),
        (container(resources={"limits": {"cpu": True}}),
         "pod.spec.containers[0].resources.limits.cpu is true: text is expected. Put it in quotes in the stack file, "
         "or use pulumi config set --path --type string."),
        # keys
        ({"specs": {}}, 'pod.specs is not a key that exists. Did you mean "spec"?'),
        (container(volumeMount=[]),
         'pod.spec.containers[0].volumeMount is not a key that exists. Did you mean "volumeMounts"?'),
        (container(volume_mount=[]),
         'pod.spec.containers[0].volume_mount is not a key that exists. Did you mean "volume_mounts"?'),
        (container(livenessprobe={}),
         'pod.spec.containers[0].livenessprobe is not a key that exists. Did you mean "livenessProbe"?'),
        (container(ports=[{"containerPort": 1, "protocl": "TCP"}]),
         'pod.spec.containers[0].ports[0].protocl is not a key that exists. Did you mean "protocol"?'),
        (spec(terminationGracePeriod=5), "is not a key that exists. Did you mean \"terminationGracePeriodSeconds\"?"),
        (spec(hostIp="a"), 'Did you mean "hostIPC"?'),
        (spec(nodeSelector={}, node_selector={}),
         "pod.spec.node_selector is given, and so is nodeSelector, which is the same key. Remove one."),
        ({"$patch": "replace"},
         "pod.$patch is a directive of kubectl patch, which means nothing here: null removes a key. Remove it."),
        (spec(**{"$setElementOrder/containers": []}), "pod.spec.$setElementOrder/containers is a directive"),
        (container(**{"$retainKeys": []}), "pod.spec.containers[0].$retainKeys is a directive"),
        # map keys
        (spec(containers=[{"image": "a"}]), "pod.spec.containers[0] has no name, by which entries of containers are"),
        (container(env=[{"name": "A"}, {"name": "A"}]), "pod.spec.containers[0].env[1] has the same name as entry 0"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_with_its_key(given: Any, sentence: str) -> None:
    (said,) = mistakes(given)
    assert sentence in said


def later(value: Any = None) -> Any:
    return pulumi.Output.from_input(value)


@pytest.mark.parametrize(
    "given",
    [
        {"metadata": {"labels": later()}},
        {"metadata": {"labels": {"a": later()}}},
        spec(
            hostname=later(), nodeSelector=later(), tolerations=later(), securityContext={"supplementalGroups": later()}
        ),
        container(
            args=later(), image=later(), env=[{"name": "A", "value": later()}], ports=[{"containerPort": later()}]
        ),
        container(resources={"limits": later(), "requests": {"cpu": later()}}),
        spec(tolerations=[later()]),
    ],
)
def test_an_output_may_stand_for_a_value_and_for_a_map_or_list_of_values(given: Any) -> None:
    read_right(given)


def known(key: str, given: Any) -> Any:
    """Return what an output is read as at a key, when it is known."""
    of = Field("core_v1.PodSpec" if key == "tolerations" else "meta_v1.ObjectMeta")

    async def value() -> Any:
        return await read_right({key: later(given)}, of)[key].future()

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(value())
    finally:
        loop.close()


@pytest.mark.parametrize(
    ("key", "given", "result"),
    [
        ("labels", {"a": 1.0, "b": True}, {"a": "1", "b": "true"}),
        ("finalizers", ["a", 1], ["a", "1"]),
        ("tolerations", [{"toleration_seconds": 5.0}], [{"tolerationSeconds": 5}]),
    ],
)
def test_what_an_output_holds_is_read_when_it_is_known(key: str, given: Any, result: Any) -> None:
    assert known(key, given) == result


@pytest.mark.parametrize(
    ("key", "given", "sentence"),
    [
        ("labels", {"a": 1.5}, "pod.labels.a is an output that can not be used: text is expected."),
        ("finalizers", "a", "pod.finalizers is an output that can not be used: a list is expected."),
        ("tolerations", [{"tolerationSecond": 5}], 'is not a key that exists. Did you mean "tolerationSeconds"?'),
    ],
)
def test_what_an_output_holds_is_refused_when_it_is_known(key: str, given: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(sentence)):
        known(key, given)


HIDES = "is an output, which hides keys that are merged. Write it out, with outputs as its values."


@pytest.mark.parametrize(
    ("given", "path"),
    [
        (spec(containers=later()), "pod.spec.containers"),
        (spec(containers=[later()]), "pod.spec.containers[0]"),
        (spec(volumes=later()), "pod.spec.volumes"),
        (spec(securityContext=later()), "pod.spec.securityContext"),
        (container(volumeMounts=later()), "pod.spec.containers[0].volumeMounts"),
        (container(env=later()), "pod.spec.containers[0].env"),
        (container(ports=later()), "pod.spec.containers[0].ports"),
        ({"metadata": later()}, "pod.metadata"),
    ],
)
def test_an_output_that_hides_structure_is_refused(given: Any, path: str) -> None:
    assert mistakes(given) == [f"{path} {HIDES}"]


def test_a_name_by_which_is_merged_is_no_output() -> None:
    assert mistakes(spec(volumes=[{"name": later()}])) == [
        "pod.spec.volumes[0].name is an output, but entries of volumes are merged by it. Give it a plain value."
    ]


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        (CAMEL, []),
        ({"novelty": {"a": 1}}, ["pod.novelty"]),
        (spec(workload={"a": [2.0]}), ["pod.spec.workload"]),
        (container(restartPolicyTimes=3), ["pod.spec.containers[0].restartPolicyTimes"]),
        (container(livenessProbe={"telnet": {}}), ["pod.spec.containers[0].livenessProbe.telnet"]),
        (spec(securityContext={"sub_path_expr": 1}), ["pod.spec.securityContext.sub_path_expr"]),
        (spec(containers=None, volumes=[]), []),
        (spec(tolerations=later()), []),
        ({"metadata": {"labels": {"novelty": "a"}}}, []),
    ],
)
def test_a_key_that_is_like_no_other_passes_with_a_note(given: Any, paths: list[str]) -> None:
    found = list(notes(read_right(given), POD, ("pod",)))
    assert [python_key(note.path) for note in found] == paths
    assert {note.problem for note in found} <= {
        "is not a key that this release knows. It is passed on, and the API server decides."
    }


def test_what_is_below_an_unknown_key_stays_as_it_is() -> None:
    below = {"snake_case": [1.0, {"$patch": v1.ExecActionArgs(command=["a"])}], "none": None}
    assert read_right({"novelty": below}) == {
        "novelty": {"snake_case": [1, {"$patch": {"command": ["a"]}}], "none": None}
    }


@pytest.mark.parametrize("longer", ["restartPolicyTimes", "restart_policy_times", "imagePullPolicyOverride"])
def test_a_name_that_a_later_api_may_have_made_longer_is_no_mistake(longer: str) -> None:
    assert mistakes(container(**{longer: 1})) == []
    assert mistakes(container(restartPolicyRule=1)) != []
