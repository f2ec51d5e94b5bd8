"""Taking over objects that exist: what of them would change, asked of the API server."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lightkube import Client

    from .manifests import Manifest

FIELD_MANAGER = "stateful-web-adopt"


def differences(api: "Client", manifest: "Manifest") -> list[str]:
    """Return the fields of a live object that would change if ``manifest`` were applied, by a dry run.

    Only paths: values may be confidential.
    """
    from lightkube import codecs

    wanted = codecs.from_dict(manifest)
    metadata = manifest["metadata"]
    kind: Any = type(wanted)
    live = api.get(kind, metadata["name"], namespace=metadata["namespace"]).to_dict()
    applied = api.patch(
        kind,
        metadata["name"],
        manifest,
        namespace=metadata["namespace"],
        field_manager=FIELD_MANAGER,
        force=True,
        dry_run=True,
    )
    return list(_changed(live, applied.to_dict()))


def _changed(live: Any, applied: Any, path: str = "") -> Iterator[str]:
    if isinstance(live, Mapping) and isinstance(applied, Mapping):
        for key in sorted({*live, *applied}):
            if path != "metadata" or key in ("labels", "annotations"):
                yield from _changed(live.get(key), applied.get(key), f"{path}.{key}".lstrip("."))
    elif live != applied:
        yield path
