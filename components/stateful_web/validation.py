"""Judges inputs before anything is planned: one pure function for the program, the wheel and every other language."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from .args import StatefulWebArgs
from .findings import Finding, Path
from .quantity import parse_quantity
from .shape import show

Judge = Callable[[Any], str | None]
"""Says what is expected of a value, and the fix; ``None`` if the value can be used."""

DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
DNS_1035_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
LABEL_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
ACCESS_MODES = ("ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany", "ReadOnlyMany")


def validate(args: StatefulWebArgs) -> list[Finding]:
    """Return what can not be used in ``args``, whose kinds are right and whose defaults are filled in.

    Outputs are left out: their values are not known yet.
    """
    findings: list[Finding] = []

    def judge(path: Path, value: Any, expected: Judge) -> None:
        if isinstance(value, pulumi.Output):
            return
        problem = expected(value)
        if problem:
            findings.append(Finding(path, f"is {show(value)}: {problem}"))

    values: Mapping[str, Any] = dict(args)
    storage = args["storage"]
    judge(("image",), args["image"], image_reference)
    # The revision label of the pods is "<name>-<hash of 10>" and has 63 characters.
    judge(("name",), args["name"], dns_label(52))
    judge(("namespace",), args["namespace"], dns_label(63))
    judge(("replicas",), args["replicas"], whole_number(0))
    for key, expected in (("service_name", dns_1035_label), ("container_name", dns_label(63))):
        # A name that follows the set's is wrong once, not twice.
        if values[key] != args["name"] or not any(finding.path == ("name",) for finding in findings):
            judge((key,), values[key], expected)
    judge(("port",), args["port"], whole_number(1, 65535))
    judge(("port_name",), args["port_name"], port_name)
    judge(("storage", "volume_name"), storage["volume_name"], dns_label(63))
    judge(("storage", "size"), storage["size"], storage_size)
    for i, mode in enumerate(storage["access_modes"]):
        judge(("storage", "access_modes", i), mode, access_mode)
    if not storage["access_modes"]:
        judge(
            ("storage", "access_modes"),
            [],
            lambda _: f"at least one of {', '.join(ACCESS_MODES)} is expected.",
        )
    if storage.get("storage_class_name"):
        judge(("storage", "storage_class_name"), storage["storage_class_name"], dns_subdomain)
    judge(("mount_path",), args["mount_path"], absolute_path)
    if not args["selector_labels"]:
        judge(
            ("selector_labels",),
            {},
            lambda _: "at least one label is expected. Leave it out for the default.",
        )
    for key in ("selector_labels", "labels"):
        for label, value in values[key].items():
            judge((key, label), label, label_key)
            judge((key, label), value, label_value)
    judge(("termination_grace_period_seconds",), args["termination_grace_period_seconds"], whole_number(1))
    findings.extend(labels_that_contradict(args["selector_labels"], args["labels"]))
    return findings


def labels_that_contradict(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> list[Finding]:
    """Return the labels that would take a pod out of its own set."""
    return [
        Finding(
            ("labels", label),
            f"is {show(value)}, but selectorLabels has {show(selector[label])}: a pod carries the selector's labels. "
            "Remove it from labels.",
        )
        for label, value in labels.items()
        if label in selector and value != selector[label]
    ]


def dns_label(longest: int) -> Judge:
    """Expect an RFC 1123 label of at most ``longest`` characters."""

    def judge(value: str) -> str | None:
        if len(value) <= longest and DNS_LABEL.fullmatch(value):
            return None
        return (
            f"lower-case letters, digits and dashes are expected, at most {longest} characters, "
            "with a letter or digit at both ends."
        )

    return judge


def dns_1035_label(value: str) -> str | None:
    """Expect a Service's name."""
    if len(value) <= 63 and DNS_1035_LABEL.fullmatch(value):
        return None
    return "lower-case letters, digits and dashes are expected, at most 63 characters, starting with a letter."


def dns_subdomain(value: str) -> str | None:
    """Expect the name of an object that may have dots."""
    if len(value) <= 253 and all(DNS_LABEL.fullmatch(part) for part in value.split(".")):
        return None
    return "lower-case letters, digits, dashes and dots are expected, at most 253 characters."


def image_reference(value: str) -> str | None:
    """Expect a tag or a digest, since an image without one is whatever the registry serves that day."""
    if not value or re.search(r"\s", value):
        return "an image is expected, e.g. registry.k8s.io/nginx-slim:0.27."
    if "@sha256:" in value or ":" in value.rpartition("/")[2]:
        return None
    return f"a tag or a digest is expected. Add one, e.g. {value}:1.27."


def whole_number(least: int, most: int | None = None) -> Judge:
    """Expect a number in a range."""
    span = f"{least} or more" if most is None else f"{least} to {most}"

    def judge(value: int) -> str | None:
        return None if least <= value and (most is None or value <= most) else f"{span} is expected."

    return judge


def port_name(value: str) -> str | None:
    """Expect an IANA service name (https://www.rfc-editor.org/rfc/rfc6335#section-5.1)."""
    if len(value) <= 15 and DNS_LABEL.fullmatch(value) and re.search("[a-z]", value) and "--" not in value:
        return None
    return "at most 15 lower-case letters, digits and single dashes are expected, with at least one letter."


def storage_size(value: str) -> str | None:
    """Expect a quantity of bytes above zero."""
    try:
        return None if parse_quantity(value) > 0 else "more than zero is expected, e.g. 10Gi."
    except ValueError:
        return "a Kubernetes quantity is expected, e.g. 10Gi."


def access_mode(value: str) -> str | None:
    """Expect one of Kubernetes' access modes."""
    return None if value in ACCESS_MODES else f"one of {', '.join(ACCESS_MODES)} is expected."


def absolute_path(value: str) -> str | None:
    """Expect a path that a container can mount at."""
    return None if value.startswith("/") and ":" not in value else "an absolute path without a colon is expected."


def label_key(value: str) -> str | None:
    """Expect ``[prefix/]name`` (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/)."""
    prefix, slash, name = value.rpartition("/")
    if len(name) <= 63 and LABEL_NAME.fullmatch(name) and (not slash or dns_subdomain(prefix) is None):
        return None
    return (
        "a name of at most 63 letters, digits, '-', '_' and '.' is expected, with a DNS name and '/' before it if any."
    )


def label_value(value: str) -> str | None:
    """Expect what a label can hold."""
    if len(value) <= 63 and LABEL_VALUE.fullmatch(value):
        return None
    return "at most 63 letters, digits, '-', '_' and '.' are expected, with a letter or digit at both ends."
