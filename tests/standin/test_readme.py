"""The one table of what the stand-in does."""

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
README = HERE.parents[1] / "sandbox" / "kubernetes_plugin" / "README.md"


def test_each_row_of_the_table_names_a_test_that_exists() -> None:
    rows = [line for line in README.read_text().splitlines() if line.startswith("| ") and not line.startswith("| **")]
    named = {match[1] for row in rows[1:] if (match := re.search(r"`(test_\w+)` \|$", row))}
    assert len(named) == len(rows) - 1
    defined = {name for path in HERE.glob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())}
    assert named - defined == set()
