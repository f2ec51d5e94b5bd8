"""What of a live set looks like a secret: it is taken out before anything is written. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .looks import looks_secret

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Hidden:
    """Something that looks like a secret; its value is nowhere here."""

    container: str
    """The container that has it; empty: the pod."""
    what: str
    """``env PASSWORD``, or the field that has it."""
    variable: str
    """Name of the environment variable; empty if it is none."""
    jsonpath: str
    """Where kubectl finds the value, for an environment variable."""


def without_secrets(stateful_set: Object) -> tuple[dict[str, Any], tuple[Hidden, ...]]:
    """Return a set without what looks like a secret in its pods, and what that was."""
    found: list[Hidden] = []
    template = stateful_set["spec"]["template"]
    spec = {key: value for key, value in template["spec"].items() if key not in ("containers", "initContainers")}
    spec = _cleaned(spec, "", "", found)
    for kind in ("initContainers", "containers"):
        if kind in template["spec"]:
            spec[kind] = [_container(each, kind, found) for each in template["spec"][kind]]
    metadata = _cleaned(template.get("metadata") or {}, "", "", found)
    cleaned = {**stateful_set["spec"], "template": {"metadata": metadata, "spec": spec}}
    return {**stateful_set, "spec": cleaned}, tuple(found)


def _container(container: Object, kind: str, found: list[Hidden]) -> Object:
    name, variables = container["name"], []
    for variable in container.get("env") or ():
        if looks_secret(variable["name"], variable.get("value")):
            path = f'{{.spec.template.spec.{kind}[?(@.name=="{name}")].env[?(@.name=="{variable["name"]}")].value}}'
            found.append(Hidden(name, f"env {variable['name']}", variable["name"], path))
        else:
            variables.append(variable)
    rest = _cleaned({key: value for key, value in container.items() if key != "env"}, name, "", found)
    order = {key: rest[key] for key in container if key in rest}
    return {**order, "env": variables} if variables else order


def _cleaned(value: Object, container: str, at: str, found: list[Hidden]) -> dict[str, Any]:
    """Return a map without the keys below which something looks like a secret, so that no list loses an entry."""
    left: dict[str, Any] = {}
    for key, item in value.items():
        here = f"{at}.{key}".lstrip(".")
        if isinstance(item, Mapping):
            left[key] = _cleaned(item, container, here, found)
        elif _holds_one(item):
            found.append(Hidden(container, here, "", ""))
        else:
            left[key] = item
    return left


def _holds_one(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_one, value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(map(_holds_one, value))
    return looks_secret("", value)
