"""Kubernetes quantities, exactly: ``1Gi``, ``1.5G``, ``500M``, ``1e9``."""

import re
from decimal import Decimal

SUFFIXES = {
    "": Decimal(1),
    **{suffix: Decimal(1024) ** power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)},
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate(("k", "M", "G", "T", "P", "E"), 1)},
    "m": Decimal("0.001"),
    "u": Decimal("0.000001"),
    "n": Decimal("0.000000001"),
}
LARGEST = 2**63 - 1
FORM = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d{1,3})|([KMGTPE]i|[numkMGTPE])?)", re.ASCII)


def parse_quantity(text: str) -> Decimal:
    """Return the number that a quantity stands for.

    Raises ``ValueError`` for anything the API server would refuse
    (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/).
    """
    form = FORM.fullmatch(text)
    if form is None:
        raise ValueError(f"not a quantity: {text}")
    number, exponent, suffix = form.groups()
    return Decimal(number + (exponent or "")) * SUFFIXES[suffix or ""]


def is_kept(number: Decimal) -> bool:
    """Return whether Kubernetes keeps a number as it is; it rounds up to three decimals, and caps at 2^63 - 1.

    What it changes would differ from what was asked for at every ``up``
    (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/).
    """
    return abs(number) <= LARGEST and number * 1000 % 1 == 0
