"""What a container can ask for, by resource. Pure; amounts may be outputs, which are judged when they are known.

See https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .quantity import LARGEST, is_kept, parse_quantity
from .rules import label_key

STANDARD = ("cpu", "memory", "ephemeral-storage")
HUGE_PAGES = "hugepages-"


def quantities(value: Mapping[str, Any]) -> str | None:
    """Expect quantities by resource, e.g. ``{cpu: 100m, memory: 128Mi}``."""
    return next((problem for name, amount in value.items() if (problem := _problem(name, amount))), None)


def contradictions(requests: Mapping[str, Any], limits: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield resources that are requested as no limit allows, with what is expected."""
    for name, amount in requests.items():
        if name not in limits:
            if not _can_be_overcommitted(name):
                yield name, f"is requested without a limit: limits.{name} of the same amount is expected. Set it."
            continue
        if not (isinstance(amount, str) and isinstance(limits[name], str)):
            continue
        asked, limit = parse_quantity(amount), parse_quantity(limits[name])
        if asked > limit:
            yield name, f"is {amount}, more than its limit, {limits[name]}. Lower it, or raise the limit."
        elif asked != limit and not _can_be_overcommitted(name):
            yield name, f"is {amount}, and its limit is {limits[name]}: the same amount is expected of both."
    asked_for = {*requests, *limits}
    huge = sorted(name for name in asked_for if name.startswith(HUGE_PAGES))
    if huge and not asked_for & {"cpu", "memory"}:
        yield huge[0], "is given without cpu or memory: one of them is expected, too. Set it."


def _problem(name: str, amount: Any) -> str | None:
    if not _is_resource(name):
        return (
            f"{', '.join(STANDARD)}, {HUGE_PAGES}<size>, or a device with its vendor's domain such as example.com/gpu "
            f'is expected, and "{name}" is not one.'
        )
    if not isinstance(amount, str):
        return None
    try:
        number = parse_quantity(amount)
    except ValueError:
        return f'a Kubernetes quantity is expected of {name}, e.g. "100m" or "128Mi".'
    if number < 0:
        return f"zero or more is expected of {name}."
    if not is_kept(number):
        return f"at most three decimals (as in 0.001, which is 1m) and at most {LARGEST} is expected of {name}."
    if _is_device(name) and number % 1:
        return f"a whole number is expected of {name}."
    if name.startswith(HUGE_PAGES) and number % parse_quantity(name.removeprefix(HUGE_PAGES)):
        return f"a multiple of the page's size is expected of {name}."
    return None


def _is_resource(name: str) -> bool:
    if name.startswith(HUGE_PAGES):
        try:
            size = parse_quantity(name.removeprefix(HUGE_PAGES))
        except ValueError:
            return False
        return size > 0 and size % 1 == 0
    if "kubernetes.io/" in name:
        return label_key(name)
    # A quota names it with "requests." before it, and must be able to.
    return name in STANDARD or (_is_device(name) and not name.startswith("requests.") and label_key(f"requests.{name}"))


def _is_device(name: str) -> bool:
    return "/" in name and "kubernetes.io/" not in name


def _can_be_overcommitted(name: str) -> bool:
    return not _is_device(name) and not name.startswith(HUGE_PAGES)
