"""The objects of a first deploy, as YAML: from the stack file alone, no engine and no cluster."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

import settings
from components.stateful_web import InvalidInput, StatefulWebArgs, manifests
from components.stateful_web.findings import Finding, Name
from components.stateful_web.validation import notes, validate
from components.stateful_web.values import Manifest
from ops.engine import OpsError, own_name


class Dumper(yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper):  # type: ignore[misc]
    """Puts in quotes what kubectl, too, would take for something else than text; libyaml is four times as fast."""


# https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go: other numbers and words than PyYAML's.
Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(\.[\d_]+|\d[\d_]*(\.[\d_]*)?)([eE][-+]?\d+)?)$"),
    list("-+.0123456789"),
)
Dumper.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("[yYnN]$"), list("yYnN"))


def inputs_of(stack: str, folder: Path) -> StatefulWebArgs:
    """Return the complete inputs of a stack.

    Raises ``InvalidInput`` for what can't be used, and for an encrypted value: what is printed is not secret.
    """
    path = folder / f"Pulumi.{own_name(stack)}.yaml"
    if not path.exists():
        raise OpsError(f"There is no {path.name}: stack {stack} has no config. Name another with STACK=.")
    config = _config_of(path)
    prefix = f"{settings.NAMESPACE}:"
    given = {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}
    findings = [
        Finding(
            (Name(where),), "is encrypted, and rendered YAML is readable by all. Render another stack, or leave it out."
        )
        for where in _encrypted(given)
    ]
    if not findings:
        inputs, findings = settings.inputs_of(given)
        if namespace := config.get("kubernetes:namespace"):
            inputs.setdefault("namespace", str(namespace))  # that of the provider
        if not findings:
            inputs, findings = validate(settings.COMPONENT, inputs)
    if findings:
        raise InvalidInput(findings, settings.config_key)
    for note in notes(inputs):
        print(note.sentence(settings.config_key), file=sys.stderr)
    return inputs


def _config_of(stack_file: Path) -> Mapping[str, Any]:
    try:
        read = yaml.safe_load(stack_file.read_text())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise OpsError(f"{stack_file.name} is not YAML: {error.problem}, in line {line}. Mend it there.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise OpsError(f"{stack_file.name} can't be read ({error}). Mend it there.") from error
    config = read.get("config") or {} if isinstance(read, Mapping) else read or {}
    if not (isinstance(config, Mapping) and all(isinstance(key, str) for key in config)):
        raise OpsError(
            f"{stack_file.name} has no keys and values below config. Write them as `config:` with `key: value`."
        )
    return config


def objects_of(stack: str, folder: Path) -> list[Manifest]:
    """Return the objects of a stack, each after those that it needs; raises as ``inputs_of`` does."""
    return list(manifests.objects(inputs_of(stack, folder)).values())


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


def main(written: Callable[[Sequence[Manifest]], str] = as_yaml) -> int:
    """Print the objects of the stack that is named, as they are ``written``; return the exit code."""
    try:
        print(written(objects_of(sys.argv[1], Path.cwd())), end="")
    except (OpsError, InvalidInput) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
