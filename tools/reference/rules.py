"""The reference of the policy rules, from the rules themselves, for ``tools.reference.pages``."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import yaml

from policies import admission
from policies.hardening.hardening_rules import RULES as HARDENING
from policies.kit.adapter import kind_of
from policies.kit.model import Object
from policies.kit.rule import COMMON_PROPERTIES, OPT_OUT
from policies.kit.tables import Table
from policies.stateful.stateful_rules import RULES as STATEFUL
from tools.reference.entries import WIDTH, entry, prose

PACKS: Mapping[str, Sequence[Any]] = {"stateful": STATEFUL, "hardening": HARDENING}

INTRODUCTION = f"""\
# Policy rules

`pulumi preview --policy-pack policies/stateful --policy-pack-config policies/stateful/policy-config.prod.json`

A rule is configured by its name in a policy-config file: its level (`enforcementLevel`: `advisory`, `mandatory`,
`disabled`, and `remediate` where it says so), and its properties. An object opts out by the annotation
`{OPT_OUT}<rule>: <reason>`, which rule `opt-outs` reports.

A property that is a table has a default, and a source for each of its entries. A configuration replaces the table, or
extends it with a list that begins with `"..."`:
`{{"no-ephemeral-data-volumes": {{"nodePaths": ["...", "/var/lib/agent"]}}}}`.

A rule that judges the **program** compares several objects, and runs after the program has ended. A preview runs it
only if no rule on one resource has denied anything. `pulumi up --skip-preview` has created everything by then, and ends
with an error: always run a preview first. `pulumi up` judges the values that a preview does not know.

To judge a deployed stack offline, without a login or a cluster, use its exported state:

```sh
pulumi stack export --file state.json
pulumi policy analyze --file state.json --policy-pack policies/stateful
```

`make admission` prints the rules that concern one object as ValidatingAdmissionPolicies.
"""


def rules() -> str:
    """Return the page of the rules."""
    common = ["## What every rule has", "", *_properties("", COMMON_PROPERTIES), ""]
    packs = [line for name, found in PACKS.items() for line in (f"## Pack {name}", "", *_of_pack(name, found))]
    return "\n".join([INTRODUCTION, *common, *packs])


def _of_pack(pack: str, found: Sequence[Any]) -> Iterator[str]:
    for rule in found:
        yield from _rule(pack, rule)


def _rule(pack: str, rule: Any) -> Iterator[str]:
    facts = [
        ("Level", rule.level + (", or remediate, which corrects the object" if rule.remediable else "")),
        ("Severity", rule.severity),
        ("Judges", "the program" if rule.whole_stack else "one resource"),
    ]
    if pack == "stateful":
        facts.append(("In the cluster", _in_cluster(rule)))
    yield entry(rule.name, [rule.name], prose(rule.description), facts, level=3)
    yield from (f"Fix: {prose(rule.remediation)}", "")
    properties = {**rule.properties, **{name: of_name.schema for name, of_name in rule.tables.items()}}
    if properties:
        yield from (*_properties(f"{rule.name}.", properties, rule.tables), "")
    for name, of_name in rule.tables.items():
        yield from (f"The default of `{name}`, and where it comes from:", "", *_sources(of_name), "")
    if rule.example_config:
        yield from (f"Examples, with `{json.dumps({rule.name: rule.example_config})}`:", "")
    yield from _example("Passes", rule.passing)
    yield from _example("Fails", rule.failing)
    message = next(iter(messages(rule)))
    yield from ("It says:", "", f"> {prose(message)}", "")


def _in_cluster(rule: Any) -> str:
    if rule.name not in admission.TWINS:
        return f"no, as {admission.WITHOUT[rule.name]}"
    return f"yes; {admission.EXPLICIT_RETENTION}" if rule.name == "claim-retention" else "yes"


def _properties(
    prefix: str, properties: Mapping[str, Mapping[str, Any]], tables: Collection[str] = ()
) -> Iterator[str]:
    for name, schema in properties.items():
        kind = schema["type"] if schema["type"] != "array" else f"list of {schema['items']['type']}s"
        default = "below" if name in tables else f"`{json.dumps(schema['default'])}`"
        anchor = f'<a id="{prefix}{name}"></a>'
        yield f"- {anchor}`{name}`: {kind}, default {default}. {prose(schema['description'])}"


def _sources(of: Table) -> Iterator[str]:
    for source in dict.fromkeys(of.entries.values()):
        entries = ", ".join(f"`{entry}`" for entry, given in of.entries.items() if given == source)
        link = _ADDRESS.sub(r"<\g<0>>", source)
        yield f"- {entries}: {link}"


_ADDRESS = re.compile(r"https://[^\s,;()]*[^\s,;():.]")


def _example(title: str, manifests: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield from (f"{title}:", "", "```yaml")
    yield yaml.dump_all(manifests, Dumper=_Plain, sort_keys=False, width=WIDTH).rstrip()
    yield from ("```", "")


class _Plain(yaml.SafeDumper):
    """Writes a part that appears twice out twice, as people do."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - as the class above it has it
        return True


def messages(rule: Any) -> list[str]:
    """Return what a rule says of its failing example."""
    return [finding.message for finding in rule.findings(objects(rule.failing), rule.example_config)]


def objects(manifests: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return manifests as a pack's rules see them."""
    return [Object(kind(manifest), manifest) for manifest in manifests]


def kind(manifest: Mapping[str, Any]) -> str:
    """Return kind and group, as rules name them; a provider has a Pulumi type instead."""
    if "type" in manifest:
        return str((kind_of(manifest["type"]) or ("",))[0])
    group, _, version = manifest["apiVersion"].rpartition("/")
    return f"{manifest['kind']}.{group}" if version and group else str(manifest["kind"])
