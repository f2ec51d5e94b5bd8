"""Mutation tests, by Cosmic Ray, which has to be on PATH: ``python -m tools.mutants [MODULE …]``.

Each of these modules is changed in one small way at a time, in a copy of the repository, and its tests have to notice.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support.checkouts import copy_of_the_tree

RULES, KIT = Path("policies/stateful/stateful_rules"), Path("policies/kit")
COMPONENT = Path("components/stateful_web")
OF_EVERY_RULE = ("policies/test_pack.py", "policies/test_known_shapes.py")
RULES_CONFIGURED = (*OF_EVERY_RULE, "policies/test_configuration.py")
MODULES = {
    "stateful/quantity": (RULES / "quantity.py", ("policies/test_storage.py", *RULES_CONFIGURED)),
    "stateful/storage": (RULES / "storage.py", ("policies/test_storage.py", *RULES_CONFIGURED)),
    "stateful/rollout": (RULES / "rollout.py", ("policies/test_rollout.py", *RULES_CONFIGURED)),
    "stateful/services": (RULES / "services.py", ("policies/test_services.py", *OF_EVERY_RULE)),
    "stateful/volumes": (RULES / "volumes.py", ("policies/test_volumes.py", *OF_EVERY_RULE)),
    "stateful/identity": (RULES / "identity.py", ("policies/test_identity.py", *RULES_CONFIGURED)),
    "kit/adapter": (KIT / "adapter.py", ("policies/test_adapter.py",)),
    "kit/common": (KIT / "common.py", ("policies/test_pack.py",)),
    "kit/examples": (KIT / "examples.py", ("policies/test_model.py",)),
    "kit/model": (KIT / "model.py", ("policies/test_model.py",)),
    "kit/pods": (KIT / "pods.py", ("policies/test_model.py",)),
    "kit/rule": (KIT / "rule.py", ("policies/test_tables.py", "policies/test_adapter.py", "policies/test_pack.py")),
    "kit/tables": (KIT / "tables.py", ("policies/test_tables.py",)),
    "component/attributes_class": (
        COMPONENT / "attributes_class.py",
        ("unit/test_attributes_class.py", "component/test_attributes_class.py"),
    ),
    "component/claim_metadata": (
        COMPONENT / "claim_metadata.py",
        ("unit/test_claim_metadata.py", "component/test_claim_metadata.py"),
    ),
    "component/managers": (COMPONENT / "managers.py", ("unit/test_managers.py",)),
    "component/environment": (COMPONENT / "environment.py", ("unit/test_environment.py",)),
    "component/growth": (
        COMPONENT / "growth.py",
        ("unit/test_growth.py", "component/test_growth.py", "component/test_rights.py", "unit/test_plan.py"),
    ),
    "component/plan": (
        COMPONENT / "plan.py",
        (
            "unit/test_plan_words.py",
            "component/test_rights.py",
            "component/test_namespace.py",
            "component/test_storage_classes.py",
            "component/test_autoscaled.py",
            "component/test_options.py",
            "component/test_adopt.py",
            "component/test_outputs_as_inputs.py",
            "component/test_replacement.py",
            "component/test_children.py",
            "unit/test_plan.py",
        ),
    ),
    "component/kubernetes_inputs": (COMPONENT / "kubernetes_inputs.py", ("unit/test_kubernetes_inputs.py",)),
    "component/manifests": (
        COMPONENT / "manifests.py",
        ("unit/test_manifests.py", "unit/test_rollout.py", "component/test_children.py", "component/test_scenario.py"),
    ),
    "component/pods": (
        COMPONENT / "pods.py",
        ("unit/test_pods.py", "unit/test_passed_on.py", "unit/test_manifests.py", "component/test_children.py"),
    ),
    "component/files": (COMPONENT / "files.py", ("unit/test_manifests.py", "component/test_children.py")),
    "component/probes": (COMPONENT / "probes.py", ("unit/test_probes.py", "unit/test_rollout.py")),
    "component/merge": (COMPONENT / "merge.py", ("unit/test_merge.py",)),
    "component/pod_guard": (COMPONENT / "pod_guard.py", ("unit/test_pod_guard.py",)),
    "component/names": (COMPONENT / "names.py", ("unit/test_names.py",)),
    "component/partition": (COMPONENT / "partition.py", ("unit/test_rollout.py", "component/test_partition.py")),
    "component/quantity": (COMPONENT / "quantity.py", ("unit/test_quantity.py",)),
    "component/replacement": (
        COMPONENT / "replacement.py",
        ("unit/test_replacement.py", "component/test_replacement.py"),
    ),
    "component/storage": (
        COMPONENT / "storage.py",
        ("component/test_storage_classes.py", "component/test_children.py"),
    ),
    "component/validation": (COMPONENT / "validation.py", ("unit/test_validation.py",)),
    "component/validation_network": (COMPONENT / "validation_network.py", ("unit/test_validation.py",)),
    "component/validation_pod": (COMPONENT / "validation_pod.py", ("unit/test_validation.py", "unit/test_pods.py")),
    "component/validation_storage": (COMPONENT / "validation_storage.py", ("unit/test_validation.py",)),
    "component/ports": (
        COMPONENT / "ports.py",
        ("unit/test_ports.py", "unit/test_probes.py", "unit/test_validation.py"),
    ),
    "cli/behind": (COMPONENT / "cli/behind.py", ("unit/test_cli_behind.py",)),
    "cli/claim_changes": (COMPONENT / "cli/claim_changes.py", ("unit/test_cli_claim_changes.py",)),
    "component/containers": (
        COMPONENT / "containers.py",
        ("unit/test_pods.py", "unit/test_passed_on.py", "unit/test_manifests.py", "unit/test_ports.py"),
    ),
}
"""Each module, and the tests in ``tests/`` that look at it."""


def session(folder: Path, module: str) -> Path:
    """Copy the tree, and write the configuration of one module's run."""
    copy_of_the_tree(folder)
    path, tests = MODULES[module]
    command = f"{sys.executable} -m pytest -q -x -p no:cacheprovider {' '.join(f'tests/{name}' for name in tests)}"
    config = folder / "cosmic-ray.toml"
    config.write_text(
        f'[cosmic-ray]\nmodule-path = "{path}"\ntimeout = 60\ntest-command = "{command}"\n'
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
    for module in modules or MODULES:
        print(f"{module}: making mutants, and running its tests on each", flush=True)
        total, lived, report = run(module)
        counted[module] = (total, lived)
        print(f"{report}\n{module}: {total - lived} of {total} killed", flush=True)
    total, lived = (sum(numbers) for numbers in zip(*counted.values(), strict=True))
    print(f"in all: {total - lived} of {total} killed, {100 * (total - lived) / total:.1f} %")
    return 0 if 10 * lived <= total else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
