"""Rules on how a StatefulSet is stopped, scaled and waited for."""

from collections.abc import Iterator, Sequence
from typing import Final

from policies.kit.model import STATEFUL_SET, UNKNOWN, Object, by_name, get, integer, quote
from policies.kit.rule import Config, Finding, Rule, each

from .manifests import autoscaler, stateful_set

_DEFAULT_GRACE: Final = 30
"""What the API server fills in."""


def _graceful(web: Object, config: Config) -> Iterator[Finding]:
    grace = integer(web.get("spec", "template", "spec", "terminationGracePeriodSeconds"))
    if grace is UNKNOWN or (grace is None and web.patch):
        return
    seconds = _DEFAULT_GRACE if grace is None else grace
    if seconds < config["minimumSeconds"]:
        yield Finding(
            web,
            f"has terminationGracePeriodSeconds {seconds}; expected is at least {integer(config['minimumSeconds'])}. "
            "Without grace a pod is replaced while the old one may still write to its disk",
            "set terminationGracePeriodSeconds of the pod to the time that it needs to stop",
        )


GRACEFUL_TERMINATION = Rule(
    name="graceful-termination",
    display_name="Pods have time to stop",
    description="The pods of a StatefulSet must have a termination grace period; 0 is unsafe.",
    remediation="Set spec.template.spec.terminationGracePeriodSeconds to the time that the process needs to finish its "
    "work. Kubernetes strongly advises against 0: two pods of the same name could then run at once.",
    severity="high",
    level="mandatory",
    kinds=(STATEFUL_SET,),
    check=each(_graceful),
    properties={
        "minimumSeconds": {
            "type": "number",
            "minimum": 1,
            "default": 1,
            "description": "The shortest grace period; one that is absent counts as 30, the API server's default.",
        }
    },
    passing=(stateful_set(),),
    failing=(stateful_set(spec={"template": {"spec": {"terminationGracePeriodSeconds": 0}}}),),
)

_AUTOSCALERS: Final = ("HorizontalPodAutoscaler.autoscaling", "ScaledObject.keda.sh")


def _autoscaler_owns(objects: Sequence[Object], _: Config) -> Iterator[Finding]:
    sets = by_name(objects, STATEFUL_SET)
    for scaler in objects:
        target = scaler.get("spec", "scaleTargetRef")
        name = get(target, "name")
        if scaler.kind not in _AUTOSCALERS or get(target, "kind") != "StatefulSet" or not isinstance(name, str):
            continue
        for web in sets(name):
            if web.is_named(name, scaler) is not True:
                continue
            # What came of it has a count even where the program gave none: the API server's 1, or the autoscaler's.
            replicas = get(web.data if web.inputs is None else web.inputs, "spec", "replicas")
            if replicas is not None and not _IGNORING.intersection(web.ignored):
                count = "" if replicas is UNKNOWN else f" {quote(integer(replicas))}"
                yield Finding(
                    web,
                    f"has spec.replicas{count}, and {scaler} sets the count, too: each update undoes its work",
                    "leave spec.replicas out, or name it in the option ignore_changes",
                    also=(scaler,),
                )


_IGNORING: Final = frozenset(("spec.replicas", "spec", "*"))

AUTOSCALER_OWNS_REPLICAS = Rule(
    name="autoscaler-owns-replicas",
    display_name="Only the autoscaler sets the replica count",
    description="A StatefulSet that an autoscaler scales must not set spec.replicas.",
    remediation="Leave spec.replicas out of the program (StatefulWeb: autoscaled: true), or list spec.replicas in the "
    "resource option ignore_changes.",
    severity="medium",
    level="mandatory",
    kinds=(STATEFUL_SET, *_AUTOSCALERS),
    whole_stack=True,
    check=_autoscaler_owns,
    passing=(stateful_set(spec={"replicas": None}), autoscaler()),
    failing=(stateful_set(), autoscaler()),
)


def _no_skip_await(web: Object, _: Config) -> Iterator[Finding]:
    if str(web.get("metadata", "annotations", _SKIP_AWAIT)).lower() == "true":
        yield Finding(
            web,
            f"has annotation {_SKIP_AWAIT}: an update that breaks its pods is reported as done, and so is a deletion "
            "that has not ended",
            f"remove the annotation; for a slow start set the option custom_timeouts or {_TIMEOUT}",
        )


_SKIP_AWAIT: Final = "pulumi.com/skipAwait"
_TIMEOUT: Final = "pulumi.com/timeoutSeconds"

NO_SKIP_AWAIT = Rule(
    name="no-skip-await",
    display_name="Pulumi waits for rollouts",
    description="Pulumi must wait for a StatefulSet to be ready.",
    remediation="Remove the annotation pulumi.com/skipAwait. Give slow sets more time with the option custom_timeouts.",
    severity="medium",
    level="mandatory",
    kinds=(STATEFUL_SET,),
    check=each(_no_skip_await),
    passing=(stateful_set(),),
    failing=(stateful_set(metadata={"annotations": {"pulumi.com/skipAwait": "true"}}),),
)
