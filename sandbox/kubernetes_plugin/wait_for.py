"""The annotation ``pulumi.com/waitFor``: what its object waits for instead of what its kind would."""

import json
from collections.abc import Callable
from typing import Any

from sandbox.kubernetes_plugin import jsonpath, objects
from sandbox.kubernetes_plugin.errors import Object, PluginError
from sandbox.kubernetes_plugin.readiness import Judge, Verdict


def asked_for(live: Object) -> Judge | None:
    """Return the judge that the annotation ``pulumi.com/waitFor`` describes, or None without one.

    Raises PluginError for an annotation that is neither ``jsonpath=``, nor ``condition=``, nor a list of these.
    """
    text = objects.annotation(live, "waitFor")
    if not text:
        return None
    try:
        wanted = json.loads(text)
    except ValueError:
        wanted = text
    expressions = wanted if isinstance(wanted, list) else [text]
    if not expressions:
        raise PluginError("the annotation pulumi.com/waitFor is an empty list: at least one condition is needed")
    tests = [(str(expression), _test(str(expression))) for expression in expressions]

    def judge(live: Object) -> Verdict:
        unmet = [expression for expression, test in tests if not test(live)]
        return Verdict(not unmet, f"Waiting for {', '.join(unmet)}")

    return judge


def _test(expression: str) -> Callable[[Object], bool]:
    kind, _, rest = expression.partition("=")
    if kind == "jsonpath":
        path = jsonpath.parse(rest)
        return lambda live: _is_observed(live, objects.at(live, "status")) and path.matches(live)
    if kind == "condition":
        name, _, status = rest.partition("=")

        def has_condition(live: Object) -> bool:
            found = objects.condition(live, name)
            observed = found if "observedGeneration" in found else objects.at(live, "status")
            return _is_observed(live, observed) and (str(found.get("status", "")).lower() == (status or "True").lower())

        return has_condition
    raise PluginError(
        f'the annotation pulumi.com/waitFor expected a "jsonpath=" or "condition=" prefix, got "{expression}"'
    )


def _is_observed(live: Object, observed: Any) -> bool:
    """Say whether the controller has seen the latest change, where it tells."""
    seen = objects.at(observed, "observedGeneration")
    return seen is None or int(seen) >= objects.number(live, "metadata", "generation")
