"""The Pulumi project in whose folder a command runs."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .errors import CliError
from .pulumi_cli import own_name


@dataclass(frozen=True)
class Project:
    """A folder with a ``Pulumi.yaml``, and what that says."""

    folder: Path
    name: str
    """The namespace of the project's config keys, too."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Values of config keys for every stack whose own file does not have the key, by full key."""
    stack_folder: str = ""
    """Where the files of the stacks are, relative to the project's folder."""

    @classmethod
    def at(cls, folder: Path) -> "Project":
        """Read the project of a folder; raises ``CliError`` where there is none, or none with a name."""
        try:
            read = yaml.safe_load((folder / "Pulumi.yaml").read_text())
        except FileNotFoundError:
            raise CliError("There is no Pulumi.yaml here: run this in the folder of a Pulumi project.") from None
        except yaml.YAMLError as error:
            raise CliError(f"Pulumi.yaml can't be read ({error}). Correct it.") from error
        name = read.get("name") if isinstance(read, dict) else None
        if not isinstance(name, str):
            raise CliError("Pulumi.yaml gives the project no name. Write one there, as `name: shop`.")
        declared, stack_folder = read.get("config"), read.get("stackConfigDir")
        if isinstance(declared, str):  # what stackConfigDir was called before
            declared, stack_folder = {}, declared
        return cls(folder, name, _defaults(declared or {}, name), stack_folder or "")

    def own(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of the project's own keys, without their namespace."""
        prefix = f"{self.name}:"
        return {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}

    def stack_file(self, stack: str) -> Path:
        """Return where a stack's config is."""
        return self.folder / self.stack_folder / f"Pulumi.{own_name(stack)}.yaml"

    def config(self, stack: str) -> dict[str, Any]:
        """Return a stack's config by full key, what is encrypted as it is in the stack's file.

        As for the engine, a key that the stack's file does not have takes the value of ``Pulumi.yaml``, if it has one.
        """
        path = self.stack_file(stack)
        if not path.exists():
            raise CliError(f"There is no {path.name}: stack {stack} has no config. Name another stack.")
        try:
            read = yaml.safe_load(path.read_text())
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise CliError(f"{path.name} is not YAML: {error.problem}, in line {line}. Correct it.") from error
        except (yaml.YAMLError, ValueError) as error:
            raise CliError(f"{path.name} can't be read ({error}). Correct it.") from error
        given = read.get("config") or {} if isinstance(read, Mapping) else read or {}
        if not (isinstance(given, Mapping) and all(isinstance(key, str) for key in given)):
            raise CliError(
                f"{path.name} has no keys and values below config. Write them as `config:` with `key: value`."
            )
        if isinstance(read, Mapping) and read.get("environment"):
            print(f"{path.name} names environments: what they add to the config is not known here.", file=sys.stderr)
        return {**self.defaults, **{_full(key, self.name): value for key, value in given.items()}}


def _full(key: str, project: str) -> str:
    """Return a config key with its namespace, which is the project's where the key has none."""
    return key if ":" in key else f"{project}:{key}"


def _defaults(declared: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the values in ``config`` of a ``Pulumi.yaml``: of each key the default or the value, or what it is.

    See https://www.pulumi.com/docs/iac/concepts/projects/project-file/#config-options.
    """
    found: dict[str, Any] = {}
    for key, item in declared.items():
        value = item.get("default", item.get("value")) if isinstance(item, Mapping) else item
        if value is not None:
            found[_full(key, name)] = value
    return found


def titled(folder: Path, stack: str) -> str:
    """Return a stack's name with that of its project, as people tell stacks of several projects apart."""
    try:
        return f"{Project.at(folder).name}/{own_name(stack)}"
    except CliError:  # Written otherwise than as Pulumi.yaml, or in a folder above: the engine finds it.
        return own_name(stack)
