"""What ``make adopt`` makes of live objects: the config of a stack that changes no pod, or why there is none."""

import copy
from typing import Any

import pytest
from hypothesis import assume, given, settings

from components.stateful_web.cli.adopt.adoption import Adoption, adoption
from components.stateful_web.cli.adopt.guesses import Found
from components.stateful_web.cli.adopt.owners import letting_go
from components.stateful_web.cli.adopt.server_defaults import without_defaults
from components.stateful_web.live import Live
from components.stateful_web.plan import plan
from components.stateful_web.stack_config import COMPONENT, inputs_of
from components.stateful_web.storage import StorageClass
from components.stateful_web.validation import validate
from tests.support.corpus import EXPRESSED
from tests.support.corpus import objects_of as of_corpus
from tests.support.inputs import INPUTS

Object = dict[str, Any]
REFUSED = {"builds": "address", "home-gateway": "address", "chain-node": "volumes[0].mountPath"}
"""Sets of the corpus that can't be adopted: a Service that is not headless, a claim that only a sidecar mounts."""
BESIDE = ("PodDisruptionBudget", "NetworkPolicy", "HorizontalPodAutoscaler", "ServiceAccount")
SELECTOR = {"app": "pg"}


def objects_of(inputs: Any, live: Object | None = None) -> list[Object]:
    """Return the objects of complete inputs."""
    return [copy.deepcopy(child.manifest) for child in plan(inputs, Live(live)).children]


def complete(config: Any, read: Any = inputs_of) -> Any:
    """Return the inputs of a config, which can be used."""
    inputs, findings = read(config)
    assert not findings, findings
    inputs, findings = validate(COMPONENT, inputs)
    assert not findings, findings
    return inputs


def found_of(objects: list[Object]) -> Found:
    """Return what is found of these objects in their namespace."""
    (stateful_set,) = (one for one in objects if one["kind"] == "StatefulSet")
    services = [one for one in objects if one["kind"] == "Service"]
    return Found(stateful_set, services, [one for one in objects if one["kind"] in BESIDE])


def specs(objects: list[Object]) -> dict[tuple[str, str], Any]:
    """Return what was asked for of objects."""
    return {(one["kind"], one["metadata"]["name"]): without_defaults(one).get("spec") for one in objects}


def live(*, pod: Object | None = None, container: Object | None = None, template: Object | None = None) -> Object:
    """Return a live set, all that it has as the API server fills it in."""
    web: Object = {
        "name": "pg",
        "image": "pg:17",
        "imagePullPolicy": "IfNotPresent",
        "resources": {},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "ports": [{"name": "tcp-pg", "containerPort": 5432, "protocol": "TCP"}],
        "volumeMounts": [{"name": "data", "mountPath": "/bitnami/pg"}],
    }
    filled = {
        "dnsPolicy": "ClusterFirst",
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "terminationGracePeriodSeconds": 30,
    }
    claim: Object = {
        "metadata": {"name": "data", "creationTimestamp": None},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "8Gi"}},
            "volumeMode": "Filesystem",
        },
        "status": {"phase": "Pending"},
    }
    claim["metadata"] |= (template or {}).pop("metadata", {})
    spec = {
        "replicas": 3,
        "serviceName": "pg-hl",
        "podManagementPolicy": "OrderedReady",
        "revisionHistoryLimit": 10,
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        "selector": {"matchLabels": SELECTOR},
        "template": {
            "metadata": {"creationTimestamp": None, "labels": SELECTOR},
            "spec": {**filled, "containers": [{**web, **(container or {})}], **(pod or {})},
        },
        "volumeClaimTemplates": [claim],
    }
    metadata = {"name": "pg", "namespace": "shop", "labels": SELECTOR}
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata, "spec": spec, "status": {}}


def service(name: str = "pg-hl", **spec: Any) -> Object:
    """Return a live Service of the set's pods, headless unless something else is said."""
    port = {"name": "tcp-pg", "port": 5432, "protocol": "TCP", "targetPort": "tcp-pg"}
    given: Object = {"clusterIP": "None", "clusterIPs": ["None"], "selector": SELECTOR, "ports": [port], **spec}
    metadata = {"name": name, "namespace": "shop", "labels": SELECTOR}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": given}


def client(**spec: Any) -> Object:
    """Return a live Service for clients."""
    return service("pg", **{"clusterIP": "10.0.0.7", "clusterIPs": ["10.0.0.7"], "type": "ClusterIP", **spec})


def adopted(*objects: Object, defaults: Object | None = None, **found: Any) -> Adoption:
    """Return how live objects are adopted, with the headless Service if they have none."""
    given = found_of([*objects, *([] if any(one["kind"] == "Service" for one in objects) else [service()])])
    return adoption(Found(given.stateful_set, given.services, given.others, **found), "stateful-web", defaults or {})


@pytest.mark.parametrize(
    ("defaults", "key", "value"),
    [
        ({"mountPath": "/usr/share"}, "mountPath", "/bitnami/pg"),
        ({"name": "shop"}, "name", "pg"),
        ({"env": {"MODE": "new"}}, "podTemplate", {"spec": {"containers": [{"name": "pg", "env": None}]}}),
    ],
    ids=["mountPath", "name", "env"],
)
def test_a_value_of_pulumi_yaml_that_the_set_does_not_have_is_overridden(
    defaults: Object, key: str, value: Any
) -> None:
    taken = adopted(live(), defaults=defaults)
    assert taken.obstacles == ()
    assert taken.config[key] == value


@given(INPUTS)
@settings(max_examples=20)
def test_what_the_component_made_is_adopted_into_the_same_objects(inputs: dict[str, Any]) -> None:
    known, findings = validate(COMPONENT, {"namespace": "shop", **inputs})  # type: ignore[typeddict-item]
    assume(not findings)
    objects = objects_of(known)
    found = found_of(objects)
    taken = adoption(found, "stateful-web", {})
    assert taken.obstacles == ()
    was = specs(objects)
    for key, spec in specs(objects_of(complete(taken.config), dict(found.stateful_set))).items():
        assert spec == was[key], key


def with_text(value: Any) -> Any:
    """Return quantities as the API server has them: as text."""
    if isinstance(value, dict):
        is_amounts = value.keys() <= {"cpu", "memory", "storage", "ephemeral-storage"}
        return {key: str(item) if is_amounts else with_text(item) for key, item in value.items()}
    return [with_text(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", EXPRESSED)
def test_a_public_set_is_adopted_without_a_restart_or_refused_with_the_reason(name: str) -> None:
    objects = with_text(copy.deepcopy([one for one in of_corpus(name) if one]))
    for one in objects:
        one["metadata"].setdefault("namespace", "shop")
    for stateful_set in [one for one in objects if one["kind"] == "StatefulSet"]:
        stateful_set["spec"].setdefault("replicas", 1)
        taken = adoption(
            found_of([*(one for one in objects if one["kind"] != "StatefulSet"), stateful_set]), "stateful-web", {}
        )
        if name in REFUSED:
            assert REFUSED[name] in taken.obstacles[0]
            continue
        assert taken.obstacles == ()
        key = "StatefulSet", stateful_set["metadata"]["name"]
        made, wanted = specs(objects_of(complete(taken.config), stateful_set))[key], specs([stateful_set])[key]
        assert made["volumeClaimTemplates"] == wanted["volumeClaimTemplates"]
        if not (taken.secrets or any("podTemplate" in line for line in taken.left)):
            assert made["template"] == wanted["template"]


def test_what_the_api_server_filled_in_is_not_written() -> None:
    taken = adopted(live())
    assert taken.config == {
        "name": "pg",
        "namespace": "shop",
        "adopt": True,
        "image": "pg:17",
        "replicas": 3,
        "serviceName": "pg-hl",
        "containerName": "pg",
        "port": 5432,
        "portName": "tcp-pg",
        "selectorLabels": SELECTOR,
        "recommendedLabels": False,
        "storage": {"volumeName": "data", "size": "8Gi", "accessModes": ["ReadWriteOnce"]},
        "mountPath": "/bitnami/pg",
    }
    assert (taken.changes, taken.left, taken.secrets) == ((), (), ())


def test_what_has_an_input_becomes_one_and_the_rest_goes_into_the_pod_template() -> None:
    mounts = [{"name": "tmp", "mountPath": "/tmp"}, {"name": "data", "mountPath": "/bitnami/pg"}]
    probe = {"tcpSocket": {"port": "tcp-pg"}, "periodSeconds": 5}
    container = {
        "volumeMounts": mounts,
        "command": ["pg"],
        "readinessProbe": probe,
        "env": [{"name": "B", "value": "$(A)"}, {"name": "A", "value": "a"}],
        "stdin": True,
    }
    pod = {"volumes": [{"name": "tmp", "emptyDir": {}}], "nodeSelector": {"disk": "ssd"}, "hostUsers": False}
    stateful_set = live(pod=pod, container=container)
    config = adopted(stateful_set).config
    assert config["command"] == ["pg"]
    assert config["env"] == {"A": "a", "B": "$(A)"}
    assert config["nodeSelector"] == {"disk": "ssd"}
    assert config["probes"]["readiness"] == {"tcp": True, "periodSeconds": 5}
    assert config["podTemplate"] == {
        "spec": {
            "hostUsers": False,
            "volumes": [{"name": "tmp", "emptyDir": {}}],
            "containers": [{"name": "pg", "volumeMounts": [mounts[0]], "stdin": True}],
        }
    }
    made = specs(objects_of(complete(config), stateful_set))["StatefulSet", "pg"]["template"]["spec"]
    assert made["containers"][0]["volumeMounts"] == mounts, "another order would restart the pods"
    assert [variable["name"] for variable in made["containers"][0]["env"]] == ["B", "A"]


def test_a_claim_template_s_labels_have_no_input_and_are_no_obstacle() -> None:
    taken = adopted(live(template={"metadata": {"labels": {"release": "one"}}}))
    assert (taken.obstacles, taken.left) == ((), ())
    assert "release" not in str(taken.config)


def test_objects_keep_their_names_so_that_there_is_never_a_second_one() -> None:
    of_pods = {"matchLabels": SELECTOR}
    metadata = {"name": "guard", "namespace": "shop", "labels": SELECTOR}
    budget = {"kind": "PodDisruptionBudget", "metadata": metadata, "spec": {"minAvailable": 2, "selector": of_pods}}
    rule = {"from": [{"podSelector": {}}], "ports": [{"protocol": "TCP", "port": 5432}]}
    spec = {"podSelector": of_pods, "policyTypes": ["Ingress"], "ingress": [rule]}
    policy = {"kind": "NetworkPolicy", "metadata": metadata, "spec": spec}
    target = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "pg"}
    scaler = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 5}
    autoscaler = {"kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": scaler}
    taken = adopted(live(), service(), client(), budget, policy, autoscaler)
    assert taken.left == ()
    assert taken.config["disruptionBudget"] == {"minAvailable": 2, "name": "guard"}
    assert taken.config["networkPolicy"] == {"allowFrom": [{"podSelector": {}}], "name": "guard"}
    assert taken.config["autoscale"] == {"minReplicas": 1, "maxReplicas": 5, "name": "guard"}
    assert taken.config["clientService"] == {"name": "pg", "type": "ClusterIP", "port": 5432, "drainSeconds": 0}
    assert len(taken.objects) == 6


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        pytest.param(client(selector={"app": "pg", "role": "primary"}), None, id="that selects by other labels"),
        pytest.param(
            client(selector={}, externalName="x"),
            None,
            id="that selects nothing",
        ),
        pytest.param(
            client(externalIPs=["192.0.2.1"]),
            "Service pg: no inputs give it as it is (spec.externalIPs). It stays as it is.",
            id="with what has no input",
        ),
    ],
)
def test_a_service_that_a_stack_can_not_make_stays_with_the_reason(other: Object, reason: str | None) -> None:
    taken = adopted(live(), service(), other)
    assert taken.obstacles == ()
    assert "clientService" not in taken.config
    assert list(taken.left) == ([reason] if reason else [])


@pytest.mark.parametrize("ports", [None, []])
def test_services_may_have_no_ports(ports: list[Any] | None) -> None:
    elsewhere = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db", "namespace": "shop"}}
    outside = {**elsewhere, "spec": {"type": "ExternalName", "externalName": "db.example.com"}}
    taken = adopted(live(), service(ports=ports), outside)
    assert taken.obstacles == ()
    assert "Service pg-hl: spec.ports.5432/TCP is set." in taken.changes


@pytest.mark.parametrize(
    ("ports", "is_told"),
    [
        ([5432], False),
        ([5432, 7000], False),
        ([7000, 5432], True),
        ([7000], True),
        ([], False),
    ],
)
def test_ports_of_the_live_service_before_those_of_the_stack_are_told(ports: list[int], is_told: bool) -> None:
    given = [{"name": "tcp-pg" if port == 5432 else "mesh", "port": port, "protocol": "TCP"} for port in ports]
    taken = adopted(live(), service(ports=given))
    assert taken.ports == ({"pg-hl": [{"name": "tcp-pg", "port": 5432}]} if is_told else {})
    if 7000 in ports:
        assert any("7000/TCP is not in the stack: no container has that port." in line for line in taken.left)


@pytest.mark.parametrize("protocols", [("UDP", "TCP"), ("TCP", "UDP")])
def test_ports_of_one_number_are_told_apart_by_their_protocol(protocols: tuple[str, str]) -> None:
    names = {"TCP": "tcp-pg", "UDP": "udp-pg"}
    told = [{"name": names[one], "protocol": one} for one in protocols]
    of_pods = [{**one, "containerPort": 5432} for one in told]
    hint: Object = {"UDP": {"appProtocol": "example.com/gossip"}, "TCP": {}}
    of_service = [{**one, "port": 5432, **hint[one["protocol"]]} for one in told]
    taken = adopted(live(container={"ports": of_pods}), service(ports=of_service))
    assert taken.obstacles == ()
    assert (taken.config["port"], taken.config["portName"], taken.config.get("appProtocol")) == (5432, "tcp-pg", None)
    gossip = {"name": "udp-pg", "port": 5432, "protocol": "UDP", "appProtocol": "example.com/gossip"}
    assert taken.config["ports"] == [gossip]


def test_further_ports_stand_in_the_order_of_the_live_service_whichever_container_has_them() -> None:
    beside = {"name": "side", "image": "side:1", "ports": [{"name": "peer", "containerPort": 7946}]}
    stateful_set = live(
        container={"ports": [{"name": "tcp-pg", "containerPort": 5432}, {"name": "gossip", "containerPort": 8080}]}
    )
    stateful_set["spec"]["template"]["spec"]["containers"].append(beside)
    ports = [{"name": name, "port": port} for name, port in (("tcp-pg", 5432), ("peer", 7946), ("gossip", 8080))]
    taken = adopted(stateful_set, service(ports=ports))
    assert [port["name"] for port in taken.config["ports"]] == ["peer", "gossip"]
    assert (taken.ports, taken.obstacles) == ({}, ())


def test_a_second_service_for_clients_stays() -> None:
    taken = adopted(live(), service(), client(), {**client(), "metadata": {"name": "pg-2", "namespace": "shop"}})
    assert taken.config["clientService"]["name"] == "pg"
    assert [line.partition(":")[0] for line in taken.left] == ["Service pg-2"]


@pytest.mark.parametrize(
    ("name", "value"), [("PG_PASSWORD", "correct horse"), ("DSN", "postgres://me:correct-horse@db/x")]
)
def test_what_looks_like_a_secret_is_left_out_and_named(name: str, value: str) -> None:
    env = [{"name": "A", "value": "a"}, {"name": name, "value": value}, {"name": "C", "value": "c"}]
    taken = adopted(live(container={"env": env}))
    assert taken.obstacles == ()
    assert taken.config["env"] == {"A": "a", "C": "c"}
    assert [hidden.variable for hidden in taken.secrets] == [name]
    assert value not in str(taken)


def test_a_secret_in_an_argument_takes_its_list_along() -> None:
    taken = adopted(live(container={"args": ["--dsn", "postgres://me:correct-horse@db/x"], "command": ["pg"]}))
    assert "args" not in taken.config
    assert [(hidden.what, hidden.variable) for hidden in taken.secrets] == [("args", "")]
    assert "correct-horse" not in str(taken)


@pytest.mark.parametrize(
    ("objects", "why"),
    [
        ([{**live(), "spec": {**live()["spec"], "volumeClaimTemplates": []}}], "It has no volumeClaimTemplates"),
        ([live(), service(clusterIP="10.0.0.8")], "Its Service pg-hl has an address, which can't be taken away"),
        ([live(container={"volumeMounts": []})], "No container mounts data"),
        ([{**live(), "spec": {**live()["spec"], "serviceName": ""}}], "It names no serviceName"),
        (
            [{**live(), "metadata": {**live()["metadata"], "ownerReferences": [
                {"kind": "Prometheus", "name": "k8s", "controller": True}
            ]}}],
            "It is made by Prometheus k8s, whose operator would undo every change.",
        ),
        (
            [live(), service(ports=[{"name": "tcp-pg", "port": 80, "targetPort": "tcp-pg"}])],
            "Service pg-hl has port 80/TCP named tcp-pg for port 5432/TCP of the pods",
        ),
    ],
)  # fmt: skip
def test_a_set_for_which_the_promise_can_not_be_kept_is_refused_with_the_reason(
    objects: list[Object], why: str
) -> None:
    assert adopted(*objects).obstacles[0].startswith(why)


def test_a_class_that_is_gone_is_no_obstacle_for_claims_that_are_there() -> None:
    other = (StorageClass("other", "driver.example"),)
    assert adopted(live(), classes=other).config["storage"]["verify"] is False
    default = (StorageClass("other", "driver.example", is_default=True),)
    assert "verify" not in adopted(live(), classes=default).config["storage"]


def owned(*managers: str, **metadata: Any) -> Object:
    entries = [{"manager": manager, "operation": "Update"} for manager in managers]
    return {
        "kind": "StatefulSet",
        "metadata": {"name": "pg", "namespace": "shop", "managedFields": entries, **metadata},
    }


def test_each_owner_is_told_how_it_lets_go() -> None:
    (of_kubectl,) = letting_go([owned("kubectl-client-side-apply", "kube-controller-manager")], "kubectl")
    assert "do not apply its manifest again" in of_kubectl

    marks = {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "shop"}
    of_helm = letting_go([owned("helm", annotations=marks)], "kubectl --context c")
    assert "helm uninstall would delete them" in of_helm[0]
    assert "kubectl --context c delete secrets --namespace shop --selector owner=helm,name=shop" in of_helm
    assert of_helm[-1].startswith("kubectl --context c patch statefulset/pg --namespace shop --type merge --patch")

    of_pulumi = letting_go([owned("pulumi-kubernetes-1a2b")], "kubectl")
    assert "pulumi state delete --target-dependents '<URN>' --stack <old>" in of_pulumi

    of_argo = letting_go([owned("argocd-controller", annotations={"argocd.argoproj.io/tracking-id": "x"})], "kubectl")
    assert of_argo[0].startswith("Argo CD writes its own version of them again")
