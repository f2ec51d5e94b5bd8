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
STORAGES = st.one_of(
    some(**STORAGE),
    some(**{**STORAGE, "create_storage_class": CREATED_CLASS, "storage_class_name": mostly(st.none(), CLASS_NAME)}),
)
VOLUMES = st.lists(
    st.fixed_dictionaries(
        {"mount_path": PATH, "volume_name": NAME},
        optional={key: strategy for key, strategy in STORAGE.items() if key != "volume_name"},
    ),
    max_size=2,
)
PROBE = some(
    path=mostly(st.sampled_from(["/", "/healthz?a=b"]), st.sampled_from(["", "x", "/é", "/ "])),
    initial_delay_seconds=SMALL,
    period_seconds=SMALL,
    timeout_seconds=SMALL,
    failure_threshold=SMALL,
)
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


INPUTS: SearchStrategy[Inputs] = st.fixed_dictionaries(
    {
        "image": mostly(
            st.sampled_from(["web:1", "r.io/a/b:2", "web@sha256:" + "0" * 64]), st.one_of(ODD_TEXT, st.just(" :1"))
        )
    },
    optional={
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
        "selector_labels": st.dictionaries(LABEL_KEY, LABEL_VALUE, max_size=2),
        "labels": st.dictionaries(LABEL_KEY, LABEL_VALUE, max_size=2),
        "annotations": st.dictionaries(LABEL_KEY, TEXT, max_size=2),
        "recommended_labels": st.booleans(),
        "termination_grace_period_seconds": SMALL,
        "pod_management_policy": mostly(st.sampled_from(["OrderedReady", "Parallel"]), st.just("Serial")),
        "update": some(
            type=mostly(st.sampled_from(["RollingUpdate", "OnDelete"]), st.just("Recreate")),
            partition=SMALL,
            max_unavailable=SHARE,
        ),
        "min_ready_seconds": SMALL,
        "ordinals_start": SMALL,
        "revision_history_limit": SMALL,
        "env": st.dictionaries(ENV_NAME, TEXT, max_size=2),
        "env_from": st.lists(some(config_map_name=NAME, secret_name=NAME, prefix=ENV_NAME), max_size=2),
        "files": FILES,
        "resources": some(requests=RESOURCES, limits=RESOURCES),
        "probes": some(startup=PROBE, readiness=PROBE, liveness=PROBE),
        "security": mostly(st.sampled_from(["baseline", "restricted"]), st.just("none")),
        "topology_spread": st.booleans(),
        "disruption_budget": some(max_unavailable=SHARE, min_available=SHARE),
        "network_policy": some(allow_from=st.sampled_from([[], [{"podSelector": {}}]])),
        "service_account": some(name=NAME, create=st.booleans()),
        "client_service": some(
            name=NAME,
            type=mostly(st.sampled_from(["ClusterIP", "NodePort", "LoadBalancer"]), st.just("ExternalName")),
            port=PORT,
            drain_seconds=SMALL,
        ),
        "rollout_timeout_seconds": SMALL,
    },
)


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
            "resources": st.just({"requests": {"cpu": 1, "memory": 1.5e9}, "limits": {"cpu": 2}}),
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
