"""The servers of a sandbox's control plane, killed and started again one by one; and credentials that it knows."""

import datetime
import json
import os
import re
import shlex
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sandbox.instance import Sandbox
from sandbox.kwok_cluster import COMPONENTS, NAME, kubectl
from tests.support.processes import command_line, is_running, kill
from tests.support.waiting import eventually

QUOTA = 4096
"""Bytes that any etcd is over."""
WATCHERS = ("kube-controller-manager", "kube-scheduler", "kwok-controller")
"""Those that go by a picture of the cluster."""


class ControlPlane:
    """The servers of a sandbox, each killed and started again by its name, and by itself when it ends by itself."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self._files = box.state / "kwok" / "clusters" / NAME
        self._commands = {name: command_line(self._pid(name)) for name in COMPONENTS}
        self._killed: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def supervised(self) -> "Iterator[None]":
        """Start those that end by themselves, as a scheduler does whose picture of the cluster has become wrong."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(1.0):
                with self._lock:
                    for name in self._commands.keys() - self._killed:
                        if not is_running(self._pid(name)):
                            self._start(name)

        with ThreadPoolExecutor(1) as threads:
            watching = threads.submit(watch)
            try:
                yield
            finally:
                over.set()
        watching.result()

    def kill(self, name: str) -> None:
        """End a server as a crash does, until it is started."""
        with self._lock:
            self._killed.add(name)
            pid = self._pid(name)
            assert kill(pid)
            eventually(lambda: not is_running(pid), f"{name} has left its ports")

    def start(self, name: str, *options: str) -> None:
        """Start a server as its supervisor would; of an option that is given twice the last one holds."""
        with self._lock:
            self._start(name, *options)
            self._killed.discard(name)

    def _start(self, name: str, *options: str) -> None:
        with (self._files / "logs" / f"{name}.log").open("ab") as out:
            process = subprocess.Popen(
                [*shlex.split(self._commands[name]), *options],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        self._pid_file(name).write_text(str(process.pid))

    def bring_back(self) -> None:
        """Wait until the API server answers, and start anew what watches it, so that its picture of the cluster is new.

        After an etcd has died controllers may go by an old one for minutes, and replace no pod; and kwok, unlike a
        kubelet, does not try again what the API server answered with an internal error.
        """
        eventually(lambda: self._says("get", "--raw", "/readyz") == "ok", "the API server is ready")
        for name in WATCHERS:
            self.kill(name)
            self.start(name)

    def fill_etcd(self) -> None:
        """Start etcd anew with less room than it uses; when this is over it takes no more writes."""
        self.kill("etcd")
        self.start("etcd", f"--quota-backend-bytes={QUOTA}")

        def is_full() -> bool:
            # The API server writes nothing that is as it was.
            write = ("annotate", "namespace", "kube-public", f"written={time.time_ns()}", "--overwrite")
            return "database space exceeded" in self._kubectl(*write).stderr

        eventually(is_full, "etcd takes no more writes")

    def free_etcd(self) -> None:
        """Give etcd its room back, and take off the alarm that keeps it from writing."""
        self.kill("etcd")
        self.start("etcd")
        url = re.search(r"--listen-client-urls=(\S+)", self._commands["etcd"])
        assert url

        def alarms(**request: object) -> list[dict[str, str]]:
            asked = json.dumps(request).encode()
            with urllib.request.urlopen(f"{url[1]}/v3/maintenance/alarm", asked, timeout=2) as answer:
                raised: list[dict[str, str]] = json.load(answer).get("alarms", [])
                return raised

        def taken_off() -> bool:
            try:
                for alarm in alarms(action="GET"):
                    alarms(action="DEACTIVATE", **alarm)
                return not alarms(action="GET")
            except OSError:
                return False

        eventually(taken_off, "etcd has no alarm any more")

    def _says(self, *args: str) -> str:
        ended = self._kubectl(*args)
        return ended.stdout if ended.returncode == 0 else ""

    def _kubectl(self, *args: str) -> "subprocess.CompletedProcess[str]":
        env = os.environ | self.box.cluster.env()
        return subprocess.run([str(kubectl()), *args], env=env, capture_output=True, text=True, check=False)

    def _pid_file(self, name: str) -> Path:
        return self._files / "pids" / f"{name}.pid"

    def _pid(self, name: str) -> int:
        return int(self._pid_file(name).read_text())


def credential(box: Sandbox, file: Path, user: str, seconds: float) -> None:
    """Write a kubeconfig for a user of the cluster whose certificate expires so many seconds from now."""
    pki = box.state / "kwok" / "clusters" / NAME / "pki"
    authority = x509.load_pem_x509_certificate((pki / "ca.crt").read_bytes())
    authority_key = serialization.load_pem_private_key((pki / "ca.key").read_bytes(), None)
    assert isinstance(authority_key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, user)]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(seconds=seconds))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    certificate_file, key_file = file.with_suffix(".crt"), file.with_suffix(".key")
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    config = yaml.safe_load(box.cluster.kubeconfig.read_text())
    config["users"][0]["user"] = {"client-certificate": str(certificate_file), "client-key": str(key_file)}
    file.write_text(yaml.safe_dump(config))


def sleep_until_expired(seconds: float) -> None:
    """Wait for the second, at whose end a certificate of so many seconds has expired."""
    time.sleep(max(0.0, seconds) + 1.0)
