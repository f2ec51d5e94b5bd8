"""Files that the container sees, in a ConfigMap or a Secret whose name follows from their content. Pure."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pulumi

from .args import FilesArgs, StatefulWebArgs
from .live import NOT_YET
from .values import Manifest


def files_name(args: StatefulWebArgs, index: int, files: FilesArgs) -> Any:
    """Return a name with a hash of the content: another content is another object, so pods are rolled."""

    def name(content: Mapping[str, str]) -> str:
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]
        return f"{args['name']}-files-{index}-{digest}"

    content: Any = files["content"]
    if isinstance(content, Mapping) and all(isinstance(text, str) for text in content.values()):
        return name(content)
    if content is NOT_YET or (isinstance(content, Mapping) and NOT_YET in content.values()):
        return NOT_YET
    # The hash of a secret is none; unsecret() lets the name be seen.
    return pulumi.Output.unsecret(pulumi.Output.from_input(content).apply(name))


def files_volume(args: StatefulWebArgs, index: int, files: FilesArgs) -> Manifest:
    """Return the volume of files."""
    name = files_name(args, index, files)
    source = {"secret": {"secretName": name}} if files["secret"] else {"configMap": {"name": name}}
    return {"name": f"files-{index}", **source}
