"""What Kubernetes does on the fake cluster with an ``up``: claims of new pods are born, and patches applied to them."""

from typing import Any

from tests.support.monitor import Ran, Registration

from .harness import Stack

Object = dict[str, Any]


def carried_out(stack: Stack, **inputs: Any) -> Ran:
    """Run ``up``, and do on the cluster what Kubernetes would."""
    ran = stack.up(**inputs)
    assert ran.error == ""
    live = ran["web-set"].inputs
    stack.api.add(live)
    for template in live["spec"]["volumeClaimTemplates"]:
        for ordinal in range(live["spec"]["replicas"]):
            name = f"{template['metadata']['name']}-web-{ordinal}"
            if ("persistentvolumeclaims", "default", name) not in stack.api.objects:
                stack.add_claim(name, template["spec"])
    for patch in ran.of_type(":PersistentVolumeClaimPatch"):
        if not patch.ignore_changes:
            _apply(claim(stack, patch.inputs["metadata"]["name"]), patch)
    return ran


def claim(stack: Stack, name: str) -> Object:
    """Return a claim on the cluster."""
    return stack.api.objects["persistentvolumeclaims", "default", name]


def recreated(stack: Stack, name: str) -> None:
    """Delete a claim with its pod: the new one is born with what the template of the set has."""
    templates = stack.api.objects["statefulsets", "default", "web"]["spec"]["volumeClaimTemplates"]
    (spec,) = (t["spec"] for t in templates if name.startswith(f"{t['metadata']['name']}-web-"))
    stack.add_claim(name, spec)


def _apply(live: Object, patch: Registration) -> None:
    """Apply a patch on the server's side, by force: what its manager had set and no longer sets goes."""
    given = {
        "metadata": {key: patch.inputs["metadata"].get(key, {}) for key in ("labels", "annotations")},
        "spec": patch.inputs.get("spec", {}),
    }
    manager = given["metadata"]["annotations"].get("pulumi.com/patchFieldManager", f"pulumi-kubernetes-{patch.name}")
    managed = live["metadata"].setdefault("managedFields", [])
    fields = _fields(given)
    for entry in managed:
        if entry["manager"] == manager:
            _remove(live, _without(entry["fieldsV1"], fields))
        else:
            entry["fieldsV1"] = _without(entry["fieldsV1"], fields)
    managed[:] = [entry for entry in managed if entry["manager"] != manager]
    managed.append({"manager": manager, "operation": "Apply", "apiVersion": "v1", "fieldsV1": fields})
    _merge(live, given)
    live["status"]["capacity"] = dict(live["spec"]["resources"]["requests"])


def _fields(value: Any) -> Object:
    return {f"f:{key}": _fields(item) for key, item in value.items()} if isinstance(value, dict) else {}


def _without(fields: Object, others: Object) -> Object:
    """Return fields without those that others have, too."""
    left = {key: _without(below, others.get(key, {})) for key, below in fields.items()}
    return {key: below for key, below in left.items() if below or key not in others}


def _remove(live: Object, fields: Object) -> None:
    for key, below in fields.items():
        name = key.removeprefix("f:")
        if below:
            _remove(live[name], below)
        else:
            live.pop(name, None)


def _merge(live: Object, given: Object) -> None:
    for key, value in given.items():
        if isinstance(value, dict):
            _merge(live.setdefault(key, {}), value)
        else:
            live[key] = value
