"""An API server that answers from memory over HTTP: what the component asks, with the rights that a test gives it.

``tests/engine/test_fake_api_server.py`` holds its answers against those of a real one.
"""

import base64
import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import trustme
import yaml

KINDS = {
    ("", "v1", "services"): "Service",
    ("", "v1", "persistentvolumeclaims"): "PersistentVolumeClaim",
    ("", "v1", "persistentvolumes"): "PersistentVolume",
    ("", "v1", "pods"): "Pod",
    ("", "v1", "events"): "Event",
    ("apps", "v1", "statefulsets"): "StatefulSet",
    ("storage.k8s.io", "v1", "storageclasses"): "StorageClass",
    ("storage.k8s.io", "v1", "volumeattributesclasses"): "VolumeAttributesClass",
}
"""Kind of each resource that it knows, by API group, version and plural."""
USER = "somebody"

Key = tuple[str, str, str]
"""Plural, namespace and name."""


@dataclass
class FakeApiServer:
    """What is on the cluster, and what its user may ask."""

    objects: dict[Key, dict[str, Any]] = field(default_factory=dict)
    forbidden: set[tuple[str, str]] = field(default_factory=set)
    """Verb and plural that the user lacks, e.g. ``("list", "statefulsets")``."""
    failing: list[int] = field(default_factory=list)
    """HTTP codes of the next answers, such as 429 or 503, before it answers well again; 0 breaks the connection."""
    invalid: dict[str, str] = field(default_factory=dict)
    """By plural, why it takes no change of such objects."""
    asked: list[str] = field(default_factory=list)
    """Verb, plural and name (if it is about one) of each request, e.g. ``get statefulsets web``."""
    headers: list[Message] = field(default_factory=list)
    """Of each request."""
    certificates: list[str] = field(default_factory=list)
    """Common name of the client certificate of each request; empty without one."""
    changed: list[tuple[str, Key, dict[str, Any]]] = field(default_factory=list)
    """``ADDED``, ``MODIFIED`` or ``DELETED``, and of what: for watches, to which resource versions are places here."""
    cuts: int = 0
    """How often watches were cut."""
    port: int = 0
    authority: trustme.CA | None = None
    """Of its certificate; without one, it talks plain HTTP."""

    @property
    def kubeconfig(self) -> str:
        """The text of a kubeconfig that leads to it, without the machine's certificates, which take long to read."""
        cluster: dict[str, Any] = {"server": f"http://127.0.0.1:{self.port}", "insecure-skip-tls-verify": True}
        if self.authority:
            pem = base64.b64encode(self.authority.cert_pem.bytes()).decode()
            cluster = {"server": f"https://127.0.0.1:{self.port}", "certificate-authority-data": pem}
        return yaml.safe_dump(
            {
                "current-context": "fake",
                "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": USER}}],
                "clusters": [{"name": "fake", "cluster": cluster}],
                "users": [{"name": USER, "user": {"token": "none"}}],
            }
        )

    @property
    def credentials(self) -> list[str]:
        """The ``Authorization`` header of each request; empty without one."""
        return [headers.get("Authorization", "") for headers in self.headers]

    def add(self, *objects: Mapping[str, Any], namespace: str = "default") -> None:
        """Put objects on the cluster, or others in their place."""
        for given in objects:
            plural = next(plural for (_, _, plural), kind in KINDS.items() if kind == given["kind"])
            metadata = {"uid": str(uuid4()), "creationTimestamp": "2026-01-01T00:00:00Z", **given["metadata"]}
            is_wide = given["kind"].endswith("Class") or given["kind"] == "PersistentVolume"
            where = "" if is_wide else metadata.setdefault("namespace", namespace)
            key, operation = (plural, where, metadata["name"]), "ADDED"
            if key in self.objects:
                operation = "MODIFIED"
            metadata["resourceVersion"] = str(len(self.changed) + 1)
            self.objects[key] = json.loads(json.dumps({**given, "metadata": metadata}))
            self.changed.append((operation, key, self.objects[key]))

    def remove(self, plural: str, name: str, namespace: str = "default") -> None:
        """Take an object off the cluster."""
        key = (plural, namespace, name)
        self.changed.append(("DELETED", key, self.objects.pop(key)))

    def watched(self, path: str) -> Iterator[bytes]:
        """Return the lines of a watch, until it is cut."""
        parts = urlsplit(path)
        _, _, namespace, plural, _ = _place(parts.path)
        at, cuts = int(parse_qs(parts.query)["resourceVersion"][0]), self.cuts
        while cuts == self.cuts:
            for operation, (of, where, _), found in self.changed[at:]:
                if of == plural and namespace in ("", where):
                    yield json.dumps({"type": operation, "object": found}).encode() + b"\n"
            at = len(self.changed)
            time.sleep(0.01)

    def forbid(self, *verbs_and_plurals: str) -> None:
        """Take rights away: ``forbid("list statefulsets")``."""
        for right in verbs_and_plurals:
            verb, plural = right.split()
            self.forbidden.add((verb, plural))

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Return the code and the body of an answer."""
        parts = urlsplit(path)
        if parts.path == "/version":
            return 200, {"gitVersion": "v1.36.0"}
        group, version, namespace, plural, name = _place(parts.path)
        kind = KINDS.get((group, version, plural))
        verb = {"GET": "get" if name else "list", "PATCH": "patch"}.get(method)
        if kind is None or verb is None:
            return _status(404, "NotFound", "the server could not find the requested resource", {})
        self.asked.append(" ".join(filter(None, (verb, plural, name))))
        details = {"name": name, "group": group, "kind": plural}
        if self.failing:
            return _status(self.failing.pop(0), "", "not now", details)
        if (verb, plural) in self.forbidden:
            return _status(403, "Forbidden", _forbidden(verb, plural, group, namespace, name), details)
        if verb == "list":
            found = [o for (p, n, _), o in sorted(self.objects.items()) if p == plural and namespace in ("", n)]
            items = [{k: v for k, v in item.items() if k not in ("apiVersion", "kind")} for item in found]
            api_version, version_now = f"{group}/{version}".lstrip("/"), str(len(self.changed))
            return 200, {
                "kind": f"{kind}List",
                "apiVersion": api_version,
                "metadata": {"resourceVersion": version_now},
                "items": items,
            }
        live = self.objects.get((plural, namespace, name))
        if live is None:
            of_group = f"{plural}.{group}" if group else plural
            return _status(404, "NotFound", f'{of_group} "{name}" not found', details)
        if verb == "get":
            return 200, live
        if plural in self.invalid:
            return _status(422, "Invalid", self.invalid[plural], details)
        asked = yaml.safe_load(body)
        merged = _applied(live, asked)
        if parse_qs(parts.query).get("dryRun") != ["All"]:
            self.objects[plural, namespace, name] = merged
        return 200, merged


@contextmanager
def fake_api_server(authority: trustme.CA | None = None) -> Iterator[FakeApiServer]:
    """Serve on loopback for the time of the block; over TLS with a certificate of an authority, if one is given."""
    fake = FakeApiServer(authority=authority)
    tls = _tls(authority) if authority else None

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet
        disable_nagle_algorithm = True

        def setup(self) -> None:
            if tls:
                self.request = tls.wrap_socket(self.request, server_side=True)
            super().setup()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fake.headers.append(self.headers)
            certificate: Any = self.request.getpeercert() if tls else None
            fake.certificates.append(
                dict(pair for (pair,) in (certificate or {}).get("subject", ())).get("commonName", "")
            )
            if fake.failing[:1] == [0]:
                fake.failing.pop(0)
                self.close_connection = True
                return
            code, said = fake.answer(self.command, self.path, body)
            if code == 200 and "watch=true" in self.path:
                self._stream()
                return
            encoded = json.dumps(said).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        def _stream(self) -> None:
            self.close_connection = True
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            for line in fake.watched(self.path):
                self.wfile.write(line)
                self.wfile.flush()

        do_GET = do_PATCH = do_POST = do_PUT = do_DELETE = _answer

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Say nothing of a client that does not trust the certificate."""

    server = Server(("127.0.0.1", 0), Handler)
    fake.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost", "cluster.example").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def _place(path: str) -> tuple[str, str, str, str, str]:
    """Return group, version, namespace, plural and name of a path."""
    root, *rest = path.strip("/").split("/")
    group = "" if root == "api" else rest.pop(0)
    version, *rest = rest
    namespace = rest[1] if rest[:1] == ["namespaces"] and len(rest) > 2 else ""
    if namespace:
        rest = rest[2:]
    plural, name = (*rest, "")[:2]
    return group, version, namespace, plural, name


def _status(code: int, reason: str, message: str, details: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    return code, {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "details": {key: value for key, value in details.items() if value},
        "code": code,
    }


def _forbidden(verb: str, plural: str, group: str, namespace: str, name: str) -> str:
    """Say it as Kubernetes does."""
    of_group = f"{plural}.{group}" if group else plural
    what = f'{of_group} "{name}"' if name else of_group
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    asking = f'cannot {verb} resource "{plural}" in API group "{group}" {where}'
    return f'{what} is forbidden: User "{USER}" {asking}'


def _applied(live: Any, asked: Any) -> Any:
    """Return an object with fields applied over it: maps merge, all else is replaced."""
    if isinstance(live, dict) and isinstance(asked, dict):
        return {**live, **{key: _applied(live.get(key), value) for key, value in asked.items()}}
    return asked
