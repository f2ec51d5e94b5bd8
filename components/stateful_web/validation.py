"""Judges inputs before anything is planned: one pure function for the program, the wheel and every other language."""

from collections.abc import Callable, Iterator, Sequence

from . import schema
from .args import StatefulWebArgs, derived
from .findings import Finding
from .pod_guard import (
    data_volumes_that_are_redirected,
    labels_that_leave_the_set,
    what_would_be_lost,
    with_labels_held,
)
from .schema import fill, judge, read
from .validation_network import OF_THE_NETWORK
from .validation_pod import OF_PODS, disks_that_can_not_be_written, targets_without_requests
from .validation_storage import OF_STORAGE

CONTRADICTIONS: Sequence[Callable[[StatefulWebArgs], Iterator[Finding]]] = (
    labels_that_leave_the_set,
    what_would_be_lost,
    data_volumes_that_are_redirected,
    *OF_STORAGE,
    *OF_THE_NETWORK,
    *OF_PODS,
)
"""What is held against complete inputs, each of which is right on its own."""


def validate(component_name: str, given: StatefulWebArgs) -> tuple[StatefulWebArgs, list[Finding]]:
    """Return the inputs complete with their defaults, and what can not be used in them.

    Outputs are judged when they are known: they raise ``InvalidInput`` then.
    """
    findings: list[Finding] = []
    inputs: StatefulWebArgs = read(given, StatefulWebArgs, (), findings)
    if findings:
        return inputs, findings
    # A default that follows from a wrong input is not told as another mistake.
    inputs = judge(fill(inputs, StatefulWebArgs), StatefulWebArgs, (), findings, lambda _: None)
    if findings:
        return inputs, findings
    inputs["autoscaled"] = inputs["autoscaled"] or "autoscale" in inputs
    following = {key: value for key, value in derived(component_name, inputs).items() if key not in inputs}
    inputs = judge(following, StatefulWebArgs, (), findings, lambda _: None) | inputs
    if findings:
        return inputs, [finding for finding in findings if finding.path == ("name",)] or findings
    for contradiction in CONTRADICTIONS:
        findings.extend(contradiction(inputs))
    return (inputs if findings else with_labels_held(inputs)), findings


def notes(inputs: StatefulWebArgs) -> list[Finding]:
    """Return what to tell of inputs that can be used."""
    return [
        *schema.notes(inputs, StatefulWebArgs, ()),
        *disks_that_can_not_be_written(inputs),
        *targets_without_requests(inputs),
    ]
