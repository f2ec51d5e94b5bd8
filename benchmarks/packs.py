"""What the policy packs cost: ``python -m benchmarks.packs [ROUNDS]`` previews 100 StatefulWebs on its own sandbox.

Each round previews with no pack, with two packs of one empty rule each, and with both packs, one after the other, so
that whatever else the machine does hits all three. The engine starts a process a pack and asks it of every resource: so
the second is what having packs costs, and the third against the second what these rules cost.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from sandbox.instance import Sandbox
from tests.support.projects import Project, copy_of_the_program

BAR = 1.25
PROGRAM = """
from components.stateful_web import StatefulWeb

for n in range(100):
    StatefulWeb(
        f"web-{{n}}",
        {{
            "image": "registry.k8s.io/nginx-slim:0.27", "namespace": "{namespace}", "replicas": 3,
            "storage": {{"size": "1Gi", "storage_class_name": "standard"}},
        }},
    )
"""
EMPTY_PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

PolicyPack("{name}", [ResourceValidationPolicy("empty", "Judges nothing.", lambda args, report: None)],
           enforcement_level=EnforcementLevel.ADVISORY)
"""


def empty_pack(folder: Path, name: str) -> str:
    """Write a pack of one rule that judges nothing."""
    pack = folder / name
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 0.0.1\n")
    (pack / "__main__.py").write_text(EMPTY_PACK.format(name=name))
    return str(pack)


def measure(project: Project, rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each round's previews."""
    project.configure({}, remove=tuple(project.config()))
    project.program(PROGRAM.format(namespace=project.namespace))
    empty = [empty_pack(project.folder, name) for name in ("empty-one", "empty-two")]
    packs = {"no packs": [], "empty packs": empty, "both packs": ["policies/stateful", "policies/hardening"]}
    seconds: dict[str, list[float]] = {name: [] for name in packs}
    project.preview()  # warms what is compiled and cached at first use
    for _ in range(rounds):
        for name, paths in packs.items():
            options = [word for path in paths for word in ("--policy-pack", path)]
            began = time.monotonic()
            project.preview(*options)
            seconds[name].append(time.monotonic() - began)
    return seconds


def main() -> int:
    """Print medians and ratios; fail if the rules cost more than the bar."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else 5
    with tempfile.TemporaryDirectory(prefix="packs-") as name:
        folder = Path(name)
        box = Sandbox(copy_of_the_program(folder / "box"), lambda line: print(line, file=sys.stderr))
        try:
            box.cluster.up()
            with Project.in_new_namespace(box, folder / "project") as project:
                seconds = measure(project, rounds)
        finally:
            box.cluster.delete()
    medians = {kind: statistics.median(found) for kind, found in seconds.items()}
    for kind, found in seconds.items():
        print(f"{kind}: median {medians[kind]:.2f} s of {', '.join(f'{second:.2f}' for second in found)}")
    ratios = [both / empty for both, empty in zip(seconds["both packs"], seconds["empty packs"], strict=True)]
    ratio = statistics.median(ratios)
    print(f"both packs against empty packs: {ratio:.2f} (bar {BAR})")
    print(f"both packs against no packs: {medians['both packs'] / medians['no packs']:.2f}")
    return 0 if ratio <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
