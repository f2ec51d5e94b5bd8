"""Every command of the pages in docs/ for the real node, copied as printed into a shell of a fresh checkout."""

from pathlib import Path

import pytest

from sandbox.paths import ROOT
from tests.support.checkouts import WITHOUT_PREVIEWS, Checkout
from tests.support.pages import pages
from tests.support.readers import WITHOUT_QUESTIONS, Reader

TUTORIAL = "docs/tutorial.md"
PAGES = [page.relative_to(ROOT).as_posix() for page in pages(on_node=True)]


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=() if page == TUTORIAL else pytest.mark.extended) for page in PAGES]
)
def test_what_a_page_says_of_the_real_node_is_so(page: str, tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    try:
        Reader(checkout, WITHOUT_QUESTIONS | WITHOUT_PREVIEWS).follow(ROOT / page, on_node=True)
    finally:
        if (checkout.folder / ".sandbox").exists():
            checkout.make("clean", "YES=1")
    assert list(checkout.home.iterdir()) == []
