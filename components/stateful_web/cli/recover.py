"""After a killed run: releases the lock of a dead holder, and settles operations that were left pending."""

import json
import os
import socket
import time
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from .. import InvalidInput
from ..kubeconfig import ClusterAccess, client
from ..names import COMPONENT_TYPE
from ..stack_config import COMPONENT
from .errors import CliError
from .project import Project
from .pulumi_cli import STATEFUL_SET, State, login, own_name, pulumi, replace_state, state_of
from .render import objects_of
from .targets import configured

DELETION_SECONDS = 300
"""What Kubernetes may take to delete an object; pods have their grace period, and volumes are unmounted."""


@dataclass(frozen=True)
class Holder:
    """The run that a lock of a file backend names."""

    pid: int
    user: str
    host: str
    since: datetime

    def is_dead(self) -> bool:
        """Say whether it has ended for certain: only this machine's own processes can be looked at."""
        if self.host != socket.gethostname():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return not _runs_pulumi(self.pid)

    def __str__(self) -> str:
        return f"process {self.pid} of {self.user} on {self.host}, since {self.since:%Y-%m-%d %H:%M}"


def _runs_pulumi(pid: int) -> bool:
    """Say whether a pid is still the engine's and not some later program's; true where that can't be seen."""
    try:
        return b"pulumi" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return True


def recover(stack: str, say: Callable[[str], None]) -> bool:
    """Bring a stack back to where ``pulumi up`` can go on; return whether anything was left over.

    Raises ``CliError`` if the holder of the lock is alive, or may be.
    """
    backend = os.environ.get("PULUMI_BACKEND_URL") or login().get("url", "")
    holders = lock_holders(stack, backend)
    if holders is None:
        say(f"No lock is looked for in the backend {backend}: if a dead run left one, pulumi cancel --stack {stack}")
        holders = []
    for holder in holders:
        if not holder.is_dead():
            raise CliError(
                f"Stack {stack} is locked by {holder}, which runs or can't be looked at from here. Wait for it, or end "
                f"it; if it is gone for certain: pulumi cancel --stack {stack} --yes"
            )
    if holders:
        say(f"The stack was locked by {holders[0]}, which has ended: releasing the lock (pulumi cancel)")
        pulumi("cancel", "--stack", stack, "--yes")
    state = state_of(stack)
    if state.pending:
        settle(stack, state, say)
    unsettled = await_deletions(state, say) or bool(state.pending)
    if unsettled:
        say("Reading the objects from the cluster (pulumi refresh)")
        pulumi("refresh", "--stack", stack, "--yes", "--skip-preview")
        state = state_of(stack)
    orphans = unowned(stack, state)
    if orphans:
        say(
            f"On the cluster and not in the state: {', '.join(orphans)}. If a run of this stack made it before its "
            "plugin died, one up takes it over; if somebody else did, choose other names:\n"
            f"  PULUMI_K8S_UPSERT_EXISTING_OBJECTS=true PULUMI_K8S_ENABLE_PATCH_FORCE=true pulumi up --stack {stack}"
        )
    return bool(holders or unsettled or orphans)


def settle(stack: str, state: State, say: Callable[[str], None]) -> None:
    """Ask the cluster which objects of pending operations are there, and make the state say the same.

    The engine only drops pending operations (its ``refresh --import-pending-creates`` drops them, too), and the next
    ``up`` would then meet an object that exists already. So an object that was created is entered with the inputs that
    it was created with; a refresh reads the rest.
    """
    created: dict[str, Mapping[str, Any]] = {}
    for operation in state.pending:
        doing, resource = operation["type"], operation["resource"]
        live = _live(state.access_of(resource), resource)
        where = (
            "is no object of a cluster" if live is None else "is on the cluster" if live else "is not on the cluster"
        )
        say(f"Pending: {doing} {resource['type']} {resource['urn'].rpartition('::')[2]}, which {where}")
        if doing == "creating" and live:
            created[resource["urn"]] = {**resource, "id": _object_id(resource)}
    resources: list[Mapping[str, Any]] = []
    for found in state.resources:
        if found.get("delete") or found["urn"] not in created:
            resources.append(found)
            continue
        # What replaces an object takes its place, before all that depend on it.
        resources.append(created.pop(found["urn"]))
        if not _is_replaced(found):  # of another name, so it is still there
            resources.append({**found, "delete": True})
    replace_state(stack, {"resources": [*resources, *created.values()], "pending_operations": []})


def await_deletions(state: State, say: Callable[[str], None]) -> bool:
    """Wait for objects that a killed run has asked the cluster to delete; say whether there were any, or any has gone.

    Until a refresh the state has them, and ``up`` would find nothing to do.

    Raises ``CliError`` if one stays.
    """
    found = False
    deadline = time.monotonic() + DELETION_SECONDS
    for resource in state.resources:
        live = _live(state.access_of(resource), resource)
        if live == {}:
            say(f"Gone: {_name(resource)}, which is not on the cluster any more")
            found = True
        elif live and _is_leaving(live):
            say(f"Waiting for the cluster to delete {_name(resource)}")
            while (live := _live(state.access_of(resource), resource)) and _is_leaving(live):
                if time.monotonic() > deadline:
                    held = ", ".join(live["metadata"].get("finalizers", ())) or "nothing that it names"
                    raise CliError(
                        f"{_name(resource)} is being deleted, and is held by {held}. Free it, and run this again."
                    )
                time.sleep(0.5)
            found = True
    return found


def unowned(stack: str, state: State) -> list[str]:
    """Return the objects that the stack's config asks for and the cluster has, and of which the state knows nothing.

    The engine forgets what it was about to create when the plugin dies, and the API server may have been quicker.
    None where the config alone does not say what is asked for: another program, an encrypted value, bad input.
    """
    try:
        wanted = objects_of(Project.at(Path.cwd()), stack)
    except (CliError, InvalidInput):
        return []
    if not _is_of_stack_config(state, wanted):
        return []
    known = {_name(resource) for resource in state.resources if _is_object(resource)}
    # A namespace stays after a destroy, and is made use of.
    missing = [
        resource
        for resource in (_resource(manifest) for manifest in wanted if manifest["kind"] != "Namespace")
        if _name(resource) not in known
    ]
    if not missing:
        return []
    reached = configured(stack)
    return [_name(resource) for resource in missing if _live(reached, resource)]


def _is_of_stack_config(state: State, wanted: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether the program takes its inputs from config: so its component is called, and so its set."""
    component, of_set = f"::{COMPONENT_TYPE}::{COMPONENT}", f"::{COMPONENT_TYPE}${STATEFUL_SET}::{COMPONENT}-set"
    names = {_name(_resource(manifest)) for manifest in wanted}
    return any(found["urn"].endswith(component) for found in state.resources) and all(
        _name(found) in names for found in state.resources if found["urn"].endswith(of_set)
    )


def _resource(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a manifest as the state would have it."""
    version = manifest["apiVersion"]
    group_version = version if "/" in version else f"core/{version}"
    return {"type": f"kubernetes:{group_version}:{manifest['kind']}", "inputs": manifest}


def _is_leaving(live: Mapping[str, Any]) -> bool:
    return "deletionTimestamp" in live["metadata"]


def lock_holders(stack: str, backend: str) -> list[Holder] | None:
    """Return who holds the stack's lock in a backend of files; ``None`` for others, which know their own."""
    if not backend.startswith("file://"):
        return None
    # The engine takes file://~ for the home folder, and leaves options behind a ? alone.
    folder = Path(urllib.parse.unquote(backend.removeprefix("file://").partition("?")[0])).expanduser()
    locks = folder / ".pulumi" / "locks" / "organization" / Project.at(Path.cwd()).name / own_name(stack)
    return [_holder(json.loads(path.read_text())) for path in sorted(locks.glob("*.json"))]


def _holder(lock: dict[str, Any]) -> Holder:
    return Holder(lock["pid"], lock["username"], lock["hostname"], datetime.fromisoformat(lock["timestamp"]))


def _is_object(resource: Mapping[str, Any]) -> bool:
    """Say whether the cluster should have an object by what the state says of a resource."""
    is_kind = str(resource["type"]).startswith("kubernetes:")
    return is_kind and "metadata" in resource.get("inputs", {}) and not _is_replaced(resource)


def _is_replaced(resource: Mapping[str, Any]) -> bool:
    """Say whether an object was deleted for another of its name, which is still to be made."""
    return bool(resource.get("pendingReplacement"))


def _live(reached: ClusterAccess, resource: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Ask the cluster for an object, which is empty if it is not there; ``None`` for what is no object of a cluster."""
    if not _is_object(resource):
        return None
    from lightkube.core.exceptions import ApiError, LoadResourceError
    from lightkube.core.resource_registry import resource_registry

    _, version, kind = resource["type"].split(":")
    metadata = resource["inputs"]["metadata"]
    try:
        known: Any = resource_registry.load(version.removeprefix("core/"), kind)
        found = client(reached).get(known, metadata["name"], namespace=metadata.get("namespace"))
    except LoadResourceError:
        return None
    except ApiError as error:
        if error.status.code == 404:
            return {}
        raise CliError(f"The cluster could not be asked for {kind} {metadata['name']}: {error}.") from error
    live: Mapping[str, Any] = found.to_dict()
    return live


def _name(resource: Mapping[str, Any]) -> str:
    return f"{resource['type']} {_object_id(resource)}"


def _object_id(resource: Mapping[str, Any]) -> str:
    metadata = resource["inputs"]["metadata"]
    return "/".join(part for part in (metadata.get("namespace"), metadata["name"]) if part)
