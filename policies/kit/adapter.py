"""Between the policy SDK and the rules: proxies become plain objects, rules become policies of the SDK.

Stack rules are judged over what the engine calls a resource's outputs: in preview, the server's dry run of the object,
or its inputs where there was no dry run. Resource rules are judged over inputs. The SDK has taken the marks of secrets
off both, so no message may quote a field that is there to hold one.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
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
from pulumi_policy.proxy import (
    UNKNOWN_ARCHIVE_VALUE,
    UNKNOWN_ARRAY_VALUE,
    UNKNOWN_ASSET_VALUE,
    UNKNOWN_BOOLEAN_VALUE,
    UNKNOWN_NUMBER_VALUE,
    UNKNOWN_OBJECT_VALUE,
    UNKNOWN_STRING_VALUE,
    UnknownValueError,
)

from .model import PROVIDER, UNKNOWN, Cluster, Object, entries, get
from .rule import Rule

Resource = ResourceValidationArgs | PolicyResource

_SENTINELS = frozenset(
    (
        UNKNOWN_ARCHIVE_VALUE,
        UNKNOWN_ARRAY_VALUE,
        UNKNOWN_ASSET_VALUE,
        UNKNOWN_BOOLEAN_VALUE,
        UNKNOWN_NUMBER_VALUE,
        UNKNOWN_OBJECT_VALUE,
        UNKNOWN_STRING_VALUE,
    )
)


def plain(value: Any) -> Any:
    """Copy a value out of the SDK's proxies, with ``UNKNOWN`` where they would raise.

    The proxies that a remediation gets do not raise: they hand out the marks for unknown values as they are.
    """
    if isinstance(value, str):
        return UNKNOWN if value in _SENTINELS else value
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value}
    if isinstance(value, Sequence):
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
    if resource_type == "pulumi:providers:kubernetes":
        return PROVIDER, False, False
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
    items = [data]
    if is_list:
        items = [item for item in entries(data.get("items")) if isinstance(item, Mapping)]
    cluster, ignored = _cluster(resource), tuple(resource.opts.ignore_changes)
    return [Object(kind, item, resource.urn, resource.name, patch, cluster, ignored=ignored) for item in items]


def _cluster(resource: Resource) -> Cluster:
    provider = resource.provider
    if provider is None:
        return Cluster()
    props = plain(provider.props)
    address = tuple(get(props, key) for key in ("kubeconfig", "context", "cluster"))
    return Cluster(provider.urn, address, get(props, "namespace"))


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


class Pack:
    """The rules of a pack as policies of the SDK, and what they share while they serve the engine."""

    def __init__(self, rules: Sequence[Rule], remember: bool = False) -> None:
        """``remember`` parses each resource once for all rules; right only where the engine asks, see ``Memory``."""
        self._kinds = frozenset(kind for rule in rules for kind in rule.kinds_of(rule.settings({})))
        self._memory = Memory() if remember else None
        self._inputs: dict[str, list[Object]] = {}
        self.policies = [self._policy(rule) for rule in rules]

    def _policy(self, rule: Rule) -> Policy:
        def validate_resource(args: ResourceValidationArgs, report: ReportViolation) -> None:
            for finding in rule.findings(self._of_resource(rule, args), args.get_config()):
                report(finding.message, None)

        def validate_stack(args: StackValidationArgs, report: ReportViolation) -> None:
            for finding in rule.findings(self._of_stack(rule, args), args.get_config()):
                report(finding.message, finding.subject.urn)

        def remediate(args: ResourceValidationArgs) -> Any:
            parsed = kind_of(args.resource_type)
            if parsed is None or parsed[2]:
                return None  # paths of a remedy are those of an object: a List is judged, but not put right
            findings = list(rule.findings(self._parse(args), args.get_config()))
            edits = [edit for finding in findings for edit in finding.remedy]
            for path, value in edits:
                _set(args.props, path, value)
            return args.props if edits else None

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
        if rule.remediable:
            common["remediate"] = remediate
        return ResourceValidationPolicy(validate=validate_resource, **common)

    def _of_resource(self, rule: Rule, args: ResourceValidationArgs) -> list[Object]:
        def parse() -> list[Object]:
            self._inputs[args.urn] = self._parse(args)
            return self._inputs[args.urn]

        return parse() if self._memory is None else self._memory.objects(args.urn, rule.name, parse)

    def _of_stack(self, rule: Rule, args: StackValidationArgs) -> list[Object]:
        kinds = rule.kinds_of(rule.settings(args.get_config()))
        if not kinds <= self._kinds:  # its configuration adds kinds, and no rule has looked at them so far
            self._kinds |= kinds
            self._memory = self._memory and Memory()

        def parse() -> list[Object]:
            return [obj for resource in args.resources for obj in self._with_inputs(self._parse(resource))]

        return parse() if self._memory is None else self._memory.objects("", rule.name, parse)

    def _parse(self, resource: Resource) -> list[Object]:
        parsed = kind_of(resource.resource_type)
        return objects_of(resource) if parsed is not None and parsed[0] in self._kinds else []

    def _with_inputs(self, objects: list[Object]) -> list[Object]:
        inputs = self._inputs.get(objects[0].urn, []) if objects else []
        if len(inputs) != len(objects):
            return objects
        return [replace(obj, inputs=asked.data) for obj, asked in zip(objects, inputs, strict=True)]


def _set(props: Any, path: Sequence[str], value: Any) -> None:
    """Set a value in place, so that the SDK keeps the marks of secrets around it."""
    *parents, last = path
    for key in parents:
        if not isinstance(props.get(key), Mapping):
            props[key] = {}
        props = props[key]
    props[last] = value
