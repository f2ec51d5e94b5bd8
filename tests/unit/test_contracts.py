"""Lines that the repository's structure holds, where the import contracts of ``make check`` can't say it."""

import ast
import subprocess
import sys

import pytest

from sandbox.paths import ROOT


@pytest.mark.parametrize("file", ["__main__.py", "settings.py"])
def test_the_program_knows_neither_the_sandbox_nor_the_ops_commands(file: str) -> None:
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse((ROOT / file).read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported
    assert not imported & {"sandbox", "tests"}


def test_no_kubernetes_client_is_imported_until_something_is_looked_up_or_read_by_its_schema() -> None:
    loaded = (
        "import sys; from components.stateful_web import manifests, validation; "
        "manifests.objects(validation.validate('web', {'image': 'web:1'})[0]); "
        "print(sorted(m for m in sys.modules if m in ('lightkube', 'httpx2')))"
    )
    ended = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
