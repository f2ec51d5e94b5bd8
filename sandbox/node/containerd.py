"""The container runtime, with every path its own default: it is alone in its machine."""

import json
import time
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.node.images import NAMES, PAUSE
from sandbox.node.machine import Machine
from sandbox.node.network import BRIDGE, PODS
from sandbox.node.packages import Packages

NAME = "containerd"
SOCKET = "/run/containerd/containerd.sock"
START_SECONDS = 60
CNI = {
    "cniVersion": "1.0.0",
    "name": "pods",
    "plugins": [
        {
            "type": "bridge",
            "bridge": BRIDGE,
            "isGateway": True,
            "hairpinMode": True,  # a pod may reach itself through a Service
            "ipam": {"type": "host-local", "ranges": [[{"subnet": str(PODS)}]], "routes": [{"dst": "0.0.0.0/0"}]},
        }
    ],
}


def config(packages: Packages, networks: Path) -> str:
    """Return the configuration; ``networks`` is the folder with that of the pods' network."""
    return f"""\
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  # Without it, runc fails where root lacks CAP_SYS_RESOURCE.
  restrict_oom_score_adj = true
  disable_apparmor = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      BinaryName = "{packages.program("runc")}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{packages.root}/usr/lib/cni"
    conf_dir = "{networks}"
"""


def start(machine: Machine, packages: Packages, images: Path) -> None:
    """Start it if it does not run, and give it the images that it lacks."""
    folder = machine.state / NAME
    folder.mkdir(exist_ok=True)
    (folder / "pods.conflist").write_text(json.dumps(CNI))
    configuration = folder / "config.toml"
    configuration.write_text(config(packages, folder))
    programs = packages.program("containerd").parent  # its shim is looked for on PATH
    machine.launch(NAME, [programs / "containerd", "--config", configuration], [programs])
    ctr: list[str | Path] = [programs / "ctr", "--address", SOCKET, "--namespace", "k8s.io", "images"]
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            present = machine.run(*ctr, "list", "--quiet")
            break
        except SandboxError:
            if machine.pid_of(NAME) is None or time.monotonic() > deadline:
                raise SandboxError(
                    f"containerd does not come up: its words are in {machine.logs / NAME}.log."
                ) from None
            time.sleep(0.1)
    if not {*NAMES} <= {*present.split()}:
        machine.run(*ctr, "import", images)
