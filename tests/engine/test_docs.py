"""Every command of README.md and of the pages in docs/, copied as printed into a shell of a fresh checkout."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sandbox.paths import ROOT
from tests.support.checkouts import WITHOUT_PREVIEWS, Checkout
from tests.support.pages import pages
from tests.support.readers import OWN, WITHOUT_QUESTIONS, Reader, variables

WHOLE = ("README.md", "docs/tutorial.md")
"""Pages that begin with the first deploy and end with the clean-up."""
PAGES = [name for page in pages() if (name := page.relative_to(ROOT).as_posix()) not in WHOLE]


@dataclass(frozen=True)
class Visitor(Reader):
    """Somebody who reads many pages, each as if it were the first one after the set-up."""

    at_first: dict[str, str]
    """The variables of their shell when they begin to read."""
    scenario: list[str] = field(default_factory=list)
    """What was there when the scenario had been made anew for the last time."""

    def start_over(self) -> None:
        """Leave nothing of the page before, whatever became of it; a scenario that it has not touched may stay."""
        self.shell.clear()
        self.shell.update(self.at_first)
        self.checkout.run("git", "checkout", "--quiet", "--", ".")
        self.checkout.run("git", "clean", "--quiet", "--force", "-d")
        shutil.rmtree(self.checkout.folder / "build", ignore_errors=True)
        if self.scenario == [self.seen()]:
            return
        shutil.rmtree(self.checkout.folder / ".sandbox/backend/.pulumi", ignore_errors=True)
        self.do(
            "kubectl delete horizontalpodautoscalers,networkpolicies,poddisruptionbudgets --all\n"
            "kubectl delete statefulsets,pods,services --all\n"
            "kubectl delete persistentvolumeclaims --all\n"
            "kubectl delete namespaces shop staging --ignore-not-found\n"
            "pulumi stack init dev\n"
            "pulumi up --stack dev"
        )
        self.scenario[:] = [self.seen()]

    def seen(self) -> str:
        """Return the stack's state and the versions of its objects, which change with anything that is done to them."""
        return self.do("pulumi stack export --stack dev; kubectl get statefulsets,pods,services,pvc --output yaml")


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """Somebody who has done what the first page says."""
    checkout = Checkout(tmp_path_factory.mktemp("docs"), WITHOUT_PREVIEWS)
    try:
        checkout.make("up")
        shell = WITHOUT_QUESTIONS | variables(checkout)
        visitor = Visitor(checkout, dict(shell), shell)
        visitor.scenario.append(visitor.seen())
        yield visitor
    finally:
        checkout.make("clean", "YES=1")


@pytest.mark.extended
@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_is_so(visitor: Visitor, page: str) -> None:
    visitor.start_over()
    visitor.follow(ROOT / page)


@pytest.mark.parametrize("page", WHOLE)
def test_what_is_said_from_the_first_deploy_to_the_clean_up_is_so(page: str, tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    try:
        Reader(checkout, dict(WITHOUT_QUESTIONS)).follow(ROOT / page)
    finally:
        if (checkout.folder / ".sandbox").exists():
            checkout.make("clean", "YES=1")
    assert not (checkout.folder / ".sandbox").exists(), "its last command deletes the sandbox"
    logged_in = (checkout.home / "state").exists()
    assert {path.name for path in checkout.home.iterdir()} == (OWN if logged_in else set())
