"""The Pulumi project in whose folder a command runs."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from .errors import CliError
from .pulumi_cli import own_name


@dataclass(frozen=True)
class Project:
    """A folder with a ``Pulumi.yaml``, and the name that it gives: the namespace of the project's config keys, too."""

    folder: Path
    name: str

    @classmethod
    def at(cls, folder: Path) -> "Project":
        """Read the project of a folder; raises ``CliError`` where there is none, or none with a name."""
        try:
            read = yaml.safe_load((folder / "Pulumi.yaml").read_text())
        except FileNotFoundError:
            raise CliError("There is no Pulumi.yaml here: run this in the folder of a Pulumi project.") from None
        except yaml.YAMLError as error:
            raise CliError(f"Pulumi.yaml can't be read ({error}). Mend it there.") from error
        name = read.get("name") if isinstance(read, dict) else None
        if not isinstance(name, str):
            raise CliError("Pulumi.yaml gives the project no name. Write one there, as `name: shop`.")
        return cls(folder, name)

    def stack_file(self, stack: str) -> Path:
        """Return where a stack's config is."""
        return self.folder / f"Pulumi.{own_name(stack)}.yaml"
