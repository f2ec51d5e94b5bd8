"""Kubernetes' own schema, as lightkube's models have it: which keys an object has, and what kind of value is where.

Nothing here makes a client. The models are imported when they are asked for, since that takes a quarter of a second.
"""

import importlib
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

TEXT, QUANTITY = "str", "Quantity"
SCALARS = {TEXT, QUANTITY, "int", "float", "bool", "IntOrString", "Time"}
MAP = "dict"
"""A map whose keys are the user's own, such as labels."""
MAPS_OF_QUANTITIES = {"limits", "requests", "overhead"}
"""Fields whose maps hold quantities and no text, which the models don't say."""


@dataclass(frozen=True)
class Field:
    """What is expected at one key."""

    kind: str
    """One of ``SCALARS``, ``MAP``, or an object: ``core_v1.Container``."""

    is_list: bool = False
    """Whether there are any number of them."""

    values: str = ""
    """Of a map: ``TEXT`` or ``QUANTITY``."""

    @property
    def is_object(self) -> bool:
        """Say whether it has keys that Kubernetes knows."""
        return self.kind not in SCALARS and self.kind != MAP


@cache
def fields(kind: str) -> Mapping[str, Field]:
    """Return the keys of an object such as ``core_v1.PodTemplateSpec``, as Kubernetes writes them."""
    module, _, name = kind.partition(".")
    models = importlib.import_module(f"lightkube.models.{module}")
    return {key: _field(key, text, module) for key, text in inspect.get_annotations(getattr(models, name)).items()}


@cache
def python_keys(kind: str) -> Mapping[str, str]:
    """Return the keys of an object by the names that pulumi_kubernetes gives them in Python."""
    return {python_key(key): key for key in fields(kind)}


def python_key(key: str) -> str:
    """Return ``host_ip`` for ``hostIP``."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", key).lower()


def _field(key: str, annotation: str, module: str) -> Field:
    """Read an annotation such as ``Optional[List[meta_v1.Condition]]``."""
    *around, name = re.findall(r"[\w.]+", annotation)
    is_list, last = "List" in around, name.rpartition(".")[2]
    if name == MAP:
        return Field(MAP, is_list, QUANTITY if key in MAPS_OF_QUANTITIES else TEXT)
    if last in SCALARS:
        return Field(last, is_list)
    return Field(name if "." in name else f"{module}.{name}", is_list)
