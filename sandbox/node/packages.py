"""Debian packages with all that they need, downloaded and unpacked into the user cache; nothing is installed.

apt is told of an empty system and keeps its lists with us: so it finds everything that the packages need, whatever this
machine has, in the release and from the mirrors that the machine names.
"""

import hashlib
import os
import platform
import shlex
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox import progress
from sandbox.errors import SandboxError
from sandbox.locks import lock
from sandbox.paths import private_dir, user_cache

NAMES = (
    "containerd",
    "runc",
    "containernetworking-plugins",
    "iproute2",  # ip
    "nftables",  # nft, for kube-proxy
    "nginx",
    "curl",
    "busybox-static",  # the shell of the images
    "libc-bin",  # getent, which resolves names as programs do
)
RECIPE = "1"
"""Raise it when what is made of the packages changes."""
FOLDERS = ("usr/sbin", "usr/bin", "sbin", "bin")
LOADERS = {"x86_64": "ld-linux-x86-64.so.2", "aarch64": "ld-linux-aarch64.so.1"}


@dataclass(frozen=True)
class Packages:
    """An unpacked set of packages: a root file system of which nobody boots."""

    home: Path

    @property
    def root(self) -> Path:
        """Where the packages' files are."""
        return self.home / "root"

    @property
    def whole(self) -> Path:
        """A file that is there once everything is."""
        return self.home / "whole"

    @property
    def bin(self) -> Path:
        """Scripts for those programs of the packages that use libraries of the packages, too."""
        return self.home / "bin"

    def program(self, name: str) -> Path:
        """Return a program of the packages, in whichever folder their release has it.

        Raises ``SandboxError`` if they have none.
        """
        for folder in FOLDERS:
            path = self.root / folder / name
            if path.is_file() and not path.is_symlink():  # a link may be absolute, that is, one to this machine's own
                return path
        raise SandboxError(f"The Debian packages {', '.join(NAMES)} have no {name}: this release is not known here.")

    def loader(self) -> list[str]:
        """Return the packages' dynamic loader and its libraries, as a command."""
        cpu = platform.machine()
        folders = [self.root / folder / f"{cpu}-linux-gnu" for folder in ("lib", "usr/lib")]
        # Not by its usual name, which may be an absolute link, too.
        (loader,) = (path for folder in folders if (path := folder / LOADERS[cpu]).exists())
        return [str(loader), "--library-path", ":".join(map(str, folders))]


def ensure(say: Callable[[str], None]) -> Packages:
    """Return the packages, downloaded and unpacked if they are not there yet.

    Raises ``SandboxError`` if a package can not be had.
    """
    made = Packages(user_cache() / "packages" / key())
    if made.whole.exists():
        return made
    with lock(user_cache() / "locks" / "packages", "unpacking Debian packages", say) as held:
        if not made.whole.exists():
            _make(made, say, held)
    return made


def key(os_release: Path = Path("/etc/os-release")) -> str:
    """Name what comes out: another release of the system, CPU or list of packages has another key."""
    parts = (RECIPE, platform.machine(), os_release.read_text(), *NAMES)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def apt(home: Path, *arguments: str) -> list[str]:
    """Return a call of apt-get that reads the machine's sources, and keeps everything else in ``home``."""
    options: dict[str, str | Path] = {
        "Dir::State::lists": home / "lists",
        "Dir::State::status": home / "status",
        "Dir::Cache::archives": home / "archives",
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "APT::Sandbox::User": "root",  # another user could not write into a private cache
        "APT::Install-Recommends": "false",
    }
    return ["apt-get", *(word for name, value in options.items() for word in ("-o", f"{name}={value}")), *arguments]


def _make(packages: Packages, say: Callable[[str], None], held: int) -> None:
    work = packages.home.with_name(f"{packages.home.name}.part")
    for left in (work, packages.home):
        shutil.rmtree(left, ignore_errors=True)
    for folder in ("lists/partial", "archives/partial", "new/root", "new/bin"):
        private_dir(work / folder)
    (work / "status").touch()

    def step(title: str, command: Sequence[str | Path]) -> None:
        progress.run(
            f"[packages] {title}",
            command,
            log=work / "log",
            say=say,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            held=held,
            hint="Is a Debian mirror in reach?",
        )

    step("reading the package lists", apt(work, "update", "--quiet"))
    step("downloading", apt(work, "install", "--yes", "--quiet", "--download-only", *NAMES))
    every = 'to=$1; shift; for archive; do dpkg-deb --extract "$archive" "$to"; done'
    step("unpacking", ["sh", "-euc", every, "sh", work / "new" / "root", *sorted((work / "archives").glob("*.deb"))])
    (work / "new").rename(packages.home)
    # From here on, their paths are what they will be.
    for name in ("nft", "ip"):
        script = packages.bin / name
        command = [*packages.loader(), str(packages.program(name))]
        script.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
        script.chmod(0o755)
    packages.whole.touch()
    shutil.rmtree(work)
    say("[packages] unpacked")
