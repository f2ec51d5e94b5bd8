"""Inputs whose outputs are awaited: plain values for a decision, and what is not known yet marked as such."""

from collections.abc import Awaitable, Mapping
from typing import Any

import pulumi
from pulumi.output import Unknown

from .args import StatefulWebArgs
from .findings import Path
from .live import NOT_YET
from .storage import claim_templates

CLASSES = {"storage_class_name": "StorageClass", "volume_attributes_class_name": "VolumeAttributesClass"}
"""Kind of the class that each input names."""


class Confidential(str):
    """A text that decides, and is not shown: sentences have a placeholder in its place."""

    def __format__(self, _: str) -> str:
        return "a secret that is not shown"

    __str__ = __repr__ = lambda self: format(self)


def revealed(value: Any) -> Any:
    """Return a value for an object: what is confidential is a secret there."""
    return pulumi.Output.secret(value[:]) if isinstance(value, Confidential) else value


def disclosed(value: Any) -> Any:
    """Return a value for the API server alone: texts that are not shown are plain there."""
    if isinstance(value, Mapping):
        return {key: disclosed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [disclosed(item) for item in value]
    return value[:] if isinstance(value, Confidential) else value


def is_plain(value: Any) -> bool:
    """Say whether there is no output in a value."""
    if isinstance(value, Mapping):
        return all(map(is_plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(is_plain, value))
    return not isinstance(value, pulumi.Output | Awaitable)


async def settled(inputs: StatefulWebArgs) -> StatefulWebArgs:
    """Return inputs with plain values, or ``NOT_YET``, in place of outputs.

    Raises ``InvalidInput`` if one of them can not be used: no object is registered before all are judged.
    """
    found: StatefulWebArgs = await _settled(inputs)
    return found


async def classes_of_the_program(inputs: StatefulWebArgs) -> frozenset[Path]:
    """Return where a class is named by an output of a class of the program, which may not be there yet."""
    found: list[Path] = []
    for path, template in claim_templates(inputs):
        for key, kind in CLASSES.items():
            if isinstance(name := template.get(key), pulumi.Output):
                kinds = {resource.pulumi_resource_type for resource in await name.resources()}
                found += [(*path, key)] if f"kubernetes:storage.k8s.io/v1:{kind}" in kinds else []
    return frozenset(found)


async def _settled(value: Any) -> Any:
    if isinstance(value, pulumi.Output):
        if not await value.is_known():
            return NOT_YET
        known = _marked(await value.future(with_unknowns=True))
        return Confidential(known) if isinstance(known, str) and await value.is_secret() else known
    if isinstance(value, Mapping):
        return {key: await _settled(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [await _settled(item) for item in value]
    return value


def _marked(value: Any) -> Any:
    if isinstance(value, Unknown):
        return NOT_YET
    if isinstance(value, Mapping):
        return {key: _marked(item) for key, item in value.items()}
    return [_marked(item) for item in value] if isinstance(value, list) else value
