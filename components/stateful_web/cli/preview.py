"""``pulumi preview`` with the policy packs, and a forecast from the events of that very run."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi.runtime.rpc import UNKNOWN

from ..kubeconfig import ClusterAccess, ClusterUnavailable, client
from .claim_changes import Claim, ClaimChange, clauses
from .forecast import PROVIDER, Forecast, Live, Plan, forecast, replaced_provider
from .pulumi_cli import STATEFUL_SET, State, is_secret, run_to_its_end
from .targets import kubectl

if TYPE_CHECKING:
    from lightkube import Client

CLAIM_KINDS = ("kubernetes:core/v1:PersistentVolumeClaimPatch", "kubernetes:core/v1:PersistentVolumeClaim")
REPLACING = ("replace", "create-replacement", "delete-replaced", "import-replacement")


@dataclass
class Step:
    """What a run plans for one resource."""

    urn: str
    type: str
    op: str
    old: Mapping[str, Any] | None
    """Its inputs in the state."""
    new: Mapping[str, Any] | None
    provider: str
    changed: list[str] = field(default_factory=list)
    replacing: list[str] = field(default_factory=list)
    forgotten: bool = False


@dataclass(frozen=True)
class Previewed:
    """How a preview ended, and what it plans."""

    code: int
    steps: Sequence[Step]
    finished: bool
    """Whether every resource of the program was looked at."""


def run(stack: str, flags: Sequence[str], to_stderr: bool) -> Previewed:
    """Run the engine's preview, with further flags, for people to read, and return what it planned.

    Its words go to our stdout, or to stderr if that is for a program.
    """
    with tempfile.TemporaryDirectory(prefix="stateful-web-preview-") as folder:
        log = Path(folder, "events.json")
        ended = run_to_its_end(
            ["pulumi", "preview", "--stack", stack, "--event-log", str(log), *flags],
            # The flag is the automation API's own, and hidden from others.
            env=os.environ | {"PULUMI_DEBUG_COMMANDS": "true"},
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr if to_stderr else None,
        )
        events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    results = [event["summaryEvent"].get("result") for event in events if "summaryEvent" in event]
    return Previewed(ended.returncode, steps_of(events), "succeeded" in results)


def steps_of(events: Iterable[Mapping[str, Any]]) -> list[Step]:
    """Return one step for each resource; a replacement comes as several events."""
    steps: dict[str, Step] = {}
    for event in events:
        about = event.get("resourcePreEvent", {}).get("metadata")
        if about is None:
            continue
        step = _step(about)
        known = steps.setdefault(step.urn, step)
        if known is not step:
            known.op = "replace" if "replace" in (known.op, step.op) else step.op
            known.old, known.new = known.old or step.old, step.new or known.new
            known.changed, known.replacing = known.changed or step.changed, known.replacing or step.replacing
    return list(steps.values())


def _step(about: Mapping[str, Any]) -> Step:
    old, new = about.get("old") or {}, about.get("new") or {}
    return Step(
        urn=about["urn"],
        type=about["type"],
        op="replace" if about["op"] in REPLACING else about["op"],
        old=old.get("inputs"),
        new=new.get("inputs") if about["op"] != "delete" else None,
        provider=str(new.get("provider") or old.get("provider") or "").rpartition("::")[0],
        changed=list(about.get("detailedDiff") or about.get("diffs") or ()),
        replacing=list(about.get("keys") or ()),
        forgotten=bool(old.get("retainOnDelete")),
    )


def forecasts(steps: Sequence[Step], state: State) -> list[Forecast]:
    """Return a forecast for every provider whose objects are all replaced, and for every StatefulSet.

    Those that delete claims come first, then those that stop all their pods.
    """
    sets = [step for step in steps if step.type == STATEFUL_SET]
    found: list[tuple[Step, Forecast]] = []
    for step in sets:
        live = read_live(_access(step, steps, state), step)
        known = live.claims if live and live.claims is not None else {}
        own = [
            change
            for namespace, change in _claim_changes(steps, known)
            if (namespace, True) == (_at(step)[0], _is_claim_of(step, change.claim))
        ]
        plan = Plan(step.op, step.changed, step.replacing, own, step.forgotten)
        found.append((step, forecast(step.old, step.new, plan, live)))
    return [
        *_replaced_providers(steps, found),
        *sorted(
            (of_set for _, of_set in found),
            key=lambda f: (not f.deletes_claims, not f.stops_all_pods, f.namespace, f.name),
        ),
    ]


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


def _claim_changes(steps: Sequence[Step], live: Mapping[str, Claim]) -> Iterator[tuple[str, ClaimChange]]:
    """Yield namespace and change for each resource that changes a claim; ``live`` has those that are there."""
    for step in steps:
        if step.type not in CLAIM_KINDS or step.op not in ("create", "update", "replace") or step.new is None:
            continue
        if step.type == CLAIM_KINDS[1] and step.op != "update":
            continue
        metadata = step.new.get("metadata")
        if isinstance(metadata, Mapping) and isinstance(name := metadata.get("name"), str):
            was, asked = Claim.of(step.old or {}), Claim.of(step.new)
            old = live.get(name, was if step.old else None)
            yield str(metadata.get("namespace", "default")), ClaimChange(name, old, (old or was).patched(was, asked))


def _at(step: Step) -> tuple[str, str]:
    """Return namespace and name of the object as it will be, or was."""
    metadata = (step.new or step.old or {}).get("metadata") or {}
    return str(metadata.get("namespace", "default")), str(metadata.get("name"))


def _is_claim_of(step: Step, claim: str) -> bool:
    return re.fullmatch(rf".+-{re.escape(_at(step)[1])}-\d+", claim) is not None


def _access(step: Step, steps: Sequence[Step], state: State) -> ClusterAccess:
    """Return how the plan's provider reaches the cluster; the state knows it where the events hide it."""
    inputs = next((found.new or found.old or {} for found in steps if found.urn == step.provider), None)
    if inputs is None or any(is_secret(value) for value in inputs.values()):
        return state.access_of({"provider": f"{step.provider}::"})
    return ClusterAccess.of(inputs)


def read_live(reached: ClusterAccess, step: Step) -> Live | None:
    """Ask the cluster for a set and the claims of its namespace; ``None`` if it can't be asked."""
    import httpx2
    from lightkube.core.exceptions import ApiError
    from lightkube.resources.apps_v1 import StatefulSet

    namespace, name = _at(step)
    before = step.old or step.new or {}
    was = before.get("metadata", {})
    try:
        api = client(reached)
        claims = _claims(api, namespace)
        try:
            found = api.get(StatefulSet, was.get("name", name), namespace=was.get("namespace", namespace)).to_dict()
        except ApiError as error:
            if error.status.code != 404:
                raise
            return Live(None, claims, None, kubectl(reached))
        return Live(found["spec"]["replicas"], claims, _outdated(api, found), kubectl(reached))
    except (httpx2.HTTPError, ClusterUnavailable):
        return None


def _claims(api: "Client", namespace: str) -> dict[str, Claim]:
    from lightkube.resources.core_v1 import PersistentVolumeClaim

    listed = [item.to_dict() for item in api.list(PersistentVolumeClaim, namespace=namespace)]
    return {item["metadata"]["name"]: Claim.of(item) for item in listed}


def _outdated(api: "Client", stateful_set: Mapping[str, Any]) -> frozenset[int]:
    from lightkube.resources.core_v1 import Pod

    newest = stateful_set.get("status", {}).get("updateRevision")
    labels = stateful_set["spec"]["selector"].get("matchLabels") or {}
    pods = [
        item.to_dict()["metadata"]
        for item in api.list(Pod, namespace=stateful_set["metadata"]["namespace"], labels=labels)
    ]
    return frozenset(
        int(pod["name"].rpartition("-")[2])
        for pod in pods
        if any(owner["uid"] == stateful_set["metadata"]["uid"] for owner in pod.get("ownerReferences", ()))
        and pod.get("labels", {}).get("controller-revision-hash") != newest
    )


def claims_of_no_set(steps: Sequence[Step]) -> str:
    """Say how claims change that belong to no StatefulSet of the stack; nothing if there are none."""
    sets = [step for step in steps if step.type == STATEFUL_SET]
    loose = [
        change for _, change in _claim_changes(steps, {}) if not any(_is_claim_of(step, change.claim) for step in sets)
    ]
    return "; ".join(clauses(loose))
