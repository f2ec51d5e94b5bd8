"""Somebody who does what a page says."""

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from tests.support.checkouts import Checkout
from tests.support.pages import Block, blocks

WITHOUT_QUESTIONS = {"PULUMI_SKIP_CONFIRMATIONS": "true"}

UNSET = re.compile(r"^unset ((?:\w+ ?)+).*$", re.MULTILINE)
"""How a block leaves the sandbox's variables."""


@dataclass(frozen=True)
class Reader:
    """Somebody in a checkout, and the variables of their shell."""

    checkout: Checkout
    shell: dict[str, str]

    def follow(self, page: Path, *, on_node: bool = False) -> None:
        """Run the blocks of a page in order, or those for the real node, and see what it says that is to be seen."""
        for block in blocks(page):
            if block.file:
                path = self.checkout.folder / block.file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text)
            elif block.on_node if on_node else block.runs:
                left = UNSET.search(block.text)
                if left:
                    own = log_in(self.checkout, self.shell)
                    exports = "".join(f"\nexport {name}={shlex.quote(value)}" for name, value in own.items())
                    block = replace(block, text=block.text.replace(left[0], left[0] + exports, 1))
                self.run(block)
                if "make -s env" in block.text:
                    self.shell.update(variables(self.checkout, on_node=on_node))
                if left:
                    for name in left[1].split():
                        self.shell.pop(name, None)
                    self.shell.update(own)

    def run(self, block: Block) -> None:
        """Run a block, and see in what it says all that it promises."""
        block.check(self.do(block.text, check=not block.fails))

    def do(self, script: str, check: bool = True) -> str:
        """Run a script in the shell; return what it says."""
        ended = self.checkout.run("bash", "-euo", "pipefail", "-c", script, check=check, more=self.shell)
        assert check or ended.returncode, f"{script}\n\n{ended.stdout}"
        return ended.stdout


def variables(checkout: Checkout, *, on_node: bool = False) -> dict[str, str]:
    """Return what `eval "$(make -s env)"` sets."""
    listed = checkout.by_hand("env -0", node=on_node)
    found = dict(line.split("=", 1) for line in listed.split("\0") if "=" in line)
    return {name: value for name, value in found.items() if os.environ.get(name) != value}


OWN = {".kube", ".pulumi", "state", "passphrase"}
"""What the home folder of somebody has who has logged in."""


def log_in(checkout: Checkout, shell: Mapping[str, str]) -> dict[str, str]:
    """Give somebody a login and a kubeconfig of their own, with the context my-context that some pages speak of.

    It leads to the sandbox's cluster, as there is no other. Nothing was written to their home folder until now. Returns
    the variables that say where it is: the engine takes the home folder of the account that runs, whatever HOME says.
    """
    home = checkout.home
    own = {"PULUMI_HOME": str(home / ".pulumi"), "PULUMI_CONFIG_PASSPHRASE_FILE": str(home / "passphrase")}
    if (home / "state").exists():
        return own
    assert list(home.iterdir()) == []
    for name in (".kube", "state"):
        (home / name).mkdir()
    (home / "passphrase").write_text("their own")
    here = yaml.safe_load(Path(shell["KUBECONFIG"]).read_text())
    for context in here["contexts"]:
        context["name"] = "my-context"
    (home / ".kube" / "config").write_text(yaml.safe_dump({**here, "current-context": "none"}))
    checkout.run("pulumi", "login", (home / "state").as_uri(), more={**own, "PATH": shell["PATH"]})
    return own
