"""What a reviewer gets of a preview: a comment, a document and lines, from one fixed event log; and the gate."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
import pytest

from components.stateful_web.cli import clusters
from components.stateful_web.cli.claim_changes import Claim
from components.stateful_web.cli.commands import EPILOG
from components.stateful_web.cli.commands.preview import preview
from components.stateful_web.cli.forecast import Forecast, Live
from components.stateful_web.cli.preview import Previewed, review
from components.stateful_web.cli.pulumi_cli import State
from components.stateful_web.cli.review import (
    COMMENT_MAX,
    GATES,
    ROWS_MAX,
    UNWANTED,
    Review,
    as_failed,
    as_json,
    as_markdown,
    gates,
    summary,
)
from components.stateful_web.cli.steps import Step, steps_of
from components.stateful_web.cli.tables import console, print_review
from components.stateful_web.cli.verdicts import Verdict
from components.stateful_web.kubeconfig import ClusterAccess, ClusterUnavailable
from sandbox.paths import ROOT
from tests.support.fake_api_server import fake_api_server
from tests.support.terminals import screen_of

FIXED = Path(__file__).parent / "preview"
EVENTS = [json.loads(line) for line in (FIXED / "events.jsonl").read_text().splitlines()]
REFUSED = ("This account may not read the claims in namespace shop: the state is believed.",)
SHOW = "import tests.unit.test_review as t; t.show()"


def asked(access: ClusterAccess, step: Step) -> tuple[Live, tuple[str, ...]]:
    """Answer for both clusters; in the west claims may not be listed."""
    kubectl = f"kubectl --context {access.context}"
    if access.context == "west":
        return Live(3, None, frozenset(), kubectl), REFUSED
    return Live(3, {f"data-db-{n}": Claim("1Gi") for n in range(3)}, frozenset(), kubectl), ()


def reviewed(*wanted: str) -> Review:
    with patch.object(clusters, "read_live", asked):
        return review("shop/prod", Previewed(255, EVENTS), State("prod", {}), wanted)


def show() -> None:
    print_review(reviewed(), console())


def said(found: Forecast, *wanted: str, code: int = 0) -> Review:
    return Review("shop/prod", code, True, forecasts=[found], fail_on=wanted)


def test_the_comment_says_what_stops_restarts_grows_and_is_denied_and_folds_the_rest() -> None:
    assert (
        as_markdown(reviewed("stop", "replace"), (FIXED / "plan.txt").read_text()) == (FIXED / "comment.md").read_text()
    )


def test_the_document_for_machines_has_all_of_it() -> None:
    assert as_json(reviewed("restart")) + "\n" == (FIXED / "document.json").read_text()


def test_the_page_has_every_key_of_the_document() -> None:
    page = (ROOT / "docs/how-to/review-in-ci.md").read_text().partition("## For machines")[2]
    document = json.loads((FIXED / "document.json").read_text())
    for part in (document, *(document[key][0] for key in ("changes", "verdicts", "forecasts"))):
        assert [key for key in part if f"`{key}`" not in page] == []


@pytest.mark.parametrize("columns", [80, 120])
def test_the_lines_in_a_terminal_have_all_of_it(columns: int) -> None:
    shown = screen_of([sys.executable, "-c", SHOW], columns, os.environ, ROOT).lines
    assert "\n".join(shown) + "\n" == (FIXED / f"lines-{columns}.txt").read_text()


def test_no_secret_is_in_any_of_them() -> None:
    texts = [path.read_text() for path in FIXED.iterdir() if path.name != "events.jsonl"]
    assert not any("[secret]" in text or "PASSWORD" in text for text in texts)


@pytest.mark.parametrize(
    ("facts", "refusing"),
    [
        ({}, []),
        ({"grows": 3}, []),
        ({"restarts": 3}, ["restart"]),
        ({"stops": 1}, ["restart", "stop"]),
        ({"deletes_claims": True}, ["restart", "stop"]),
        ({"replaces": True}, ["replace"]),
        ({"replaces": True, "stops": 3}, ["restart", "stop", "replace"]),
    ],
)
def test_a_gate_refuses_what_it_names_and_what_is_worse(facts: dict[str, Any], refusing: list[str]) -> None:
    found = said(Forecast("shop", "web", "update", "…", **facts), *GATES)
    assert list(found.unwanted) == refusing
    assert found.exit_code == (UNWANTED if refusing else 0)
    assert gates(found) == [f"--fail-on {gate}: shop/web" for gate in refusing]


def test_without_a_gate_nothing_is_refused_and_the_engine_s_own_exit_code_goes_before() -> None:
    stops = Forecast("shop", "web", "delete", "…", stops=3)
    assert said(stops).exit_code == 0
    assert said(stops, "stop", code=255).exit_code == 255


def test_the_option_offers_every_gate_and_the_help_names_the_exit_code() -> None:
    (choices,) = (option.type for option in preview.params if option.name == "fail_on")
    assert isinstance(choices, click.Choice)
    assert list(choices.choices) == list(GATES)
    assert f"  {UNWANTED}   preview --fail-on" in EPILOG


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (Review("p/s", 0, True), "no StatefulSet in this stack, no pod is touched"),
        (said(Forecast("shop", "web", "same", "…")), "touches no pod and no claim"),
        (Review("p/s", 255, False, errors=["no"]), "fails before its end"),
        (
            Review("p/s", 255, False, verdicts=[Verdict("stateful", "a", "mandatory", "", "x", "y")] * 2),
            "denied by 1 rule",
        ),
        (said(Forecast("shop", "web", "create", "…")), "creates 1 StatefulSet"),
        (
            said(Forecast("shop", "web", "delete", "…", stops=1, deletes_claims=True)),
            "deletes the data of 1 StatefulSet; stops 1 pod",
        ),
        (said(Forecast("", "east", "replace", "…", replaces=True)), "replaces all objects of 1 provider"),
        (
            Review("p/s", 0, True, claims_of_no_set="grows 1 claim 1Gi → 2Gi"),
            "grows 1 claim 1Gi → 2Gi of no StatefulSet",
        ),
    ],
)
def test_the_first_line_sums_up_worst_first(found: Review, line: str) -> None:
    assert summary(found) == line


def test_a_comment_is_never_longer_than_a_forge_takes() -> None:
    plan = "\n".join(f"{n} a line of the plan" for n in range(10_000))
    verdicts = [Verdict("p", f"rule-{n}", "mandatory", "", "o", "m" * 5000) for n in range(500)]
    sets = [Forecast("shop", f"web-{n}", "update", "h", ("d" * 200,), restarts=1) for n in range(500)]
    made = as_markdown(Review("p/s", 255, False, verdicts=verdicts, forecasts=sets), plan)
    assert len(made) <= 65_536
    assert f"… and {500 - ROWS_MAX} more" in made
    short = as_markdown(Review("p/s", 0, True), plan)
    assert len(short) <= COMMENT_MAX
    assert "9999 a line of the plan" in short, "its end has the numbers"


def test_a_preview_that_could_not_begin_keeps_its_place_in_the_request() -> None:
    assert as_failed("shop/prod", "Stack prod is not there yet: run pulumi stack init prod") == (
        "<!-- stateful-web preview of shop/prod -->\n### Preview of `shop/prod`: did not run\n\n"
        "```text\nStack prod is not there yet: run pulumi stack init prod\n```\n"
    )


def step_of(kubeconfig: Any, events: Sequence[Any] = EVENTS) -> tuple[Step, list[Step]]:
    steps = steps_of(events)
    for step in steps:
        if step.type == "pulumi:providers:kubernetes":
            step.old = step.new = {"kubeconfig": kubeconfig}
    return next(step for step in steps if step.resource == "web-west"), steps


UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
HIDDEN = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}


@pytest.mark.parametrize("kubeconfig", [UNKNOWN, {"clusters": [UNKNOWN]}, HIDDEN])
def test_no_other_cluster_is_asked_where_the_provider_s_own_is_not_known(
    kubeconfig: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "read_live", lambda *_: pytest.fail("another cluster is asked"))
    step, steps = step_of(kubeconfig)
    live, lacking = clusters.Clusters(steps, State("prod", {})).ask(step)
    assert live is None
    assert lacking == ("The cluster was not asked: how its provider reaches it is known only after up.",)


def test_a_cluster_that_does_not_answer_is_asked_once_and_said_not_to_have_been(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries: list[ClusterAccess] = []

    def refuses(access: ClusterAccess, step: Step) -> Any:
        tries.append(access)
        raise ClusterUnavailable("it is gone.")

    monkeypatch.setattr(clusters, "read_live", refuses)
    step, steps = step_of("kubeconfig")
    both = clusters.Clusters(steps, State("prod", {}))
    assert both.ask(step) == both.ask(step) == (None, ("The cluster was not asked: it is gone.",))
    assert len(tries) == 1


def test_an_account_that_may_not_read_all_learns_what_was_not_looked_at() -> None:
    with fake_api_server() as fake:
        fake.add({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data-web-0"}, "spec": {}})
        fake.forbid("get statefulsets")
        step, _ = step_of(fake.kubeconfig)
        live, lacking = clusters.read_live(ClusterAccess(fake.kubeconfig), step)
        assert live.replicas is None
        assert lacking == ("This account may not read StatefulSet shop/web: the state is believed.",)
        fake.forbid("list persistentvolumeclaims")
        live, lacking = clusters.read_live(ClusterAccess(fake.kubeconfig), step)
        assert live.claims is None
        assert lacking == (
            "This account may not read the claims in namespace shop, StatefulSet shop/web: the state is believed.",
        )
