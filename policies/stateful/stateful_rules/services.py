"""Rules on the Service that gives a StatefulSet's pods their names.

The API server does not look for it: a StatefulSet without its Service runs, and its pods have no DNS names
(https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#limitations).
"""

from collections.abc import Iterator, Sequence

from policies.kit.model import SERVICE, STATEFUL_SET, UNKNOWN, Object, by_name, get, lacking, listed, quote
from policies.kit.rule import OPT_OUT, Config, Finding, Rule

from .manifests import service, stateful_set


def _headless(objects: Sequence[Object], _: Config) -> Iterator[Finding]:
    reported = set()
    services = by_name(objects, SERVICE)
    for web, name in governed(objects):
        for candidate in services(name):
            if candidate in reported or candidate.is_named(name, web) is not True:
                continue
            has = _what_it_has_instead_of_none(candidate)
            if has:
                reported.add(candidate)
                yield Finding(
                    candidate,
                    f'has {has}; as serviceName of {web} it must have spec.clusterIP "None", or the pods have no names '
                    "in DNS",
                    'set spec.clusterIP to "None" (an existing Service is replaced), and give clients a second Service '
                    "if they need one address",
                    also=(web,),
                )


def _what_it_has_instead_of_none(candidate: Object) -> str:
    kind, address = candidate.get("spec", "type"), candidate.get("spec", "clusterIP")
    if kind == "ExternalName":
        return "type ExternalName"
    # A Patch sets what it mentions, and leaves the rest as it is.
    if address in (UNKNOWN, "None") or (address is None and candidate.patch):
        return ""
    # Where the program gives no address, the API server does, and the program's author knows of none.
    asked = candidate.data if candidate.inputs is None or candidate.patch else candidate.inputs
    return "no spec.clusterIP" if get(asked, "spec", "clusterIP") is None else f"spec.clusterIP {quote(address)}"


HEADLESS_SERVICE = Rule(
    name="headless-service",
    display_name="The governing Service is headless",
    description="The Service that a StatefulSet names as its serviceName must be headless.",
    remediation='Set spec.clusterIP to "None" on the Service. This replaces an existing Service, as clusterIP cannot '
    "be changed. For clients that need one address, add a second Service with the same selector.",
    severity="critical",
    level="mandatory",
    kinds=(STATEFUL_SET, SERVICE),
    whole_stack=True,
    check=_headless,
    passing=(service(), stateful_set()),
    failing=(service(spec={"clusterIP": None}), stateful_set()),
)


def _governing(objects: Sequence[Object], _: Config) -> Iterator[Finding]:
    for web in objects:
        name = web.get("spec", "serviceName")
        if web.kind == STATEFUL_SET and not web.patch and not name:
            yield Finding(
                web,
                "names no Service: spec.serviceName must be that of the headless Service of its pods",
                "set spec.serviceName to the name of a headless Service in this namespace",
            )
    services = by_name(objects, SERVICE)
    for web, name in governed(objects):
        candidates = services(name)
        verdicts = [candidate.is_named(name, web) for candidate in candidates]
        if True not in verdicts and UNKNOWN not in verdicts and not web.patch:
            there_is = f", only {listed(map(str, candidates))} in another namespace or cluster" if candidates else ""
            yield Finding(
                web,
                f"has serviceName {quote(name)}, but this program has no such Service in its namespace{there_is}; "
                "without it the pods have no names in DNS",
                "declare that headless Service; if it is looked after elsewhere, annotate the StatefulSet with "
                f"{OPT_OUT}{GOVERNING_SERVICE.name}: <reason>",
            )
        for candidate, verdict in zip(candidates, verdicts, strict=True):
            if verdict is True:
                yield from _selects(candidate, web)


def _selects(candidate: Object, web: Object) -> Iterator[Finding]:
    selector = candidate.get("spec", "selector")
    labels = web.get("spec", "template", "metadata", "labels")
    if not selector and not candidate.patch:
        yield Finding(
            candidate,
            f"has no spec.selector; as serviceName of {web} it must select the pods",
            "set spec.selector to labels of the pod template",
            also=(web,),
        )
    missing = lacking(selector, labels)
    if missing and not (web.patch and labels is None):
        pairs = listed(f"{key}={quote(value)}" for key, value in missing.items())
        has = get(labels, next(iter(missing)))
        yield Finding(
            candidate,
            f"selects {pairs}, which the pods of {web} do not have"
            + (f" (they have {quote(has)})" if len(missing) == 1 and has is not None else ""),
            "use the same labels in the Service's selector and in the pod template",
            also=(web,),
        )


GOVERNING_SERVICE = Rule(
    name="governing-service",
    display_name="The governing Service exists and selects the pods",
    description="The Service that a StatefulSet names as its serviceName must exist in its namespace and select its "
    "pods.",
    remediation="Declare the Service in the same program and take serviceName from it, so that both always agree. Its "
    "selector must match labels of the pod template. For a Service that another program manages, opt out: rules do not "
    "see what Service.get reads.",
    severity="critical",
    level="mandatory",
    kinds=(STATEFUL_SET, SERVICE),
    whole_stack=True,
    check=_governing,
    passing=(service(), stateful_set()),
    failing=(service(metadata={"namespace": "other"}), stateful_set()),
)


def governed(objects: Sequence[Object]) -> Iterator[tuple[Object, str]]:
    """Return each StatefulSet that names a Service, with that name."""
    for web in objects:
        name = web.get("spec", "serviceName")
        if web.kind == STATEFUL_SET and isinstance(name, str) and name:
            yield web, name
