"""Which claims are a stack's, and how what is printed of them reads in a narrow terminal without colour."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from components.stateful_web.cli.claims import Claim, Known, age, claims_of, total
from components.stateful_web.cli.doctor import Finding
from components.stateful_web.cli.tables import print_claims, print_findings

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
WEB = Known("default", "web", frozenset({"www"}), {"app": "nginx"}, live=True, ordinals=range(1))


def claim(name: str, **labels: str) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "namespace": "default",
            "creationTimestamp": "2026-05-01T10:00:00Z",
            "labels": labels,
        },
        "spec": {"resources": {"requests": {"storage": "1Gi"}}, "volumeName": "pv-1"},
        "status": {"phase": "Bound", "capacity": {"storage": "2Gi"}},
    }


def pod(name: str) -> dict[str, Any]:
    volumes = [{"name": "www", "persistentVolumeClaim": {"claimName": f"www-{name}"}}, {"name": "tmp"}]
    return {"metadata": {"name": name}, "spec": {"volumes": volumes}}


def found(*claims: Any, sets: Any = (WEB,), pods: Any = (), others: Any = ()) -> dict[str, str | None]:
    listed = claims_of(sets, claims, pods, others, {"pv-1": "Retain"}, NOW, "kubectl")
    return {one.name: one.left_by for one in listed}


def test_claims_are_in_the_order_of_their_ordinals_with_what_uses_or_left_them() -> None:
    claims = [claim(f"www-web-{ordinal}") for ordinal in (10, 9, 0)]
    assert list(found(*claims, pods=[pod("web-0")]).items()) == [
        ("www-web-0", None),
        ("www-web-9", "web-9, scaled down"),
        ("www-web-10", "web-10, scaled down"),
    ]


def test_a_claim_whose_pod_is_about_to_come_is_not_called_scaled_down() -> None:
    assert found(claim("www-web-0")) == {"www-web-0": "web-0, which is not there"}


def test_claims_of_other_sets_and_of_none_are_not_listed() -> None:
    other = Known("default", "web-shop", frozenset({"www"}), {"app": "nginx"}, live=True, ordinals=range(1))
    claims = [
        claim("www-web-shop-0", app="nginx"),
        claim("www-web-x"),
        claim("www-web-0-0"),
        claim("cache", app="nginx"),
    ]
    assert found(*claims, others=[other]) == {}


def test_claims_with_the_sets_labels_are_those_of_an_earlier_life() -> None:
    assert found(claim("data-web-0", app="nginx"), claim("data-web-1", app="other")) == {
        "data-web-0": "an earlier StatefulSet with the same labels"
    }


def test_size_age_volume_and_command_are_told() -> None:
    (one,) = claims_of([WEB], [claim("www-web-3")], [], [], {"pv-1": "Retain"}, NOW, "kubectl --context eu")
    assert one == Claim(
        *("default", "www-web-3", "Bound", "2Gi", 7200, "pv-1", "Retain", None, "web-3, scaled down"),
        "kubectl --context eu delete persistentvolumeclaim www-web-3 --namespace default",
    )


def test_since_when_a_claim_is_unused_is_told_where_kubernetes_says_it() -> None:
    def of(name: str, status: str | None, *pods: Any) -> int | None:
        condition = {"type": "Unused", "status": status, "lastTransitionTime": "2026-04-30T12:00:00Z"}
        one = claim(name)
        one["status"]["conditions"] = [{"type": "Resizing", "status": "True"}, *([condition] if status else [])]
        (listed,) = claims_of([WEB], [one], pods, [], {}, NOW, "kubectl")
        return listed.unused_seconds

    assert of("www-web-3", "True") == 24 * 3600
    assert of("www-web-3", "False") is None
    assert of("www-web-3", None) is None, "before Kubernetes 1.37"
    assert of("www-web-0", "True", pod("web-0")) is None, "the controller is about to see the pod"


def test_the_sum_of_what_is_unused_is_told_by_its_largest_unit() -> None:
    assert [total(sizes) for sizes in (["1Gi", "1536Mi"], ["1Ti", None], ["512Mi"], ["500"], [])] == [
        *("2.5Gi", "1Ti", "512Mi", "500", "0")
    ]


def test_what_claims_lack_and_what_drivers_answer_is_printed_with_the_command() -> None:
    smaller, other, unused = (claim(f"www-web-{ordinal}") for ordinal in (0, 1, 7))
    other["status"]["modifyVolumeStatus"] = {"status": "Infeasible", "targetVolumeAttributesClassName": "fast"}
    web = replace(WEB, ordinals=range(2), behind={"www-web-0": ("1Gi of 2Gi", "no label a=b")})
    pods = [pod("web-0"), pod("web-1")]
    longer = claim("www-web-8")
    longer["status"]["conditions"] = [
        {"type": "Unused", "status": "True", "lastTransitionTime": "2026-04-29T12:00:00Z"}
    ]
    found = claims_of([web], [smaller, other, unused, longer], pods, [], {"pv-1": "Delete"}, NOW, "kubectl")
    text = printed(of_dev, found)
    assert "Behind what the stack asks for: www-web-0 (1Gi of 2Gi; no label a=b). To give it to them:\n" in text
    assert "  pulumi up --stack dev\n" in text
    assert "Claim www-web-1: its driver answers to another class with Infeasible: fast.\n" in text
    assert "not known" in text
    assert "2d" in text
    assert "Unused: 2 claims, 4Gi.\n" in text


@pytest.mark.parametrize(("seconds", "text"), [(5, "5s"), (61, "1m"), (7300, "2h"), (200_000, "2d")])
def test_an_age_is_told_by_its_largest_unit(seconds: int, text: str) -> None:
    assert age(seconds) == text


def printed(show: Any, *what: Any) -> str:
    out = io.StringIO()
    show(*what, Console(file=out, width=80))
    return out.getvalue()


def of_dev(claims: Any, console: Console) -> None:
    print_claims(claims, console, "dev")


def test_no_name_of_a_claim_is_cut_in_eighty_columns() -> None:
    name = f"www-a-set-with-a-very-long-name-{'x' * 40}-10"
    volume = "pvc-9f24665a-0473-46a9-bd56-6b9ed4e83bf4"
    one = Claim("default", name, "Bound", "1Gi", 60, volume, "Retain", None, "web-10, scaled down", f"kubectl {name}")
    table = (
        printed(lambda claims, console: print_claims(claims, console, "dev"), [one])
        .partition("Unused:")[0]
        .splitlines()
    )
    assert all(len(line) <= 80 for line in table)
    width = table[0].index("STATUS")
    assert "".join(line[:width].strip() for line in table[1:]) == name
    assert "…" not in "".join(table)


def test_a_command_is_printed_in_one_line_so_that_it_can_be_copied() -> None:
    command = "kubectl --kubeconfig .sandbox/kubeconfig delete pod " + " ".join(f"web-{n}" for n in range(20))
    finding = Finding("pod web-0", "NotReady", "Delete it:", (command,), "nginx", "Failed: [spec] is [bold]odd[/]")
    lines = printed(print_findings, [("StatefulSet default/web: 0 of 1 pods ready", [finding])]).splitlines()
    assert f"    {command}" in lines
    assert "pod web-0, container nginx: NotReady" in lines
    assert "  Failed: [spec] is [bold]odd[/]" in lines, "a message is no markup"
