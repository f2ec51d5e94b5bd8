"""Taking over objects that exist: what of them would change, asked of the API server."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lightkube import Client

    from .manifests import Manifest

FIELD_MANAGER = "stateful-web-adopt"


class CanNotAdopt(Exception):
    """The API server refuses to make of the live object what is asked for."""


def differences(api: "Client", manifest: "Manifest") -> list[str]:
    """Return the fields of a live object that would change if ``manifest`` were applied, by a dry run.

    Only paths: values may be confidential. None if there is no such object.

    Raises ``CanNotAdopt`` with the API server's words if it refuses the change.
    """
    from lightkube import codecs
    from lightkube.core.exceptions import ApiError

    metadata = {key: value for key, value in manifest["metadata"].items() if key != "annotations"}
    metadata["annotations"] = {
        key: value
        for key, value in manifest["metadata"].get("annotations", {}).items()
        if not key.startswith("pulumi.com/")  # for the plugin, and no difference that matters
    }
    wanted = {**manifest, "metadata": metadata}
    kind: Any = type(codecs.from_dict(wanted))
    where = {"namespace": metadata["namespace"]}
    try:
        live = api.get(kind, metadata["name"], **where).to_dict()
        how: Any = {"field_manager": FIELD_MANAGER, "force": True, "dry_run": True}
        applied = api.patch(kind, metadata["name"], wanted, **where, **how)
    except ApiError as error:
        if error.status.code == 404:
            return []
        raise CanNotAdopt(str(error.status.message)) from error
    return list(_changed(live, applied.to_dict()))


def _changed(live: Any, applied: Any, path: str = "") -> Iterator[str]:
    if isinstance(live, Mapping) and isinstance(applied, Mapping):
        for key in sorted({*live, *applied}):
            if path != "metadata" or key in ("labels", "annotations"):
                yield from _changed(live.get(key), applied.get(key), f"{path}.{key}".lstrip("."))
    elif live != applied:
        yield path
