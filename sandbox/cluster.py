"""A real Kubernetes control plane with simulated nodes, on loopback, without root: kwokctl's binary runtime.

Real are etcd, the API server with its admission, the controllers, the scheduler and the PersistentVolumes; simulated
are the kubelets, so no probe, mount or container runs here.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml

from sandbox import ports
from sandbox.errors import SandboxError
from sandbox.locks import lock
from sandbox.paths import user_cache

NAME = "sandbox"
NODES = 3
START_SECONDS, STOP_SECONDS = 120, 10
OBJECTS = Path(__file__).parent / "objects.yaml"
"""StorageClasses of every cluster."""
RESIZER = Path(__file__).parent / "resizer.yaml"
"""What a second kwok plays: given to the first, it would displace the stages of nodes and pods."""

VOLUMES = Path("/tmp/hostpath_pv")  # noqa: S108 - where the controller manager makes them

PORTS = (
    "kubeApiserverPort",
    "etcdPort",
    "etcdPeerPort",
    "kubeControllerManagerPort",
    "kubeSchedulerPort",
    "kwokControllerPort",
)
COMPONENTS = {
    "etcd": ("etcdBinary", "etcd"),
    "kube-apiserver": ("kubeApiserverBinary", "kube-apiserver"),
    "kube-controller-manager": ("kubeControllerManagerBinary", "kube-controller-manager"),
    "kube-scheduler": ("kubeSchedulerBinary", "kube-scheduler"),
    "kwok-controller": ("kwokControllerBinary", "kwok"),
}
"""For each component, kwokctl's option for its program, and the program."""


@dataclass(frozen=True)
class Cluster:
    """The cluster of one sandbox; everything that it keeps lies in ``state``.

    Where the processes of its control plane run, and what its nodes are, can be overridden.
    """

    state: Path
    tools: Sequence[Path]
    """The folders with kwokctl and the components' programs."""
    say: Callable[[str], None]
    NODE_GRACE: ClassVar[str] = "8760h"
    """For how long a node may miss its heartbeat; after it its pods are not ready, and simulated ones stay so."""

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, readable by its owner only."""
        return self.state / "kubeconfig"

    @property
    def _workdir(self) -> Path:
        return self.state / "kwok"

    @property
    def _files(self) -> Path:
        return self._workdir / "clusters" / NAME

    @property
    def _created(self) -> Path:
        return self._workdir / "created"

    def up(self) -> None:
        """Create the cluster, or start it with the data that it has; nothing happens if it runs.

        Raises ``SandboxError`` if a port is taken or a component does not come up.
        """
        if self.is_running():
            return
        self._end_resizer()
        self._start_control_plane()
        self._start_resizer()

    def _start_control_plane(self) -> None:
        # Ports are chosen and taken under one lock for all checkouts of this user.
        with lock(user_cache() / "ports.lock", "starting a cluster", self.say):
            if self.exists():
                self.say("Starting the sandbox's cluster with the data that it has")
                self._stop_control_plane()  # the rest of it, if only a part was killed
                self._refuse_busy_ports()
                self._kwokctl("start", "cluster", "--wait", f"{START_SECONDS}s")
            else:
                self.say(f"Creating a cluster: real control plane, {self._nodes()}")
                self._stop_control_plane()
                self._delete_files()  # what a killed run left half made
                self._create()

    def stop(self) -> None:
        """End the cluster's processes; its data stays."""
        self._stop_control_plane()

    def delete(self) -> None:
        """End the cluster's processes and delete its data."""
        self.stop()
        self._delete_files()

    def _stop_control_plane(self) -> None:
        if self._files.exists():
            self._forget_strangers()
            self._end_resizer()
            self._kwokctl("stop", "cluster")
            # kwokctl does not wait for those that it kills.
            deadline = time.monotonic() + STOP_SECONDS
            while self._config.exists() and self._busy_ports() and time.monotonic() < deadline:
                time.sleep(0.05)

    def _delete_files(self) -> None:
        shutil.rmtree(self._workdir, ignore_errors=True)
        self.kubeconfig.unlink(missing_ok=True)

    def delete_volume_folders(self) -> None:
        """Delete the folders that stand for this cluster's volumes; those of other clusters lie beside them."""
        listed = self._kubectl("get", "persistentvolumes", "--output", "jsonpath={.items[*].spec.hostPath.path}")
        listed.check_returncode()
        for folder in listed.stdout.split():
            if Path(folder).parent == VOLUMES:
                shutil.rmtree(folder, ignore_errors=True)

    def scale(self, nodes: int) -> None:
        """Give the running cluster this many simulated nodes."""
        self._kwokctl("scale", "node", "--replicas", str(nodes))

    def exists(self) -> bool:
        """Say whether there is a cluster, running or not."""
        return self._created.exists()

    def is_running(self) -> bool:
        """Say whether every component runs and the API server answers."""
        return self._control_plane_runs() and self._pid_file("resizer").exists()

    def _control_plane_runs(self) -> bool:
        if not self.exists():
            return False
        self._forget_strangers()
        return (
            all(self._pid_file(name).exists() for name in self._components())
            and not self._kubectl("get", "--raw", "/readyz").returncode
        )

    def _create(self) -> None:
        self._workdir.mkdir(mode=0o700, parents=True)
        block = ports.free_block(self.state, len(PORTS))
        options: dict[str, Any] = {
            "runtime": "binary",
            "bindAddress": "127.0.0.1",
            "disableQPSLimits": True,
            **dict(zip(PORTS, block, strict=True)),
            **{option: str(self._program(program)) for option, program in self._components().values()},
        }
        config = {
            "apiVersion": "config.kwok.x-k8s.io/v1alpha1",
            "kind": "KwokctlConfiguration",
            "options": options,
            "componentsPatches": self._patches(),
        }
        self._config.write_text(yaml.safe_dump(config))
        disabled = [name for name in COMPONENTS if name not in self._components()]
        self._kwokctl(
            *("create", "cluster", "--config", str(self._config), "--kubeconfig", str(self.kubeconfig)),
            # With leases, a node whose kwok was killed waits for minutes until the next one may play it.
            *("--node-lease-duration-seconds", "0"),
            *(word for name in disabled for word in ("--disable", name)),
            *("--wait", f"{START_SECONDS}s"),
        )
        self.kubeconfig.chmod(0o600)
        self._furnish()
        applied = self._kubectl("apply", "--server-side", "--filename", str(OBJECTS))
        if applied.returncode:
            raise SandboxError(f"The cluster's StorageClasses could not be made: {applied.stderr.strip()}")
        self._created.touch()

    def _components(self) -> Mapping[str, tuple[str, str]]:
        """Return what runs, as in ``COMPONENTS``."""
        return COMPONENTS

    def _patches(self) -> list[dict[str, Any]]:
        """Return kwokctl's changes to the arguments of components."""
        # There is one of each: with elections it would end when a machine that slept wakes up, its lease over.
        alone = {"key": "leader-elect", "value": "false"}
        patient = {"key": "node-monitor-grace-period", "value": self.NODE_GRACE}
        return [
            {
                "name": "kube-controller-manager",
                "extraArgs": [{"key": "enable-hostpath-provisioner", "value": "true"}, alone, patient],
            },
            {"name": "kube-scheduler", "extraArgs": [alone]},
        ]

    def _nodes(self) -> str:
        return f"{NODES} simulated nodes"

    def _furnish(self) -> None:
        """Give a new control plane what it is used with."""
        self.scale(NODES)

    def _where_it_runs(self, command: Sequence[str]) -> list[str]:
        """Return a command that runs a program where the control plane is."""
        return list(command)

    @property
    def _config(self) -> Path:
        return self._workdir / "kwokctl.yaml"

    def _start_resizer(self) -> None:
        with (self._files / "logs" / "resizer.log").open("ab") as log:
            process = subprocess.Popen(
                # A link in the cluster's folder, so that the process can be told from others by its path.
                [str(self._files / "bin" / "kwok-controller"), *resizer_options(self.kubeconfig, RESIZER)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._pid_file("resizer").write_text(str(process.pid))

    def _end_resizer(self) -> None:
        pid_file = self._pid_file("resizer")
        if pid_file.exists():
            self._forget_strangers()
        if pid_file.exists():
            os.kill(int(pid_file.read_text()), signal.SIGKILL)
            pid_file.unlink()

    def _busy_ports(self) -> list[int]:
        options = yaml.safe_load(self._config.read_text())["options"]
        return [options[name] for name in PORTS if not ports.is_free(options[name])]

    def _refuse_busy_ports(self) -> None:
        for port in self._busy_ports():
            raise SandboxError(
                f"Port {port} of 127.0.0.1, which this sandbox's cluster was made with, is taken by another program. "
                f"End that program (`ss -ltnp 'sport = :{port}'` names it) and run this again; its data is kept."
            )

    def _program(self, name: str) -> Path:
        return next(path for folder in self.tools if (path := folder / name).exists())

    def _pid_file(self, component: str) -> Path:
        return self._files / "pids" / f"{component}.pid"

    def _forget_strangers(self) -> None:
        """Remove files of pids that ended, or belong to a program of somebody else by now: kwokctl would kill those."""
        for component in (*COMPONENTS, "resizer"):
            pid_file = self._pid_file(component)
            if not pid_file.exists():
                continue
            listing = self._where_it_runs(["ps", "-ww", "-o", "command=", "-p", pid_file.read_text()])
            seen = subprocess.run(listing, capture_output=True, text=True, check=False)
            if str(self._files) not in seen.stdout:
                pid_file.unlink()

    def _kwokctl(self, *args: str) -> None:
        log = self._workdir / "kwokctl.log"
        with log.open("ab") as out:
            ended = subprocess.run(
                self._where_it_runs([str(self._program("kwokctl")), "--name", NAME, *args]),
                env=os.environ | self.env() | {"KWOK_WORKDIR": str(self._workdir)},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                check=False,
                umask=0o077,
            )
        if ended.returncode:
            raise SandboxError(
                f"kwokctl {' '.join(args[:2])} failed (exit code {ended.returncode}): its words are in {log}, and "
                f"those of the components in {self._files / 'logs'}. Run this again; `make clean` starts afresh."
            )

    def _kubectl(self, *args: str) -> "subprocess.CompletedProcess[str]":
        command = [str(kubectl()), *args]
        env = os.environ | self.env()
        return subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    def env(self) -> dict[str, str]:
        """Return what points kubectl and everything else at this cluster, with its cache here and not in ~/.kube."""
        return {"KUBECONFIG": str(self.kubeconfig), "KUBECACHEDIR": str(self.state / "kube-cache")}


def resizer_options(kubeconfig: Path, stage: Path) -> list[str]:
    """Return the arguments of a kwok that plays ``stage``, which is ``RESIZER``, and nothing else."""
    no_nodes = ["--manage-nodes-with-label-selector", "none=none"]
    return ["--kubeconfig", str(kubeconfig), "--config", str(stage), *no_nodes]


def kubectl() -> Path:
    """Return the kubectl of this environment."""
    return Path(sys.executable).parent / "kubectl"
