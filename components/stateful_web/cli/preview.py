"""``pulumi preview`` with the policy packs, and a forecast from the events of that very run."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pulumi.runtime.rpc import UNKNOWN

from .claim_changes import Claim, ClaimChange, clauses
from .clusters import ClusterNamespace, Clusters
from .forecast import (
    PROVIDER,
    Forecast,
    Plan,
    forecast,
    replaced_provider,
    worst_first,
)
from .pulumi_cli import STATEFUL_SET, State, run_to_its_end
from .review import Change, Review
from .steps import UNCHANGED, Event, Step, described, location, shown, steps_of
from .verdicts import packs_of, verdicts_of

CLAIM_KINDS = ("kubernetes:core/v1:PersistentVolumeClaimPatch", "kubernetes:core/v1:PersistentVolumeClaim")
NOT_SHOWN = {
    "kubernetes:helm.sh/v3:Release": "{} changes: a preview does not show the StatefulSets that it contains.",
    "kubernetes:apps/v1:StatefulSetPatch": "{} changes fields of a StatefulSet that this stack does not own.",
}
"""What a resource may do to StatefulSets that no event tells of, by its type."""


@dataclass(frozen=True)
class Previewed:
    """How the engine's preview ended, and what it said."""

    code: int
    events: Sequence[Event]
    printed: str = ""
    """What people read of it, if that was kept."""

    @property
    def steps(self) -> list[Step]:
        """What it plans for each resource."""
        return steps_of(self.events)

    @property
    def finished(self) -> bool:
        """Whether every resource of the program was looked at, and none refused."""
        return any(event.get("summaryEvent", {}).get("result") == "succeeded" for event in self.events)


def run(stack: str, flags: Sequence[str], *, shown_on_stdout: bool = False, kept: bool = False) -> Previewed:
    """Run the engine's preview, with further flags, for people to read on stdout or stderr; ``kept``: and to return."""
    with tempfile.TemporaryDirectory(prefix="stateful-web-preview-") as folder:
        log = Path(folder, "events.json")
        command = ["pulumi", "preview", "--stack", stack, "--event-log", str(log), *flags]
        # The flag is the automation API's own, and hidden from others.
        env = os.environ | {"PULUMI_DEBUG_COMMANDS": "true"}
        if kept:
            code, printed = _run_and_keep(command, env)
        else:
            out = None if shown_on_stdout else sys.stderr
            code, printed = run_to_its_end(command, env=env, stdin=subprocess.DEVNULL, stdout=out).returncode, ""
        events = [json.loads(line) for line in log.read_text().splitlines() if line] if log.exists() else []
    return Previewed(code, events, printed)


def _run_and_keep(command: Sequence[str], env: Mapping[str, str]) -> tuple[int, str]:
    """Run a command to its end, and keep what it says, which stderr shows at once."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=pipe, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        said = []
        try:
            for line in process.stdout or ():
                print(line, end="", file=sys.stderr, flush=True)
                said.append(line)
        except KeyboardInterrupt:
            process.communicate()  # It was told so, too, and ends what it is at.
            raise
    return process.returncode, "".join(said)


def review(
    stack: str, previewed: Previewed, state: State, fail_on: Sequence[str] = (), *, by_config: bool = True
) -> Review:
    """Return what a preview tells a reviewer; asks the clusters of its StatefulSets.

    ``by_config`` says whether the program takes the inputs of a StatefulWeb from the stack's config.
    """
    steps = previewed.steps
    return Review(
        stack=stack,
        engine_exit_code=previewed.code,
        finished=previewed.finished,
        errors=_errors(previewed.events),
        changes=[Change(s.urn, s.type, s.op, s.changed, s.replacing) for s in steps if s.op not in UNCHANGED],
        policy_packs=packs_of(previewed.events),
        verdicts=verdicts_of(previewed.events, {step.urn: described(step) for step in steps}),
        forecasts=forecasts(steps, state, by_config=by_config),
        claims_of_no_set=claims_of_no_set(steps, state),
        not_looked_at=[NOT_SHOWN[step.type].format(described(step)) for step in steps if _hides_sets(step)],
        fail_on=list(dict.fromkeys(fail_on)),
    )


def _errors(events: Iterable[Event]) -> list[str]:
    said = [event["diagnosticEvent"] for event in events if "diagnosticEvent" in event]
    found = [about["message"].strip() for about in said if about.get("severity") == "error"]
    return [text for text in dict.fromkeys(found) if text and text != "preview failed"]


def _hides_sets(step: Step) -> bool:
    return step.type in NOT_SHOWN and step.op not in UNCHANGED


def forecasts(steps: Sequence[Step], state: State, *, by_config: bool = True) -> list[Forecast]:
    """Return a forecast for every provider whose objects are all replaced, then for every StatefulSet, worst first."""
    clusters = Clusters(steps, state)
    found: list[tuple[Step, Forecast]] = []
    for step in steps:
        if step.type != STATEFUL_SET:
            continue
        live, not_looked_at = clusters.ask(step)
        known = live.claims if live and live.claims is not None else {}
        own = [
            change
            for place, change in _claim_changes(steps, clusters, known)
            if _is_claim_of(step, place, change.claim, clusters)
        ]
        plan = Plan(step.op, step.changed, step.replacing, own, step.forgotten, by_config and step.is_component)
        told = replace(
            forecast(shown(step.old, step), shown(step.new, step), plan, live),
            provider=step.provider_name,
            not_looked_at=not_looked_at,
        )
        found.append((step, told))
    return [*_replaced_providers(steps, found), *worst_first(told for _, told in found)]


def _replaced_providers(steps: Sequence[Step], sets: Sequence[tuple[Step, Forecast]]) -> Iterator[Forecast]:
    """Yield a forecast for each provider of the kubernetes plugin for which objects are replaced."""
    for urn in dict.fromkeys(step.provider for step in steps if _is_moved(step)):
        provider = next((step for step in steps if step.urn == urn), None)
        because = provider.replacing if provider else []
        inputs = provider.new or {} if provider else {}
        yield replaced_provider(
            name=urn.rpartition("::")[2],
            because=because,
            known=not any(inputs.get(key) == UNKNOWN for key in because),
            sets=[of_set for step, of_set in sets if step.provider == urn and _is_moved(step)],
        )


def _is_moved(step: Step) -> bool:
    return step.type.startswith("kubernetes:") and PROVIDER in step.replacing


def _claim_changes(
    steps: Sequence[Step], clusters: Clusters, live: Mapping[str, Claim]
) -> Iterator[tuple[ClusterNamespace, ClaimChange]]:
    """Yield where a claim is, and its change, for resources that change claims; ``live`` has those that are there."""
    for step in steps:
        if step.type not in CLAIM_KINDS or step.op not in ("create", "update", "replace") or step.new is None:
            continue
        if step.type == CLAIM_KINDS[1] and step.op != "update":
            continue
        metadata = step.new.get("metadata")
        if isinstance(metadata, Mapping) and isinstance(name := metadata.get("name"), str):
            was, asked = Claim.of(step.old or {}), Claim.of(step.new)
            old = live.get(name, was if step.old else None)
            yield clusters.place(step), ClaimChange(name, old, (old or was).patched(was, asked))


def _is_claim_of(step: Step, place: ClusterNamespace, claim: str, clusters: Clusters) -> bool:
    return place == clusters.place(step) and re.fullmatch(rf".+-{re.escape(location(step)[1])}-\d+", claim) is not None


def claims_of_no_set(steps: Sequence[Step], state: State) -> str:
    """Say how claims change that belong to no StatefulSet of the stack; nothing if there are none."""
    clusters = Clusters(steps, state)
    sets = [step for step in steps if step.type == STATEFUL_SET]
    loose = [
        change
        for place, change in _claim_changes(steps, clusters, {})
        if not any(_is_claim_of(step, place, change.claim, clusters) for step in sets)
    ]
    return "; ".join(clauses(loose))
