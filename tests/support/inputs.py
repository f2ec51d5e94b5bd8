"""Typed inputs of a StatefulWeb by chance, near every limit that the API server has, on both sides of it."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Inputs = dict[str, Any]

ODD_TEXT = st.text(st.sampled_from("aZ9-._/: =%é\n"), max_size=6)
LENGTHS = (1, 14, 15, 16, 51, 52, 53, 62, 63, 64, 252, 253, 254)


def mostly(usual: SearchStrategy[Any], odd: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Draw what is right most of the time, so that most inputs as a whole can be right."""
    return st.integers(0, 39).flatmap(lambda die: odd if die == 0 else usual)


LONG = st.sampled_from(LENGTHS).map(lambda length: "a" * length)
LABELS_ODD = st.one_of(
    LONG, ODD_TEXT, st.sampled_from(["1a", "a.b", "a--b", "-a", "a-", "A", "0", "kubernetes", "", "a_b"])
)
NAME = mostly(st.sampled_from(["web", "a", "web-1", "nginx", "w0", "x" * 30]), LABELS_ODD)
NUMBER = st.integers(0, 5)
SMALL = mostly(NUMBER, st.sampled_from([-1, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 3600, 86400]))
POSITIVE = mostly(st.integers(1, 5), SMALL)
PORT = mostly(st.sampled_from([80, 8080, 443, 1, 65535]), st.sampled_from([0, -1, 65536]))
QUANTITY = mostly(
    st.sampled_from(["1Gi", "1.5Gi", "1e9", "100m", "2", "500M", "0.5"]),
    st.sampled_from(
        [
            *("", "0", "-1", "1gi", "1 Gi", "Gi", "1e", "1E", "1Ei", "9Ei", "8e18", "1e400", "+1", ".5", "1.", "1n"),
            *("1u", "0.1m", "1.0000000001", "1e-3", "12E3", "1ei", "0x1", "٣"),
        ]
    ),
)
PATH = mostly(
    st.sampled_from(["/data", "/srv/www", "/a/b/", "/usr/share/nginx/html", "/logs"]),
    st.sampled_from(["data", "", "/", "/a:b", "/..", "/a/../b", "//", "/a b", "/" + "a" * 300, "/é"]),
)
LABEL_KEY = mostly(
    st.sampled_from(["app", "team", "example.com/part", "tier", "a.b/c_d"]),
    st.one_of(
        LONG, ODD_TEXT, st.sampled_from(["/a", "a/", "a/b/c", "A.b/c", "a_b/c", "x" * 253 + "/y", "kubernetes.io/x"])
    ),
)
LABEL_VALUE = mostly(
    st.sampled_from(["nginx", "a", "", "A.b_c-1"]), st.one_of(LONG, ODD_TEXT, st.sampled_from(["-", "a/b", "é"]))
)
SHARE = mostly(
    st.sampled_from([1, 2, "25%", "100%"]), st.sampled_from([0, -1, "0%", "101%", "1", "", "x%", "1.5%", "-5%"])
)
ACCESS_MODES = mostly(
    st.sampled_from([["ReadWriteOnce"], ["ReadWriteOncePod"], ["ReadWriteMany", "ReadOnlyMany"], ["ReadOnlyMany"]]),
    st.sampled_from([[], ["ReadWriteOnce", "ReadWriteOncePod"], ["ReadWriteOnce", "ReadWriteOnce"], ["Any"]]),
)
CLASS_NAME = mostly(st.sampled_from(["standard", "my-sc", ""]), LABELS_ODD)
TEXT = st.one_of(st.sampled_from(["x", "$(HOME)", "a=b", ""]), st.text(max_size=5))


def some(**keys: SearchStrategy[Any]) -> SearchStrategy[Inputs]:
    """Draw a map with some of these keys."""
    return st.fixed_dictionaries({}, optional=keys)


CREATED_CLASS = st.fixed_dictionaries(
    {
        "provisioner": mostly(
            st.sampled_from(["kubernetes.io/host-path", "example.com/disk", "disk"]),
            st.one_of(LONG, ODD_TEXT, st.sampled_from(["a/b/c", "a/", "/a", "Ab", "a_b"])),
        )
    },
    optional={
        "name": NAME,
        "parameters": st.dictionaries(st.sampled_from(["type", "pool", "a b", ""]), TEXT, max_size=2),
        "reclaim_policy": mostly(st.sampled_from(["Retain", "Delete"]), st.just("Recycle")),
        "volume_binding_mode": mostly(st.sampled_from(["Immediate", "WaitForFirstConsumer"]), st.just("Later")),
        "allow_volume_expansion": st.booleans(),
        "mount_options": st.lists(st.sampled_from(["noatime", "ro", ""]), max_size=2),
    },
)
DATA_SOURCE = st.fixed_dictionaries(
    {
        "kind": mostly(st.sampled_from(["VolumeSnapshot", "PersistentVolumeClaim"]), st.just("Pod")),
        "name": NAME,
    }
)
STORAGE: dict[str, SearchStrategy[Any]] = {
    "volume_name": mostly(st.sampled_from(["www", "data", "logs"]), LABELS_ODD),
    "size": QUANTITY,
    "access_modes": ACCESS_MODES,
    "storage_class_name": CLASS_NAME,
    "data_source": DATA_SOURCE,
}
SUB_PATH = mostly(
    st.sampled_from(["www", "a/b", "a..b"]),
    st.sampled_from(["", "/", "/a", "..", "a/../b", "a/..", ".", "a:b", "a//b"]),
)
DEVICE_PATH = mostly(
    st.sampled_from(["/dev/data", "/dev/logs", "/x"]), st.sampled_from(["dev", "", "/", "/a:b", "/dev/../x", "/.."])
)
DEVICE = {"volume_mode": mostly(st.just("Block"), st.sampled_from(["Filesystem", "File"])), "device_path": DEVICE_PATH}
STORAGES = st.one_of(
    some(**STORAGE, sub_path=SUB_PATH, volume_mode=mostly(st.just("Filesystem"), st.just("Block"))),
    st.fixed_dictionaries(DEVICE, optional=STORAGE),
    some(**{**STORAGE, "create_storage_class": CREATED_CLASS, "storage_class_name": mostly(st.none(), CLASS_NAME)}),
)
UNNAMED = {key: strategy for key, strategy in STORAGE.items() if key != "volume_name"}
VOLUMES = st.lists(
    st.one_of(
        st.fixed_dictionaries({"mount_path": PATH, "volume_name": NAME}, optional={**UNNAMED, "sub_path": SUB_PATH}),
        st.fixed_dictionaries({**DEVICE, "volume_name": NAME}, optional=UNNAMED),
    ),
    max_size=2,
)
PORT_NAME = mostly(st.sampled_from(["gossip", "metrics", "peer-1", "x" * 15]), LABELS_ODD)
PORT_TEXT = mostly(st.sampled_from(["http", "kubernetes.io/h2c", "example.com/A_b"]), st.one_of(LONG, ODD_TEXT))
ARGUMENTS = st.lists(st.one_of(TEXT, st.integers(0, 3)), max_size=2)
TIMES = {
    "initial_delay_seconds": SMALL,
    **dict.fromkeys(("period_seconds", "timeout_seconds", "failure_threshold"), POSITIVE),
}
CHECKS: list[SearchStrategy[Inputs]] = [
    some(
        path=mostly(st.sampled_from(["/", "/healthz?a=b"]), st.sampled_from(["", "x", "/é", "/ "])),
        scheme=mostly(st.sampled_from(["HTTP", "HTTPS"]), st.just("http")),
        headers=st.dictionaries(
            mostly(st.sampled_from(["Host", "X-Try", "1"]), st.one_of(ODD_TEXT, st.sampled_from(["", "A_b"]))),
            TEXT,
            max_size=2,
        ),
    ),
    st.just({"tcp": True}),
    st.fixed_dictionaries({"command": ARGUMENTS}),
    st.fixed_dictionaries({"grpc": TEXT}),
]
PROBE = st.tuples(
    st.one_of(CHECKS),
    some(
        **TIMES,
        port=mostly(st.sampled_from([8080, "web", "gossip", 1, 65535]), st.sampled_from([0, 65536, "", "a_b", True])),
        success_threshold=mostly(st.just(1), st.sampled_from([0, 2])),
    ),
    mostly(st.just({}), st.one_of(CHECKS)),
).map(lambda parts: {key: value for part in parts for key, value in part.items()})
FILES = st.lists(
    st.fixed_dictionaries(
        {
            "mount_path": PATH,
            "content": st.dictionaries(
                mostly(
                    st.sampled_from(["index.html", "a.conf", "_x", "-"]),
                    st.one_of(LONG, ODD_TEXT, st.sampled_from(["..", ".", "..a", "a/b", ""])),
                ),
                TEXT,
                min_size=1,
                max_size=2,
            ),
        },
        optional={"secret": st.booleans()},
    ),
    max_size=2,
)
ENV_NAME = mostly(
    st.sampled_from(["A", "a.b", "A_1", "1A", "a-b"]),
    st.one_of(ODD_TEXT, st.sampled_from(["", "=", "A B", "é", "A=B"])),
)
RESOURCES = st.dictionaries(
    mostly(
        st.sampled_from(["cpu", "memory", "ephemeral-storage"]),
        st.sampled_from(["gpu", "example.com/gpu", "hugepages-2Mi", "pods", "", "a/b/c", "storage", "requests.cpu"]),
    ),
    QUANTITY,
    max_size=2,
)
OWN_TEXT = mostly(st.sampled_from(["a", "b"]), st.sampled_from([5, True, None]))
TEMPLATE_ENV = st.lists(
    st.one_of(
        st.fixed_dictionaries({"name": st.sampled_from("ABC"), "value": st.sampled_from(["a", "$(A)", "$(B)", 5])}),
        st.just({"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}),
    ),
    max_size=3,
    unique_by=lambda entry: entry["name"],
)
MOUNTS = st.lists(
    st.fixed_dictionaries(
        {"mountPath": st.sampled_from(["/tmp", "/cache", "/data/tmp", "/data", "/data/", "/logs"])},
        optional={"name": st.sampled_from(["tmp", "data", "logs"]), "readOnly": st.booleans()},
    ),
    max_size=2,
)
PORTS = st.lists(
    st.fixed_dictionaries(
        {"containerPort": st.sampled_from([80, 81, 8301])}, optional={"protocol": st.sampled_from(["TCP", "UDP"])}
    ),
    max_size=3,
)
SECURITY = st.one_of(
    st.none(),
    some(runAsNonRoot=st.sampled_from([True, None]), runAsUser=st.just(1000), seccompProfile=st.none()),
)
TEMPLATE_CONTAINER = st.fixed_dictionaries(
    {"name": st.sampled_from(["web", "side"]), "image": st.just("side:1")},
    optional={
        "env": TEMPLATE_ENV,
        "volumeMounts": mostly(MOUNTS, st.none()),
        "ports": PORTS,
        "args": st.lists(OWN_TEXT.filter(lambda text: text is not None), max_size=2),
        "securityContext": mostly(
            st.one_of(st.none(), some(allowPrivilegeEscalation=st.sampled_from([False, None]))),
            st.just({"capabilities": None}),
        ),
        "resources": st.just({"requests": {"cpu": 1}}),
    },
)
CONTAINERS = st.lists(TEMPLATE_CONTAINER, max_size=2, unique_by=lambda container: container["name"])
POD_TEMPLATE: SearchStrategy[Inputs] = some(
    metadata=mostly(
        some(
            labels=mostly(st.dictionaries(st.sampled_from(["team", "app"]), OWN_TEXT, max_size=2), st.none()),
            annotations=st.dictionaries(st.sampled_from(["a", "a.b/c"]), OWN_TEXT, max_size=2),
        ),
        st.none(),
    ),
    spec=mostly(
        some(
            containers=mostly(CONTAINERS, st.none()),
            initContainers=CONTAINERS.map(lambda given: [{**one, "name": f"init-{one['name']}"} for one in given]),
            volumes=mostly(st.just([{"name": "tmp", "emptyDir": {}}]), st.just([{"name": "data", "emptyDir": {}}])),
            securityContext=SECURITY,
            automountServiceAccountToken=st.sampled_from([True, None]),
            nodeSelector=st.dictionaries(st.sampled_from(["a", "b"]), OWN_TEXT, max_size=2),
            tolerations=st.just([{"key": "a", "operator": "Exists"}]),
            os=st.sampled_from([{"name": "linux"}, {"name": "windows"}]),
        ),
        st.none(),
    ),
)
"""What ``pod_template`` says of a set called ``web``, near what it may not say."""


CONTAINER = {"image": st.just("side:1")}
OPTIONS = {
    "env": st.just([{"name": "A", "value": 1}]),
    "args": ARGUMENTS,
    "ports": st.sampled_from(
        [
            [{"containerPort": 9113}],
            [{"container_port": 9113, "name": "metrics"}, {"container_port": 9113, "protocol": "UDP"}],
            [{"containerPort": 80}],
        ]
    ),
    "volumeMounts": st.sampled_from([[], [{"name": "data", "mountPath": "/data", "readOnly": True}]]),
    "securityContext": st.just({"runAsNonRoot": True}),
    "resources": st.just({"requests": {"cpu": 1}}),
}


def containers(*names: str) -> SearchStrategy[list[Inputs]]:
    """Draw containers of these names; what else of Kubernetes' own words is wrong, the API server alone tells."""
    name = mostly(st.sampled_from(names), st.just("web"))
    one = st.fixed_dictionaries({"name": name, **CONTAINER}, optional=OPTIONS)
    return st.lists(one, max_size=2, unique_by=lambda container: container["name"])


ENV_SOURCE = st.one_of(
    st.fixed_dictionaries({"secret_name": NAME, "key": mostly(st.sampled_from(["a", "A.b_c-"]), LABELS_ODD)}),
    st.fixed_dictionaries({"config_map_name": NAME, "key": mostly(st.just("a"), st.sampled_from(["..", ".", "a/b"]))}),
    st.fixed_dictionaries(
        {
            "field_path": mostly(
                st.sampled_from(
                    ["metadata.name", "status.podIPs", "metadata.labels['app']", "metadata.annotations['A.b/c']"]
                ),
                st.sampled_from(
                    ["metadata.labels", "spec.x", "metadata.labels['']", "metadata.labels['a b']", "status.hostip"]
                ),
            )
        }
    ),
    some(secret_name=NAME, config_map_name=NAME, key=st.just("a"), field_path=st.just("metadata.uid")),
)
FURTHER: dict[str, SearchStrategy[Any]] = {
    "app_protocol": PORT_TEXT,
    "ports": st.lists(
        st.fixed_dictionaries(
            {
                "name": PORT_NAME,
                "port": mostly(st.sampled_from([7946, 9113, 8080, 80]), st.sampled_from([0, 65536])),
            },
            optional={
                "protocol": mostly(st.sampled_from(["TCP", "UDP", "SCTP"]), st.just("QUIC")),
                "app_protocol": PORT_TEXT,
                "container_name": mostly(st.sampled_from(["side", "proxy"]), NAME),
                "client": st.booleans(),
            },
        ),
        max_size=3,
        unique_by=(lambda port: port["name"], lambda port: (port["port"], port.get("protocol", "TCP"))),
    ),
    "pod_labels": st.dictionaries(LABEL_KEY, LABEL_VALUE, max_size=2),
    "pod_annotations": st.dictionaries(LABEL_KEY, TEXT, max_size=2),
    "service_annotations": st.dictionaries(LABEL_KEY, TEXT, max_size=2),
    "ip_family_policy": mostly(
        st.sampled_from(["SingleStack", "PreferDualStack"]), st.sampled_from(["RequireDualStack", "Dual"])
    ),
    "ip_families": mostly(
        st.just(["IPv4"]), st.sampled_from([["IPv6"], ["IPv4", "IPv6"], [], ["IPv4", "IPv4"], ["IPv5"]])
    ),
    "command": ARGUMENTS,
    "args": ARGUMENTS,
    "working_dir": st.sampled_from(["/srv", "srv", ""]),
    "image_pull_policy": mostly(st.sampled_from(["Always", "IfNotPresent", "Never"]), st.just("Sometimes")),
    "image_pull_secrets": st.lists(NAME, max_size=2),
    "env": st.dictionaries(ENV_NAME, st.one_of(TEXT, ENV_SOURCE), max_size=3),
    "run_as_user": SMALL,
    "run_as_group": SMALL,
    "fs_group": SMALL,
    "node_selector": st.dictionaries(LABEL_KEY, LABEL_VALUE, max_size=2),
    "tolerations": st.sampled_from([[], [{"operator": "Exists"}], [{"key": "a", "value": 1, "effect": "NoSchedule"}]]),
    "affinity": st.sampled_from(
        [
            {},
            {
                "pod_anti_affinity": {
                    "required_during_scheduling_ignored_during_execution": [
                        {"topology_key": "kubernetes.io/hostname", "label_selector": {"match_labels": {"app": 1}}}
                    ]
                }
            },
        ]
    ),
    "priority_class_name": NAME,
    "topology_spread": st.just(True),
    "topology_keys": mostly(
        st.sampled_from([["kubernetes.io/hostname"], ["topology.kubernetes.io/zone", "a"]]),
        st.sampled_from([[], ["a", "a"], ["a b"], [""], ["a/b/c"]]),
    ),
    "topology_spread_required": st.booleans(),
    "init_containers": containers("first", "second"),
    "sidecars": containers("side", "proxy"),
    "autoscale": st.fixed_dictionaries(
        {"max_replicas": mostly(st.integers(3, 9), SMALL)},
        optional={
            "min_replicas": mostly(st.integers(1, 3), SMALL),
            "cpu": mostly(st.sampled_from([1, 80, 500]), SMALL),
            "memory": mostly(st.sampled_from([1, 80]), SMALL),
            "behavior": st.sampled_from(
                [
                    {"scale_down": {"stabilization_window_seconds": 600}},
                    {"scaleUp": {"policies": [{"type": "Pods", "value": 4, "periodSeconds": 60}]}},
                ]
            ),
            "name": NAME,
        },
    ),
}
"""Inputs of which a few are given at a time, so that most inputs as a whole can be right."""
BALANCED = {
    "load_balancer_class": PORT_TEXT,
    "load_balancer_source_ranges": st.lists(
        mostly(
            st.sampled_from(["10.0.0.0/8", "0.0.0.0/0", "fd00::/8"]),
            st.sampled_from(
                [
                    *("10.0.0.1/8", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/255.0.0.0", "10.0.0.0/0.0.0.255", "", "::/0"),
                    *("010.0.0.0/8", "10.0.0.0/08", " 10.0.0.0/8", "fe80::%eth0/64", "::ffff:10.0.0.0/104", "10/8"),
                ]
            ),
        ),
        max_size=2,
    ),
    "external_traffic_policy": mostly(st.sampled_from(["Cluster", "Local"]), st.just("Near")),
}
CLIENT = {
    "name": NAME,
    "port": PORT,
    "annotations": st.dictionaries(LABEL_KEY, TEXT, max_size=2),
    "internal_traffic_policy": mostly(st.sampled_from(["Cluster", "Local"]), st.just("Near")),
    "session_affinity": mostly(st.sampled_from(["None", "ClientIP"]), st.just("Cookie")),
    "traffic_distribution": mostly(st.just("PreferClose"), st.just("PreferFar")),
    "drain_seconds": mostly(NUMBER, SMALL),
}
CLIENT_SERVICE = st.one_of(
    some(**CLIENT, type=mostly(st.sampled_from(["ClusterIP", "NodePort", "LoadBalancer"]), st.just("ExternalName"))),
    st.fixed_dictionaries(
        {"type": mostly(st.just("LoadBalancer"), st.sampled_from(["NodePort", "ClusterIP"]))},
        optional={**CLIENT, **BALANCED},
    ),
)


def _together(parts: tuple[str, Inputs, Inputs, int]) -> Inputs:
    """Return inputs with what some of them need, most of the time."""
    image, given, client, die = parts
    made = {"image": image, **given}
    if die == 0:
        return made
    ports: list[Inputs] = made.get("ports", [])
    if any(port.get("client") for port in ports):
        made.setdefault("client_service", client)
    there = {container["name"] for container in made.get("sidecars", [])}
    for name in sorted({port["container_name"] for port in ports if "container_name" in port} - there):
        if name in ("side", "proxy"):
            made["sidecars"] = [*made.get("sidecars", []), {"name": name, "image": "side:1"}]
    if {"topology_keys", "topology_spread_required"} & made.keys():
        made["topology_spread"] = True
    return made


IMAGE = mostly(st.sampled_from(["web:1", "r.io/a/b:2", "web@sha256:" + "0" * 64]), st.one_of(ODD_TEXT, st.just(" :1")))
OPTIONAL: dict[str, SearchStrategy[Any]] = {
    "name": NAME,
    "namespace": NAME,
    "create_namespace": st.booleans(),
    "replicas": SMALL,
    "autoscaled": st.booleans(),
    "service_name": NAME,
    "publish_not_ready_addresses": st.booleans(),
    "container_name": NAME,
    "port": PORT,
    "port_name": mostly(st.sampled_from(["web", "http", "a-1", "x" * 15]), LABELS_ODD),
    "storage": STORAGES,
    "mount_path": PATH,
    "volumes": VOLUMES,
    "retention": some(
        when_deleted=mostly(st.sampled_from(["Retain", "Delete"]), st.just("Keep")),
        when_scaled=mostly(st.sampled_from(["Retain", "Delete"]), st.just("")),
    ),
    "selector_labels": mostly(st.dictionaries(LABEL_KEY, LABEL_VALUE, min_size=1, max_size=2), st.just({})),
    "labels": st.dictionaries(LABEL_KEY, LABEL_VALUE, max_size=2),
    "annotations": st.dictionaries(LABEL_KEY, TEXT, max_size=2),
    "recommended_labels": st.booleans(),
    "termination_grace_period_seconds": mostly(st.integers(6, 30), SMALL),
    "pod_management_policy": mostly(st.sampled_from(["OrderedReady", "Parallel"]), st.just("Serial")),
    "update": some(
        type=mostly(st.sampled_from(["RollingUpdate", "OnDelete"]), st.just("Recreate")),
        partition=SMALL,
        max_unavailable=SHARE,
    ),
    "min_ready_seconds": SMALL,
    "ordinals_start": SMALL,
    "revision_history_limit": SMALL,
    "env_from": st.lists(
        mostly(
            st.one_of(
                st.fixed_dictionaries({"config_map_name": NAME}, optional={"prefix": ENV_NAME}),
                st.fixed_dictionaries({"secret_name": NAME}, optional={"prefix": ENV_NAME}),
            ),
            some(config_map_name=NAME, secret_name=NAME),
        ),
        max_size=2,
    ),
    "files": FILES,
    "resources": some(requests=RESOURCES, limits=RESOURCES),
    "probes": some(startup=PROBE, readiness=PROBE, liveness=PROBE),
    "security": mostly(st.sampled_from(["baseline", "restricted"]), st.just("none")),
    "disruption_budget": mostly(
        st.one_of(some(max_unavailable=SHARE, name=NAME), some(min_available=SHARE, name=NAME)),
        some(max_unavailable=SHARE, min_available=SHARE),
    ),
    "network_policy": some(allow_from=st.sampled_from([[], [{"podSelector": {}}]]), name=NAME),
    "service_account": some(name=NAME, create=st.booleans()),
    "client_service": CLIENT_SERVICE,
    "rollout_timeout_seconds": POSITIVE,
    **FURTHER,
}
INPUTS: SearchStrategy[Inputs] = st.tuples(
    IMAGE,
    st.integers(0, 16)
    .flatmap(lambda count: st.lists(st.sampled_from(sorted(OPTIONAL)), min_size=count, max_size=count, unique=True))
    .flatmap(lambda names: st.fixed_dictionaries({name: OPTIONAL[name] for name in names})),
    CLIENT_SERVICE,
    st.integers(0, 19),
).map(_together)


def pod_templates(container: str) -> SearchStrategy[Inputs]:
    """Draw templates that the API server takes once they are merged, in both spellings, for a set's own container."""
    env = st.sampled_from([[{"name": "B", "value": 5}, {"name": "A", "value": "$(B)"}], []])
    own = st.fixed_dictionaries(
        {"name": st.just(container)},
        optional={
            "env": env,
            "ports": st.sampled_from(
                [
                    [{"containerPort": 8301, "protocol": "UDP"}],
                    [{"container_port": 8301}, {"container_port": 8301, "protocol": "UDP"}],
                ]
            ),
            "volume_mounts": st.just([{"name": "tmp", "mount_path": "/tmp/x"}]),
            "resources": st.just({"requests": {"cpu": 1, "memory": 1.5e9}, "limits": {"cpu": 2, "memory": 2e9}}),
            "livenessProbe": st.just({"exec": {"command": ["true", 1]}, "httpGet": None}),
            "securityContext": st.sampled_from([None, {"allowPrivilegeEscalation": None}]),
        },
    )
    spec = st.fixed_dictionaries(
        {
            "containers": own.map(lambda given: [given, {"name": "sidecar", "image": "side:1", "args": [True]}]),
            "volumes": st.sampled_from([[{"name": "tmp", "empty_dir": {"size_limit": 1000}}]]),
        },
        optional={
            "node_selector": st.just({"a": True, "b": 5}),
            "tolerations": st.just([{"key": "a", "operator": "Exists"}]),
            "initContainers": st.just([{"name": "first", "image": "init:1", "restart_policy": "Always"}]),
            "automountServiceAccountToken": st.sampled_from([True, None]),
            "topologySpreadConstraints": st.just(
                [{"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule"}]
            ),
        },
    )
    systems: list[Inputs] = [{}, {"os": {"name": "windows"}}, {"securityContext": {"fs_group": 101}}]
    metadata = some(annotations=st.just({"a.b/c": True, "d": 9113}), labels=st.just({"zone": 1}))
    return st.fixed_dictionaries(
        {"spec": st.tuples(spec, st.sampled_from(systems)).map(lambda both: {**both[0], **both[1]})},
        optional={"metadata": metadata},
    )
