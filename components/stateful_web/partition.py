"""What ``up`` waits for where a partition holds pods back. Pure; values of inputs may be outputs.

The kubernetes plugin's own wait wants all pods at one revision, so with a partition it would never end. Its annotation
``pulumi.com/waitFor`` replaces that wait by conditions on the object, all of which must hold at once, and holds them
back until the controller has observed the generation that was written.
"""

import json
from typing import Any

import pulumi

from .args import StatefulWebArgs
from .live import NOT_YET
from .names import above_partition

WAIT_FOR = "pulumi.com/waitFor"
ALL_ARE_THERE = "$.status.replicas == $.spec.replicas"
# A count of zero is left out of the status.
ALL_ARE_READY = "$.status.readyReplicas == $.spec.replicas || $.spec.replicas == 0"


def wait_for(args: StatefulWebArgs) -> dict[str, Any]:
    """Return the annotation that says when a rollout with a partition is done; none without a partition."""
    partition: Any = args["update"].get("partition", 0)
    replicas: Any = None if args["autoscaled"] else args["replicas"]
    if partition == 0:
        return {}
    if NOT_YET in (partition, replicas):
        return {WAIT_FOR: NOT_YET}
    if isinstance(partition, pulumi.Output) or isinstance(replicas, pulumi.Output):
        return {WAIT_FOR: pulumi.Output.all(partition, replicas).apply(lambda known: conditions(*known))}
    return {WAIT_FOR: conditions(partition, replicas)}


def conditions(partition: int, replicas: int | None) -> str:
    """Return the annotation's value, filters of RFC 9535; ``replicas`` is None if an autoscaler owns the count."""
    filters = [ALL_ARE_THERE, ALL_ARE_READY, *_enough_are_new(partition, replicas)]
    return json.dumps([f"jsonpath={{$[?{condition}]}}" for condition in filters])


def _enough_are_new(partition: int, replicas: int | None) -> list[str]:
    """Ask for the pods above the partition at the new revision: that many or more, as a partition may be raised."""
    if replicas is not None:
        wanted = len(above_partition(range(replicas), partition))
        return [f"$.status.updatedReplicas > {wanted - 1}"] if wanted else []
    # Filters do not subtract: one new pod at least, and no more of the former revision than the partition holds back.
    return [
        f"$.status.updatedReplicas > 0 || !($.spec.replicas > {partition})",
        f"!($.status.currentReplicas > {partition}) || $.status.currentRevision == $.status.updateRevision",
    ]
