"""Fresh checkouts of the working tree, as a stranger has them."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sandbox.paths import ROOT, user_cache

WITHOUT_PREVIEWS = {"PULUMI_OPTION_SKIP_PREVIEW": "true"}
"""An `up` does what it does with one; who wants to see a preview asks for one by its name."""


def copy_of_the_tree(folder: Path) -> Path:
    """Copy the files of the working tree that git knows or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


class Checkout:
    """A fresh checkout of the working tree, with a home folder of its own, and variables of its user's."""

    def __init__(self, folder: Path, more: Mapping[str, str] | None = None) -> None:
        self.folder, self.home, self.more = folder / "checkout", folder / "home", dict(more or {})
        self.home.mkdir(parents=True)
        copy_of_the_tree(self.folder)
        # The environment is the test run's own; the tools' cache is the user's.
        (self.folder / ".venv").symlink_to(ROOT / ".venv")
        self.run("git", "init", "--quiet")
        self.run("git", "add", "--all")
        self.run("git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "fresh")

    def env(self) -> dict[str, str]:
        """Return the variables of a user who has a home folder and nothing in it."""
        # Nor is that user within a make, which says so in what it prints.
        others = ("PULUMI_", "KUBE", "MAKE", "MFLAGS")
        given = {name: value for name, value in os.environ.items() if not name.startswith(others)}
        # pip asks a rustc on PATH for its version, and rustup's would make a folder in a home where it has none.
        rust = os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup"))
        own = {"HOME": str(self.home), "XDG_CACHE_HOME": str(user_cache().parent), "RUSTUP_HOME": rust}
        return given | own | self.more

    def run(
        self, *command: str, check: bool = True, more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in it, with none of Pulumi's and Kubernetes' variables but those in ``more``."""
        ended = subprocess.run(
            command, cwd=self.folder, env={**self.env(), **(more or {})}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        assert not (check and ended.returncode), f"{command}:\n{ended.stdout}"
        return ended

    def make(self, *args: str, check: bool = True) -> str:
        """Run make; return what it said on both streams."""
        return self.run("make", *args, check=check).stdout

    def by_hand(self, command: str, *, node: bool = False) -> str:
        """Run a command line in the sandbox's environment; return what it says."""
        return self.run("sh", "-c", f'eval "$(make -s env{" NODE=1" if node else ""} 2>/dev/null)" && {command}').stdout

    def claims(self) -> dict[str, str]:
        """Return the uid of every claim."""
        listed = self.by_hand("kubectl get pvc --output json")
        return {item["metadata"]["name"]: item["metadata"]["uid"] for item in json.loads(listed)["items"]}
