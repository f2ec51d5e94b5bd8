"""Rules on names and labels: what ties a StatefulSet to its pods and disks can not be changed later."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from policies.kit.model import (
    SERVICE,
    STATEFUL_SET,
    UNKNOWN,
    Object,
    by_name,
    entries,
    get,
    holds,
    lacking,
    listed,
    mapping,
    quote,
)
from policies.kit.pods import containers, labels
from policies.kit.rule import Config, Finding, Rule, each
from policies.kit.tables import table

from .manifests import claim_template, service, stateful_set
from .services import governed
from .storage import templates


def _selector_matches(web: Object, _: Config) -> Iterator[Finding]:
    selector, have = web.get("spec", "selector"), labels(web)
    if web.patch and None in (selector, have):
        return
    if not selector or not (get(selector, "matchLabels") or get(selector, "matchExpressions")):
        yield Finding(
            web,
            "has no spec.selector: a StatefulSet must say which pods are its own",
            "set spec.selector.matchLabels to stable labels of the pod template",
        )
        return
    missing = lacking(get(selector, "matchLabels"), have)
    broken = [
        str(get(expression, "key"))
        for expression in entries(get(selector, "matchExpressions"))
        if holds(expression, have) is False
    ]
    if missing or broken:
        wants = listed([*(f"{key}={quote(value)}" for key, value in missing.items()), *broken])
        yield Finding(
            web,
            f"has a spec.selector for {wants}, which the labels of its pod template do not meet",
            "give the pod template the labels of the selector; of a running set the selector can not be changed",
        )


SELECTOR_MATCHES_TEMPLATE = Rule(
    name="selector-matches-template",
    display_name="The selector matches the pods",
    description="The selector of a StatefulSet must match the labels of its pod template.",
    remediation="Take the selector and the labels of the pod template from one place, so that they cannot disagree.",
    severity="high",
    level="mandatory",
    kinds=(STATEFUL_SET,),
    check=each(_selector_matches),
    passing=(stateful_set(),),
    failing=(stateful_set(spec={"selector": {"matchLabels": {"app": "web"}}}),),
)


def _stable_labels(web: Object, config: Config) -> Iterator[Finding]:
    tags = {tag for container in containers(web) if (tag := _tag(container.get("image")))}
    for where, pairs in _lasting_labels(web):
        for key, value in pairs:
            if _is_named(key, config["unstableNames"]):
                problem = f"has label {quote(key)} in {where}: it changes with every release"
            elif where != _SELECTOR and _is_named(key, config["managerNames"]):
                problem = f"has label {quote(key)} in {where}: it changes with the tool that manages the object"
            elif isinstance(value, str) and value in tags:
                problem = f"has label {quote(key)} in {where}, with an image's tag or digest as its value"
            else:
                continue
            yield Finding(
                web,
                f"{problem}, and {where} can not be changed",
                f"move {quote(key)} to the labels of the StatefulSet or of the pod template",
            )


def _lasting_labels(web: Object) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    selector = web.get("spec", "selector")
    keys = [get(expression, "key") for expression in entries(get(selector, "matchExpressions"))]
    yield (
        _SELECTOR,
        [*mapping(get(selector, "matchLabels")).items()] + [(key, None) for key in keys if isinstance(key, str)],
    )
    for name, claim in templates(web):
        yield f"claim template {quote(name)}", [*mapping(get(claim, "metadata", "labels")).items()]


def _is_named(key: str, names: Sequence[str]) -> bool:
    """Say whether a label is listed, in full or without its prefix; case does not count."""
    return key.lower() in names or key.rpartition("/")[2].lower() in names


_SELECTOR: Final = "spec.selector"


def _tag(image: Any) -> str | None:
    """Return an image's digest or tag, unless it is so short or plain that it may be there by chance."""
    if not isinstance(image, str):
        return None
    name, _, digest = image.partition("@")
    tag = digest.rpartition(":")[2] or name.rpartition("/")[2].partition(":")[2]
    return tag if len(tag) > 2 and any(char.isdigit() for char in tag) else None


STABLE_LABELS = Rule(
    name="stable-labels",
    display_name="Selector and claims have stable labels",
    description="The selector and the claim templates of a StatefulSet must have no label that changes with a release.",
    remediation="Select pods by labels that never change, such as app.kubernetes.io/name and "
    "app.kubernetes.io/instance. Labels with a version, chart or image belong on the StatefulSet and the pod template. "
    "So do labels that name the managing tool: a claim template would keep them after another tool has taken over.",
    severity="high",
    level="mandatory",
    kinds=(STATEFUL_SET,),
    check=each(_stable_labels),
    tables={
        "unstableNames": table(
            "Such labels in lowercase, with or without their prefix: version also matches app.kubernetes.io/version.",
            {
                "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/": ["version"],
                "https://helm.sh/docs/chart_best_practices/labels/": ["chart"],
                "https://kubernetes.io/docs/reference/labels-annotations-taints/": [
                    "controller-revision-hash",
                    "pod-template-hash",
                ],
                "https://github.com/opencontainers/image-spec/blob/main/annotations.md": ["revision"],
                "https://github.com/wiremind/wiremind-helm-charts/issues/233, and others of that kind": [
                    "build",
                    "commit",
                    "digest",
                    "image",
                    "image-tag",
                    "tag",
                ],
            },
        ),
        "managerNames": table(
            "Labels that name the tool that manages an object, which are not for claim templates, in the same form.",
            {
                "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/; such a change: "
                "https://github.com/weaviate/weaviate-helm/issues/218": ["managed-by"],
                "https://helm.sh/docs/chart_best_practices/labels/ (of Helm 2)": ["heritage"],
                "https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/": [
                    "argocd.argoproj.io/instance"
                ],
                "https://fluxcd.io/flux/components/kustomize/kustomizations/": [
                    "kustomize.toolkit.fluxcd.io/name",
                    "kustomize.toolkit.fluxcd.io/namespace",
                ],
                "https://fluxcd.io/flux/components/helm/helmreleases/": [
                    "helm.toolkit.fluxcd.io/name",
                    "helm.toolkit.fluxcd.io/namespace",
                ],
                "https://carvel.dev/kapp/docs/latest/apply/": ["kapp.k14s.io/app", "kapp.k14s.io/association"],
                "https://kubernetes.io/docs/reference/labels-annotations-taints/": ["applyset.kubernetes.io/part-of"],
            },
        ),
    },
    passing=(stateful_set(),),
    failing=(
        stateful_set(
            spec={"volumeClaimTemplates": [claim_template({"labels": {"app.kubernetes.io/version": "1.4.2"}})]}
        ),
    ),
)


def _no_autonaming(objects: Sequence[Object], _: Config) -> Iterator[Finding]:
    for web in objects:
        if web.kind == STATEFUL_SET and _is_autonamed(web):
            yield Finding(
                web,
                f"{_HAS_NO_NAME}: with a new name it gets new, empty disks",
                "set metadata.name",
            )
    services = by_name(objects, SERVICE)
    named = {
        candidate: web
        for web, name in governed(objects)
        for candidate in services(name)
        if candidate.is_named(name, web) is True and _is_autonamed(candidate)
    }
    for candidate, web in named.items():
        yield Finding(
            candidate,
            f"{_HAS_NO_NAME}: as serviceName of {web} it is part of every pod's DNS name, and changing it replaces the "
            "StatefulSet",
            "set metadata.name of the Service",
            also=(web,),
        )


_HAS_NO_NAME: Final = "has no name of its own, so Pulumi or the API server makes one up"


def _is_autonamed(obj: Object) -> bool:
    # The Kubernetes provider fills in a name, and marks it by this annotation.
    marked = obj.get("metadata", "annotations", "pulumi.com/autonamed")
    return not obj.patch and (marked == "true" or obj.name is None or bool(_known(obj.get("metadata", "generateName"))))


def _known(value: Any) -> Any:
    return None if value is UNKNOWN else value


NO_AUTONAMING = Rule(
    name="no-autonaming",
    display_name="Names are set, not generated",
    description="A StatefulSet and its governing Service must have a metadata.name, as pods, claims and DNS use it.",
    remediation="Set metadata.name. If an object already runs under a generated name, set that name.",
    severity="high",
    level="mandatory",
    kinds=(STATEFUL_SET, SERVICE),
    whole_stack=True,
    check=_no_autonaming,
    passing=(service(), stateful_set()),
    failing=(
        service(),
        stateful_set(metadata={"name": "web-7d1f0c2a", "annotations": {"pulumi.com/autonamed": "true"}}),
    ),
)
