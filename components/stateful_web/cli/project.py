"""The Pulumi project in whose folder a command runs."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from .pulumi_cli import OpsError, own_name


@dataclass(frozen=True)
class Project:
    """A folder with a ``Pulumi.yaml``, and the name that it gives: the namespace of the project's config keys, too."""

    folder: Path
    name: str

    @classmethod
    def at(cls, folder: Path) -> "Project":
        """Read the project of a folder; raises ``OpsError`` where there is none, or none with a name."""
        try:
            read = yaml.safe_load((folder / "Pulumi.yaml").read_text())
        except FileNotFoundError:
            raise OpsError("There is no Pulumi.yaml here: run this in the folder of a Pulumi project.") from None
        except yaml.YAMLError as error:
            raise OpsError(f"Pulumi.yaml can't be read ({error}). Mend it there.") from error
        name = read.get("name") if isinstance(read, dict) else None
        if not isinstance(name, str):
            raise OpsError("Pulumi.yaml gives the project no name. Write one there, as `name: shop`.")
        return cls(folder, name)

    def stack_file(self, stack: str) -> Path:
        """Return where a stack's config is."""
        return self.folder / f"Pulumi.{own_name(stack)}.yaml"
