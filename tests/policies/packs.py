"""Runs a pack's rules as the engine does: through the SDK's own argument bags and unknown-checking proxies."""

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_policy import (
    Policy,
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import (
    UNKNOWN_ARRAY_VALUE,
    UNKNOWN_BOOLEAN_VALUE,
    UNKNOWN_NUMBER_VALUE,
    UNKNOWN_OBJECT_VALUE,
    UNKNOWN_STRING_VALUE,
    unknown_checking_proxy,
)

from policies.hardening.hardening_rules import RULES as HARDENING
from policies.kit.adapter import Pack
from policies.stateful.stateful_rules import RULES as STATEFUL

Manifest = Mapping[str, Any]

SENTINELS = (
    UNKNOWN_ARRAY_VALUE,
    UNKNOWN_BOOLEAN_VALUE,
    UNKNOWN_NUMBER_VALUE,
    UNKNOWN_OBJECT_VALUE,
    UNKNOWN_STRING_VALUE,
)
UNKNOWN = UNKNOWN_STRING_VALUE
"""What the engine sends for any value that is not known yet, whatever its type."""

PACKS: Mapping[str, tuple[Any, ...]] = {"stateful": STATEFUL, "hardening": HARDENING}
RULES: Mapping[str, Any] = {rule.name: rule for rules in (HARDENING, STATEFUL) for rule in rules}
"""By name; of rules that every pack has, those of ``stateful``."""

DEFAULT_PROVIDER = "urn:pulumi:dev::test::pulumi:providers:kubernetes::default_4_34_2"


def serving(*rules: Any, remember: bool = False) -> list[Policy]:
    """Return the SDK's policies of rules."""
    return Pack(rules, remember).policies


def token(manifest: Manifest) -> str:
    """Return the Pulumi type token of a manifest, as the typed SDKs register it; a provider's is written out."""
    if "type" in manifest:
        return str(manifest["type"])
    version = manifest["apiVersion"]
    return f"kubernetes:{'core/v1' if version == 'v1' else version}:{manifest['kind']}"


def provider(urn: str = DEFAULT_PROVIDER, **props: Any) -> PolicyProviderResource:
    return PolicyProviderResource(
        "pulumi:providers:kubernetes", unknown_checking_proxy(copy.deepcopy(props)), urn, urn.rpartition("::")[2]
    )


def options() -> PolicyResourceOptions:
    return PolicyResourceOptions(False, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])


def resource(
    manifest: Manifest,
    of: PolicyProviderResource | None = None,
    name: str | None = None,
    resource_type: str | None = None,
) -> PolicyResource:
    """Return a manifest as a resource of the stack."""
    resource_type = resource_type or token(manifest)
    name = name or str((manifest.get("metadata") or manifest).get("name"))
    # Through JSON, as from the engine: no text is the very object that a rule compares it with.
    props = unknown_checking_proxy(json.loads(json.dumps(manifest)))
    urn = f"urn:pulumi:dev::test::{resource_type}::{name}"
    return PolicyResource(resource_type, props, urn, name, options(), of or provider(), None, [], {})


def judge(rule: Any, *given: Manifest | PolicyResource, config: Mapping[str, Any] | None = None) -> list[str]:
    """Return the messages of a rule for a program of these objects, through the SDK's policy.

    Raises what the policy raises: an ``UnknownValueError`` is what the engine reports as "can't run policy".
    """
    return [message for message, _ in judge_with_urns(rule, *given, config=config)]


def judge_with_urns(
    rule: Any, *given: Manifest | PolicyResource, config: Mapping[str, Any] | None = None
) -> list[tuple[str, str | None]]:
    resources = [item if isinstance(item, PolicyResource) else resource(item) for item in given]
    (policy,) = serving(RULES[rule] if isinstance(rule, str) else rule)
    reported: list[tuple[str, str | None]] = []

    def report(message: str, urn: str | None = None) -> None:
        reported.append((message, urn))

    if isinstance(policy, StackValidationPolicy):
        policy.validate(StackValidationArgs(resources, config), report)
        return reported
    assert isinstance(policy, ResourceValidationPolicy)
    for item in resources:
        policy.validate(_args(item, config), report)
    return reported


def judge_all(
    rules: Sequence[Any], *given: Manifest | PolicyResource, config: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, list[str]]:
    """Return the messages of every rule that has something to say, by name of the rule."""
    messages = {rule.name: judge(rule, *given, config=(config or {}).get(rule.name)) for rule in rules}
    return {name: said for name, said in messages.items() if said}


def _args(item: PolicyResource, config: Mapping[str, Any] | None) -> ResourceValidationArgs:
    return ResourceValidationArgs(item.resource_type, item.props, item.urn, item.name, item.opts, item.provider, config)
