"""The objects of a first deploy, as YAML: from the stack file alone, no engine and no cluster."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from .. import InvalidInput, StatefulWebArgs, manifests, stack_config
from ..findings import Finding, Name
from ..validation import notes, validate
from ..values import Manifest
from .project import Project


class Dumper(yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper):  # type: ignore[misc]
    """Puts in quotes what kubectl, too, would take for something else than text; libyaml is four times as fast."""


# https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go: other numbers and words than PyYAML's.
Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(\.[\d_]+|\d[\d_]*(\.[\d_]*)?)([eE][-+]?\d+)?)$"),
    list("-+.0123456789"),
)
Dumper.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("[yYnN]$"), list("yYnN"))


def inputs_of(project: Project, stack: str) -> StatefulWebArgs:
    """Return the complete inputs of a stack.

    Raises ``InvalidInput`` for what can't be used, and for an encrypted value: what is printed is not secret.
    """
    config = project.config(stack)
    given, spell = project.own(config), stack_config.spelling(project.name)
    findings = [
        Finding(
            (Name(where),), "is encrypted, and rendered YAML is readable by all. Render another stack, or leave it out."
        )
        for where in _encrypted(given)
    ]
    if not findings:
        inputs, findings = stack_config.inputs_of(given)
        if of_provider := config.get("kubernetes:namespace"):
            inputs.setdefault("namespace", str(of_provider))  # that of the provider
        if not findings:
            inputs, findings = validate(stack_config.COMPONENT, inputs)
    if findings:
        raise InvalidInput(findings, spell)
    for note in notes(inputs):
        print(note.sentence(spell), file=sys.stderr)
    return inputs


def objects_of(project: Project, stack: str) -> list[Manifest]:
    """Return the objects of a stack, each after those that it needs; raises as ``inputs_of`` does."""
    return list(manifests.objects(inputs_of(project, stack)).values())


def as_yaml(objects: Sequence[Manifest]) -> str:
    """Return objects as one YAML stream."""
    return yaml.dump_all(objects, Dumper=Dumper, sort_keys=False, explicit_start=True, allow_unicode=True)


def _encrypted(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        if set(value) == {"secure"}:
            yield path
        for key, item in value.items():
            yield from _encrypted(item, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _encrypted(item, f"{path}[{i}]")
