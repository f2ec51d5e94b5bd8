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


def ports(*given: Any) -> dict[str, Any]:
    return {"ports": list(given)}


def client(**given: Any) -> dict[str, Any]:
    return {"client_service": given}


def balancer(**given: Any) -> dict[str, Any]:
    return client(type="LoadBalancer", **given)


def autoscale(**given: Any) -> dict[str, Any]:
    return {"autoscale": {"max_replicas": 5, **given}}


def device(path: str, **given: Any) -> dict[str, Any]:
    return storage(volume_mode="Block", device_path=path, **given)


LOST = "and a number with decimals has lost its own text (1.10 is 1.1)"
QUOTES = "Put it in quotes in the stack file, or use pulumi config set --path --type string."
A_CLASS = {"provisioner": "driver.example"}
A_VOLUME = {"volume_name": "logs", "mount_path": "/logs"}
GOSSIP = {"name": "gossip", "port": 7946}
FIRST: dict[str, Any] = {"name": "first", "image": "first:1"}
SIDE: dict[str, Any] = {"name": "side", "image": "side:1"}
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
            'storage.access_modes is ["ReadWriteOnce", "ReadWriteOncePod"]: ReadWriteOncePod can\'t be combined',
        ),
        ({"storage": {"access_modes": []}}, "storage.access_modes is []: one or more of ReadWriteOnce,"),
        ({"storage": {"access_modes": "RWO"}}, 'storage.access_modes is "RWO": a list is expected.'),
        ({"storage": {"volume_name": "W"}}, 'storage.volume_name is "W": lower-case letters'),
        ({"storage": {"storage_class_name": "A B"}}, 'storage.storage_class_name is "A B": lower-case letters'),
        ({"storage": {"xyz": "x"}}, "storage.xyz is not a key that exists. Known keys: volume_name, size,"),
        ({"mount_path": "html"}, 'mount_path is "html": an absolute path without a colon is expected.'),
        ({"selector_labels": {}}, "selector_labels is {}: at least one label is expected."),
        ({"selector_labels": {"a b": "c"}}, 'and "a b" is not one.'),
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
        ({"resources": {"limits": {"requests.a.io/b": "1"}}}, 'and "requests.a.io/b" is not one.'),
        ({"resources": {"limits": {"hugepages-2": "x"}}}, "a Kubernetes quantity is expected of hugepages-2"),
        ({"resources": {"limits": {"hugepages-x": "1"}}}, 'and "hugepages-x" is not one.'),
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
        ({"update": {"max_unavailable": "a third"}}, 'is "a third": a number of pods or a percentage such as "25%"'),
        ({"update": {"max_unavailable": "101%"}}, 'is "101%": a number of pods or a percentage such as "25%"'),
        (
            {"disruption_budget": {"min_available": -1}},
            'min_available is -1: a number of pods or a percentage such as "25%"',
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
        ({"env": {"A=B": "c"}}, 'names of printable characters without "=" are expected, and "A=B" is not one.'),
        ({"files": [SOME_FILES | {"content": {"a/b": "x"}}]}, '"-", "_" and "." are expected, and "a/b" is not one.'),
        (
            {"files": [SOME_FILES | {"content": {"..a": "x"}}]},
            'do not begin with ".." are expected, and "..a" is not one.',
        ),
        ({"files": [SOME_FILES | {"content": {}}]}, "at least one file is expected."),
        ({"annotations": {"a b": "c"}}, 'and "a b" is not one.'),
        ({"labels": {"example.com/": "c"}}, 'and "example.com/" is not one.'),
        ({"labels": {"Example_com/a": "c"}}, 'and "Example_com/a" is not one.'),
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
            "probes and Services use the name web for the web server's port. Use that name, or another port.",
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
        # ports and Services
        ({"app_protocol": "a b"}, "app_protocol is \"a b\": at most 63 letters, digits, '-', '_' and '.' are expected"),
        (ports({"port": 1}), "ports[0].name is missing: text is expected. Set it."),
        (ports({"name": "a"}), "ports[0].port is missing: a whole number is expected. Set it."),
        (ports(GOSSIP | {"name": "a--b"}), 'ports[0].name is "a--b": at most 15 lower-case letters, digits and single'),
        (ports(GOSSIP | {"port": 65536}), "ports[0].port is 65536: 1 to 65535 is expected."),
        (ports(GOSSIP | {"protocol": "tcp"}), 'ports[0].protocol is "tcp": one of TCP, UDP, SCTP is expected.'),
        (ports(GOSSIP | {"app_protocol": "A.b/c"}), 'ports[0].app_protocol is "A.b/c": at most 63 letters'),
        (ports(GOSSIP | {"client": "yes"}), 'ports[0].client is "yes": true or false is expected.'),
        (ports(GOSSIP | {"name": "web"}), 'ports[0].name is "web": it is the name of another port, too. Choose'),
        (ports(GOSSIP, GOSSIP | {"port": 1}), 'ports[1].name is "gossip": it is the name of another port, too.'),
        (ports(GOSSIP | {"port": 80}), "ports[0].port is 80, which is the web server's port. Use another."),
        (ports(GOSSIP, GOSSIP | {"name": "b"}), "ports[1].port is 7946, which is port gossip. Use another."),
        (
            ports(GOSSIP | {"container_name": "side"}),
            'ports[0].container_name is "side": a container that runs is expected, one of web. Use one.',
        ),
        (
            {**ports(GOSSIP | {"container_name": "first"}), "init_containers": [FIRST], "sidecars": [SIDE]},
            'ports[0].container_name is "first": a container that runs is expected, one of side, web. Use one.',
        ),
        (ports(GOSSIP | {"client": True}), "ports[0].client is true, and there is no clientService. Set that, or"),
        (
            {**ports(GOSSIP | {"client": True}), "client_service": {"port": 7946}},
            "ports[0].port is 7946, which is the web server's port in the client Service. Use another.",
        ),
        (
            {**ports(GOSSIP), "sidecars": [SIDE | {"ports": [{"containerPort": 7946}]}]},
            "sidecars[0].ports[0].containerPort is 7946, which is port gossip. Use another.",
        ),
        (
            {**ports(GOSSIP), "sidecars": [SIDE | {"ports": [{"containerPort": 1, "name": "gossip"}]}]},
            'sidecars[0].ports[0].name is "gossip", which is the name of port gossip. Use another.',
        ),
        (
            {
                **ports(GOSSIP | {"container_name": "side"}),
                "sidecars": [SIDE | {"ports": [{"containerPort": 7946, "name": "b"}]}],
            },
            'sidecars[0].ports[0].name is "b": probes and Services use the name gossip for port gossip.',
        ),
        (
            {"init_containers": [FIRST | {"restartPolicy": "Always", "ports": [{"containerPort": 80}]}]},
            "init_containers[0].ports[0].containerPort is 80, which is the web server's port. Use another.",
        ),
        ({"ip_family_policy": "Dual"}, "one of SingleStack, PreferDualStack, RequireDualStack is expected."),
        ({"ip_families": []}, "ip_families is []: one or more of IPv4, IPv6 is expected."),
        ({"ip_families": ["IPv4", "IPv4"]}, 'ip_families is ["IPv4", "IPv4"]: one or more of IPv4, IPv6 is expected.'),
        (
            {"ip_families": ["IPv4", "IPv6"], "ip_family_policy": "SingleStack"},
            "ip_families has two, and ipFamilyPolicy is SingleStack: one is expected. Remove one, or set",
        ),
        (
            {"ip_families": ["IPv6", "IPv4"]},
            "ip_families has two, and ipFamilyPolicy is SingleStack: one is expected. Remove one, or set",
        ),
        (client(load_balancer_class="a"), "client_service.load_balancer_class is only for type LoadBalancer, and type"),
        (
            client(type="NodePort", load_balancer_source_ranges=[]),
            "client_service.load_balancer_source_ranges is only for type LoadBalancer, and type is NodePort. Remove it",
        ),
        (
            client(external_traffic_policy="Local"),
            "external_traffic_policy is only for type LoadBalancer or NodePort, and type is ClusterIP. Remove it, or",
        ),
        (balancer(load_balancer_class="a b"), 'client_service.load_balancer_class is "a b": at most 63 letters'),
        (balancer(external_traffic_policy="Near"), "one of Cluster, Local is expected."),
        (client(internal_traffic_policy="Near"), "one of Cluster, Local is expected."),
        (client(session_affinity="Cookie"), "one of None, ClientIP is expected."),
        (client(traffic_distribution="Far"), "one of PreferSameZone, PreferSameNode, PreferClose is expected."),
        (client(annotations={"a b": "c"}), "client_service.annotations is"),
        *(
            (
                balancer(load_balancer_source_ranges=["10.0.0.0/8", wrong]),
                "ranges of addresses are expected, with zeros behind the prefix, e.g. 10.0.0.0/8.",
            )
            for wrong in (
                *("10.0.0.1/8", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/255.0.0.0", "10.0.0.0/0.0.0.255", "", "10/8"),
                *("010.0.0.0/8", "10.0.0.0/08", " 10.0.0.0/8", "fe80::%eth0/64", "::ffff:10.0.0.0/104", "fd00::1/8"),
            )
        ),
        # probes
        (probe(path="/", tcp=True), "probes.readiness has path and tcp: one of them is expected. Remove the others."),
        (probe(grpc="", command=["a"]), "probes.readiness has command and grpc: one of them is expected."),
        (probe(tcp=True, scheme="HTTPS"), "probes.readiness.scheme is only for GET requests, and tcp is given."),
        (probe(grpc="", headers={}), "probes.readiness.headers is only for GET requests, and grpc is given."),
        (probe(scheme="https"), 'probes.readiness.scheme is "https": one of HTTP, HTTPS is expected.'),
        (probe(headers={"A_b": "c"}), 'names of letters, digits and "-" are expected, and "A_b" is not one.'),
        (probe(headers={"": "c"}), 'names of letters, digits and "-" are expected, and "" is not one.'),
        (probe(command=["a"], port=80), "probes.readiness.port is given, and so is command, which uses no port."),
        (probe(command=[]), "probes.readiness.command is a value that is not shown: at least one entry is expected."),
        (probe(command="true"), "probes.readiness.command is a value that is not shown: a list is expected."),
        (probe(tcp=1), "probes.readiness.tcp is 1: true or false is expected."),
        (probe(port=65536), "probes.readiness.port is 65536: a number from 1 to 65535 or the name of a port is"),
        (probe(port=0), "probes.readiness.port is 0: a number from 1 to 65535 or the name of a port is expected."),
        (probe(port=True), "probes.readiness.port is true: a number from 1 to 65535 or the name of a port is"),
        (probe(port=80.5), "probes.readiness.port is 80.5: a number from 1 to 65535 or the name of a port is"),
        (probe(port="80"), 'probes.readiness.port is "80": at most 15 lower-case letters, digits and single dashes'),
        (
            probe(port="gossip"),
            'probes.readiness.port is "gossip": the web server\'s container has no port of that name. Use one of ports',
        ),
        (
            {**probe(port="gossip"), **ports(GOSSIP | {"container_name": "side"}), "sidecars": [SIDE]},
            "the web server's container has no port of that name. Use one of ports, or a number.",
        ),
        (probe(success_threshold=0), "probes.readiness.success_threshold is 0: 1 or more is expected."),
        (
            {"probes": {"liveness": {"success_threshold": 2}}},
            "probes.liveness.success_threshold is 2: it is only for readiness. Remove it.",
        ),
        (
            {"probes": {"startup": {"success_threshold": 2}}},
            "probes.startup.success_threshold is 2: it is only for readiness. Remove it.",
        ),
        # the pod
        ({"pod_labels": {"a b": "c"}}, 'and "a b" is not one.'),
        ({"pod_annotations": {"a b": "c"}}, 'and "a b" is not one.'),
        ({"service_annotations": {"a b": "c"}}, 'and "a b" is not one.'),
        ({"node_selector": {"a": "-"}}, "with a letter or digit at both ends"),
        ({"pod_labels": {"a": 1.5}}, f"pod_labels.a is 1.5: text is expected, {LOST}. {QUOTES}"),
        (
            {"selector_labels": {"app": "web"}, "pod_labels": {"app": "other"}},
            'pod_labels.app is "other", but selectorLabels has "web": a pod carries the selector\'s labels.',
        ),
        ({"command": "serve"}, "command is a value that is not shown: a list is expected."),
        ({"args": ["a", 1.5]}, f"args[1] is a value that is not shown: text is expected, {LOST}. {QUOTES}"),
        ({"image_pull_policy": "always"}, "one of Always, IfNotPresent, Never is expected."),
        ({"image_pull_secrets": ["a", "B"]}, "lower-case letters, digits, dashes and dots are expected, at most 253"),
        (
            {"image_pull_secrets": ["a", "a"]},
            'image_pull_secrets is ["a", "a"]: each name is expected once. Remove one',
        ),
        ({"run_as_user": -1}, "run_as_user is -1: 0 or more is expected."),
        ({"run_as_group": -1}, "run_as_group is -1: 0 or more is expected."),
        ({"fs_group": 2**31}, "fs_group is 2147483648: 0 to 2147483647 is expected."),
        (
            {"run_as_user": 0, "security": "restricted"},
            "run_as_user is 0, which is root, and security is restricted. Use another, or security baseline.",
        ),
        *(
            (
                {key: 5, "pod_template": {"spec": {"os": {"name": "windows"}}}},
                f"{key} is only for Linux, and podTemplate.spec.os.name is windows. Remove it.",
            )
            for key in ("run_as_user", "run_as_group", "fs_group")
        ),
        ({"priority_class_name": "A"}, 'priority_class_name is "A": lower-case letters, digits, dashes and dots'),
        *(
            (
                {"topology_spread": True, "topology_keys": wrong},
                "one or more labels of nodes are expected, each once, e.g. topology.kubernetes.io/zone.",
            )
            for wrong in ([], ["a", "a"], ["a b"], [""])
        ),
        ({"topology_keys": ["zone"]}, "topology_keys is only for topologySpread, which is false. Set that to true, or"),
        ({"topology_spread_required": True}, "topology_spread_required is only for topologySpread, which is false."),
        ({"sidecars": [{"image": "a:1"}]}, "sidecars[0] has no name, by which entries of initContainers are merged."),
        ({"sidecars": {}}, "sidecars is {}: a list is expected."),
        ({"sidecars": [SIDE | {"imagePullPolicie": "x"}]}, 'is not a key that exists. Did you mean "imagePullPolicy"?'),
        (
            {"sidecars": [SIDE | {"name": "web"}]},
            'sidecars[0].name is "web": it is the name of another container, too.',
        ),
        (
            {"sidecars": [SIDE | {"name": "first"}], "init_containers": [FIRST]},
            'sidecars[0].name is "first": it is the name of another container, too. Choose another.',
        ),
        (
            {"sidecars": [SIDE], **containers({"name": "side", "image": "a:1"})},
            'pod_template.spec.containers[0].name is "side": it is one of initContainers or sidecars. Change it there.',
        ),
        *(
            (
                {"sidecars": [SIDE | {"restartPolicy": wrong}]},
                f"sidecars[0].restartPolicy is {shown}: a sidecar runs as long as its pod, which is Always. Remove it,",
            )
            for wrong, shown in (("Never", '"Never"'), (None, "null"))
        ),
        ({"tolerations": [{"effekt": "x"}]}, 'tolerations[0].effekt is not a key that exists. Did you mean "effect"?'),
        ({"affinity": {"nodeAffinitie": {}}}, 'is not a key that exists. Did you mean "nodeAffinity"?'),
        # where variables come from
        *(
            (
                {"env": {"A": wrong}},
                "env.A needs exactly one of secretName with key, configMapName with key, and fieldPath. Give one.",
            )
            for wrong in (
                {},
                {"key": "a"},
                {"secret_name": "a"},
                {"config_map_name": "a"},
                {"field_path": "metadata.name", "key": "a"},
                {"secret_name": "a", "config_map_name": "b", "key": "c"},
                {"secret_name": "a", "key": "c", "field_path": "metadata.name"},
            )
        ),
        ({"env": {"A": {"secret_nam": "a"}}}, 'env.A.secret_nam is not a key that exists. Did you mean "secret_name"?'),
        (
            {"env": {"A": {"secret_name": "B", "key": "a"}}},
            "env.A.secret_name is a value that is not shown: lower-case",
        ),
        ({"env": {"A": {"secret_name": "b", "key": "a/b"}}}, "env.A.key is a value that is not shown: at most 253"),
        (
            {"env": {"A": {"secret_name": "b", "key": ".."}}},
            'at most 253 letters, digits, "-", "_" and "." are expected',
        ),
        ({"env": {"A": {"field_path": "metadata.labels"}}}, "env.A.field_path is a value that is not shown: one of"),
        ({"env": {"A": {"field_path": "metadata.labels['a b']"}}}, "one of metadata.name, metadata.namespace,"),
        ({"env": {"A": {"field_path": "metadata.labels['A.b/c']"}}}, "metadata.annotations['<key>'] is expected."),
        # the autoscaler
        ({"autoscale": {}}, "autoscale.max_replicas is missing: a whole number is expected. Set it."),
        ({"autoscale": {"max_replicas": 0}}, "autoscale.max_replicas is 0: 1 or more is expected."),
        (autoscale(min_replicas=0), "autoscale.min_replicas is 0: 1 or more is expected."),
        (autoscale(min_replicas=6), "autoscale.max_replicas is 5: 6 or more is expected, as minReplicas is. Raise it."),
        (autoscale(cpu=0), "autoscale.cpu is 0: 1 or more is expected."),
        (autoscale(memory=0), "autoscale.memory is 0: 1 or more is expected."),
        (autoscale(name="A"), 'autoscale.name is "A": lower-case letters, digits, dashes and dots are expected'),
        (autoscale(behavior={"scaleDwn": {}}), 'is not a key that exists. Did you mean "scaleDown"?'),
        (
            {**autoscale(), "retention": {"when_scaled": "Delete"}},
            "retention.when_scaled is Delete, and autoscaled is true: each time the autoscaler scales down, Kubernetes",
        ),
        ({"disruption_budget": {"name": "A"}}, 'disruption_budget.name is "A": lower-case letters, digits, dashes'),
        ({"network_policy": {"name": "A"}}, 'network_policy.name is "A": lower-case letters, digits, dashes and dots'),
        # devices
        (storage(volume_mode="File"), 'storage.volume_mode is "File": one of Filesystem, Block is expected.'),
        (storage(volume_mode="Block"), "storage.device_path is missing: the absolute path of the device is expected."),
        (
            storage(device_path="/dev/a"),
            "storage.device_path is only for volumeMode Block, and volumeMode is Filesystem. Remove one.",
        ),
        (device("a"), 'storage.device_path is "a": an absolute path without ".." is expected.'),
        (device("/a/../b"), 'storage.device_path is "/a/../b": an absolute path without ".." is expected.'),
        (device("/dev/a", sub_path="a"), "storage.sub_path is only for volumeMode Filesystem, and volumeMode is"),
        (
            {"volumes": [A_VOLUME | device("/dev/a")["storage"]]},
            "volumes[0].mount_path is only for volumeMode Filesystem, and volumeMode is Block. Remove one.",
        ),
        (
            {**device("/dev/a"), "volumes": [{"volume_name": "b", **device("/dev/a/")["storage"]}]},
            'volumes[0].device_path is "/dev/a/": it is mounted by another volume, too. Choose another.',
        ),
        *(
            (storage(sub_path=wrong), 'a path without "/" at its start and without ".." is expected.')
            for wrong in ("", "/", "/a", "..", "a/../b")
        ),
    ],
)
def test_a_wrong_input_is_told_in_one_sentence(given: dict[str, Any], sentence: str) -> None:
    finding = finding_of(given)
    assert sentence in finding
    assert len(finding.splitlines()) == 1
    assert re.fullmatch(r"[a-z_]+\S* (is|has|needs) .*[.?]", finding), "a key, what is wrong with it, and a full stop"


@pytest.mark.parametrize(
    "given",
    [
        # both sides of each limit: these are the right ones
        ports(GOSSIP | {"port": 1}, {"name": "x" * 15, "port": 65535}),
        ports(GOSSIP | {"port": 80, "protocol": "UDP"}, {"name": "b", "port": 80, "protocol": "SCTP"}),
        ports(GOSSIP | {"app_protocol": "example.com/A_b"}),
        {**ports(GOSSIP | {"container_name": "side"}), "sidecars": [SIDE]},
        {**ports(GOSSIP | {"container_name": "first"}), "init_containers": [FIRST | {"restartPolicy": "Always"}]},
        {**ports(GOSSIP | {"client": True}), **client()},
        {**ports(GOSSIP), **client(port=7946)},
        {**ports(GOSSIP | {"client": True, "protocol": "UDP"}), **client(port=7946)},
        {**ports(GOSSIP | {"client": True}), **client(port=80)},
        {"init_containers": [FIRST | {"ports": [{"containerPort": 80, "name": "web"}]}]},
        {"sidecars": [SIDE | {"ports": [{"containerPort": 80, "protocol": "UDP"}]}]},
        {**ports(GOSSIP), **containers({"name": "web", "ports": [{"containerPort": 7946, "hostPort": 7946}]})},
        {"sidecars": [SIDE | {"restartPolicy": "Always"}]},
        {"ip_families": ["IPv6", "IPv4"], "ip_family_policy": "PreferDualStack"},
        {"ip_families": ["IPv4", "IPv6"], "ip_family_policy": "RequireDualStack"},
        {"ip_families": ["IPv6"], "ip_family_policy": "SingleStack"},
        balancer(load_balancer_class="a.b/C", load_balancer_source_ranges=[], external_traffic_policy="Local"),
        balancer(load_balancer_source_ranges=["10.0.0.0/8", "0.0.0.0/0", "::/0", "FD00::/8", "1.2.3.4/32"]),
        client(type="NodePort", external_traffic_policy="Cluster", internal_traffic_policy="Local"),
        client(session_affinity="None", traffic_distribution="PreferSameNode", annotations={"A.b/c": "d"}),
        probe(path="/", scheme="HTTPS", headers={"X-1": "a", "-": ""}, port=1, success_threshold=2),
        probe(tcp=True, port=65535),
        probe(tcp=False, path="/"),
        probe(grpc="", port="web"),
        probe(command=[""]),
        {"probes": {"liveness": {"success_threshold": 1}, "startup": {"success_threshold": 1}}},
        {**probe(port="gossip"), **ports(GOSSIP)},
        {**probe(port="admin"), **containers({"name": "web", "ports": [{"name": "admin", "containerPort": 1}]})},
        {"command": [], "args": [""], "working_dir": "srv"},
        {"image_pull_secrets": ["a", "a.b"]},
        {"run_as_user": 0, "run_as_group": 0, "fs_group": 0},
        {"run_as_user": 1, "security": "restricted"},
        {"run_as_user": 2**31 - 1, "run_as_group": 2**31 - 1, "fs_group": 2**31 - 1},
        {"topology_spread": True, "topology_keys": ["a.b/c", "d"], "topology_spread_required": True},
        {"topology_keys": ["kubernetes.io/hostname"], "topology_spread_required": False},
        {"env": {"A": {"secret_name": "a.b", "key": "A.b_c-"}, "B": {"config_map_name": "a", "key": ".a"}}},
        {"env": {"A": {"field_path": "metadata.labels['a.b/C']"}, "B": {"field_path": "status.podIPs"}}},
        {"env": {"A": {"field_path": "metadata.annotations['A.b/c']"}}},
        {"annotations": {"A.b/c": "d"}, "pod_annotations": {"A.b/c": "d"}, "service_annotations": {"A.b/c": "d"}},
        autoscale(min_replicas=5, cpu=1, memory=1),
        autoscale(min_replicas=1, name="a.b"),
        {"autoscale": {"max_replicas": 1}},
        {"autoscaled": True, "retention": {"when_scaled": "Retain", "when_deleted": "Delete"}},
        {"disruption_budget": {"name": "a.b"}, "network_policy": {"name": "a.b"}},
        {"update": {"type": "RollingUpdate", "partition": 0, "max_unavailable": 1}},
        device("/dev/..a:b"),
        device("/dev/a", storage_class_name=""),
        {**device("/dev/a"), "mount_path": "/data", "volumes": [A_VOLUME | {"mount_path": "/data"}]},
        {"volumes": [{"volume_name": "b", **device("/dev/a")["storage"]}]},
        storage(sub_path="a..b/c:d", volume_mode="Filesystem"),
    ],
    ids=str,
)
def test_what_is_right_is_taken(given: dict[str, Any]) -> None:
    assert finding_of(given) == ""


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
    two_ways = {"tcp": True, "path": "/"}
    assert len(findings_of({"probes": {"startup": two_ways, "readiness": two_ways, "liveness": two_ways}})) == 3
    assert len(findings_of(ports(GOSSIP, GOSSIP, GOSSIP))) == 4, "a name and a number, twice each"


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
