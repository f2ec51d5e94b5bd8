"""What status, doctor and claims print of fixed pictures, as it is kept in ``outputs/``: text, JSON and Markdown.

After a change that is meant, ``python -m tests.unit.test_outputs`` writes the files anew.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from components.stateful_web.cli.changes import moment
from components.stateful_web.cli.doctor import diagnose, summary
from components.stateful_web.cli.live_objects import Place, Seen
from components.stateful_web.cli.status import statuses
from components.stateful_web.cli.views import claims, pictures
from components.stateful_web.kubeconfig import ClusterAccess
from sandbox.paths import ROOT
from tests.support.live_sets import Object, claim, event, everything, pod, stateful_set
from tests.support.terminals import screen_of

KEPT = Path(__file__).parent / "outputs"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
COMMANDS = ("status", "doctor", "claims", "watch")


def _rollout() -> Iterator[Object]:
    """A set in the middle of an update: a pod at an older revision, one that can't start, a claim that grows."""
    web = stateful_set("web", 3, ready=2)
    kept = [one for one in everything(web) if one["metadata"]["name"] not in ("web-1", "web-2", "data-web-0")]
    waits = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}
    stuck = pod(web, 2, is_ready=False, containerStatuses=[{"name": "nginx", "restartCount": 0, "state": waits}])
    yield from (*kept, pod(web, 1, revision="old"), stuck)
    yield claim(web, 0, "1Gi", "2Gi")
    yield claim(web, 3, "1Gi")
    yield event(stuck, "Failed", 'image "nginx:1.29|typo" <none> is not there')


def _seen(cluster: str, context: str, *objects: Object) -> Seen:
    kinds = ("StatefulSet", "Pod", "PersistentVolumeClaim", "Service", "Event", "StorageClass", "PersistentVolume")
    by_kind = {kind: [one for one in objects if one["kind"] == kind] for kind in kinds}
    return Seen(Place(ClusterAccess(context=context), "shop"), cluster, by_kind, now=NOW)


SEEN = [
    _seen("https://eu.example.com", "eu", *_rollout()),
    _seen("https://us.example.com", "us", *everything(stateful_set("search", 1))),
]


def show(command: str, output: str) -> None:
    """Print what a command prints of the pictures."""
    from components.stateful_web.cli import reports, tables

    sets = [found for one in SEEN for found in statuses(one)]
    findings = [
        (summary(of), [found.of(of.name, of.namespace, one.cluster, lambda _: True) for found in diagnose(of)])
        for one in SEEN
        for of in pictures(one, "dev")
    ]
    found = [each for one in SEEN for each in claims(one, None)]
    where = tables.console()
    if output == "text":
        {
            "status": lambda: tables.print_status(sets, where),
            "doctor": lambda: tables.print_findings(findings, where),
            "claims": lambda: tables.print_claims(found, where, "dev"),
            "watch": lambda: where.print(
                tables.picture(moment(SEEN).sets, ["12:00:01 shop/web: pod web-2: Failed: …"], where)
            ),
        }[command]()
    elif output == "json":
        of_command: dict[str, Sequence[Any]] = {
            "status": sets,
            "doctor": [one for _, of in findings for one in of],
            "claims": found,
        }
        tables.print_json(of_command[command])
    else:
        print(
            {
                "status": lambda: reports.of_status(sets),
                "doctor": lambda: reports.of_findings(findings),
                "claims": lambda: reports.of_claims(found, "dev"),
            }[command]()
        )


def _trimmed(said: str) -> list[str]:
    return "\n".join(line.rstrip() for line in said.splitlines()).rstrip().splitlines()


@pytest.fixture
def piped(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, int], str]:
    def piped(command: str, output: str, columns: int) -> str:
        monkeypatch.setenv("COLUMNS", str(columns))
        show(command, output)
        return capsys.readouterr().out

    return piped


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("command", COMMANDS)
def test_text_in_a_pipe_is_as_it_is_kept(command: str, columns: int, piped: Callable[[str, str, int], str]) -> None:
    assert piped(command, "text", columns) == (KEPT / f"{command}-{columns}.txt").read_text()


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("shown", [COMMANDS[:2], COMMANDS[2:]], ids=" ".join)
def test_text_in_a_terminal_is_the_same(shown: Sequence[str], columns: int) -> None:
    shows = "; ".join(f"t.show({command!r}, 'text')" for command in shown)
    script = [sys.executable, "-c", f"import tests.unit.test_outputs as t; {shows}"]
    kept = "".join((KEPT / f"{command}-{columns}.txt").read_text() for command in shown)
    assert screen_of(script, columns, os.environ, ROOT).lines == _folded(_trimmed(kept), columns)


@pytest.mark.parametrize("output", ["json", "markdown"])
@pytest.mark.parametrize("command", COMMANDS[:3])
def test_json_and_markdown_are_as_they_are_kept_at_every_width(
    command: str, output: str, piped: Callable[[str, str, int], str]
) -> None:
    for columns in (80, 120):
        assert piped(command, output, columns) == (KEPT / f"{command}.{output}").read_text()


def _folded(lines: list[str], columns: int) -> list[str]:
    """Return lines as a terminal shows them: it folds what is wider, at any character."""
    return [line[at : at + columns].rstrip() for line in lines for at in range(0, max(len(line), 1), columns)]


def _written(command: str, output: str, columns: int) -> str:
    os.environ["COLUMNS"] = str(columns)
    with redirect_stdout(StringIO()) as out:
        show(command, output)
    return out.getvalue()


if __name__ == "__main__":
    for each in COMMANDS:
        for width in (80, 120):
            (KEPT / f"{each}-{width}.txt").write_text(_written(each, "text", width))
        for how in ("json", "markdown") if each != "watch" else ():
            (KEPT / f"{each}.{how}").write_text(_written(each, how, 80))
