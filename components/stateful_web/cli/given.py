"""Objects that somebody else wrote, printed or planned, from text in any of the forms that they come in."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from ..values import Manifest
from .errors import CliError
from .planned import Planned, of_digest, of_events, planned_objects

OF_THE_SERVER = (
    *("creationTimestamp", "deletionTimestamp", "generation"),
    *("managedFields", "resourceVersion", "selfLink", "uid"),
)
"""Keys of ``metadata`` that the API server alone writes."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
FIRST = ("Namespace", "CustomResourceDefinition")
"""Kinds that the API server must have before objects in them, and of them."""
WANTED = "Expected are Kubernetes objects, or what `pulumi preview --json --show-sames` prints."


class Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    """Reads dates and `=` as text, as kubectl does."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if tag.rpartition(":")[2] not in ("timestamp", "value")]
    for first, forms in Loader.yaml_implicit_resolvers.items()
}


class Given(NamedTuple):
    """Objects, each after those that it needs, and what there is to say of what they lack."""

    objects: Sequence[Manifest]
    said: Sequence[str] = ()


def given(text: str) -> Given:
    """Read objects, as YAML or JSON, or a preview's plan; raises ``CliError`` for anything else."""
    documents = [document for document in _documents(text) if document is not None]
    if any(isinstance(document, Mapping) and "resourcePreEvent" in document for document in documents):
        return of_plan(of_events(document for document in documents if isinstance(document, Mapping)))
    if len(documents) == 1 and isinstance(documents[0], Mapping) and "kind" not in documents[0]:
        return _of_document(documents[0])
    if not documents:
        raise CliError(f"The input is empty. {WANTED}")
    return Given(_normalised(documents))


def of_plan(resources: Sequence[Planned]) -> Given:
    """Return the objects of a plan."""
    objects, said = planned_objects(resources)
    return Given(_normalised(objects), said)


def normal(found: Manifest) -> Manifest:
    """Return an object as somebody would write it, without what the API server alone writes."""
    metadata = found.get("metadata")
    kept = {key: value for key, value in found.items() if key != "status"}
    if not isinstance(metadata, Mapping):
        return kept
    own = {key: value for key, value in metadata.items() if key not in OF_THE_SERVER}
    annotations = own.get("annotations")
    if isinstance(annotations, Mapping) and LAST_APPLIED in annotations:
        own["annotations"] = {key: value for key, value in annotations.items() if key != LAST_APPLIED}
        if not own["annotations"]:
            del own["annotations"]
    return {**kept, "metadata": own}


def ordered(objects: Sequence[Manifest]) -> list[Manifest]:
    """Return objects in their order, after those that all others may need."""
    return sorted(objects, key=lambda found: FIRST.index(found["kind"]) if found["kind"] in FIRST else len(FIRST))


def _normalised(documents: Sequence[Any]) -> list[Manifest]:
    return ordered([normal(item) for document in documents for item in _items(document)])


def _of_document(document: Mapping[str, Any]) -> Given:
    if "resourcePlans" in document:
        raise CliError(
            "A plan of --save-plan has what changes, and not the objects. Take what `pulumi preview --json "
            "--show-sames` prints."
        )
    if "steps" not in document and "changeSummary" not in document:
        raise CliError(f"The input has no objects. {WANTED}")
    found = of_plan(of_digest(document))
    unchanged = (document.get("changeSummary") or {}).get("same", 0)
    if unchanged and not any(step.get("op") == "same" for step in document.get("steps") or ()):
        left_out = f"Left out: {unchanged} unchanged resources. For these, too: pulumi preview --json --show-sames"
        return found._replace(said=[*found.said, left_out])
    return found


def _documents(text: str) -> list[Any]:
    for documents in ([text], text.splitlines()):
        try:
            return [json.loads(document) for document in documents if document.strip()]
        except ValueError:
            continue
    try:
        return list(yaml.load_all(text, Loader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CliError(f"The input is neither JSON nor YAML: {error.problem}, in line {line}. {WANTED}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise CliError(f"The input is neither JSON nor YAML. {WANTED}") from error


def _items(document: Any) -> Iterator[Manifest]:
    """Yield the objects of a document: itself, or those of a List, which need not say their kind again."""
    kind, version = (document.get(key) if isinstance(document, Mapping) else None for key in ("kind", "apiVersion"))
    if not (isinstance(kind, str) and isinstance(version, str)):
        raise CliError(f"Some of the input is no object with a kind and an apiVersion. {WANTED}")
    items = document.get("items")
    if not (kind.endswith("List") and isinstance(items, list)):
        yield dict(document)
        return
    same = {"apiVersion": version, "kind": kind.removesuffix("List")} if kind != "List" else {}
    for item in items:
        yield from _items({**same, **item} if isinstance(item, Mapping) else item)
