"""Quantities mean what the API server takes them for."""

from decimal import Decimal

import pytest

from components.stateful_web.quantity import is_kept, parse_quantity


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1Gi", 1024**3),
        ("1.5Gi", 3 * 2**29),
        ("1G", 10**9),
        ("500M", 500 * 10**6),
        ("1e9", 10**9),
        ("1E9", 10**9),
        ("1E", 10**18),
        ("100k", 100_000),
        ("1500m", Decimal("1.5")),
        (".5Ki", 512),
        ("5.", 5),
    ],
)
def test_a_quantity_is_a_number(text: str, number: int) -> None:
    assert parse_quantity(text) == number


@pytest.mark.parametrize("text", ["", "Gi", "1GiB", "1 Gi", "one", "1K", "1gi", "1,5Gi", "0x1", "1Zi", "--1", "٣"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a quantity"):
        parse_quantity(text)


@pytest.mark.parametrize("text", ["0", "1m", "0.001", "1e-3", "1000u", "7Ei", "9223372036854775807", "-1"])
def test_kubernetes_keeps_what_fits_into_three_decimals_and_64_bits(text: str) -> None:
    assert is_kept(parse_quantity(text))


@pytest.mark.parametrize("text", ["0.5m", "1u", "1n", "1.0000000001", "8Ei", "9223372036854775808", "1e400", "-1u"])
def test_kubernetes_rounds_or_caps_anything_else(text: str) -> None:
    assert not is_kept(parse_quantity(text))
