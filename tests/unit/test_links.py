"""Links of the pages that lead into the repository lead to something; the site's own are checked when it is built."""

import re
from pathlib import Path

import pytest

from sandbox.paths import ROOT
from tools.reference import pages as reference

PAGES = sorted(
    path.relative_to(ROOT)
    for path in ROOT.rglob("*.md")
    if not {".venv", ".sandbox", ".pytest_cache", "build", "node_modules"} & set(path.relative_to(ROOT).parts)
)
GENERATED = {ROOT / "docs/reference" / name for name in reference.PAGES}
"""Pages that the site has from the code; its build checks their anchors."""


def test_there_are_pages() -> None:
    assert {Path("README.md"), Path("CONTRIBUTING.md"), Path("docs/index.md"), Path("sandbox/README.md")} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_its_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("https://", "#")):
            path = ((ROOT / page).parent / target.partition("#")[0]).resolve()
            assert path.exists() or path in GENERATED, target
