"""The servers of a sandbox's control plane, killed and started again one by one; and credentials that it knows."""

import datetime
import json
import os
import re
import shlex
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sandbox.cluster import NAME, kubectl
from sandbox.instance import Sandbox
from tests.support.processes import command_line, is_running, kill
from tests.support.waiting import eventually

QUOTA = r"--quota-backend-bytes=\d+"


@dataclass(frozen=True)
class Server:
    """One program of the control plane."""

    box: Sandbox
    name: str

    @property
    def _pid_file(self) -> Path:
        return self.box.state / "kwok" / "clusters" / NAME / "pids" / f"{self.name}.pid"

    def kill(self) -> str:
        """End it as a crash does; return the command line with which it is started again."""
        pid = int(self._pid_file.read_text())
        command = command_line(pid)
        assert kill(pid)
        eventually(lambda: not is_running(pid), f"{self.name} has left its ports")
        return command

    def start(self, command: str) -> None:
        """Start it as its supervisor would."""
        log = self.box.state / "kwok" / "clusters" / NAME / "logs" / f"{self.name}.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                shlex.split(command), stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        self._pid_file.write_text(str(process.pid))


def wait_until_ready(box: Sandbox) -> None:
    """Wait until the API server answers, and the controllers have taken up their work again."""
    env = os.environ | box.cluster.env()

    def says(*args: str) -> str:
        ended = subprocess.run([str(kubectl()), *args], env=env, capture_output=True, text=True, check=False)
        return ended.stdout if ended.returncode == 0 else ""

    def controllers_lead() -> bool:
        found = says("get", "lease", "kube-controller-manager", "-n", "kube-system", "-o", "jsonpath={.spec.renewTime}")
        if not found:
            return False
        age = datetime.datetime.now(datetime.UTC) - datetime.datetime.fromisoformat(found)
        return age < datetime.timedelta(seconds=6)

    eventually(lambda: says("get", "--raw", "/readyz") == "ok", "the API server is ready")
    eventually(controllers_lead, "the controller manager holds its lease")


def fill_etcd(box: Sandbox) -> str:
    """Start etcd anew with less room than it uses, so that it takes no more writes; return its own command line."""
    etcd = Server(box, "etcd")
    command = etcd.kill()
    etcd.start(re.sub(QUOTA, "--quota-backend-bytes=4096", command))
    return command


def free_etcd(box: Sandbox, command: str) -> None:
    """Give etcd its room back, and take off the alarm that keeps it from writing."""
    etcd = Server(box, "etcd")
    etcd.kill()
    etcd.start(command)
    url = re.search(r"--listen-client-urls=(\S+)", command)
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
