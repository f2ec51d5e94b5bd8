"""Every command of README.md and of the pages in docs/, copied as printed into a shell of a fresh checkout."""

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sandbox.paths import ROOT
from tests.support.checkouts import Checkout
from tests.support.pages import Block, blocks, squeezed

PAGES = sorted(
    path.relative_to(ROOT / "docs").as_posix()
    for path in (ROOT / "docs").rglob("*.md")
    if any(block.runs for block in blocks(path))
)
NOTHING = "<!-- starts: nothing is deployed -->"
"""The first line of a page whose reader has no stack yet; all others start with the scenario."""
WITHOUT_QUESTIONS = {"PULUMI_SKIP_CONFIRMATIONS": "true"}
WITHOUT_PREVIEWS = {"PULUMI_OPTION_SKIP_PREVIEW": "true"}
"""An `up` does what it does with one; pages that are about previews ask for one by its name."""


@dataclass(frozen=True)
class Reader:
    """Somebody in a checkout, and the variables of his shell."""

    checkout: Checkout
    shell: Mapping[str, str]
    scenario: list[str] = field(default_factory=list)
    """What was there when the scenario had been made anew for the last time."""

    def follow(self, page: Path) -> None:
        """Run the blocks of a page in order, and see what it says that is to be seen."""
        for block in blocks(page):
            if block.file:
                path = self.checkout.folder / block.file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text)
            elif block.runs:
                self.run(block)

    def run(self, block: Block) -> None:
        """Run a block, and see in what it says all that it promises."""
        said = self.do(block.text, check=not block.fails)
        for promised in block.promised:
            assert squeezed(promised) in squeezed(said), f"{block.text}\n\n{said}"

    def do(self, script: str, check: bool = True) -> str:
        """Run a script in the shell; return what it says."""
        ended = self.checkout.run("bash", "-euo", "pipefail", "-c", script, check=check, more=self.shell)
        assert check or ended.returncode, f"{script}\n\n{ended.stdout}"
        return ended.stdout

    def start_over(self, with_scenario: bool) -> None:
        """Leave nothing of the page before, whatever became of it; what that page has not touched may stay."""
        self.checkout.run("git", "checkout", "--quiet", "--", ".")
        self.checkout.run("git", "clean", "--quiet", "--force", "-d")
        shutil.rmtree(self.checkout.folder / "build", ignore_errors=True)
        if with_scenario and self.scenario == [self._all()]:
            return
        shutil.rmtree(self.checkout.folder / ".sandbox/backend/.pulumi", ignore_errors=True)
        self.do(
            "kubectl delete statefulsets,pods,services,networkpolicies,poddisruptionbudgets --all\n"
            "kubectl delete persistentvolumeclaims --all\n"
            "kubectl delete namespaces shop staging --ignore-not-found\n"
            "pulumi stack init dev"
        )
        self.scenario.clear()
        if with_scenario:
            self.do("pulumi up --stack dev")
            self.scenario.append(self._all())

    def _all(self) -> str:
        """Return the stack's state and the versions of its objects, which change with anything that is done to them."""
        return self.do("pulumi stack export --stack dev; kubectl get statefulsets,pods,services,pvc --output yaml")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Somebody who has done what the first page says, and has a second context in his kubeconfig."""
    checkout = Checkout(tmp_path_factory.mktemp("docs"))
    try:
        checkout.make("up")
        yield Reader(checkout, WITHOUT_QUESTIONS | WITHOUT_PREVIEWS | shell_of(checkout))
    finally:
        checkout.make("clean", "YES=1")


def shell_of(checkout: Checkout) -> dict[str, str]:
    """Return what `eval "$(make -s env)"` sets, with the context my-context that some pages speak of."""
    listed = checkout.run(
        "bash", "-c",
        'eval "$(make -s env 2>/dev/null)" && here=$(kubectl config current-context) && '
        'kubectl config set-context my-context --cluster "$here" --user "$here" > /dev/null && env -0',
    ).stdout  # fmt: skip
    found = dict(line.split("=", 1) for line in listed.split("\0") if "=" in line)
    return {name: value for name, value in found.items() if os.environ.get(name) != value}


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_is_so(reader: Reader, page: str) -> None:
    path = ROOT / "docs" / page
    reader.start_over(with_scenario=not path.read_text().startswith(NOTHING))
    reader.follow(path)


def test_what_the_readme_says_is_so_from_the_first_deploy_to_the_clean_up(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    shell = dict(WITHOUT_QUESTIONS)
    reader = Reader(checkout, shell)
    try:
        for block in blocks(ROOT / "README.md"):
            if block.runs:
                reader.run(block)
                if "make -s env" in block.text:
                    shell |= shell_of(checkout)
    finally:
        if (checkout.folder / ".sandbox").exists():
            checkout.make("clean", "YES=1")
    assert not (checkout.folder / ".sandbox").exists(), "its last command deletes the sandbox"
    assert list(checkout.home.iterdir()) == []
