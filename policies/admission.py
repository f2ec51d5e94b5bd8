"""The rules of pack ``stateful`` inside the cluster: ``python -m policies.admission`` prints the manifests.

A ValidatingAdmissionPolicy sees one object, with the API server's defaults filled in. So a rule has a twin here if one
object answers it and a default changes nothing; the others stand in the output with the reason. Each twin says in CEL
what the rule's own module says in Python, and a test gives the same objects to both.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from policies.kit.rule import OPT_OUT, Rule
from policies.stateful.stateful_rules import RULES

Config = Mapping[str, Any]


@dataclass(frozen=True)
class Twin:
    """A rule in CEL."""

    expression: Callable[[Config], str]
    """True of an object that keeps the rule, given the rule's configuration."""

    variables: tuple[str, ...] = ("claims",)
    """The names of ``VARIABLES`` that it uses, in the order in which they build on each other."""

    claims_expression: Callable[[Config], str] | None = None
    """The same of a PersistentVolumeClaim, for a rule that judges those, too."""


VARIABLES = {
    "claims": "has(object.spec.volumeClaimTemplates) ? object.spec.volumeClaimTemplates : []",
    "pod": "object.spec.template.spec",
    "initContainers": "has(variables.pod.initContainers) ? variables.pod.initContainers : []",
    "running": "variables.pod.containers + variables.initContainers.filter("
    "c, has(c.restartPolicy) && c.restartPolicy == 'Always')",
    "mounted": "variables.running.map(c, has(c.volumeMounts) ? c.volumeMounts.map(m, m.name) : [])",
    "attached": "variables.running.map(c, has(c.volumeDevices) ? c.volumeDevices.map(d, d.name) : [])",
    "images": "variables.pod.containers.filter(c, has(c.image)).map(c, c.image)"
    " + variables.initContainers.filter(c, has(c.image)).map(c, c.image)",
}


def quoted(value: Any) -> str:
    """Return a string, or a list of them, as CEL writes it: JSON is a part of CEL."""
    return json.dumps(value)


def _class_allowed(config: Config) -> str:
    name, allowed = "c.spec.volumeAttributesClassName", quoted(["", *config["allowedAttributes"]])
    attributes = (
        f" && variables.claims.all(c, !has({name}) || {name} in {allowed})" if config["allowedAttributes"] else ""
    )
    return f"{_storage_class_allowed(config)}{attributes}"


def _storage_class_allowed(config: Config) -> str:
    if not config["allowed"]:
        return "true"
    unset = "true" if config["allowClusterDefault"] else "false"
    old = quoted("volume.beta.kubernetes.io/storage-class")
    allowed = quoted(config["allowed"])
    return (
        f"variables.claims.all(c, has(c.metadata.annotations) && {old} in c.metadata.annotations"
        f" ? c.metadata.annotations[{old}] in {allowed}"
        f" : (has(c.spec.storageClassName) ? c.spec.storageClassName in {allowed} : {unset}))"
    )


def _size_of(claim: str, config: Config) -> str:
    requests = f"{claim}.spec.resources.requests"
    size = f"quantity(string({requests}['storage']))"
    bounds = [
        f"{size}.compareTo(quantity({quoted(config[key])})) {sign} 0"
        for key, sign in (("minimum", ">="), ("maximum", "<="))
        if config[key]
    ]
    there = f"has({claim}.spec.resources) && has({requests}) && 'storage' in {requests}"
    return " && ".join([there, *bounds])


def _retained(config: Config) -> str:
    policy = "object.spec.persistentVolumeClaimRetentionPolicy"
    return (
        f"!has({policy}) || ("
        + " && ".join(
            f"(!has({policy}.{when}) || {policy}.{when} in {quoted(config[when])})"
            for when in ("whenDeleted", "whenScaled")
        )
        + ")"
    )


def _graceful(config: Config) -> str:
    grace = "variables.pod.terminationGracePeriodSeconds"
    return f"(has({grace}) ? double({grace}) : 30.0) >= {float(config['minimumSeconds'])}"


def _stable(config: Config) -> str:
    names = quoted(config["unstableNames"])
    of_claims = quoted([*config["unstableNames"], *config["managerNames"]])

    def innocent(names: str) -> str:
        return f"!(k.lowerAscii() in {names} || k.substring(k.lastIndexOf('/') + 1).lowerAscii() in {names})"

    def no_tag(value: str) -> str:
        return (
            f"!(size({value}) > 2 && {value}.matches('[0-9]')"
            f" && variables.images.exists(i, i.endsWith(':' + {value}) || i.endsWith('@' + {value})))"
        )

    selector = "object.spec.selector"
    labels = "c.metadata.labels"
    return (
        f"(!has({selector}.matchLabels)"
        f" || {selector}.matchLabels.all(k, {innocent(names)} && {no_tag(f'{selector}.matchLabels[k]')}))"
        f" && (!has({selector}.matchExpressions)"
        f" || {selector}.matchExpressions.map(e, e.key).all(k, {innocent(names)}))"
        f" && variables.claims.all(c, !has({labels})"
        f" || {labels}.all(k, {innocent(of_claims)} && {no_tag(f'{labels}[k]')}))"
    )


TWINS: Mapping[str, Twin] = {
    "volume-claim-templates-required": Twin(lambda _: "size(variables.claims) > 0"),
    "storage-class-allowed": Twin(_class_allowed),
    "storage-size-bounds": Twin(
        lambda config: f"variables.claims.all(c, {_size_of('c', config)})",
        claims_expression=lambda config: _size_of("object", config),
    ),
    "access-modes-allowed": Twin(
        lambda config: (
            "variables.claims.all(c, has(c.spec.accessModes) && size(c.spec.accessModes) > 0"
            f" && c.spec.accessModes.all(m, m in {quoted(config['allowed'])}))"
        )
    ),
    "volume-mounts-resolve": Twin(
        lambda _: (
            "variables.claims.all(c, variables.mounted.exists(names, c.metadata.name in names)"
            " || variables.attached.exists(names, c.metadata.name in names))"
        ),
        ("claims", "pod", "initContainers", "running", "mounted", "attached"),
    ),
    "claim-retention": Twin(_retained, ()),
    "graceful-termination": Twin(_graceful, ("pod",)),
    "stable-labels": Twin(_stable, ("claims", "pod", "initContainers", "images")),
    "no-skip-await": Twin(
        lambda _: (
            "!has(object.metadata.annotations) || !('pulumi.com/skipAwait' in object.metadata.annotations)"
            " || object.metadata.annotations['pulumi.com/skipAwait'].lowerAscii() != 'true'"
        ),
        (),
    ),
}

_JOIN = "it compares objects, and an admission policy sees only one"
WITHOUT: Mapping[str, str] = {
    "headless-service": _JOIN,
    "governing-service": _JOIN,
    "autoscaler-owns-replicas": f"{_JOIN}; and the API server fills in a count",
    "no-autonaming": "the API server cannot tell a generated name from a chosen one",
    "no-ephemeral-data-volumes": "it compares paths, and CEL cannot normalize paths",
    "selector-matches-template": "the API server refuses such a set itself",
    "opt-outs": "it only reports",
    "no-opaque-release": "it judges a Pulumi resource; in the cluster, what a Release installs is seen",
}
"""The rules that have no twin, and why."""

EXPLICIT_RETENTION = "with explicit: true it has none, as the API server fills in Retain"


def without_twin(rule: Rule, config: Config) -> str:
    """Return why a rule has no twin with this configuration; empty if it has."""
    if rule.name == "claim-retention" and config["explicit"]:
        return EXPLICIT_RETENTION
    return WITHOUT.get(rule.name, "")


def manifests(config: Mapping[str, Any], namespaces: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Return policies and their bindings for a pack's configuration, bound to these namespaces or to all."""
    for rule in RULES:
        settings, level = _settings(rule, config)
        if level == "disabled" or without_twin(rule, settings):
            continue
        twin = TWINS[rule.name]
        variables = [{"name": name, "expression": VARIABLES[name]} for name in twin.variables]
        yield from _bound(
            _policy(rule, settings, f"stateful-{rule.name}", twin.expression(settings), variables),
            level,
            settings,
            namespaces,
        )
        if twin.claims_expression is not None:
            expression = twin.claims_expression(settings)
            of_claims = _policy(rule, settings, f"stateful-{rule.name}-of-claims", expression, [])
            of_claims["spec"]["matchConstraints"] = _constraints("", "persistentvolumeclaims")
            # Claims are updated by controllers, too, who must not stumble over what is long there.
            of_claims["spec"]["matchConditions"].append(
                {"name": "spec-changes", "expression": "request.operation == 'CREATE' || object.spec != oldObject.spec"}
            )
            yield from _bound(of_claims, level, settings, namespaces)


def _settings(rule: Rule, config: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    given = config.get(rule.name, {})
    given = {"enforcementLevel": given} if isinstance(given, str) else dict(given)
    level = str(given.pop("enforcementLevel", rule.level))
    return rule.settings(given), level


def _constraints(group: str, resource: str) -> dict[str, Any]:
    rule = {"apiGroups": [group], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": [resource]}
    return {"resourceRules": [rule]}


def _policy(
    rule: Rule, settings: Config, name: str, expression: str, variables: list[dict[str, str]]
) -> dict[str, Any]:
    # What is being deleted must be able to lose its finalizers.
    conditions = [{"name": "not-deleted", "expression": "!has(object.metadata.deletionTimestamp)"}]
    if settings["allowOptOuts"]:
        key = quoted(f"{OPT_OUT}{rule.name}")
        annotations = "object.metadata.annotations"
        excused = f"has({annotations}) && {key} in {annotations} && {annotations}[{key}].trim() != ''"
        conditions.append({"name": "not-excused", "expression": f"!({excused})"})
    spec: dict[str, Any] = {
        "failurePolicy": "Fail",
        "matchConstraints": _constraints("apps", "statefulsets"),
        "matchConditions": conditions,
        "variables": variables,
        "validations": [{"expression": expression, "message": f"{rule.name}: {rule.description} {rule.remediation}"}],
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": spec if variables else {key: value for key, value in spec.items() if key != "variables"},
    }


def _bound(policy: dict[str, Any], level: str, settings: Config, namespaces: Sequence[str]) -> Iterator[dict[str, Any]]:
    name = policy["metadata"]["name"]
    wanted = [("In", list(namespaces)), ("NotIn", list(settings["exemptNamespaces"]))]
    expressions = [
        {"key": "kubernetes.io/metadata.name", "operator": operator, "values": values}
        for operator, values in wanted
        if values
    ]
    spec: dict[str, Any] = {
        "policyName": name,
        "validationActions": ["Deny"] if level == "mandatory" else ["Warn", "Audit"],
    }
    if expressions:
        spec["matchResources"] = {"namespaceSelector": {"matchExpressions": expressions}}
    yield policy
    yield {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": spec,
    }


def rendered(config: Mapping[str, Any], namespaces: Sequence[str] = ()) -> str:
    """Return the manifests as YAML, after comments on the rules that are not among them."""
    lines = ["# Rules of pack stateful that stay with the pack:"]
    for rule in RULES:
        settings, level = _settings(rule, config)
        reason = "it is disabled by the configuration" if level == "disabled" else without_twin(rule, settings)
        if reason:
            lines.append(f"#   {rule.name}: {reason}")
    lines.append(
        "# Pack hardening is advice for reviews and stays there, too; what must hold of pods in the cluster is"
    )
    lines.append("# for Pod Security Admission: label the namespace pod-security.kubernetes.io/enforce: restricted.")
    return "\n".join(lines) + "\n---\n" + yaml.safe_dump_all(manifests(config, namespaces), sort_keys=False, width=120)


def main() -> None:
    """Print the manifests for a pack's configuration."""
    parser = argparse.ArgumentParser(prog="python -m policies.admission", description=main.__doc__)
    parser.add_argument("--config", type=Path, help="a policy-config file of pack stateful, e.g. the prod example")
    parser.add_argument("--namespace", action="append", default=[], help="judge this namespace; none named: all")
    asked = parser.parse_args()
    config = json.loads(asked.config.read_text()) if asked.config else {}
    print(rendered(config, asked.namespace), end="")


if __name__ == "__main__":
    main()
