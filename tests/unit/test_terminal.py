"""What the commands show in a terminal: aligned, whole names, in colour where it has some, narrow and wide."""

import io
import os
import sys
from functools import cache

import pytest

from components.stateful_web.cli.claims import Claim
from components.stateful_web.cli.forecast import Forecast
from components.stateful_web.cli.review import Review
from components.stateful_web.cli.status import ClaimStatus, PodStatus, StatefulSetStatus
from components.stateful_web.cli.tables import UNLIMITED, console, print_status
from sandbox.paths import ROOT
from tests.support.terminals import Screen, columns_of, screen_of

HOSTS = [f"web-{n}.nginx.default.svc.cluster.local" for n in range(3)]
VOLUMES = [f"pvc-e8a3bef3-d560-4adb-b34e-75f591b5564{n}" for n in range(3)]
STATUS = StatefulSetStatus(
    "web", "default", "nginx", "None", 3, 2,
    [PodStatus(f"web-{n}", "Running", n < 2, 0, f"node-{n}", HOSTS[n]) for n in range(3)],
    [ClaimStatus(f"www-web-{n}", "Bound", "1Gi", "rook-ceph-block", VOLUMES[n], f"web-{n}", None) for n in range(3)],
)  # fmt: skip
CLAIMS = [
    Claim(
        "default", f"www-web-{n}", "Bound", "1Gi", 60, VOLUMES[n], "Delete", None, f"web-{n}, scaled down", "kubectl …"
    )
    for n in range(3)
]
STOPS = Forecast("default", "web", "replace", "replaces StatefulSet web: stops all 3 pods", stops_all_pods=True)
SHOW = "import tests.unit.test_terminal as t; t.show()"


def show() -> None:
    from components.stateful_web.cli.tables import print_claims, print_review

    where = console()
    print_status([STATUS], where)
    print_review(Review("dev", 0, True, forecasts=[STOPS]), where)
    print_claims(CLAIMS, where, "dev")


@cache
def shown(columns: int, colour: bool = True) -> Screen:
    env = {**os.environ, **({} if colour else {"NO_COLOR": "1"})}
    return screen_of([sys.executable, "-c", SHOW], columns, env, ROOT)


@pytest.mark.parametrize("columns", [80, 160])
def test_every_name_is_whole_on_a_line_of_its_own_and_beneath_its_columns_name(columns: int) -> None:
    lines = shown(columns).lines
    for name in (*HOSTS, *VOLUMES):
        assert sum(name in line for line in lines) == (2 if name in VOLUMES else 1), name
    tables = {line: columns_of(lines, line) for line in lines if line.startswith(("POD ", "CLAIM "))}
    by_column = {name: [row[name] for row in rows] for rows in tables.values() for name in rows[0]}
    assert by_column["DNS NAME"] == HOSTS
    assert by_column["VOLUME"][:3] == VOLUMES
    assert by_column["NODE"] == ["node-0", "node-1", "node-2"]
    assert by_column["USED BY"] == [f"left by web-{n}, scaled down" for n in range(3)]
    assert all(rows[0].get("POD", rows[0].get("CLAIM")) in ("web-0", "www-web-0") for rows in tables.values())


def test_a_wide_terminal_has_one_table_for_pods_and_one_for_claims() -> None:
    lines = shown(160).lines
    assert [line.split()[-1] for line in lines if line.startswith("POD ")] == ["NAME"]
    assert sum(line.startswith("CLAIM ") for line in lines) == 2, "that of status, and that of claims"


def test_colour_is_for_what_matters_and_without_it_the_text_is_the_same() -> None:
    coloured, plain = shown(80), shown(80, colour=False)
    assert coloured.colours
    assert plain.colours == set()
    assert coloured.bold
    assert plain.lines == coloured.lines
    assert "default/web: replaces StatefulSet web: stops all 3 pods" in plain.lines


def test_what_is_no_terminal_gets_tables_of_their_own_width_unless_columns_says_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stdout", pipe)
    monkeypatch.delenv("COLUMNS", raising=False)
    assert console().width == UNLIMITED
    print_status([STATUS], console())
    written = pipe.getvalue()
    assert "\x1b" not in written
    assert all(len(line) < 120 for line in written.splitlines())
    assert all(any(host in line and "Running" in line for line in written.splitlines()) for host in HOSTS)
    monkeypatch.setenv("COLUMNS", "72")
    assert console().width == 72
