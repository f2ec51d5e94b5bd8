"""The API server decides on changes, too: pairs of inputs by chance, the one live and the other asked for.

What we say is replaced, it refuses to change; what we say is updated in place, it takes; and where we say that no pod
is touched, its pod template stays as it is.
"""

from collections import Counter
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from components.stateful_web import growth, manifests, storage
from components.stateful_web import live as live_objects
from components.stateful_web.args import StatefulWebArgs
from components.stateful_web.cli.forecast import Live, Plan, forecast
from components.stateful_web.replacement import replacing_changes
from components.stateful_web.validation import validate
from components.stateful_web.values import Manifest
from sandbox.kubernetes_plugin.diff import diff
from sandbox.kubernetes_plugin.normalize import normalize
from sandbox.kubernetes_plugin.replace import replacing_fields
from tests.support.inputs import INPUTS, STORAGES, VOLUMES, Inputs
from tests.support.oracle import Oracle

PODS = 3
PLUGIN_ALONE = {"revisionHistoryLimit"}
"""For these the kubernetes plugin replaces a set that the API server would change in place."""
FIXED = {"name", "namespace", "autoscaled", "replicas", "ordinals_start"}
"""Not part of a change here: another name is another set, and another count or start adds and removes whole pods."""


def complete(inputs: Inputs, namespace: str) -> StatefulWebArgs | None:
    """Return inputs with their defaults, for a set of three pods; ``None`` if they can't be used."""
    made, findings = validate("web", {**inputs, "replicas": PODS, "namespace": namespace})  # type: ignore[typeddict-item]
    return None if findings else made


def without_pods(stateful_set: Manifest) -> Manifest:
    return {**stateful_set, "spec": {**stateful_set["spec"], "replicas": 0}}


def judge(oracle: Oracle, was: StatefulWebArgs, asked: StatefulWebArgs) -> str:
    """Compare what we say of a change with what the API server says; return which kind of change it is."""
    before = manifests.stateful_set(was)
    live = oracle.create(without_pods(before))
    try:
        sizes = growth.kept_sizes(asked, live_objects.Live(live))
        after = manifests.stateful_set(storage.with_sizes(asked, sizes))
        new, why = oracle.updated(without_pods(after))
    finally:
        oracle.delete(before)
    ours = set(replacing_changes(live["spec"], after["spec"]))
    assert bool(ours - PLUGIN_ALONE) == (new is None), f"we: {ours or 'in place'}; the API server: {why or 'in place'}"
    if ours:
        return "replaced"
    assert new is not None
    updates = says_that_pods_are_updated(live, before, after)
    update = cast(Any, asked["update"])
    held_back = update["type"] == "OnDelete" or update.get("partition", 0) >= PODS
    changes = new["spec"]["template"] != live["spec"]["template"]
    assert updates == (changes and not held_back), f"the API server's template: {'new' if changes else 'as it was'}"
    return "pods updated" if updates else "no pod touched"


def says_that_pods_are_updated(live: Any, before: Any, after: Any) -> bool:
    """Return what the forecast makes of the plugin's plan, whose inputs are in normal form."""
    before, after = normalize(before), normalize(after)
    fields = replacing_fields(after, mutable_secrets=False, mutable_config_maps=False)
    running = {**live, "spec": {**live["spec"], "replicas": PODS}}
    planned = diff(running, before, after, namespaced=True, replacing=fields, ignore_changes=[])
    assert not planned.replaces
    said = forecast(before, after, Plan("update", list(planned.detailed_diff or {})), Live(PODS, {}, frozenset()))
    assert not said.stops_all_pods
    return "updates" in said.headline


def changed(was: Inputs, other: Inputs, keys: set[str], telling: Inputs) -> tuple[Inputs, Inputs]:
    kept = {key: value for key, value in was.items() if key not in keys or key == "image"}
    return was, kept | {key: value for key, value in other.items() if key in keys} | telling


CHANGING = sorted(set(StatefulWebArgs.__annotations__) - FIXED - {"pod_template", "adopt"})
TELLING = {
    "service_name": st.sampled_from(["one", "other"]),
    "selector_labels": st.sampled_from([{"app": "one"}, {"app": "other"}]),
    "pod_management_policy": st.sampled_from(["OrderedReady", "Parallel"]),
    "storage": STORAGES,
    "volumes": VOLUMES,
    "image": st.sampled_from(["web:1", "web:2"]),
    "update": st.sampled_from([{}, {"type": "OnDelete"}, {"partition": 1}, {"partition": PODS}]),
}
"""Changes that replace a set or touch its pods; left to chance alone they would be rare."""
CHANGES = st.builds(
    changed,
    INPUTS,
    INPUTS,
    st.sets(st.sampled_from(CHANGING), max_size=2),
    st.one_of(st.just({}), *(st.fixed_dictionaries({key: values}) for key, values in TELLING.items())),
)
"""Two sets of inputs that differ in up to three keys."""


def test_what_a_change_does_is_what_the_api_server_makes_of_it(oracle: Oracle, pytestconfig: pytest.Config) -> None:
    verdicts: Counter[str] = Counter()
    count = pytestconfig.getoption("examples")

    @settings(
        max_examples=count,
        derandomize=count == 200,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(CHANGES)
    def agree(pair: tuple[Inputs, Inputs]) -> None:
        was, asked = (complete(inputs, oracle.namespace) for inputs in pair)
        assume(was and asked)
        assert was
        assert asked
        verdicts[judge(oracle, was, asked)] += 1

    agree()
    print(dict(verdicts))
    for kind in ("replaced", "pods updated", "no pod touched"):
        assert verdicts[kind] >= count // 40, f"too few are {kind} to mean anything: {verdicts}"
