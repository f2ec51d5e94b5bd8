"""A probe checks in one of four ways, at the web server's port unless it says otherwise."""

from typing import Any

import pytest

from .test_passed_on import at, objects

TIMES = {"initialDelaySeconds": 0, "periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3}
GOSSIP = {"name": "gossip", "port": 7946}


def probe(kind: str = "readiness", **given: Any) -> Any:
    made = objects(probes={kind: given}, ports=[GOSSIP])
    return at(made, ("set", "spec", "template", "spec", "containers", 0, f"{kind}Probe"))


@pytest.mark.parametrize(
    ("given", "check"),
    [
        ({}, {"httpGet": {"path": "/", "port": "web"}}),
        ({"path": "/ready", "port": "gossip"}, {"httpGet": {"path": "/ready", "port": "gossip"}}),
        (
            {"scheme": "HTTPS", "headers": {"Host": "shop", "X-Try": 1}, "port": 8443},
            {
                "httpGet": {
                    "path": "/",
                    "port": 8443,
                    "scheme": "HTTPS",
                    "httpHeaders": [{"name": "Host", "value": "shop"}, {"name": "X-Try", "value": "1"}],
                }
            },
        ),
        ({"tcp": True}, {"tcpSocket": {"port": "web"}}),
        ({"tcp": False}, {"httpGet": {"path": "/", "port": "web"}}),
        ({"command": ["pg_isready", "-q"]}, {"exec": {"command": ["pg_isready", "-q"]}}),
        ({"grpc": ""}, {"grpc": {"port": 80}}),
        ({"grpc": "shop.Cart", "port": "gossip"}, {"grpc": {"port": 7946, "service": "shop.Cart"}}),
        ({"grpc": "", "port": 9000}, {"grpc": {"port": 9000}}),
    ],
)
def test_it_checks_in_the_way_that_is_given(given: dict[str, Any], check: dict[str, Any]) -> None:
    assert probe(**given) == {**check, **TIMES}


def test_a_pod_can_be_asked_to_succeed_several_times_before_it_is_ready_again() -> None:
    assert probe(success_threshold=2) == {"httpGet": {"path": "/", "port": "web"}, **TIMES, "successThreshold": 2}


def test_a_probe_follows_the_port() -> None:
    made = objects(port=8080, port_name="http", probes={"liveness": {}, "startup": {"grpc": ""}})
    server = at(made, ("set", "spec", "template", "spec", "containers", 0))
    assert server["livenessProbe"]["httpGet"]["port"] == "http"
    assert server["startupProbe"]["grpc"] == {"port": 8080}


def test_a_port_of_the_pod_template_can_be_named() -> None:
    template = {"spec": {"containers": [{"name": "web", "ports": [{"name": "admin", "containerPort": 9901}]}]}}
    made = objects(pod_template=template, probes={"liveness": {"grpc": "", "port": "admin"}})
    assert at(made, ("set", "spec", "template", "spec", "containers", 0, "livenessProbe", "grpc", "port")) == 9901
