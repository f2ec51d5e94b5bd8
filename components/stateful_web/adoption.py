"""Taking over objects that exist: what of them would change, asked of the API server."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from . import api_server
from .api_server import NotAllowed
from .findings import Finding
from .kubeconfig import ClusterAccess
from .live import is_known
from .settled import Confidential, disclosed
from .values import Manifest

FIELD_MANAGER = "stateful-web-adopt"
MAY_NOT_TAKE_OVER = Finding(
    ("adopt",),
    "is true, but the kubernetes provider may not take over objects that exist. Run: pulumi config set "
    "kubernetes:upsertExistingObjects true, or give the provider that input (both can be removed after the next up).",
)


def would_change(access: ClusterAccess, objects: Iterable[Manifest]) -> Iterator[Finding | str]:
    """Tell in which fields live objects would change, or what the API server refuses to change.

    Raises ``ClusterUnavailable`` if it can not be asked.
    """
    from lightkube.core.exceptions import ApiError

    for manifest in objects:
        described = f"{manifest['kind']} {manifest['metadata']['name']}"
        if not is_known(manifest):
            yield f"adopt: what up would change in {described} was not looked up: not all of it is known before up."
            continue
        try:
            for field in _differences(access, manifest):
                yield f"adopt: {described} differs from what is asked for in {field}; up changes it."
        except NotAllowed as refusal:
            yield f"adopt: what up would change in {described} was not looked up: {refusal}."
        except ApiError as error:
            yield Finding(
                ("adopt",),
                f"is true, but the live {described} can not become what is asked for: "
                f"{_without_secrets(str(error.status.message), manifest)}. Set the inputs to what it has.",
            )


def _differences(access: ClusterAccess, manifest: Manifest) -> list[str]:
    """Return the fields of a live object that would change if ``manifest`` were applied, by a dry run.

    Only paths: values may be confidential. None if there is no such object.
    """
    from lightkube import codecs

    annotations = {
        key: value
        for key, value in manifest["metadata"].get("annotations", {}).items()
        if not key.startswith("pulumi.com/")  # for the plugin, and no difference that matters
    }
    wanted = disclosed({**manifest, "metadata": {**manifest["metadata"], "annotations": annotations}})
    kind: Any = type(codecs.from_dict(wanted))
    name, namespace = wanted["metadata"]["name"], wanted["metadata"]["namespace"]
    live = api_server.one(access, kind, name, namespace)
    if live is None:
        return []
    applied = api_server.dry_run(access, kind, name, namespace, wanted, FIELD_MANAGER)
    return list(_changed(live, applied))


def _without_secrets(message: str, asked: Any) -> str:
    """Return a message of the API server without the texts of what was asked for that are not shown."""
    if isinstance(asked, Confidential):
        return message.replace(disclosed(asked), format(asked))
    inner = asked.values() if isinstance(asked, Mapping) else asked if isinstance(asked, list) else ()
    for value in inner:
        message = _without_secrets(message, value)
    return message


def _changed(live: Any, applied: Any, path: str = "") -> Iterator[str]:
    if isinstance(live, Mapping) and isinstance(applied, Mapping):
        for key in sorted({*live, *applied}):
            if path != "metadata" or key in ("labels", "annotations"):
                yield from _changed(live.get(key), applied.get(key), f"{path}.{key}".lstrip("."))
    elif live != applied:
        yield path
