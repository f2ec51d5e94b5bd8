"""Rules for single values: each is a pure function that returns what is expected, or ``None``."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

from .choices import AccessMode
from .quantity import LARGEST, is_kept, parse_quantity

Judge = Callable[[Any], str | None]
"""Returns what is expected of a value, and the fix; ``None`` if the value can be used."""

DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
DNS_1035_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
LABEL_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
ENV_NAME = re.compile(r"[ -<>-~]+")
FILE_NAME = re.compile(r"[-._a-zA-Z0-9]+")
LARGEST_NUMBER = 2**31 - 1
"""Numbers of the Kubernetes API have 32 bits."""
HEADER_NAME = re.compile(r"[-A-Za-z0-9]+")
POD_FIELDS = (
    *("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"),
    *("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"),
)
"""Fields of a pod that an environment variable can have, besides labels and annotations."""
LENGTH = re.compile(r"0|[1-9][0-9]*")
"""Of the prefix that the addresses of a range have in common."""
POD_MAP_FIELD = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")


def dns_label(longest: int = 63) -> Judge:
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


def empty_or(judge: Judge) -> Judge:
    """Expect an empty text, or what another rule expects."""
    return lambda value: None if value == "" else judge(value)


def image_reference(value: str) -> str | None:
    """Expect a tag or a digest: without one, the image may change at any time."""
    if not value or re.search(r"\s", value):
        return "an image is expected, e.g. registry.k8s.io/nginx-slim:0.27."
    if "@sha256:" in value or ":" in value.rpartition("/")[2]:
        return None
    # The image is not repeated: it may be a secret.
    return "a tag or a digest is expected. Add one, e.g. :1.27."


def whole_number(least: int, most: int = LARGEST_NUMBER) -> Judge:
    """Expect a number in a range."""

    def judge(value: int) -> str | None:
        if least <= value <= most:
            return None
        return (
            f"{least} or more is expected."
            if value < least and most == LARGEST_NUMBER
            else (f"{least} to {most} is expected.")
        )

    return judge


def number_or_percent(value: Any) -> str | None:
    """Expect a number or a percentage of pods (https://pkg.go.dev/k8s.io/apimachinery/pkg/util/intstr)."""
    number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    percent = isinstance(value, str) and re.fullmatch(r"[0-9]{1,2}%|100%", value)
    return None if number or percent else 'a number of pods or a percentage such as "25%" is expected.'


def one_of(choice: Any) -> Judge:
    """Expect one of the words of a ``Literal``."""
    words = get_args(choice)

    def judge(value: str) -> str | None:
        return None if value in words else f"one of {', '.join(words)} is expected."

    return judge


def some_of(choice: Any) -> Judge:
    """Expect one or more of the words of a ``Literal``, each once."""
    words = get_args(choice)

    def judge(value: list[str]) -> str | None:
        fits = value and set(value) <= set(words) and len(set(value)) == len(value)
        return None if fits else f"one or more of {', '.join(words)} is expected."

    return judge


def each(judge: Judge) -> Judge:
    """Expect a list in which each text satisfies another rule."""
    return lambda value: _first(judge(text) for text in value if isinstance(text, str))


def object_names(value: list[str]) -> str | None:
    """Expect names of objects, each once: the API server merges such a list by them."""
    names = [name for name in value if isinstance(name, str)]
    return "each name is expected once. Remove one." if len(set(names)) < len(names) else each(dns_subdomain)(names)


def not_empty(value: list[Any]) -> str | None:
    """Expect a list that has something in it."""
    return None if value else "at least one entry is expected."


def provisioner(value: str) -> str | None:
    """Expect the name of a driver, with the same rules as a label's key, but in any case."""
    if annotation_key(value):
        return None
    return "the name of a driver is expected, of at most 63 characters, e.g. rook-ceph.rbd.csi.ceph.com."


def access_modes(value: list[str]) -> str | None:
    """Expect how nodes may mount a volume; ``ReadWriteOncePod`` excludes the other modes.

    See https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
    """
    if len(value) > 1 and "ReadWriteOncePod" in value:
        return "ReadWriteOncePod can't be combined with another mode. Set it alone, or remove it."
    return some_of(AccessMode)(value)


def port_name(value: str) -> str | None:
    """Expect an IANA service name (https://www.rfc-editor.org/rfc/rfc6335#section-5.1)."""
    if len(value) <= 15 and DNS_LABEL.fullmatch(value) and re.search("[a-z]", value) and "--" not in value:
        return None
    return "at most 15 lower-case letters, digits and single dashes are expected, with at least one letter."


def port_or_name(value: Any) -> str | None:
    """Expect a port by its number or by its name."""
    if isinstance(value, str):
        return port_name(value)
    is_number = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535
    return None if is_number else "a number from 1 to 65535 or the name of a port is expected."


def qualified_name(value: str) -> str | None:
    """Expect a name with the same rules as a label's key."""
    if label_key(value):
        return None
    return (
        "at most 63 letters, digits, '-', '_' and '.' are expected, with a DNS name and '/' before them if any, e.g. "
        "example.com/name."
    )


def topology_keys(value: list[str]) -> str | None:
    """Expect keys of node labels, each once."""
    if value and len(set(value)) == len(value) and all(map(label_key, value)):
        return None
    return "one or more labels of nodes are expected, each once, e.g. topology.kubernetes.io/zone."


def address_range(value: str) -> str | None:
    """Expect a range of addresses in CIDR notation."""
    problem = "ranges of addresses are expected, with zeros behind the prefix, e.g. 10.0.0.0/8."
    length = value.partition("/")[2]
    # What Python takes and Kubernetes does not: a mask in place of the length, zones, and addresses that are mapped.
    if not LENGTH.fullmatch(length) or "%" in value:
        return problem
    try:
        first = ipaddress.ip_network(value).network_address
    except ValueError:
        return problem
    return problem if getattr(first, "ipv4_mapped", None) else None


def header_names(value: Mapping[str, Any]) -> str | None:
    """Expect names of HTTP headers."""
    wrong = [name for name in value if not HEADER_NAME.fullmatch(name)]
    return f'names of letters, digits and "-" are expected, and "{wrong[0]}" is not one.' if wrong else None


def pod_field(value: str) -> str | None:
    """Expect a field of the pod that an environment variable can have.

    See https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#available-fields
    """
    of_map = POD_MAP_FIELD.fullmatch(value)
    if value in POD_FIELDS or (of_map and KEYS_OF[of_map[1]](of_map[2])):
        return None
    return f"one of {', '.join(POD_FIELDS)}, metadata.labels['<key>'] and metadata.annotations['<key>'] is expected."


def storage_size(value: str) -> str | None:
    """Expect a quantity of bytes above zero that Kubernetes keeps as it is."""
    try:
        size = parse_quantity(value)
    except ValueError:
        return "a Kubernetes quantity is expected, e.g. 10Gi."
    if size <= 0:
        return "more than zero is expected, e.g. 10Gi."
    return None if is_kept(size) else f"at most three decimals and at most {LARGEST} is expected, e.g. 10Gi."


def absolute_path(value: str) -> str | None:
    """Expect a path that a container can mount at."""
    return None if value.startswith("/") and ":" not in value else "an absolute path without a colon is expected."


def device_path(value: str) -> str | None:
    """Expect the path of a device, which can't lead back."""
    if value.startswith("/") and ".." not in value.split("/"):
        return None
    return 'an absolute path without ".." is expected.'


def relative_path(value: str) -> str | None:
    """Expect a path inside of a volume."""
    if value and not value.startswith("/") and ".." not in value.split("/"):
        return None
    return 'a path without "/" at its start and without ".." is expected.'


def url_path(value: str) -> str | None:
    """Expect the path of a request."""
    return None if value.startswith("/") else "a path that starts with / is expected."


def parameters(value: Mapping[str, Any]) -> str | None:
    """Expect parameters of a driver."""
    return "keys that are not empty are expected." if "" in value else None


def labels(value: Mapping[str, Any]) -> str | None:
    """Expect labels (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/)."""
    return _first(_label_problem(key, text, label_key) for key, text in value.items())


def selector_labels(value: Mapping[str, Any]) -> str | None:
    """Expect at least one label."""
    return labels(value) if value else "at least one label is expected. Leave it out for the default."


def label_key(key: str) -> bool:
    """Say whether a text can be the key of a label."""
    prefix, slash, name = key.rpartition("/")
    return len(name) <= 63 and bool(LABEL_NAME.fullmatch(name)) and not (slash and dns_subdomain(prefix))


def annotation_key(key: str) -> bool:
    """Say whether a text can be the key of an annotation: upper case is the same to Kubernetes."""
    return label_key(key.lower())


KEYS_OF = {"labels": label_key, "annotations": annotation_key}


def annotations(value: Mapping[str, Any]) -> str | None:
    """Expect keys like those of labels; values are free."""
    return _first(_label_problem(key, "", annotation_key) for key in value)


def env_names(value: Mapping[str, Any]) -> str | None:
    """Expect names of environment variables."""
    wrong = [name for name in value if not ENV_NAME.fullmatch(name)]
    return f'names of printable characters without "=" are expected, and "{wrong[0]}" is not one.' if wrong else None


def file_names(value: Mapping[str, Any]) -> str | None:
    """Expect names that a ConfigMap can have as keys."""
    wrong = [name for name in value if not FILE_NAME.fullmatch(name) or len(name) > 253]
    if wrong:
        return f'file names of letters, digits, "-", "_" and "." are expected, and "{wrong[0]}" is not one.'
    dotted = [name for name in value if name == "." or name.startswith("..")]
    if dotted:
        return f'file names that are not "." and do not begin with ".." are expected, and "{dotted[0]}" is not one.'
    return None if value else "at least one file is expected."


def config_key(value: str) -> str | None:
    """Expect a key that a ConfigMap or a Secret can have."""
    if file_names({value: ""}) is None:
        return None
    return 'at most 253 letters, digits, "-", "_" and "." are expected.'


def _label_problem(key: str, value: Any, is_key: Callable[[str], bool]) -> str | None:
    if not is_key(key):
        return (
            f"keys of at most 63 letters, digits, '-', '_' and '.' are expected, with a DNS name and '/' before them "
            f'if any, and "{key}" is not one.'
        )
    if isinstance(value, str) and (len(value) > 63 or not LABEL_VALUE.fullmatch(value)):
        return (
            f"values of at most 63 letters, digits, '-', '_' and '.' are expected, with a letter or digit at both "
            f'ends, and that of "{key}" is not one.'
        )
    return None


def _first(problems: Iterable[str | None]) -> str | None:
    return next((problem for problem in problems if problem), None)
