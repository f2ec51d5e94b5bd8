"""Who made live objects, and how that owner lets go of them. Pure."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

Object = Mapping[str, Any]

RELEASE = "meta.helm.sh/release-name"
RELEASE_NAMESPACE = "meta.helm.sh/release-namespace"
SYNCED = (
    ("argocd.argoproj.io/", "Argo CD", "take these objects out of the Application, with no pruning"),
    ("kustomize.toolkit.fluxcd.io/", "Flux", "set spec.prune of the Kustomization to false, then take them out of it"),
    ("helm.toolkit.fluxcd.io/", "Flux", "suspend the HelmRelease, then delete it with spec.uninstall.keepHistory"),
)
"""Labels and annotations of those who would write their own version again and again, and how they stop."""
OF_THE_CLUSTER = ("kube-controller-manager", "kubectl", "before-first-apply", "stateful-web-adopt")
"""How the names of field managers begin that are no obstacle: kubectl's fields go over to the kubernetes plugin."""


def letting_go(objects: Sequence[Object], kubectl: str) -> list[str]:
    """Return what to do before the old owner's tools run again, a sentence or a command a line."""
    lines: list[str] = []
    for release, namespace in dict.fromkeys(_release(one) for one in objects if _release(one)[0]):
        lines += _of_helm(release, namespace, [one for one in objects if _release(one)[0] == release], kubectl)
    for start, owner, what in SYNCED:
        if any(key.startswith(start) for one in objects for key in _marks(one)):
            lines.append(f"{owner} writes its own version of them again: {what}.")
    pulumis = [one for one in objects if any(name.startswith("pulumi-kubernetes") for name in _managers(one))]
    if pulumis:
        lines += _of_pulumi(pulumis)
    lines += _fields(objects, kubectl)
    return lines or ["kubectl made them, and has nothing to let go of: do not apply its manifest again."]


def _of_helm(release: str, namespace: str, objects: Sequence[Object], kubectl: str) -> list[str]:
    """Return how Helm forgets a release: by its records, from which it takes ``keep``, too, not from objects."""
    forget = shlex.join(["delete", "secrets", "--namespace", namespace, "--selector", f"owner=helm,name={release}"])
    named = " ".join(f"{one['kind'].lower()}/{one['metadata']['name']}" for one in objects)
    marks = f"{RELEASE}- {RELEASE_NAMESPACE}-"
    return [
        f"Helm has them in release {release}. helm uninstall would delete them: let Helm forget the release instead. "
        "Its other objects stay, too, and are nobody's then.",
        f"{kubectl} {forget}",
        f"{kubectl} annotate --namespace {objects[0]['metadata']['namespace']} {named} {marks}",
    ]


def _of_pulumi(objects: Sequence[Object]) -> list[str]:
    named = ", ".join(f"{one['kind']} {one['metadata']['name']}" for one in objects)
    return [
        f"Another Pulumi stack has {named}. Take them out of its state, then out of its program: pulumi destroy, or up "
        "with the program alone, would delete them. Of a StatefulWeb, its own URN is enough.",
        "pulumi stack --show-urns --stack <old>",
        "pulumi state delete --target-dependents '<URN>' --stack <old>",
    ]


def _fields(objects: Sequence[Object], kubectl: str) -> list[str]:
    """Return how fields lose an owner from whom the kubernetes plugin does not take them."""
    held = [one for one in objects if any(not name.startswith(OF_THE_CLUSTER) for name in _managers(one))]
    if not held:
        return []
    patch = shlex.quote('{"metadata":{"managedFields":[{}]}}')
    return [
        "Fields that the old owner set stay on the objects whatever the stack gives up, until it owns them no longer:",
        *(
            f"{kubectl} patch {one['kind'].lower()}/{one['metadata']['name']} --namespace "
            f"{one['metadata']['namespace']} --type merge --patch {patch}"
            for one in held
        ),
    ]


def _release(one: Object) -> tuple[str, str]:
    annotations = one["metadata"].get("annotations") or {}
    namespace = annotations.get(RELEASE_NAMESPACE, one["metadata"].get("namespace", ""))
    return annotations.get(RELEASE, ""), namespace


def _marks(one: Object) -> list[str]:
    return [*(one["metadata"].get("labels") or {}), *(one["metadata"].get("annotations") or {})]


def _managers(one: Object) -> list[str]:
    """Return who set fields of an object, its status left out."""
    entries = one["metadata"].get("managedFields") or ()
    return [str(entry.get("manager", "")) for entry in entries if "subresource" not in entry]
