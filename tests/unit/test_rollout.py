"""What a rollout with a partition still waits for, told from the StatefulSet alone; and how long one may take."""

import asyncio
import base64
import json
import ssl
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from components.stateful_web import StatefulWebArgs, manifests
from components.stateful_web.kubeconfig import ClusterAccess
from components.stateful_web.rollout import missing, wait
from components.stateful_web.validation import validate


def live(wanted: int = 3, **status: int) -> dict[str, Any]:
    return {"spec": {"replicas": wanted}, "status": {"observedGeneration": 2, **status}}


@pytest.mark.parametrize(
    ("wanted", "partition", "status"),
    [
        (3, 2, {"replicas": 3, "updatedReplicas": 1, "readyReplicas": 3}),
        (3, 2, {"replicas": 3, "updatedReplicas": 3, "readyReplicas": 3}),
        (3, 3, {"replicas": 3, "readyReplicas": 3}),
        (3, 9, {"replicas": 3, "readyReplicas": 3}),
        (3, 0, {"replicas": 3, "updatedReplicas": 3, "readyReplicas": 3}),
        (0, 2, {}),
        (1, 2, {"replicas": 1, "readyReplicas": 1}),
    ],
)
def test_a_rollout_is_done_when_the_pods_it_lets_through_are_new_and_all_are_ready(
    wanted: int, partition: int, status: dict[str, int]
) -> None:
    assert missing(live(wanted, **status), 2, partition) is None


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ({"replicas": 3, "readyReplicas": 3}, "0 of 1 pods have the new revision, 3 of 3 are there"),
        (
            {"replicas": 2, "updatedReplicas": 1, "readyReplicas": 2},
            "1 of 1 pods have the new revision, 2 of 3 are there",
        ),
        (
            {"replicas": 4, "updatedReplicas": 1, "readyReplicas": 4},
            "1 of 1 pods have the new revision, 4 of 3 are there",
        ),
        ({"replicas": 3, "updatedReplicas": 1, "readyReplicas": 2}, "2 of 3 pods are ready"),
    ],
)
def test_what_is_missing_is_said(status: dict[str, int], says: str) -> None:
    assert missing(live(**status), 2, 2) == says


def test_a_status_from_before_the_change_counts_for_nothing() -> None:
    done_before = live(replicas=3, updatedReplicas=3, readyReplicas=3)
    assert missing(done_before, 2, 2) is None
    assert missing(done_before, 3, 2) == "the controller has not seen the change yet"
    assert missing({"spec": {"replicas": 3}}, 1, 2) == "the controller has not seen the change yet"


def test_a_login_that_expires_during_the_wait_is_made_anew(tmp_path: Path) -> None:
    done = live(replicas=3, updatedReplicas=1, readyReplicas=3)
    done["spec"] |= {"serviceName": "nginx", "selector": {}, "template": {}}

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            expired = self.headers["Authorization"] == "Bearer 1"
            self.send_response(401 if expired else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps({"code": 401, "message": "Unauthorized"} if expired else done).encode())

        def log_message(self, *_: Any) -> None:
            pass

    # Each login gives the number of logins for a token.
    version = "client.authentication.k8s.io/v1"
    answer = json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": {"token": "%s"}})
    script = f"""echo >> {tmp_path / "logins"}; printf '{answer}' $(wc -l < {tmp_path / "logins"})"""
    login = {"apiVersion": version, "command": "sh", "args": ["-c", script], "interactiveMode": "Never"}
    said: list[str] = []
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        config = {
            "current-context": "it",
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
            "clusters": [
                {
                    "name": "it",
                    "cluster": {
                        "server": f"https://127.0.0.1:{server.server_port}",
                        "certificate-authority-data": base64.b64encode(authority.cert_pem.bytes()).decode(),
                    },
                }
            ],
            "users": [{"name": "it", "user": {"exec": login}}],
        }
        # asyncio.run would take the thread's own loop away, which the SDK asks for elsewhere.
        with closing(asyncio.new_event_loop()) as loop:
            access = ClusterAccess(yaml.safe_dump(config))
            loop.run_until_complete(wait(access, "default", "web", 2, 2, 30, said.append))
        server.shutdown()
    assert said == ["StatefulSet default/web, partition 2: the API server says: Unauthorized"]


def inputs(**given: Any) -> StatefulWebArgs:
    args: Any = {"image": "web:1", **given}
    complete, findings = validate("web", args)
    assert findings == []
    return complete


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ({}, 600),
        ({"replicas": 3}, 600),
        ({"replicas": 20}, 20 * (60 + 30)),
        ({"replicas": 20, "min_ready_seconds": 10}, 20 * (60 + 30 + 10)),
        ({"replicas": 20, "termination_grace_period_seconds": 300}, 20 * (60 + 300)),
        ({"replicas": 20, "probes": {"startup": {}}}, 20 * (60 + 30 + 300)),
        ({"replicas": 20, "probes": {"readiness": {"initial_delay_seconds": 5}}}, 20 * (60 + 30 + 5 + 30)),
        ({"replicas": 20, "probes": {"liveness": {}}}, 20 * (60 + 30)),
        ({"replicas": 99, "rollout_timeout_seconds": 7}, 7),
        ({"replicas": 1, "autoscaled": True}, 10 * (60 + 30)),
    ],
)
def test_the_time_allowed_follows_from_count_end_and_probes_unless_it_is_given(
    given: dict[str, Any], seconds: int
) -> None:
    assert manifests.rollout_seconds(inputs(**given)) == seconds


@pytest.mark.parametrize(("update", "has"), [({}, False), ({"partition": 0}, False), ({"partition": 1}, True)])
def test_only_with_a_partition_the_plugins_own_wait_is_switched_off(update: dict[str, Any], has: bool) -> None:
    annotations = manifests.stateful_set(inputs(update=update))["metadata"].get("annotations", {})
    assert (manifests.CONTENT_WITH_THE_OBJECT.items() <= annotations.items()) is has
