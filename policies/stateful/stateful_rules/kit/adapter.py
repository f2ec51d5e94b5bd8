"""Between the policy SDK and the rules: proxies become plain objects, rules become policies of the SDK.

Stack rules are judged over what the engine calls a resource's outputs: in preview, the server's dry run of the object,
or its inputs where there was no dry run. Resource rules are judged over inputs. The SDK has taken the marks of secrets
off both, so no message may quote a field that can hold one.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from .model import UNKNOWN, Cluster, Object, get
from .rule import Rule

Resource = ResourceValidationArgs | PolicyResource


def plain(value: Any) -> Any:
    """Copy a value out of the SDK's proxies, with ``UNKNOWN`` where they would raise."""
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_item(value, index) for index in range(len(value))]
    return value


def _item(container: Any, key: Any) -> Any:
    try:
        return plain(container[key])
    except UnknownValueError:
        return UNKNOWN


def kind_of(resource_type: str) -> tuple[str, bool, bool] | None:
    """Return the kind of a Pulumi type token, whether it is a Patch and whether a List; None if not Kubernetes'.

    ``kubernetes:apps/v1beta1:StatefulSetPatch`` is ``("StatefulSet.apps", True, False)``.
    """
    package, _, rest = resource_type.partition(":")
    version, _, kind = rest.rpartition(":")
    if package != "kubernetes" or not kind:
        return None
    group = version.rpartition("/")[0]
    patch, is_list = kind.endswith("Patch"), kind.endswith("List")
    kind = kind.removesuffix("Patch").removesuffix("List")
    return (kind if group in ("", "core") else f"{kind}.{group}"), patch, is_list


def objects_of(resource: Resource) -> list[Object]:
    """Return the Kubernetes objects that a resource stands for: one, several for a List, none for other types."""
    parsed = kind_of(resource.resource_type)
    if parsed is None:
        return []
    kind, patch, is_list = parsed
    data = plain(resource.props)
    cluster = _cluster(resource)
    items = [data]
    if is_list:
        items = [item for item in data.get("items") or () if isinstance(item, Mapping)]
    return [Object(kind, item, resource.urn, resource.name, patch, cluster) for item in items]


def _cluster(resource: Resource) -> Cluster:
    provider = resource.provider
    if provider is None:
        return Cluster()
    props = plain(provider.props)
    address = tuple(get(props, key) for key in ("kubeconfig", "context", "cluster"))
    return Cluster(provider.urn, UNKNOWN if UNKNOWN in address else address, get(props, "namespace"))


class Memory(threading.local):
    """The objects of the request that this thread is serving, so that they are parsed once for all rules.

    The SDK hands every rule proxies of its own, and runs every rule once per request, one after the other in one
    thread. So a rule that comes back for the same resource comes with a new request.
    """

    def __init__(self) -> None:
        self._request: Any = None
        self._asked: set[str] = set()
        self._objects: list[Object] = []

    def objects(self, request: Any, rule: str, parse: Callable[[], list[Object]]) -> list[Object]:
        """Return the request's objects, parsed unless another rule has just done so."""
        if request != self._request or rule in self._asked:
            self._request, self._asked, self._objects = request, set(), parse()
        self._asked.add(rule)
        return self._objects


def policies(rules: Sequence[Rule], remember: bool = False) -> list[Policy]:
    """Return the SDK's policies for ``rules``.

    ``remember`` parses each resource once for all rules; right only where the engine asks, see ``Memory``.
    """
    kinds = {kind for rule in rules for kind in rule.kinds}
    memory = Memory() if remember else None
    return [_policy(rule, kinds, memory) for rule in rules]


def _policy(rule: Rule, kinds: set[str], memory: Memory | None) -> Policy:
    def objects(request: str, resources: Sequence[Resource]) -> list[Object]:
        def parse() -> list[Object]:
            return [obj for resource in resources if _may_hold(resource, kinds) for obj in objects_of(resource)]

        return parse() if memory is None else memory.objects(request, rule.name, parse)

    def validate_resource(args: ResourceValidationArgs, report: ReportViolation) -> None:
        for finding in rule.findings(objects(args.urn, [args]), args.get_config()):
            report(finding.message, None)

    def validate_stack(args: StackValidationArgs, report: ReportViolation) -> None:
        for finding in rule.findings(objects("", args.resources), args.get_config()):
            report(finding.message, finding.subject.urn)

    common: dict[str, Any] = {
        "name": rule.name,
        "description": rule.description,
        "enforcement_level": EnforcementLevel(rule.level),
        "config_schema": PolicyConfigSchema(rule.schema),
        "display_name": rule.display_name,
        "severity": Severity(rule.severity),
        "remediation_steps": rule.remediation,
    }
    if rule.whole_stack:
        return StackValidationPolicy(validate=validate_stack, **common)
    return ResourceValidationPolicy(validate=validate_resource, **common)


def _may_hold(resource: Resource, kinds: set[str]) -> bool:
    parsed = kind_of(resource.resource_type)
    return parsed is not None and parsed[0] in kinds
