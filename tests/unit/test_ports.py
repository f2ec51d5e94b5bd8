"""A port that an input names is in the container, the Services and the NetworkPolicy at once."""

from typing import Any

import pytest

from .test_passed_on import at, objects

GOSSIP = {"name": "gossip", "port": 7946}
METRICS = {"name": "metrics", "port": 9113, "container_name": "exporter"}
EXPORTER = {"name": "exporter", "image": "exporter:1"}


def ports_of(made: dict[str, Any], kind: str, name: str) -> list[Any]:
    (found,) = (c for c in at(made, ("set", "spec", "template", "spec", kind)) if c["name"] == name)
    return list(found.get("ports", []))


def open_to(made: dict[str, Any]) -> list[tuple[Any, list[Any]]]:
    return [
        (rule["from"], [port["port"] for port in rule["ports"]]) for rule in at(made, ("policy", "spec", "ingress"))
    ]


OWN_PODS = [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web"}}}]
EVERY_POD: list[Any] = [{"podSelector": {}}]


def test_the_web_servers_container_listens_there_unless_another_is_named() -> None:
    made = objects(ports=[GOSSIP, METRICS], sidecars=[EXPORTER])
    assert ports_of(made, "containers", "web") == [
        {"name": "web", "containerPort": 80},
        {"name": "gossip", "containerPort": 7946},
    ]
    assert ports_of(made, "initContainers", "exporter") == [{"name": "metrics", "containerPort": 9113}]


def test_a_container_of_the_pod_template_can_have_one_too_and_keeps_its_own() -> None:
    theirs = {**EXPORTER, "ports": [{"containerPort": 9000}, {"containerPort": 9113, "hostPort": 9113}]}
    made = objects(ports=[METRICS], pod_template={"spec": {"containers": [theirs]}})
    assert ports_of(made, "containers", "exporter") == [
        {"containerPort": 9000},
        {"containerPort": 9113, "hostPort": 9113, "name": "metrics"},
    ]


def test_the_headless_service_has_all_and_the_client_service_those_for_clients() -> None:
    udp = {"name": "gossip-udp", "port": 7946, "protocol": "UDP", "app_protocol": "example.com/gossip", "client": True}
    made = objects(ports=[GOSSIP, udp], client_service={"port": 8080}, app_protocol="http")
    further = {"name": "gossip-udp", "port": 7946, "protocol": "UDP", "appProtocol": "example.com/gossip"}
    assert made["headless"]["spec"]["ports"] == [
        {"name": "web", "port": 80, "appProtocol": "http"},
        {"name": "gossip", "port": 7946},
        further,
    ]
    assert made["client"]["spec"]["ports"] == [
        {"name": "web", "port": 8080, "appProtocol": "http", "targetPort": "web"},
        further,
    ]


def test_the_policy_opens_further_ports_to_the_pods_of_the_set_alone() -> None:
    assert open_to(objects(network_policy={})) == [(EVERY_POD, [80])]
    assert open_to(objects(network_policy={}, ports=[GOSSIP])) == [(EVERY_POD, [80]), (OWN_PODS, [7946])]


def test_the_policy_opens_ports_for_clients_to_clients() -> None:
    made = objects(network_policy={}, ports=[{**GOSSIP, "client": True}], client_service={})
    assert open_to(made) == [(EVERY_POD, [80, 7946]), (OWN_PODS, [7946])]


def test_a_policy_that_lets_nobody_in_still_lets_the_pods_of_the_set_reach_each_other() -> None:
    assert open_to(objects(network_policy={"allow_from": []}, ports=[GOSSIP])) == [(OWN_PODS, [7946])]


@pytest.mark.parametrize("protocol", [None, "TCP"])
def test_the_policy_knows_ports_that_containers_declare_in_kubernetes_words(protocol: str | None) -> None:
    own = {"name": "web", "ports": [{"containerPort": 80, "protocol": protocol}, {"containerPort": 7946}]}
    init = {"name": "first", "image": "a:1", "ports": [{"containerPort": 1}]}
    proxy = {"name": "proxy", "image": "a:1", "restartPolicy": "Always", "ports": [{"containerPort": 2}]}
    template = {"spec": {"containers": [own], "initContainers": [init, proxy]}}
    sidecar = {**EXPORTER, "ports": [{"containerPort": 9113, "protocol": "UDP"}]}
    made = objects(network_policy={}, pod_template=template, sidecars=[sidecar])
    assert open_to(made) == [(EVERY_POD, [80]), (OWN_PODS, [9113, 2, 7946])]
    assert at(made, ("policy", "spec", "ingress", 1, "ports", 0)) == {"protocol": "UDP", "port": 9113}
