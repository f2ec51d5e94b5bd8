"""Mutation tests of pack ``stateful``: ``python -m tests.support.mutants [MODULE …]``, with Cosmic Ray on PATH.

Each module of rules is changed in one small way at a time, in a copy of the repository, and its tests have to notice.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sandbox.paths import ROOT

RULES = Path("policies/stateful/stateful_rules")
TESTS = {
    "quantity": ("storage", "configuration"),
    "storage": ("storage", "configuration"),
    "rollout": ("rollout", "configuration"),
    "services": ("services",),
    "volumes": ("volumes",),
    "identity": ("identity", "configuration"),
}
"""The tests that look at each module; those of all rules come with them."""


def session(folder: Path, module: str) -> Path:
    """Copy what the tests need, and write the configuration of one module's run."""
    for name in ("policies", "tests/policies", "tests/conftest.py", "tests/support", "docs", "sandbox", "components"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, symlinks=True)
        else:
            shutil.copy(ROOT / name, folder / name)
    for name in ("pyproject.toml", "Makefile"):
        shutil.copy(ROOT / name, folder / name)
    files = [f"tests/policies/test_{name}.py" for name in (*TESTS[module], "pack", "known_shapes")]
    command = f"{sys.executable} -m pytest -q -x -p no:cacheprovider {' '.join(files)}"
    config = folder / "cosmic-ray.toml"
    config.write_text(
        f'[cosmic-ray]\nmodule-path = "{RULES / module}.py"\ntimeout = 60\ntest-command = "{command}"\n'
        '[cosmic-ray.distributor]\nname = "local"\n'
        # Annotations are not run; and what is compared by identity is None, UNKNOWN or a bool: one of its kind.
        '[cosmic-ray.filters.operators-filter]\nexclude-operators = ["core/ReplaceBinaryOperator_BitOr_.*", '
        '"core/ReplaceComparisonOperator_Is_Eq", "core/ReplaceComparisonOperator_IsNot_NotEq"]\n'
    )
    return config


def run(module: str) -> tuple[int, int, str]:
    """Return how many mutants of a module there are, how many lived, and how they differ."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        folder = Path(name)
        config, database = session(folder, module), folder / "session.sqlite"
        env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}

        def do(*command: Any) -> str:
            ended = subprocess.run(
                list(map(str, command)), cwd=folder, env=env, check=True, capture_output=True, text=True
            )
            return ended.stdout

        do("cosmic-ray", "init", config, database)
        do("cr-filter-operators", database, config)
        do("cosmic-ray", "baseline", config)
        do("cosmic-ray", "exec", config, database)
        # Mutants that a filter has taken out are in the report, too, and have no outcome.
        outcomes = re.findall(r"test outcome: TestOutcome\.(\w+)", do("cr-report", database))
        lived = do("cr-report", database, "--show-diff", "--surviving-only")
        return len(outcomes), outcomes.count("SURVIVED"), lived


def main(modules: Sequence[str]) -> int:
    """Print the score by module and what has survived; fail below 90 of 100."""
    counted = {}
    for module in modules or TESTS:
        print(f"{module}: making mutants, and running its tests on each", flush=True)
        total, lived, report = run(module)
        counted[module] = (total, lived)
        print(f"{report}\n{module}: {total - lived} of {total} killed", flush=True)
    total, lived = (sum(numbers) for numbers in zip(*counted.values(), strict=True))
    print(f"in all: {total - lived} of {total} killed, {100 * (total - lived) / total:.1f} %")
    return 0 if 10 * lived <= total else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
