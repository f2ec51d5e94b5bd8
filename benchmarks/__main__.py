"""``make bench``: measures, and writes benchmarks/RESULTS.md; ``--sizes 1 10`` and ``--rounds 3`` make it shorter."""

import argparse
import importlib.metadata
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import outage, peers, programs, report
from benchmarks.sampling import Row, Samples, in_turn, seconds
from sandbox.instance import Sandbox
from sandbox.node.needs import lacking
from sandbox.paths import ROOT
from sandbox.toolchain import FAMILIES
from tests.support.processes import in_session, running
from tests.support.projects import Project
from tests.support.sandboxes import running_sandbox

HERE = Path(__file__).parent
PART = ROOT / "build" / "benchmarks"
"""Where what has been measured is kept, row by row, whatever becomes of the rest."""
STEPS = ("preview", "first up", "no-change up", "destroy")
LOOKS = ("preview", "no-change up")
"""The steps that change nothing."""
LARGE = 500
"""A stack of so many lives once: at each of its changes the engine writes the whole state, which takes many minutes."""
PODS_A_NODE = 100
Say = Callable[[str], None]
Lives = dict[int, dict[str, Samples]]
"""For each number of StatefulWebs and each step, the seconds of both sides."""
OURS = ["policies/stateful", "policies/hardening"]


@contextmanager
def side(box: Sandbox, folder: Path, program: Callable[[str], str]) -> Iterator[Project]:
    """A project with a program that is made for its namespace."""
    with Project.in_new_namespace(box, folder) as project:
        project.configure({}, remove=tuple(project.config()))
        project.program(program(project.namespace))
        yield project


def life(project: Project) -> dict[str, Callable[[], object]]:
    """Return the steps of a stack's life, with new claims in every round."""
    return {
        "preview": project.preview,
        "first up": project.up,
        "no-change up": lambda: project.up("--expect-no-changes"),
        "destroy": lambda: project.pulumi("destroy", "--yes", "--skip-preview"),
    }


def timed(project: Project, step: str) -> Callable[[], float]:
    """Return what takes one step and says how long that took."""
    return lambda: seconds(life(project)[step])


def against_raw(box: Sandbox, folder: Path, count: int, rounds: int) -> dict[str, Samples]:
    """Measure every step of both programs in turn; a large stack lives once, and is looked at ``rounds`` times."""
    lives, looks = (1, rounds) if count >= LARGE else (rounds, 1)
    samples: dict[str, Samples] = {step: {"ours": [], "raw": []} for step in STEPS}
    with (
        side(box, folder / f"ours-{count}", lambda namespace: programs.ours(count, namespace)) as ours,
        side(box, folder / f"raw-{count}", lambda _: programs.raw(count)) as raw,
    ):
        (raw.folder / "raw.json").write_text(json.dumps(programs.objects(1, raw.namespace)))
        for number in range(lives):
            sides = {"ours": ours, "raw": raw} if number % 2 == 0 else {"raw": raw, "ours": ours}
            for step in STEPS:
                works = {name: timed(project, step) for name, project in sides.items()}
                for name, taken in in_turn(looks if step in LOOKS else 1, works).items():
                    samples[step][name] += taken
            for project in sides.values():
                project.kubectl("delete", "persistentvolumeclaims", "--all", "--namespace", project.namespace)
    return samples


def verifying(box: Sandbox, folder: Path, count: int, rounds: int) -> Row:
    """Measure previews with classes looked up and not."""
    with (
        side(box, folder / f"off-{count}", lambda namespace: programs.ours(count, namespace)) as off,
        side(box, folder / f"on-{count}", lambda namespace: programs.ours(count, namespace, verify=True)) as on,
    ):
        found = in_turn(rounds, {name: lambda of=of: seconds(of.preview) for name, of in (("on", on), ("off", off))})  # type: ignore[misc]
    return Row(f"preview with verify, N = {count}", found["on"], found["off"], "verify off", None)


def previews(box: Sandbox, folder: Path, count: int, rounds: int) -> Samples:
    """Measure previews without packs, with ours and with empty ones."""
    empty = [programs.empty_pack(folder / "packs", name) for name in ("empty-one", "empty-two")]
    with side(box, folder / "packs-of", lambda namespace: programs.ours(count, namespace)) as project:

        def preview(packs: list[str]) -> Callable[[], float]:
            options = [word for pack in packs for word in ("--policy-pack", pack)]
            return lambda: seconds(lambda: project.preview(*options))

        works = {"no packs": preview([]), "empty packs": preview(empty), "both packs": preview(OURS)}
        project.preview()  # warms what is compiled and cached at first use
        return in_turn(rounds, works)


def peak_megabytes(project: Project) -> float:
    """Return the most memory that the process with the program in it has held during a preview."""
    peak = 0.0
    with running(project, "preview") as run:
        while run.process.poll() is None:
            for pid, command in in_session(run.pid).items():
                if "language" in command or "__main__.py" in command:
                    peak = max(peak, _held(pid))
            time.sleep(0.1)
        ended = run.ended()
    if ended.code:
        raise RuntimeError(f"a preview failed: {ended.output}")
    return peak


def _held(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def memory(box: Sandbox, folder: Path, count: int, rounds: int) -> Samples:
    """Measure the memory of both programs."""
    with (
        side(box, folder / "memory-ours", lambda namespace: programs.ours(count, namespace)) as ours,
        side(box, folder / "memory-raw", lambda _: programs.raw(count)) as raw,
    ):
        (raw.folder / "raw.json").write_text(json.dumps(programs.objects(1, raw.namespace)))
        return in_turn(rounds, {"ours": lambda: peak_megabytes(ours), "raw": lambda: peak_megabytes(raw)})


def against_kubectl(box: Sandbox, folder: Path, count: int, rounds: int) -> Samples:
    """Measure an ``up`` that changes nothing against applying the same objects again."""
    with side(box, folder / "no-change", lambda namespace: programs.ours(count, namespace)) as project:
        project.up()
        peers.apply(project, count)
        project.up()
        return in_turn(
            rounds,
            {
                "ours": lambda: seconds(lambda: project.up("--expect-no-changes")),
                "kubectl": lambda: seconds(lambda: peers.apply(project, count)),
            },
        )


def imports(rounds: int) -> Samples:
    """Measure the import of the component against that of the SDK's modules that it needs."""

    def work(statement: str) -> Callable[[], float]:
        command = [sys.executable, "-c", statement]
        return lambda: seconds(lambda: subprocess.run(command, cwd=ROOT, check=True))

    sdk = "import pulumi_kubernetes.core.v1, pulumi_kubernetes.apps.v1"
    return in_turn(rounds * 3, {"ours": work("import components.stateful_web"), "sdk": work(sdk)})


def measure(box: Sandbox, folder: Path, sizes: list[int], rounds: int, lives: Lives, say: Say) -> Iterator[Row]:
    """Yield all rows; put the steps by size, for the plots, into ``lives``."""
    found = imports(rounds)
    yield Row("import of the component", found["ours"], found["sdk"], "core and apps of the SDK", 1.1)
    renderers = peers.Renderers(folder)
    for count in sorted({min(sizes), max(sizes)}):
        say(f"rendering {count}")
        found = in_turn(rounds, renderers.works(count))
        work = f"render, N = {count}"
        if "cdk8s synth" in found:
            yield Row(work, found["ours"], found["cdk8s synth"], "cdk8s synth", 1.0)
        yield Row(work, found["ours"], found["helm template"], "helm template", None)
    for count in sizes:
        say(f"a stack's life, N = {count}")
        lives[count] = against_raw(box, folder, count, rounds)
        for step, found in lives[count].items():
            bar = 1.25 if count >= 100 else None
            yield Row(f"{step}, N = {count}", found["ours"], found["raw"], "raw", bar)
    for count in sorted({min(sizes), max(size for size in sizes if size <= 100)}):
        say(f"verify, N = {count}")
        yield verifying(box, folder, count, rounds)
    yield from at_size(box, folder, max(size for size in sizes if size <= 100), rounds, say)
    if max(sizes) >= 500:
        yield linear(box, folder, rounds, max(sizes))
    if why := lacking():
        say(f"failed requests in a size change are not measured: {why}")
    else:
        say("failed requests in a size change")
        yield outage.in_a_size_change(folder, rounds)


def at_size(box: Sandbox, folder: Path, count: int, rounds: int, say: Say) -> Iterator[Row]:
    """Yield the rows that are measured at one size."""
    say(f"previews, N = {count}")
    found = previews(box, folder, count, rounds)
    none, both, empty = (found[name] for name in ("no packs", "both packs", "empty packs"))
    yield Row(f"preview with both packs, N = {count}", both, empty, "two packs of an empty rule", 1.25)
    yield Row(f"preview with both packs, N = {count}", both, none, "no packs", None)
    say(f"memory, N = {count}")
    found = memory(box, folder, count, rounds)
    yield Row(f"peak memory of the program, N = {count}", found["ours"], found["raw"], "raw", 1.1, "MiB")
    say(f"kubectl, N = {count}")
    found = against_kubectl(box, folder, count, rounds)
    yield Row(f"no-change up, N = {count}", found["ours"], found["kubectl"], "kubectl apply --server-side", 1.0)


def linear(box: Sandbox, folder: Path, rounds: int, count: int) -> Row:
    """Compare what one StatefulWeb adds to a preview among many with what it adds among 50."""
    sides = {0: "nothing", 50: "few", count: "many"}
    with tempfile.TemporaryDirectory(dir=folder) as name:
        taken: dict[int, list[float]] = {}
        for size, word in sides.items():
            with side(box, Path(name) / word, lambda namespace, size=size: programs.ours(size, namespace)) as project:  # type: ignore[misc]
                taken[size] = in_turn(rounds, {word: lambda project=project: seconds(project.preview)})[word]  # type: ignore[misc]
    floor = statistics.median(taken[0])
    each = {size: [1000 * (value - floor) / size for value in taken[size]] for size in (50, count)}
    return Row(f"cost per StatefulWeb in a preview, N = {count}", each[count], each[50], "N = 50", 1.1, "ms")


def versions(box: Sandbox) -> dict[str, str]:
    """Return the versions of all that is measured, and where tools are from."""
    return {
        **{tool.name: f"{tool.version}, {tool.origin}" for tool in box.tools.tools},
        **{f"{name} for Python": importlib.metadata.version(name) for name in ("pulumi", "pulumi-kubernetes")},
        "Kubernetes": FAMILIES["kubernetes"].version,
        "Helm": FAMILIES["helm"].version,
        "cdk8s": peers.CDK8S,
    }


def publish(rows: list[Row], lives: Lives, facts: dict[str, str], folder: Path) -> None:
    """Write the page and its plots into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    plots = []
    for step in STEPS if lives else ():
        series = {side: [statistics.median(of[step][side]) for of in lives.values()] for side in ("ours", "raw")}
        plots.append(folder / f"{step.replace(' ', '-')}.svg")
        report.plot(plots[-1], step, list(lives), series)
    report.write(folder / "RESULTS.md", rows, facts, plots)


def main() -> int:
    """Measure, write the page; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 10, 100, 500])
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - began:5.0f} s] {line}", file=sys.stderr, flush=True)

    rows: list[Row] = []
    lives: Lives = {}
    with tempfile.TemporaryDirectory(prefix="stateful-web-bench-") as name, running_sandbox(Path(name) / "box") as box:
        os.environ["TMPDIR"] = name  # what a child leaves that is ended half way goes with the rest
        box.cluster.scale(max(3, 2 * max(given.sizes) // PODS_A_NODE + 1))
        facts = versions(box) | {"rounds": str(given.rounds)} | report.machine()
        for row in measure(box, Path(name), sorted(given.sizes), given.rounds, lives, say):
            rows.append(row)
            publish(rows, lives, facts, PART)
    shutil.copytree(PART, HERE, dirs_exist_ok=True)
    print("\n".join(report.table(rows)))
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
