"""Inputs that can not be used: one sentence that names the key, the value, what is expected and the fix."""

import re
from typing import Any

import pulumi
import pytest

from components.stateful_web.findings import Finding, camel, camel_key, python_key
from components.stateful_web.validation import validate


def findings_of(given: dict[str, Any], component: str = "web") -> list[Finding]:
    args: Any = {"image": "web:1", **given}
    return validate(component, args)[1]


def finding_of(given: dict[str, Any]) -> str:
    return "\n".join(finding.sentence(python_key) for finding in findings_of(given))


def probe(**given: Any) -> dict[str, Any]:
    return {"probes": {"readiness": given}}


def storage(**given: Any) -> dict[str, Any]:
    return {"storage": given}


def containers(*given: Any) -> dict[str, Any]:
    return {"pod_template": {"spec": {"containers": list(given)}}}


LOST = "and a number with decimals has lost its own text (1.10 is 1.1)"
QUOTES = "Put it in quotes in the stack file, or use pulumi config set --path --type string."
A_CLASS = {"provisioner": "driver.example"}
A_VOLUME = {"volume_name": "logs", "mount_path": "/logs"}
SOME_FILES = {"mount_path": "/etc/web", "content": {"a.conf": "a"}}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"image": ""}, 'image is "": an image is expected, e.g. registry.k8s.io/nginx-slim:0.27.'),
        ({"image": "nginx"}, 'image is "nginx": a tag or a digest is expected. Add one, e.g. :1.27.'),
        ({"image": "host:5000/nginx"}, 'image is "host:5000/nginx": a tag or a digest is expected.'),
        ({"image": 3}, f"image is 3: text is expected. {QUOTES}"),
        ({"name": "Web"}, 'name is "Web": lower-case letters, digits and dashes are expected, at most 52 characters'),
        ({"name": "a" * 53}, "at most 52 characters"),
        ({"namespace": "a.b"}, 'namespace is "a.b": lower-case letters, digits and dashes'),
        ({"replicas": -1}, "replicas is -1: 0 or more is expected."),
        ({"replicas": 1.5}, "replicas is 1.5: a whole number is expected."),
        ({"replicas": True}, "replicas is true: a whole number is expected."),
        ({"service_name": "1web"}, 'service_name is "1web": lower-case letters, digits and dashes'),
        ({"container_name": "a_b"}, 'container_name is "a_b": lower-case letters'),
        ({"port": 0}, "port is 0: 1 to 65535 is expected."),
        ({"port": "80"}, 'port is "80": a whole number is expected.'),
        ({"port_name": "a" * 16}, "at most 15 lower-case letters, digits and single dashes"),
        ({"port_name": "80"}, 'port_name is "80": at most 15 lower-case letters'),
        ({"storage": {"size": "0"}}, 'storage.size is "0": more than zero is expected, e.g. 10Gi.'),
        ({"storage": {"size": "1GB"}}, 'storage.size is "1GB": a Kubernetes quantity is expected, e.g. 10Gi.'),
        ({"storage": {"access_modes": ["RWO"]}}, 'storage.access_modes is ["RWO"]: one or more of ReadWriteOnce,'),
        (
            {"storage": {"access_modes": ["ReadWriteOnce", "ReadWriteOncePod"]}},
            'storage.access_modes is ["ReadWriteOnce", "ReadWriteOncePod"]: ReadWriteOncePod is expected alone:',
        ),
        ({"storage": {"access_modes": []}}, "storage.access_modes is []: one or more of ReadWriteOnce,"),
        ({"storage": {"access_modes": "RWO"}}, 'storage.access_modes is "RWO": a list is expected.'),
        ({"storage": {"volume_name": "W"}}, 'storage.volume_name is "W": lower-case letters'),
        ({"storage": {"storage_class_name": "A B"}}, 'storage.storage_class_name is "A B": lower-case letters'),
        ({"storage": {"clas": "x"}}, "storage.clas is not a key that exists. Known keys: volume_name, size,"),
        ({"mount_path": "html"}, 'mount_path is "html": an absolute path without a colon is expected.'),
        ({"selector_labels": {}}, "selector_labels is {}: at least one label is expected."),
        ({"selector_labels": {"a b": "c"}}, 'and "a b" is none.'),
        ({"labels": {"a": "x" * 64}}, "at most 63 letters, digits, '-', '_' and '.' are expected"),
        ({"labels": {"a": 1.5}}, f"labels.a is 1.5: text is expected, {LOST}. {QUOTES}"),
        ({"labels": {"a": 1.0}}, f"labels.a is 1.0: text is expected, {LOST}. {QUOTES}"),
        ({"labels": ["a"]}, 'labels is ["a"]: a map is expected.'),
        ({"termination_grace_period_seconds": 0}, "termination_grace_period_seconds is 0: 1 or more is expected."),
        ({"replica": 3}, 'replica is not a key that exists. Did you mean "replicas"?'),
        # kinds of values
        ({"image": None}, "image is missing: text is expected. Set it."),
        ({"image": ["web:1"]}, 'image is ["web:1"]: text is expected.'),
        ({"create_namespace": "yes"}, 'create_namespace is "yes": true or false is expected.'),
        ({"adopt": 1}, "adopt is 1: true or false is expected."),
        ({"storage": "1Gi"}, 'storage is "1Gi": a map of its keys is expected.'),
        ({"volumes": {}}, "volumes is {}: a list is expected."),
        ({"volumes": ["logs"]}, 'volumes[0] is "logs": a map of its keys is expected.'),
        ({"probes": {"readiness": True}}, "probes.readiness is true: a map of its keys is expected."),
        ({"pod_template": []}, "pod_template is []: a map of its keys is expected."),
        ({"env": {"A": 1.5}}, f"env.A is a value that is not shown: text is expected, {LOST}. {QUOTES}"),
        ({"autoscaled": pulumi.Output.from_input(True)}, "autoscaled is an output, but it decides names or structure."),
        (
            {"autoscaled": True, "retention": {"when_scaled": "Delete"}},
            "retention.when_scaled is Delete, and autoscaled is true: each time the autoscaler scales down, Kubernetes",
        ),
        # keys
        ({"storage": {"siez": "1Gi"}}, 'storage.siez is not a key that exists. Did you mean "size"?'),
        ({"storageClassName": "x"}, 'storageClassName is not a key that exists. Did you mean "storage"?'),
        ({"update": {"partion": 1}}, 'update.partion is not a key that exists. Did you mean "partition"?'),
        (probe(prt=80), 'probes.readiness.prt is not a key that exists. Did you mean "port"?'),
        (probe(http=80), "probes.readiness.http is not a key that exists. Known keys: path, scheme, headers, tcp,"),
        ({"files": [SOME_FILES | {"secrt": True}]}, 'files[0].secrt is not a key that exists. Did you mean "secret"?'),
        ({"files": [{"content": {"a": "a"}}]}, "files[0].mount_path is missing: text is expected. Set it."),
        (
            storage(create_storage_class={"provisioner": "a" * 64}),
            "the name of a driver is expected, of at most 63 characters, e.g. rook-ceph.rbd.csi.ceph.com.",
        ),
        (storage(create_storage_class={}), "storage.create_storage_class.provisioner is missing: text is expected."),
        # ranges
        ({"min_ready_seconds": -1}, "min_ready_seconds is -1: 0 or more is expected."),
        ({"ordinals_start": -1}, "ordinals_start is -1: 0 or more is expected."),
        ({"revision_history_limit": -1}, "revision_history_limit is -1: 0 or more is expected."),
        ({"rollout_timeout_seconds": 0}, "rollout_timeout_seconds is 0: 1 or more is expected."),
        ({"update": {"partition": -1}}, "update.partition is -1: 0 or more is expected."),
        ({"client_service": {"port": 65536}}, "client_service.port is 65536: 1 to 65535 is expected."),
        (probe(period_seconds=0), "probes.readiness.period_seconds is 0: 1 or more is expected."),
        (probe(timeout_seconds=0), "probes.readiness.timeout_seconds is 0: 1 or more is expected."),
        (probe(failure_threshold=0), "probes.readiness.failure_threshold is 0: 1 or more is expected."),
        (probe(initial_delay_seconds=-1), "probes.readiness.initial_delay_seconds is -1: 0 or more is expected."),
        (probe(path="healthz"), 'probes.readiness.path is "healthz": a path that starts with / is expected.'),
        # words
        ({"pod_management_policy": "Ordered"}, 'is "Ordered": one of OrderedReady, Parallel is expected.'),
        ({"security": "strict"}, 'security is "strict": one of baseline, restricted is expected.'),
        ({"update": {"type": "Recreate"}}, 'update.type is "Recreate": one of RollingUpdate, OnDelete is expected.'),
        ({"retention": {"when_deleted": "Keep"}}, 'when_deleted is "Keep": one of Retain, Delete is expected.'),
        ({"client_service": {"type": "Headless"}}, "one of ClusterIP, NodePort, LoadBalancer is expected."),
        (
            storage(data_source={"kind": "Snapshot", "name": "a"}),
            'storage.data_source.kind is "Snapshot": one of VolumeSnapshot, PersistentVolumeClaim is expected.',
        ),
        (
            storage(create_storage_class=A_CLASS | {"volume_binding_mode": "Late"}),
            "one of WaitForFirstConsumer, Immediate is expected.",
        ),
        (storage(create_storage_class=A_CLASS | {"reclaim_policy": "Recycle"}), "one of Retain, Delete is expected."),
        (
            storage(access_modes=["ReadWriteOnce", "ReadWriteOnce"]),
            'storage.access_modes is ["ReadWriteOnce", "ReadWriteOnce"]: one or more of ReadWriteOnce,',
        ),
        # quantities
        (storage(size="-1Gi"), 'storage.size is "-1Gi": more than zero is expected, e.g. 10Gi.'),
        (storage(size="1 Gi"), 'storage.size is "1 Gi": a Kubernetes quantity is expected, e.g. 10Gi.'),
        (storage(size=True), f"storage.size is true: text is expected. {QUOTES}"),
        ({"resources": {"requests": {"cpu": "lots"}}}, 'a Kubernetes quantity is expected of cpu, e.g. "100m"'),
        ({"resources": {"limits": {"memory": "-1Mi"}}}, "zero or more is expected of memory."),
        (
            {"resources": {"requests": {"cpu": "0.5m"}}},
            'cpu": "0.5m"}: at most three decimals (as in 0.001, which is 1m) and at most 9223372036854775807',
        ),
        ({"resources": {"limits": {"memory": "8Ei"}}}, "and at most 9223372036854775807 is expected of memory."),
        (
            storage(size="9Ei"),
            'storage.size is "9Ei": at most three decimals and at most 9223372036854775807 is expected',
        ),
        ({"resources": {"limits": {"gpu": "1"}}}, "cpu, memory, ephemeral-storage, hugepages-<size>, or a device"),
        ({"resources": {"limits": {"requests.a.io/b": "1"}}}, 'and "requests.a.io/b" is none.'),
        ({"resources": {"limits": {"hugepages-2": "x"}}}, "a Kubernetes quantity is expected of hugepages-2"),
        ({"resources": {"limits": {"hugepages-x": "1"}}}, 'and "hugepages-x" is none.'),
        ({"resources": {"limits": {"hugepages-2Mi": "3Mi", "cpu": "1"}}}, "a multiple of the page's size is expected"),
        ({"resources": {"limits": {"hugepages-2Mi": "2Mi"}}}, "is given without cpu or memory"),
        ({"resources": {"limits": {"a.io/gpu": "500m"}}}, "a whole number is expected of a.io/gpu."),
        (
            {"resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1500m"}}},
            "resources.requests.cpu is 2, more than its limit, 1500m. Lower it, or raise the limit.",
        ),
        ({"resources": {"requests": {"a.io/gpu": "1"}}}, "is requested without a limit: limits.a.io/gpu of the same"),
        (
            {"resources": {"requests": {"a.io/gpu": "1"}, "limits": {"a.io/gpu": "2"}}},
            "is 1, and its limit is 2: the same amount is expected of both.",
        ),
        ({"revision_history_limit": 2**31}, "revision_history_limit is 2147483648: 0 to 2147483647 is expected."),
        ({"storage": {"create_storage_class": {**A_CLASS, "parameters": {"": "x"}}}}, "keys that are not empty"),
        ({"update": {"max_unavailable": "a third"}}, 'is "a third": a number of pods or a share such as "25%"'),
        ({"update": {"max_unavailable": "101%"}}, 'is "101%": a number of pods or a share such as "25%" is expected.'),
        (
            {"disruption_budget": {"min_available": -1}},
            'min_available is -1: a number of pods or a share such as "25%"',
        ),
        # names
        ({"name": "-web"}, 'name is "-web": lower-case letters, digits and dashes are expected'),
        ({"name": ""}, 'name is "": lower-case letters'),
        ({"namespace": "n" * 64}, "lower-case letters, digits and dashes are expected, at most 63 characters"),
        ({"service_name": "s" * 64}, "at most 63 characters, starting with a letter."),
        ({"service_name": "web.default"}, 'service_name is "web.default": lower-case letters, digits and dashes'),
        ({"name": "1web"}, 'service_name is "1web": lower-case letters, digits and dashes are expected'),
        (
            {"name": "1web", "service_name": "w", "client_service": {}},
            'client_service.name is "1web-client" by default:',
        ),
        ({"port_name": "web--1"}, 'port_name is "web--1": at most 15 lower-case letters, digits and single dashes'),
        ({"service_account": {"name": "My_Account"}}, 'service_account.name is "My_Account": lower-case letters'),
        ({"env_from": [{"secret_name": "A"}]}, 'env_from[0].secret_name is "A": lower-case letters'),
        ({"env": {"A=B": "c"}}, 'names of printable characters without "=" are expected, and "A=B" is none.'),
        ({"files": [SOME_FILES | {"content": {"a/b": "x"}}]}, '"-", "_" and "." are expected, and "a/b" is none.'),
        (
            {"files": [SOME_FILES | {"content": {"..a": "x"}}]},
            'do not begin with ".." are expected, and "..a" is none.',
        ),
        ({"files": [SOME_FILES | {"content": {}}]}, "at least one file is expected."),
        ({"annotations": {"a b": "c"}}, 'and "a b" is none.'),
        ({"labels": {"example.com/": "c"}}, 'and "example.com/" is none.'),
        ({"labels": {"Example_com/a": "c"}}, 'and "Example_com/a" is none.'),
        ({"labels": {"a": "-b"}}, "with a letter or digit at both ends"),
        (storage(create_storage_class={"provisioner": "my driver"}), "the name of a driver is expected"),
        (storage(storage_class_name="-"), 'storage.storage_class_name is "-": lower-case letters'),
        # lengths of what Kubernetes derives
        (
            {"name": "w" * 52, "storage": {"volume_name": "data-of-web"}},
            "and at most 63 characters are expected of that. Shorten it by 5, or the name.",
        ),
        # paths
        ({"mount_path": "/a:b"}, 'mount_path is "/a:b": an absolute path without a colon is expected.'),
        ({"volumes": [{"volume_name": "logs"}]}, "volumes[0].mount_path is missing: an absolute path is expected."),
        (storage(mount_path="/data"), "storage.mount_path is only for entries of volumes. Use the input mountPath"),
        # clashes
        (
            {"volumes": [A_VOLUME | {"volume_name": "data"}]},
            'volumes[0].volume_name is "data": it is the name of another',
        ),
        ({"volumes": [A_VOLUME | {"mount_path": "/data/"}]}, 'is "/data/": it is mounted by another volume, too.'),
        ({"volumes": [A_VOLUME, A_VOLUME | {"volume_name": "b"}]}, 'volumes[1].mount_path is "/logs": it is mounted'),
        ({"files": [SOME_FILES | {"mount_path": "/data"}]}, 'files[0].mount_path is "/data": it is mounted by another'),
        (
            {"files": [SOME_FILES], "storage": {"volume_name": "files-0"}},
            'storage.volume_name is "files-0": it is the name of the volume of files, too. Choose another.',
        ),
        (
            {
                "storage": {"create_storage_class": A_CLASS | {"name": "fast"}},
                "volumes": [A_VOLUME | {"create_storage_class": A_CLASS | {"name": "fast"}}],
            },
            'volumes[0].create_storage_class.name is "fast": it is created for another claim template, too.',
        ),
        (
            {"client_service": {"name": "web"}},
            'client_service.name is "web": another name than the headless Service\'s is expected. Choose one.',
        ),
        (
            containers({"name": "sidecar", "ports": [{"containerPort": 80}]}),
            "spec.containers[0].ports[0].containerPort is 80, which is the web server's port. Use another.",
        ),
        (
            containers({"name": "sidecar", "ports": [{"containerPort": 81, "name": "web"}]}),
            'ports[0].name is "web", which is the name of the web server\'s port. Use another.',
        ),
        (
            {
                "pod_template": {
                    "spec": {
                        "initContainers": [
                            {"name": "proxy", "restartPolicy": "Always", "ports": [{"containerPort": 80}]}
                        ]
                    }
                }
            },
            "pod_template.spec.initContainers[0].ports[0].containerPort is 80, which is the web server's port.",
        ),
        (
            containers({"name": "sidecar", "ports": [{"containerPort": 80, "protocol": "TCP"}]}),
            "spec.containers[0].ports[0].containerPort is 80, which is the web server's port. Use another.",
        ),
        (
            containers({"name": "web", "ports": [{"containerPort": 80, "name": "http"}]}),
            "probes and Services know the web server's port as web. Use that, or another port.",
        ),
        # contradictions
        (
            storage(storage_class_name="a", create_storage_class=A_CLASS),
            'storage.create_storage_class is given, and so is storageClassName "a": exactly one of them is expected.',
        ),
        ({"update": {"type": "OnDelete", "partition": 1}}, "update.partition is only for type RollingUpdate"),
        (
            {"update": {"type": "OnDelete", "max_unavailable": 1}},
            "update.max_unavailable is only for type RollingUpdate",
        ),
        (
            {"update": {"max_unavailable": 0}},
            "update.max_unavailable is 0: no pod could ever be updated. Use 1 or more.",
        ),
        (
            {"disruption_budget": {"max_unavailable": 1, "min_available": 1}},
            "disruption_budget.min_available is given, and so is maxUnavailable: one is expected. Remove one.",
        ),
        ({"env_from": [{}]}, "env_from[0] needs exactly one of configMapName and secretName. Give one."),
        (
            {"env_from": [{"config_map_name": "a", "secret_name": "b"}]},
            "env_from[0] needs exactly one of configMapName and secretName. Give one.",
        ),
        (
            {"client_service": {"drain_seconds": 10}, "termination_grace_period_seconds": 10},
            "client_service.drain_seconds is 10: less than terminationGracePeriodSeconds, which is 10, is expected.",
        ),
        (
            {"selector_labels": {"app": "web"}, "labels": {"app": "other"}},
            'labels.app is "other", but selectorLabels has "web": a pod carries the selector\'s labels.',
        ),
        (
            {"selector_labels": {"app": "web"}, "pod_template": {"metadata": {"labels": {"app": None}}}},
            'pod_template.metadata.labels.app is null, but selectorLabels has "web"',
        ),
        (
            containers({"image": "sidecar:1"}),
            "pod_template.spec.containers[0] has no name, by which entries of containers are merged. Give it one.",
        ),
        (
            containers({"name": "web", "volumeMounts": [{"name": "tmp"}]}),
            "volumeMounts[0] has no mountPath, by which entries of volumeMounts are merged. Give it one.",
        ),
    ],
)
def test_a_wrong_input_is_told_in_one_sentence(given: dict[str, Any], sentence: str) -> None:
    finding = finding_of(given)
    assert sentence in finding
    assert len(finding.splitlines()) == 1
    assert re.fullmatch(r"[a-z_]+\S* (is|has|needs) .*[.?]", finding), "a key, what is wrong with it, and a full stop"


def test_a_whole_number_from_another_language_is_a_whole_number() -> None:
    args: Any = {"image": "web:1", "replicas": 3.0}
    replicas = validate("web", args)[0]["replicas"]
    assert type(replicas) is int


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"env": {"PORT": 8080, "DEBUG": True}}, {"env": {"PORT": "8080", "DEBUG": "true"}}),
        ({"labels": {"team": 42, "size": 7}}, {"labels": {"team": "42", "size": "7"}}),
        ({"annotations": {"a/b": False}}, {"annotations": {"a/b": "false"}}),
        ({"selector_labels": {"app": 1}}, {"selector_labels": {"app": "1"}}),
        (
            {"resources": {"requests": {"cpu": 0.5, "memory": "1Gi"}, "limits": {"cpu": 1}}},
            {"resources": {"requests": {"cpu": "0.5", "memory": "1Gi"}, "limits": {"cpu": "1"}}},
        ),
    ],
)
def test_numbers_and_booleans_become_the_text_that_kubernetes_wants(
    given: dict[str, Any], read: dict[str, Any]
) -> None:
    args: Any = {"image": "web:1", **given}
    complete, findings = validate("web", args)
    assert findings == []
    assert {key: complete[key] for key in read} == read  # type: ignore[literal-required]


def test_sizes_may_be_numbers() -> None:
    args: Any = {"image": "web:1", "storage": {"size": 10737418240}, "volumes": [A_VOLUME | {"size": 1e9}]}
    complete, findings = validate("web", args)
    assert findings == []
    assert complete["storage"]["size"] == "10737418240"
    assert complete["volumes"][0]["size"] == "1000000000"


def test_a_label_that_is_called_like_a_quantity_is_text() -> None:
    assert finding_of({"labels": {"size": 1.5}}).startswith("labels.size is 1.5: text is expected")


def test_none_means_absent() -> None:
    args: Any = {"image": "web:1", "replicas": None}
    assert validate("web", args)[0]["replicas"] == 1


@pytest.mark.parametrize("given", [1.0, 0.0])
def test_a_count_that_may_be_a_share_comes_as_a_float_from_other_languages(given: float) -> None:
    budget: Any = {"image": "web:1", "disruption_budget": {"max_unavailable": given}}
    read, findings = validate("web", budget)
    assert findings == []
    assert type(read["disruption_budget"]["max_unavailable"]) is int


def test_keys_are_spelled_as_the_caller_wrote_them() -> None:
    (finding,) = findings_of({"storage": {"access_modes": ["RWO"]}})
    assert finding.sentence(python_key).startswith('storage.access_modes is ["RWO"]: ')
    assert finding.sentence(camel_key).startswith('storage.accessModes is ["RWO"]: ')
    (finding,) = findings_of({"env": {"DB_PORT": 54.32}})
    assert finding.sentence(camel_key).startswith("env.DB_PORT is ")
    (finding,) = findings_of({"storage": {"storage_clas_name": "x"}})
    assert finding.sentence(camel_key).startswith("storage.storage_clas_name is not a key ")
    (finding,) = findings_of({"labels": {"a_b": "c"}, "selector_labels": {"a_b": "d"}})
    assert finding.sentence(camel_key).startswith('labels.a_b is "c", but selectorLabels has "d"')
    assert camel("termination_grace_period_seconds") == "terminationGracePeriodSeconds"


def test_a_long_value_is_cut_and_a_confidential_one_is_not_shown() -> None:
    assert re.search(r'image is "w{70,80}…: ', finding_of({"image": "w" * 500}))
    assert "hunter2" not in finding_of({"files": [{"mount_path": "/x", "content": {"p/w": "hunter2"}, "secret": True}]})
    assert "hunter2" not in finding_of({"env": {"P=W": "hunter2"}})
    assert "hunter2" not in finding_of({"files": {"mount_path": "/x", "content": {"password": "hunter2"}}})
    assert "hunter2" not in finding_of({"image": [{"env": {"PASSWORD": "hunter2"}}]})


def test_all_mistakes_are_told_at_once() -> None:
    assert len(findings_of({"port": 0, "replicas": -1, "storage": {"size": "big"}})) == 3


@pytest.mark.parametrize("component", ["Web", "web server", "w" * 53])
def test_a_component_whose_name_can_not_be_a_sets_needs_one_by_input(component: str) -> None:
    (finding,) = findings_of({}, component)
    assert finding.path == ("name",)


@pytest.mark.parametrize(
    "spec",
    [
        {"containers": [{"name": "sidecar", "ports": [{"containerPort": 80, "protocol": "UDP"}]}]},
        {"containers": [{"name": "web", "ports": [{"containerPort": 80, "protocol": "UDP", "name": "quic"}]}]},
        {"initContainers": [{"name": "first", "ports": [{"containerPort": 80, "name": "web"}]}]},
    ],
)
def test_another_protocol_and_a_container_that_has_ended_take_no_port(spec: dict[str, Any]) -> None:
    assert finding_of({"pod_template": {"spec": spec}}) == ""
