"""The objects of a first deploy, as YAML: from the stack file alone, no engine and no cluster."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from .. import InvalidInput, StatefulWebArgs, manifests, stack_config
from ..findings import Finding, Name
from ..validation import notes, validate
from ..values import Manifest
from .errors import CliError
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
    path = project.stack_file(stack)
    if not path.exists():
        raise CliError(f"There is no {path.name}: stack {stack} has no config. Name another stack.")
    config = _config_of(path)
    prefix, spell = f"{project.name}:", stack_config.spelling(project.name)
    given = {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}
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


def _config_of(stack_file: Path) -> Mapping[str, Any]:
    try:
        read = yaml.safe_load(stack_file.read_text())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CliError(f"{stack_file.name} is not YAML: {error.problem}, in line {line}. Mend it there.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise CliError(f"{stack_file.name} can't be read ({error}). Mend it there.") from error
    config = read.get("config") or {} if isinstance(read, Mapping) else read or {}
    if not (isinstance(config, Mapping) and all(isinstance(key, str) for key in config)):
        raise CliError(
            f"{stack_file.name} has no keys and values below config. Write them as `config:` with `key: value`."
        )
    return config


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
