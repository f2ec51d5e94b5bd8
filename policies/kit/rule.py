"""The form of a rule, and what holds for all rules: configuration, exempt namespaces and opt-outs."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .model import UNKNOWN, Object, get, one_line
from .tables import Table

Config = Mapping[str, Any]
Manifests = tuple[Mapping[str, Any], ...]

OPT_OUT = "policy.stateful-web.dev/allow-"
"""Prefix of the annotation ``policy.stateful-web.dev/allow-<rule>: <reason>``."""

COMMON_PROPERTIES: Mapping[str, Mapping[str, Any]] = {
    "allowOptOuts": {
        "type": "boolean",
        "default": True,
        "description": f"Whether an annotation {OPT_OUT}<rule>: <reason> excuses an object from this rule.",
    },
    "exemptNamespaces": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": "Namespaces whose objects this rule does not judge.",
    },
    "reason": {
        "type": "string",
        "default": "",
        "description": "Why this configuration differs from the default. Only for readers, as JSON has no comments.",
    },
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with one object."""

    subject: Object

    problem: str
    """What the object has and what is expected, to be read after the object's name."""

    fix: str
    """What to do, as a command to the reader."""

    also: tuple[Object, ...] = ()
    """Other objects whose opt-out counts."""

    remedy: tuple[tuple[tuple[str, ...], Any], ...] = ()
    """Paths in the object and the values that make it right, where that is safe to do unasked."""

    @property
    def message(self) -> str:
        """Return the finding as one line."""
        return f"{self.subject} {self.problem}. Fix: {self.fix}."


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule: what it is, how it judges, and an example of each verdict."""

    name: str
    display_name: str
    description: str
    remediation: str
    """What to do about a finding, in the depth of a manual."""

    severity: Literal["low", "medium", "high", "critical"]
    level: Literal["advisory", "mandatory"]

    kinds: tuple[str, ...]
    """The kinds of ``Object`` that it looks at."""

    check: Callable[[Sequence[Object], Config], Iterable[Finding]]
    """Judges the objects of one resource (several for a List), or with ``whole_stack`` those of the program."""

    whole_stack: bool = False
    """Judged over all objects together, as they are once the program has ended: in preview, too."""

    properties: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """JSON schema of its own configuration properties; each has a default."""

    tables: Mapping[str, Table] = field(default_factory=dict)
    """Configuration properties that are tables; a check gets their entries."""

    kinds_table: str = ""
    """The table whose entries are further kinds of ``Object`` that it looks at."""

    passing: Manifests
    failing: Manifests

    example_config: Config = field(default_factory=dict)
    """Configuration of both examples."""

    remediable: bool = False
    """Whether its findings carry a remedy, applied at enforcement level ``remediate``."""

    @property
    def schema(self) -> dict[str, dict[str, Any]]:
        """Return the JSON schema of all its configuration properties."""
        tables = {name: of_name.schema for name, of_name in self.tables.items()}
        return {name: dict(schema) for name, schema in {**self.properties, **tables, **COMMON_PROPERTIES}.items()}

    def settings(self, config: Config) -> dict[str, Any]:
        """Return the value of each configuration property, given or by default.

        One that does not exist is a ``ValueError``: the engine lets a misspelt one pass.
        """
        schema = self.schema
        for key in config:
            if key not in schema:
                raise ValueError(f'rule {self.name} has no property "{key}"; it has: {", ".join(schema)}')
        given = {**{key: of_key["default"] for key, of_key in schema.items()}, **config}
        return {**given, **{name: list(of_name.expanded(given[name])) for name, of_name in self.tables.items()}}

    def kinds_of(self, settings: Config) -> frozenset[str]:
        """Return all kinds of ``Object`` that it looks at."""
        return frozenset((*self.kinds, *settings.get(self.kinds_table, ())))

    def findings(self, objects: Sequence[Object], config: Config) -> Iterator[Finding]:
        """Judge ``objects``, minding exempt namespaces and opt-outs."""
        settings = self.settings(config)
        kinds = self.kinds_of(settings)
        for finding in self.check([obj for obj in objects if obj.kind in kinds], settings):
            if not _is_exempt(finding.subject, settings["exemptNamespaces"]):
                yield from self._unless_opted_out(finding, settings["allowOptOuts"])

    def _unless_opted_out(self, finding: Finding, allowed: bool) -> Iterator[Finding]:
        annotation = f"{OPT_OUT}{self.name}"
        reasons = [opt_out_reason(obj, self.name) for obj in (finding.subject, *finding.also)]
        if all(reason is None for reason in reasons):
            yield finding
        elif not allowed:
            yield _with_note(finding, f"annotation {annotation} does not count: allowOptOuts is false here")
        elif not any(isinstance(reason, str) and reason for reason in reasons):
            why = "its value is not known in preview" if UNKNOWN in reasons else "it gives no reason"
            yield _with_note(finding, f"annotation {annotation} does not count: {why}")


def opt_out_reason(obj: Object, rule: str) -> Any:
    """Return why ``obj`` opts out of ``rule``: text, ``""`` without a reason, ``None`` if it does not, or UNKNOWN."""
    reason = get(obj.get("metadata", "annotations"), f"{OPT_OUT}{rule}")
    if reason is None or reason is UNKNOWN:
        return reason
    return one_line(reason.strip()) if isinstance(reason, str) else ""


def each(
    check: Callable[[Object, Config], Iterable[Finding]],
) -> Callable[[Sequence[Object], Config], Iterable[Finding]]:
    """Return the check of a rule that looks at one object at a time."""

    def check_all(objects: Sequence[Object], config: Config) -> Iterator[Finding]:
        for obj in objects:
            yield from check(obj, config)

    return check_all


def _is_exempt(obj: Object, namespaces: Sequence[str]) -> bool:
    # With exemptions configured, an unknown namespace might be one of them: `up` decides.
    return bool(namespaces) and (obj.namespace is UNKNOWN or obj.namespace in namespaces)


def _with_note(finding: Finding, note: str) -> Finding:
    return dataclasses.replace(finding, problem=f"{finding.problem}; {note}")
