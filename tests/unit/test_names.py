"""Names that Kubernetes derives: pods, claims and DNS records."""

from collections.abc import Iterable

import pytest

from components.stateful_web import names


@pytest.mark.parametrize(
    ("ordinals", "pods"),
    [(range(0), []), (range(1), ["web-0"]), (range(9, 11), ["web-9", "web-10"]), ([4, 2], ["web-4", "web-2"])],
)
def test_pods_are_called_by_the_set_and_their_ordinal(ordinals: Iterable[int], pods: list[str]) -> None:
    assert names.pod_names("web", ordinals) == pods


@pytest.mark.parametrize(
    ("start", "partition", "updated"),
    [(0, 0, [0, 1, 2]), (0, 2, [2]), (0, 3, []), (0, 9, []), (3, 0, [3, 4, 5]), (3, 1, [4, 5])],
)
def test_a_partition_counts_pods_from_the_first_one_on_whatever_its_ordinal(
    start: int, partition: int, updated: list[int]
) -> None:
    assert list(names.above_partition(range(start, start + 3), partition)) == updated


def test_a_claim_is_called_by_its_template_and_its_pod() -> None:
    assert names.claim_name("www", "web-0") == "www-web-0"


def test_claims_of_several_pods_are_named_template_by_template() -> None:
    found = names.claim_names(["www", "logs"], "web", range(2, 4))
    assert found == ["www-web-2", "www-web-3", "logs-web-2", "logs-web-3"]


@pytest.mark.parametrize(
    ("claim", "ordinal"),
    [
        ("www-web-0", 0),
        ("logs-web-10", 10),
        ("data-web-0", None),
        ("www-web-2-0", None),
        ("www-web-x", None),
        ("www-web-01", None),
        ("www-web", None),
        ("0", None),
    ],
)
def test_the_name_of_a_claim_tells_the_ordinal_of_its_pod(claim: str, ordinal: int | None) -> None:
    assert names.claim_ordinal(claim, ["www", "logs"], "web") == ordinal


def test_a_pod_has_a_dns_name_below_its_service() -> None:
    assert names.pod_host("web-0", "nginx", "default") == "web-0.nginx.default.svc.cluster.local"


def test_a_claim_of_the_longest_names_that_are_allowed_fits_into_a_label() -> None:
    from components.stateful_web.validation import validate

    def fits(volume: str) -> bool:
        return validate("w" * 52, {"image": "web:1", "storage": {"volume_name": volume}})[1] == []

    assert fits("logs12")
    assert not fits("logs123")
    assert len(names.claim_name("logs12", names.pod_names("w" * 52, [999])[0])) == 63
