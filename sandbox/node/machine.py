"""Where a real node runs: namespaces of its own for processes, mounts, network and host name.

All processes of the node, those in its pods included, end with the first process of these namespaces; with them go
their mounts, their network, its bridge and its firewall rules. So what is to be cleaned up is one process, the host's
end of a link and a control group.
"""

import hashlib
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.kwok_cluster import VOLUMES
from sandbox.node import cgroups
from sandbox.node.needs import INSTEAD
from sandbox.paths import private_dir, user_cache

HOST = "node"
"""The machine's host name, which is the node's name, too."""

COVERED = ("/run", "/tmp", "/var/lib", "/var/log")  # noqa: S108 - they are covered, not used
"""Folders that are empty in the machine, and gone with it: a node's programs write there, some without being asked."""

TUNABLES = {
    "vm/overcommit_memory": 1,
    "vm/panic_on_oom": 0,
    "kernel/panic": 10,
    "kernel/panic_on_oops": 1,
    "kernel/keys/root_maxkeys": 1_000_000,
    "kernel/keys/root_maxbytes": 25_000_000,
}
"""Settings of the whole kernel that a kubelet changes unless they are so: in the machine, they look as if they were."""

LINKS = Path("/sys/class/net")
START_SECONDS, END_SECONDS, FORK_SECONDS = 20, 120, 2
SILENT_SECONDS = 5


@dataclass(frozen=True)
class Machine:
    """The namespaces of one sandbox's node; what is to last lies in ``state``."""

    state: Path
    say: Callable[[str], None]

    @property
    def name(self) -> str:
        """What control group and network link are called: the same sandbox has the same name, another has another."""
        return f"sw{hashlib.sha256(str(self.state).encode()).hexdigest()[:10]}"

    @property
    def logs(self) -> Path:
        """Where the node's programs write what they say."""
        return private_dir(self.state / "logs")

    @property
    def volumes(self) -> Path:
        """What the machine has where the cluster makes its volumes."""
        return private_dir(self.state / "volumes")

    @property
    def _first(self) -> Path:
        """A link to the first process's program: the process is told from others by this path."""
        return self.state / "machine"

    def start(self, pause: Path) -> None:
        """Make the namespaces, with ``pause`` as their first process; nothing happens if they are there.

        Raises ``SandboxError`` where the kernel refuses.
        """
        if self.is_up():
            return
        self._first.unlink(missing_ok=True)
        self._first.symlink_to(pause)
        cgroups.make(self.name)
        script = setup_script(self._first, self.volumes, [self.state, user_cache()])
        log = self.logs / "machine.log"
        namespaces = ["--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--propagation", "slave"]
        with log.open("wb") as out:
            parent = subprocess.Popen(
                ["unshare", *namespaces, "sh", "-euc", script],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_up():
            if parent.poll() is not None or time.monotonic() > deadline:
                parent.kill()
                self.stop()
                said = log.read_text().strip()
                raise SandboxError(f"This machine's kernel refuses what a real node needs. {INSTEAD}\n{said}")
            time.sleep(0.02)
        # Its only work was to wait for the first process, which the system's own first process does as well.
        parent.kill()
        parent.wait()

    def stop(self) -> None:
        """End every process of the machine; its mounts, network and control group go with them."""
        first = self._pid()
        if first is not None:
            os.kill(first, signal.SIGKILL)
        started, told = time.monotonic(), False
        # It ends after all others; then the kernel takes the host's end of the link away, which a busy disk delays.
        while (first is not None and not _has_ended(first)) or (LINKS / self.name).exists():
            waited = time.monotonic() - started
            if waited > END_SECONDS:
                raise SandboxError(
                    f"The sandbox's node, process {first} and link {self.name}, has not ended after {END_SECONDS} s: "
                    "the kernel is still at it. Run this again."
                )
            if waited > SILENT_SECONDS and not told:
                self.say("waiting until the kernel has ended the node's processes and network")
                told = True
            time.sleep(0.02)
        cgroups.remove(self.name)

    def is_up(self) -> bool:
        """Say whether the machine is there."""
        return self._pid() is not None

    def path(self, inside: str) -> Path:
        """Return a path through which a file of the machine is seen from outside."""
        return Path(f"/proc/{self._needed()}/root{inside}")

    def entering(self, *command: str | Path) -> list[str]:
        """Return a command that runs a program in the machine."""
        target = ["nsenter", "--target", str(self._needed()), "--mount", "--uts", "--ipc", "--net", "--pid"]
        return [*target, "--", *map(str, command)]

    def run(self, *command: str | Path, given: str = "") -> str:
        """Run a program in the machine to its end; return what it prints.

        Raises ``SandboxError`` with what it says if it fails.
        """
        ended = subprocess.run(self.entering(*command), input=given, capture_output=True, text=True, check=False)
        if ended.returncode:
            words = shlex.join(map(str, command))
            raise SandboxError(f"{words} failed (exit code {ended.returncode}) in the node: {ended.stderr.strip()}")
        return ended.stdout

    def launch(self, name: str, command: Sequence[str | Path], path: Sequence[Path] = ()) -> None:
        """Start a program that goes on running in the machine, known as ``name``; nothing happens if it runs.

        ``path`` is what is in front of its PATH.
        """
        if self.pid_of(name):
            return
        # Its first argument is a link that tells it from every other process.
        link = private_dir(self.state / "programs") / name
        link.unlink(missing_ok=True)
        link.symlink_to(command[0])
        with (self.logs / f"{name}.log").open("ab") as log:
            subprocess.run(
                self.entering("setsid", "--fork", link, *command[1:]),
                env={"PATH": os.pathsep.join([*map(str, path), "/usr/sbin", "/usr/bin", "/sbin", "/bin"])},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                umask=0o022,  # the runtime makes the folders of containers, whose users are not all root
                check=False,
            )
        # It is told by its name once the fork has become it; one that has ended by then is for others to miss.
        deadline = time.monotonic() + FORK_SECONDS
        while self.pid_of(name) is None and time.monotonic() < deadline:
            time.sleep(0.02)

    def pid_of(self, name: str) -> int | None:
        """Return the process, as seen from outside, of a program that ``launch`` started; none if it has ended."""
        return _process(self.state / "programs" / name)

    def end(self, name: str) -> None:
        """Kill a program that ``launch`` started."""
        if pid := self.pid_of(name):
            os.kill(pid, signal.SIGKILL)
            while self.pid_of(name) == pid:
                time.sleep(0.02)

    def _pid(self) -> int | None:
        return _process(self._first)

    def _needed(self) -> int:
        pid = self._pid()
        if pid is None:
            raise SandboxError("The sandbox's node is not there. Start it with: make node")
        return pid


def setup_script(first: Path, volumes: Path, kept: Sequence[Path]) -> str:
    """Return the shell script that makes a machine of new namespaces and becomes its first process.

    ``kept`` are folders that are to be seen in the machine even if they lie in one of those that are covered.
    """
    lines = ["mount -t proc proc /proc", f"hostname {HOST}"]
    # What is about to be covered is reached through open files from then on.
    hidden = [path for path in kept if any(path.is_relative_to(folder) for folder in COVERED)]
    lines += [f"exec {number}<{shlex.quote(str(path))}" for number, path in enumerate(hidden, 3)]
    lines += [f"exec {number}<{shlex.quote(str(volumes))}" for number in [3 + len(hidden)]]
    lines += [f"mount -t tmpfs -o mode=0755 tmpfs {folder}" for folder in COVERED]
    for number, path in (*enumerate(hidden, 3), (3 + len(hidden), VOLUMES)):
        at = shlex.quote(str(path))
        lines += [f"mkdir -p {at}", f"mount --no-canonicalize --bind /proc/self/fd/{number} {at}", f"exec {number}<&-"]
    lines += ["chmod 1777 /tmp", "mkdir -p /run/settings /run/lower /run/upper /run/work /run/lock"]
    for setting, value in TUNABLES.items():
        seen = f"/run/settings/{setting.replace('/', '-')}"
        lines += [f"echo {value} > {seen}", f"mount --bind {seen} /proc/sys/{setting}"]
    # Containers need it: to fail here is to fail with one sentence.
    lines += ["mount -t overlay -o lowerdir=/run/lower,upperdir=/run/upper,workdir=/run/work overlay /run/lower"]
    lines += ["umount /run/lower", f"exec {shlex.quote(str(first))}"]
    return "\n".join(lines)


def _has_ended(pid: int) -> bool:
    """Say whether a process is gone, but for being waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in ("Z", "X")
    except OSError:
        return True


def _process(program: Path) -> int | None:
    """Return the process that was started by this path; one that has ended and waits for its parent has no path."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                first = (folder / "cmdline").read_bytes().partition(b"\0")[0]
            except OSError:  # it has just ended
                continue
            if first == os.fsencode(program):
                return int(folder.name)
    return None
