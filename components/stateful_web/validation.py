"""Judges inputs before anything is planned: one pure function for the program, the wheel and every other language."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from . import kubernetes_inputs, quantities
from .args import StatefulWebArgs, derived
from .findings import Finding, Name, Path
from .manifests import client_service_name
from .pod_guard import (
    data_volumes_that_are_redirected,
    labels_that_leave_the_set,
    what_would_be_lost,
    with_labels_held,
)
from .pods import map_at
from .rules import dns_1035_label
from .schema import fill, judge, read
from .values import shown

POD = "core_v1.PodTemplateSpec"
"""What ``pod_template`` is in Kubernetes."""


def validate(component_name: str, given: StatefulWebArgs) -> tuple[StatefulWebArgs, list[Finding]]:
    """Return the inputs complete with their defaults, and what can not be used in them.

    Outputs are judged when they are known: they raise ``InvalidInput`` then.
    """
    findings: list[Finding] = []
    inputs: StatefulWebArgs = read(given, StatefulWebArgs, (), findings)
    if not findings and inputs.get("pod_template"):
        inputs["pod_template"] = kubernetes_inputs.read(inputs["pod_template"], POD, ("pod_template",), findings)
    if findings:
        return inputs, findings
    # A default that follows from a wrong input is not told as another mistake.
    inputs = judge(fill(inputs, StatefulWebArgs), StatefulWebArgs, (), findings, lambda _: None)
    if findings:
        return inputs, findings
    following = {key: value for key, value in derived(component_name, inputs).items() if key not in inputs}
    inputs = judge(following, StatefulWebArgs, (), findings, lambda _: None) | inputs
    if findings:
        return inputs, [finding for finding in findings if finding.path == ("name",)] or findings
    for contradiction in CONTRADICTIONS:
        findings.extend(contradiction(inputs))
    return (inputs if findings else with_labels_held(inputs)), findings


def notes(inputs: StatefulWebArgs) -> list[Finding]:
    """Return what to tell of inputs that can be used: keys of ``pod_template`` that may be a newer Kubernetes'."""
    return list(kubernetes_inputs.notes(inputs["pod_template"], POD, ("pod_template",)))


def two_ways_to_a_class(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find claim templates with a class both named and created."""
    for path, storage in claim_templates(args):
        if "storage_class_name" in storage and "create_storage_class" in storage:
            yield Finding(
                (*path, "create_storage_class"),
                f"is given, and so is storageClassName {shown(storage['storage_class_name'])}: exactly one of them is "
                "expected. Remove one.",
            )


def classes_made_twice(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find two claim templates that create a class of the same name."""
    names: list[tuple[Path, Any]] = [
        ((*path, "create_storage_class", "name"), s["create_storage_class"]["name"])
        for path, s in claim_templates(args)
        if "name" in s.get("create_storage_class", {})
    ]
    yield from _twice(names, "is created for another claim template, too. Use storageClassName in one of them.")


def volumes_that_clash(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find claim templates and files that share a name or a place, or lack one."""
    if "mount_path" in args["storage"]:
        yield Finding(("storage", "mount_path"), "is only for entries of volumes. Use the input mountPath instead.")
    for i, volume in enumerate(args["volumes"]):
        if "mount_path" not in volume:
            yield Finding(("volumes", i, "mount_path"), "is missing: an absolute path is expected. Set it.")
    names: list[tuple[Path, Any]] = [((*path, "volume_name"), s["volume_name"]) for path, s in claim_templates(args)]
    yield from _twice(names, "is the name of another claim template, too. Choose another.")
    of_files = {f"files-{i}" for i, _ in enumerate(args["files"])}
    for path, name in names:
        if name in of_files:
            yield Finding(path, f"is {shown(name)}: it is the name of the volume of files, too. Choose another.")
    places: list[tuple[Path, Any]] = [(("mount_path",), args["mount_path"])]
    places += [
        (("volumes", i, "mount_path"), v["mount_path"]) for i, v in enumerate(args["volumes"]) if "mount_path" in v
    ]
    places += [(("files", i, "mount_path"), files["mount_path"]) for i, files in enumerate(args["files"])]
    yield from _twice(places, "is mounted by another volume, too. Choose another.", lambda path: path.rstrip("/"))


def services_that_clash(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find a client Service that has the headless one's name, or drains longer than a pod has to end."""
    if "client_service" not in args:
        return
    client = args["client_service"]
    name = client_service_name(args)
    if name == args["service_name"]:
        yield Finding(
            ("client_service", "name"),
            f"is {shown(name)}: another name than the headless Service's is expected. Choose one.",
        )
    elif problem := dns_1035_label(name):
        yield Finding(("client_service", "name"), f"is {shown(name)} by default: {problem} Set it.")
    grace = args["termination_grace_period_seconds"]
    if isinstance(grace, int) and client["drain_seconds"] >= grace:
        yield Finding(
            ("client_service", "drain_seconds"),
            f"is {client['drain_seconds']}: less than terminationGracePeriodSeconds, which is {grace}, is expected. "
            "Lower it, or raise that.",
        )


def ports_that_clash(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find ports in ``pod_template`` that are the web server's own: the containers of a pod share one address."""
    for path, container in _running_containers(args["pod_template"]):
        is_web = container["name"] == args["container_name"]
        for j, port in enumerate(container.get("ports") or ()):
            at: Path = (*path, "ports", j)
            is_same = (port["containerPort"], port.get("protocol") or "TCP") == (args["port"], "TCP")
            named = port.get("name")
            if is_same and not is_web:
                yield Finding(
                    (*at, "containerPort"), f"is {shown(args['port'])}: the web server listens there. Use another."
                )
            if is_same and is_web and "name" in port and named != args["port_name"]:
                yield Finding(
                    (*at, "name"),
                    f"is {shown(named)}: probes and Services know the port by portName. Set that instead.",
                )
            if not is_same and named == args["port_name"]:
                yield Finding(
                    (*at, "name"), f"is {shown(named)}: it is the name of the web server's port. Use another."
                )


def _running_containers(template: Any) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield containers that run beside the web server's, and it: native sidecars, too.

    See https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/.
    """
    spec = map_at(template, "spec")
    for i, container in enumerate(spec.get("initContainers") or ()):
        if container.get("restartPolicy") == "Always":
            yield ("pod_template", "spec", "initContainers", i), container
    for i, container in enumerate(spec.get("containers") or ()):
        yield ("pod_template", "spec", "containers", i), container


def counts_that_contradict(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find options of which one makes the other mean nothing."""
    update, budget = args["update"], args.get("disruption_budget", {})
    for key in ("partition", "max_unavailable"):
        if update["type"] == "OnDelete" and key in update:
            yield Finding(("update", key), "is only for type RollingUpdate, and type is OnDelete. Remove one.")
    if "max_unavailable" in budget and "min_available" in budget:
        yield Finding(
            ("disruption_budget", "min_available"), "is given, and so is maxUnavailable: one is expected. Remove one."
        )
    if args["autoscaled"] and args["retention"]["when_scaled"] == "Delete":
        yield Finding(
            ("retention", "when_scaled"),
            "is Delete, and autoscaled is true: each time the autoscaler scales down, Kubernetes would delete the data "
            "of a pod. Set it to Retain, or autoscaled to false.",
        )
    if update.get("max_unavailable") in (0, "0%"):
        yield Finding(("update", "max_unavailable"), "is 0: no pod could ever be updated. Use 1 or more.")


def resources_that_contradict(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find requests that no limit allows."""
    given = args.get("resources", {})
    for name, problem in quantities.contradictions(given.get("requests", {}), given.get("limits", {})):
        yield Finding(("resources", "requests" if name in given.get("requests", {}) else "limits", Name(name)), problem)


def environment_sources(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find sources that name no object, or two."""
    for i, source in enumerate(args["env_from"]):
        if ("config_map_name" in source) == ("secret_name" in source):
            yield Finding(("env_from", i), "needs exactly one of configMapName and secretName. Give one.")


def names_too_long_together(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find names from which Kubernetes derives one that is too long: a claim is called ``<volume>-<set>-<ordinal>``.

    The claim's name is an object's (253 characters), but provisioners put it into labels and disks of 63.
    """
    for path, storage in claim_templates(args):
        derived_name = f"{storage['volume_name']}-{args['name']}-999"
        if len(derived_name) > 63:
            yield Finding(
                (*path, "volume_name"),
                f"is {shown(storage['volume_name'])}: with the set's name, claims are called {derived_name[:-3]}N, and "
                f"at most 63 characters are expected of that. Shorten it by {len(derived_name) - 63}, or the name.",
            )


CONTRADICTIONS: Sequence[Callable[[StatefulWebArgs], Iterator[Finding]]] = (
    labels_that_leave_the_set,
    what_would_be_lost,
    data_volumes_that_are_redirected,
    two_ways_to_a_class,
    classes_made_twice,
    volumes_that_clash,
    services_that_clash,
    ports_that_clash,
    counts_that_contradict,
    resources_that_contradict,
    environment_sources,
    names_too_long_together,
)


def claim_templates(args: StatefulWebArgs) -> list[tuple[Path, Any]]:
    """Return every claim template with the place where it was given."""
    further: list[tuple[Path, Any]] = [(("volumes", i), volume) for i, volume in enumerate(args["volumes"])]
    return [(("storage",), args["storage"]), *further]


def _twice(
    named: Sequence[tuple[Path, Any]], problem: str, same: Callable[[Any], Any] = lambda value: value
) -> Iterator[Finding]:
    seen: set[Any] = set()
    for path, value in named:
        if same(value) in seen:
            yield Finding(path, f"is {shown(value)}: it {problem}")
        seen.add(same(value))
