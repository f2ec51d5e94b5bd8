"""``make bench``: measures, and writes benchmarks/RESULTS.md; ``--sizes 1 10`` and ``--rounds 1`` make it shorter.

With an official kubernetes plugin on PATH, a stack's life is measured with the sandbox's stand-in and with that one.
"""

import argparse
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import outage, peers, programs, report
from benchmarks.report import Life
from benchmarks.sampling import Row, in_turn, processor_seconds, seconds
from benchmarks.spent import Spent, spent
from policies.hardening.hardening_rules import RULES as HARDENING
from policies.stateful.stateful_rules import RULES as STATEFUL
from sandbox.instance import Sandbox
from sandbox.node.needs import lacking
from sandbox.paths import ROOT
from sandbox.pulumi_releases import PLUGIN
from sandbox.toolchain import FAMILIES
from sandbox.tools import STAND_IN
from tests.support.projects import Project
from tests.support.sandboxes import running_sandbox

HERE = Path(__file__).parent
PART = ROOT / "build" / "benchmarks"
"""Where what has been measured is kept, row by row, whatever becomes of the rest."""
STEPS: Mapping[str, tuple[str, ...]] = {
    "preview": ("preview",),
    "first up": ("up", "--yes", "--skip-preview"),
    "no-change up": ("up", "--yes", "--skip-preview", "--expect-no-changes"),
    "destroy": ("destroy", "--yes", "--skip-preview"),
}
"""A stack's life, with new claims in every round."""
TARGET_SIZE, TARGET = 100, 1.1
"""Of each step, against raw resources."""
LARGE = 500
"""From this size on there is one pair, and no target: at each change the engine writes a state that has all of it."""
PODS_A_NODE = 100
Say = Callable[[str], None]
OURS = {"policies/stateful": STATEFUL, "policies/hardening": HARDENING}


@contextmanager
def side(box: Sandbox, folder: Path, program: Callable[[str], str]) -> Iterator[Project]:
    """A project with a program that is made for its namespace, and the objects of one web beside it."""
    with Project.in_new_namespace(box, folder) as project:
        project.configure({}, remove=tuple(project.config()))
        project.program(program(project.namespace))
        (project.folder / "raw.json").write_text(json.dumps(programs.objects(1, project.namespace)))
        yield project


def against_raw(box: Sandbox, folder: Path, count: int, rounds: int) -> dict[str, dict[str, list[Spent]]]:
    """Measure every step of both programs in turn; of a large stack, one pair."""
    found: dict[str, dict[str, list[Spent]]] = {step: {"ours": [], "raw": []} for step in STEPS}
    with (
        side(box, folder / f"ours-{count}", lambda namespace: programs.ours(count, namespace)) as ours,
        side(box, folder / f"raw-{count}", lambda _: programs.raw(count)) as raw,
    ):
        sides = {"ours": ours, "raw": raw}
        for project in sides.values():
            spent(project, "preview")  # what is compiled and cached at first use
        for number in range(1 if count >= LARGE else rounds):
            for step, command in STEPS.items():
                for name in sides if number % 2 == 0 else reversed(sides):
                    found[step][name].append(spent(sides[name], *command))
            for project in sides.values():
                project.kubectl("delete", "persistentvolumeclaims", "--all", "--namespace", project.namespace)
    return found


def rows_of(life: Life) -> Iterator[Row]:
    """Yield the rows of a stack's life."""
    target = TARGET if life.count == TARGET_SIZE else None
    for step, sides in life.steps.items():
        ours, raw = ([one.seconds for one in sides[side]] for side in ("ours", "raw"))
        yield Row(f"{step}, N = {life.count}", ours, raw, "raw", target, plugin=life.plugin)
    ours, raw = ([one.peak("program") for one in life.steps["preview"][side]] for side in ("ours", "raw"))
    memory = f"peak memory of the program, N = {life.count}"
    yield Row(memory, ours, raw, "raw", target and 1.0, "MiB", life.plugin)


def lives_of(
    box: Sandbox, folder: Path, sizes: Sequence[int], rounds: int, lives: list[Life], say: Say
) -> Iterator[Row]:
    """Yield the rows of a stack's life at each size, with the sandbox's plugin; add what it has cost to ``lives``."""
    plugin = plugin_of(box)
    for count in sizes:
        say(f"a stack's life, N = {count}, {plugin}")
        lives.append(Life(count, plugin, against_raw(box, folder, count, rounds)))
        yield from rows_of(lives[-1])


def with_packs(box: Sandbox, folder: Path, count: int, rounds: int) -> Iterator[Row]:
    """Yield the rows of previews with both packs, against packs that judge nothing."""
    one = [programs.empty_pack(folder / "one-rule", Path(pack).name, [rules[0]]) for pack, rules in OURS.items()]
    many = [programs.empty_pack(folder / "as-many", Path(pack).name, rules) for pack, rules in OURS.items()]
    with side(box, folder / "packs-of", lambda namespace: programs.ours(count, namespace)) as project:

        def preview(packs: Iterable[str]) -> Callable[[], float]:
            options = [word for pack in packs for word in ("--policy-pack", pack)]
            return lambda: spent(project, "preview", *options).seconds

        works = {"both": preview(OURS), "one": preview(one), "many": preview(many)}
        for work in works.values():
            work()  # what is compiled and cached at first use
        found = in_turn(rounds, works)
    name = f"preview with both packs, N = {count}"
    yield Row(name, found["both"], found["one"], "two packs of an empty rule", 1.05 if count == TARGET_SIZE else None)
    yield Row(name, found["both"], found["many"], "two packs of as many empty rules", None)


def against_kubectl(box: Sandbox, folder: Path, count: int, rounds: int) -> Row:
    """Measure an ``up`` that changes nothing against applying the same objects again."""
    with side(box, folder / "no-change", lambda namespace: programs.ours(count, namespace)) as project:
        spent(project, *STEPS["first up"])
        peers.apply(project, count)
        spent(project, *STEPS["first up"])
        found = in_turn(
            rounds,
            {
                "ours": lambda: spent(project, *STEPS["no-change up"]).seconds,
                "kubectl": lambda: seconds(lambda: peers.apply(project, count)),
            },
        )
    return Row(f"no-change up, N = {count}", found["ours"], found["kubectl"], "kubectl apply --server-side", None)


def in_processor_time(rounds: int) -> Iterator[Row]:
    """Yield the rows of what has to start quickly: the component's import, and ``make render`` of one."""

    def work(*command: str) -> Callable[[], float]:
        run = [sys.executable, *command]
        return lambda: processor_seconds(lambda: subprocess.run(run, cwd=ROOT, check=True, stdout=subprocess.DEVNULL))

    works = {
        "import of the component": work("-c", "from components.stateful_web import StatefulWeb"),
        "make render, N = 1": work("-m", "stateful_web.cli", "render", "--stack", "dev"),
        "pulumi": work("-c", "import pulumi"),
    }
    for one in works.values():
        one()  # what is compiled at first use
    found = in_turn(rounds * 5, works)
    for name, target in (("import of the component", 1.15), ("make render, N = 1", 1.5)):
        yield Row(name, found[name], found["pulumi"], "import pulumi", target, "s of processor")


def rendered(count: int, rounds: int, renderers: peers.Renderers) -> Iterator[Row]:
    """Yield the rows of what writes the same objects as YAML."""
    found = in_turn(rounds, renderers.works(count))
    work = f"render, N = {count}"
    if "cdk8s synth" in found:
        yield Row(work, found["ours"], found["cdk8s synth"], "cdk8s synth", None)
    yield Row(work, found["ours"], found["helm template"], "helm template", None)


def at_all_sizes(
    box: Sandbox, folder: Path, sizes: Sequence[int], rounds: int, lives: list[Life], say: Say
) -> Iterator[Row]:
    """Yield every row; of sizes that are large alone, those of a stack's life."""
    small = [size for size in sizes if size < LARGE]
    if small:
        say("imports and renderers")
        yield from in_processor_time(rounds)
        renderers = peers.Renderers(folder)
        for count in sorted({min(small), max(small)}):
            yield from rendered(count, rounds, renderers)
    yield from lives_of(box, folder, sizes, rounds, lives, say)
    if small:
        say(f"previews with packs, N = {max(small)}")
        yield from with_packs(box, folder, max(small), rounds)
        say("kubectl")
        yield against_kubectl(box, folder, min(10, max(small)), rounds)
        if why := lacking():
            say(f"failed requests in a size change are not measured: {why}")
        else:
            say("failed requests in a size change")
            yield outage.in_a_size_change(folder, rounds=1)


def plugin_of(box: Sandbox) -> str:
    """Return by which name results call the kubernetes plugin that a sandbox uses."""
    (found,) = (tool for tool in box.tools.tools if tool.name == PLUGIN)
    return STAND_IN if found.origin == STAND_IN else "official plugin"


def paths_to_measure() -> list[str]:
    """Return the values of PATH to measure with: without a kubernetes plugin, and, if there is one on it, with that."""
    path = os.environ["PATH"]
    without = os.pathsep.join(folder for folder in path.split(os.pathsep) if not (Path(folder) / PLUGIN).exists())
    return list(dict.fromkeys((without, path)))


def versions(box: Sandbox) -> dict[str, str]:
    """Return the versions of all that is measured, and where tools are from."""
    return {
        **{plugin_of(box) if t.name == PLUGIN else t.name: f"{t.version}, {t.origin}" for t in box.tools.tools},
        **{f"{name} for Python": importlib.metadata.version(name) for name in ("pulumi", "pulumi-kubernetes")},
        "Kubernetes": FAMILIES["kubernetes"].version,
        "Helm": FAMILIES["helm"].version,
        "cdk8s": peers.CDK8S,
    }


def publish(rows: Sequence[Row], lives: Sequence[Life], facts: Mapping[str, str], folder: Path) -> None:
    """Write the page into a folder, with its plots; what is measured of large stacks alone has a page of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    if lives and all(life.count >= LARGE for life in lives):
        report.write(folder / "RESULTS-large.md", rows, lives, facts, [])
        return
    plots = []
    for step in STEPS if lives else ():
        plots.append(folder / f"{step.replace(' ', '-')}.svg")
        report.plot(plots[-1], step, lives)
    report.write(folder / "RESULTS.md", rows, lives, facts, plots)


def main() -> int:
    """Measure, write the page; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    sizes, began = sorted(given.sizes), time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - began:5.0f} s] {line}", file=sys.stderr, flush=True)

    rows: list[Row] = []
    lives: list[Life] = []
    facts = {"rounds": str(given.rounds)} | report.machine()
    shutil.rmtree(PART, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="stateful-web-bench-") as name:
        os.environ["TMPDIR"] = name  # what a child leaves that is ended half way goes with the rest
        for number, path in enumerate(paths_to_measure()):
            os.environ["PATH"] = path
            folder = Path(name) / str(number)
            folder.mkdir()
            with running_sandbox(folder / "box") as box:
                box.cluster.scale(max(3, 2 * max(sizes) // PODS_A_NODE + 1))
                facts = versions(box) | facts
                # With another plugin, what it takes no part in is the same.
                measured = at_all_sizes if number == 0 else lives_of
                for row in measured(box, folder, sizes, given.rounds, lives, say):
                    rows.append(row)
                    publish(rows, lives, facts, PART)
    shutil.copytree(PART, HERE, dirs_exist_ok=True)
    print("\n".join(report.table(rows)))
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
