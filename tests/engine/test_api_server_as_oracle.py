"""The API server decides: inputs by chance, judged by ``validate`` and, if it takes them, by a server's dry run.

What it takes, the API server must take; so what the API server refuses is refused before, in one sentence.
"""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st

from components.stateful_web import manifests
from components.stateful_web.validation import validate
from tests.support.inputs import INPUTS, Inputs, pod_templates
from tests.support.oracle import Oracle, claims_of, pod_of

OF_THE_CLUSTER = ("not configured on this cluster", "this cluster is not configured for dual-stack")
"""What the API server says of families of addresses that the sandbox does not have: other clusters have both."""


def disagreements(oracle: Oracle, inputs: Inputs) -> list[str] | None:
    """Return what the API server refuses of inputs that we take; ``None`` if we don't."""
    complete: Any
    complete, findings = validate("web", inputs)  # type: ignore[arg-type]
    if findings:
        assert all(finding.problem for finding in findings)
        return None
    complete["namespace"] = complete.get("namespace", "default")
    made = manifests.objects(complete)
    last = complete["ordinals_start"] + max(complete["replicas"], 1) - 1
    made_by_the_controller = [pod_of(made["set"], last), *claims_of(made["set"], last)]
    made["namespace"] = manifests.namespace_object(complete)  # its name is judged, whoever makes it
    if complete["namespace"] == "default":
        del made["namespace"]  # it is there already, and patched
    said = {obj["kind"]: oracle.refuses(obj) for obj in [*made.values(), *made_by_the_controller]}
    wrong = {kind: problem for kind, problem in said.items() if not any(text in problem for text in OF_THE_CLUSTER)}
    return [f"{kind}: {problem}" for kind, problem in wrong.items() if problem]


def test_what_we_take_the_api_server_takes(oracle: Oracle, pytestconfig: pytest.Config) -> None:
    verdicts: Counter[str] = Counter()
    count = pytestconfig.getoption("examples")

    @settings(
        max_examples=count,
        derandomize=count == 200,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        verbosity=Verbosity.normal,
        suppress_health_check=list(HealthCheck),
    )
    @given(INPUTS, st.data())
    def agree(inputs: Inputs, data: st.DataObject) -> None:
        if data.draw(st.booleans()):
            container = inputs.get("container_name") or inputs.get("name") or "web"
            inputs["pod_template"] = data.draw(pod_templates(container))
        found = disagreements(oracle, inputs)
        verdicts["refused by us" if found is None else "taken by both" if not found else "disagreed on"] += 1
        assert not found, inputs

    agree()
    print(dict(verdicts))
    assert verdicts["taken by both"] >= count // 10, f"too few are taken to mean anything: {verdicts}"
    assert verdicts["refused by us"] >= count // 10, f"too few are refused to mean anything: {verdicts}"
