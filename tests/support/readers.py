"""Somebody who does what a page says."""

import os
from dataclasses import dataclass
from pathlib import Path

from tests.support.checkouts import Checkout
from tests.support.pages import Block, blocks

WITHOUT_QUESTIONS = {"PULUMI_SKIP_CONFIRMATIONS": "true"}
WITHOUT_PREVIEWS = {"PULUMI_OPTION_SKIP_PREVIEW": "true"}
"""An `up` does what it does with one; pages that are about previews ask for one by its name."""


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
                self.run(block)
                if "make -s env" in block.text:
                    self.shell.update(variables(self.checkout, on_node=on_node))

    def run(self, block: Block) -> None:
        """Run a block, and see in what it says all that it promises."""
        block.check(self.do(block.text, check=not block.fails))

    def do(self, script: str, check: bool = True) -> str:
        """Run a script in the shell; return what it says."""
        ended = self.checkout.run("bash", "-euo", "pipefail", "-c", script, check=check, more=self.shell)
        assert check or ended.returncode, f"{script}\n\n{ended.stdout}"
        return ended.stdout


def variables(checkout: Checkout, *, on_node: bool = False) -> dict[str, str]:
    """Return what `eval "$(make -s env)"` sets, with the context my-context that some pages speak of."""
    listed = checkout.by_hand(
        "here=$(kubectl config current-context) && "
        'kubectl config set-context my-context --cluster "$here" --user "$here" > /dev/null && env -0',
        node=on_node,
    )
    found = dict(line.split("=", 1) for line in listed.split("\0") if "=" in line)
    return {name: value for name, value in found.items() if os.environ.get(name) != value}
