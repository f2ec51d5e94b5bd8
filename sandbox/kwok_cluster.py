"""A real Kubernetes control plane with simulated nodes, on loopback, without root: kwokctl's binary runtime.

Real are etcd, the API server with its admission, the controllers, the scheduler and the PersistentVolumes; simulated
are the kubelets, so no probe, mount or container runs here.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml

from sandbox import ports
from sandbox.errors import SandboxError
from sandbox.locks import lock
from sandbox.paths import private_dir, user_cache

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
    tools: Callable[[], Sequence[Path]]
    """Gives the folders with kwokctl and the components' programs; they may have to be built for it."""
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
        self.tools()
        with self._locked("starting its cluster"):
            if not self.is_running():
                self._start()

    def stop(self) -> None:
        """End the cluster's processes; its data stays."""
        with self._locked("ending its cluster"):
            self._stop()

    def delete(self) -> None:
        """End the cluster's processes and delete its data."""
        with self._locked("deleting its cluster"):
            self._stop()
            self._delete_files()

    def _locked(self, doing: str) -> AbstractContextManager[int]:
        """Hold this sandbox's lock: of two runs in one checkout, one waits for the other."""
        return lock(self.state / "cluster.lock", doing, self.say)

    def _start(self) -> None:
        self._start_control_plane()
        self._start_resizer()

    def _start_control_plane(self) -> None:
        # Ports are chosen and taken under one lock for all checkouts of this user.
        with lock(user_cache() / "ports.lock", "starting a cluster", self.say):
            if self.exists():
                self.say("Starting the sandbox's cluster with the data that it has")
                self._end_processes()  # the rest of it, if only a part was killed
                self._refuse_busy_ports()
                self._kwokctl("start", "cluster", "--wait", f"{START_SECONDS}s")
                self._see_it_run()
            else:
                self.say(f"Creating a cluster: real control plane, {self._nodes()}")
                self._end_processes()
                self._delete_files()  # what a killed run left half made
                self._create()

    def _stop(self) -> None:
        self._end_processes()

    def _end_processes(self) -> None:
        """End what runs by its pid, as kwokctl does, which needs a whole cluster folder for it."""
        for name in ("resizer", *reversed(COMPONENTS)):
            if pid := self._pid(name):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            # Also of a program of somebody else by now: kwokctl would take that for a component that runs.
            self._pid_file(name).unlink(missing_ok=True)
        deadline = time.monotonic() + STOP_SECONDS
        while self._config.exists() and self._busy_ports() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _delete_files(self) -> None:
        self._created.unlink(missing_ok=True)  # first: half of its data is no cluster
        shutil.rmtree(self._workdir, ignore_errors=True)
        self.kubeconfig.unlink(missing_ok=True)

    def delete_volume_folders(self) -> None:
        """Delete the folders that stand for this cluster's volumes; those of other clusters lie beside them."""
        listed = self._kubectl("get", "persistentvolumes", "--output", "jsonpath={.items[*].spec.hostPath.path}")
        if listed.returncode:
            raise SandboxError(f"The cluster's volumes can't be listed: {listed.stderr.strip()}")
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
        return self._control_plane_runs() and self._pid("resizer") is not None

    def _control_plane_runs(self) -> bool:
        return self.exists() and not self._dead() and not self._kubectl("get", "--raw", "/readyz").returncode

    def _dead(self) -> list[str]:
        """Return the components that don't run."""
        return [name for name in self._components() if self._pid(name) is None]

    def _see_it_run(self) -> None:
        """Raise ``SandboxError`` if a component does not run: kwokctl waits for them, and then says nothing."""
        # On a busy machine the controller manager gives up before the API server answers, which it does by now.
        if gone := self._dead():
            for name in gone:
                self._pid_file(name).unlink(missing_ok=True)
            self._kwokctl("start", "cluster", "--wait", f"{START_SECONDS}s")
        dead = self._dead()
        ready = self._kubectl("get", "--raw", "/readyz")
        if dead or ready.returncode:
            why = f"{dead[0]} has ended" if dead else f"its API server is not ready ({ready.stderr.strip()})"
            kept = "; its data is kept, and `make clean` starts afresh" if self.exists() else ""
            raise SandboxError(
                f"The cluster does not come up: {why}. What its components say is in {self._files / 'logs'}. Mend that "
                f"and run this again{kept}."
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
        self._see_it_run()
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

    def _busy_ports(self) -> list[int]:
        options = yaml.safe_load(self._config.read_text())["options"]
        return [options[name] for name in PORTS if not ports.is_free(options[name])]

    def _refuse_busy_ports(self) -> None:
        for port in self._busy_ports():
            raise SandboxError(
                f"Port {port} of 127.0.0.1, which this sandbox's cluster was made with, is taken by another program. "
                f"End that program (`ss -ltnp 'sport = :{port}'` or `lsof -i :{port}` names it) and run this again; "
                "its data is kept."
            )

    def _program(self, name: str) -> Path:
        return next(path for folder in self.tools() if (path := folder / name).exists())

    def _pid_file(self, component: str) -> Path:
        return self._files / "pids" / f"{component}.pid"

    def _pid(self, component: str) -> int | None:
        """Return the process of a component; none if it has ended, and its id is nobody's or somebody else's by now."""
        try:
            pid = self._pid_file(component).read_text()
        except FileNotFoundError:
            return None
        listing = self._where_it_runs(["ps", "-ww", "-o", "command=", "-p", pid])
        seen = subprocess.run(listing, capture_output=True, text=True, check=False)
        return int(pid) if str(self._files) in seen.stdout else None

    def _kwokctl(self, *args: str) -> None:
        log = self._workdir / "kwokctl.log"
        with log.open("ab") as out:
            ended = subprocess.run(
                self._where_it_runs([str(self._program("kwokctl")), "--name", NAME, *args]),
                env=os.environ | self.env() | {"KWOK_WORKDIR": str(self._workdir), "PATH": self._path()},
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

    def _path(self) -> str:
        """Return a PATH with our kubectl in front, where a machine sees it: kwokctl would download another one."""
        own = self._workdir / "bin" / "kubectl"
        if not own.exists():
            part = private_dir(own.parent) / "part"
            shutil.copy2(kubectl(), part)
            part.replace(own)
        return os.pathsep.join([str(own.parent), os.environ.get("PATH", os.defpath)])

    def _kubectl(self, *args: str) -> "subprocess.CompletedProcess[str]":
        command = [str(kubectl()), *args]
        env = os.environ | self.env()
        return subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    def env(self) -> dict[str, str]:
        """Return what points kubectl and all else at this cluster, past every proxy, with its cache not in ~/.kube."""
        known = self.kubeconfig.read_text() if self.kubeconfig.exists() else ""
        hosts = re.findall(r"server: https://([^:\s]+)", known) or ["127.0.0.1"]
        given = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
        # Alone, * stands for all; with others it stands for nothing.
        past_proxies = given if given == "*" else ",".join(dict.fromkeys([*filter(None, given.split(",")), *hosts]))
        return {
            "KUBECONFIG": str(self.kubeconfig),
            "KUBECACHEDIR": str(self.state / "kube-cache"),
            "NO_PROXY": past_proxies,
            "no_proxy": past_proxies,
        }


def resizer_options(kubeconfig: Path, stage: Path) -> list[str]:
    """Return the arguments of a kwok that plays ``stage``, which is ``RESIZER``, and nothing else."""
    no_nodes = ["--manage-nodes-with-label-selector", "none=none"]
    return ["--kubeconfig", str(kubeconfig), "--config", str(stage), *no_nodes]


def kubectl() -> Path:
    """Return the kubectl of this environment."""
    return Path(sys.executable).parent / "kubectl"
