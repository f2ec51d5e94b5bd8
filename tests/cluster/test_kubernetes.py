"""The cluster is of the Kubernetes that was asked for, and merges lists as we do: ``make test K8S=1.35``."""

import json
from collections.abc import Iterator
from typing import Any

from components.stateful_web.merge import DEFAULTS, MAP_KEYS
from sandbox.toolchain import FAMILIES, wanted_kubernetes
from tests.support.projects import Project


def test_the_api_server_is_of_the_version_whose_pins_were_asked_for(project: Project) -> None:
    said = json.loads(project.kubectl("version", "--output=json"))
    assert said["serverVersion"]["gitVersion"] == FAMILIES[wanted_kubernetes()].version


SINCE_1_37 = {"evictionResponders"}
"""Lists that earlier versions don't have."""


def properties(schemas: dict[str, Any], name: str, seen: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the keys of an object and of all that it consists of, with what the schema says of them."""
    if name not in seen:
        seen.add(name)
        for key, schema in schemas[name].get("properties", {}).items():
            yield key, schema
            for part in (schema, schema.get("items", {}), schema.get("additionalProperties", {})):
                for reference in (part, *part.get("allOf", ())):
                    if "$ref" in reference:
                        yield from properties(schemas, reference["$ref"].rpartition("/")[2], seen)


def test_lists_of_a_pod_template_are_merged_by_the_keys_that_the_api_server_merges_by(project: Project) -> None:
    schemas = json.loads(project.kubectl("get", "--raw", "/openapi/v3/api/v1"))["components"]["schemas"]
    found = list(properties(schemas, "io.k8s.api.core.v1.PodTemplateSpec", set()))
    merged = {key: tuple(s["x-kubernetes-list-map-keys"]) for key, s in found if "x-kubernetes-list-map-keys" in s}
    assert merged.items() <= MAP_KEYS.items()
    assert MAP_KEYS.keys() - merged.keys() <= SINCE_1_37
    protocols = {schema["default"] for key, schema in found if key == "protocol" and "default" in schema}
    assert protocols == {DEFAULTS["protocol"]}
