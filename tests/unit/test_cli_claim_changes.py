"""What resources of their own change about claims, in words."""

import json
from typing import Any

import pytest

from components.stateful_web.cli.claim_changes import Claim, ClaimChange, clauses
from components.stateful_web.cli.pulumi_cli import SECRET


def inputs(size: Any = None, of_class: Any = None, **metadata: Any) -> dict[str, Any]:
    spec = {"resources": {"requests": {"storage": size}}, "volumeAttributesClassName": of_class}
    return {"metadata": {"name": "www-web-0", **metadata}, "spec": spec}


def labels(**given: str) -> Claim:
    return Claim.of(inputs(labels=given))


def notes(**given: str) -> Claim:
    return Claim.of(inputs(annotations=given))


NONE = Claim()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([], []),
        ([(None, Claim("2Gi", "gold"))], []),
        ([(NONE, Claim("2Gi"))], []),
        ([(Claim("2Gi"), NONE)], []),
        ([(Claim("2Gi", "gold"), Claim("2Gi", "gold"))], []),
        ([(Claim("1Gi"), Claim("2Gi"))] * 2, ["grows 2 claims 1Gi → 2Gi"]),
        (
            [(Claim("2Gi"), Claim("3Gi")), (Claim("1Gi"), Claim("3Gi")), (Claim("2Gi"), Claim("3Gi"))],
            ["grows 1 claim 1Gi → 3Gi and 2 claims 2Gi → 3Gi"],
        ),
        ([(NONE, Claim(None, "gold"))] * 3, ["changes the class of 3 claims to gold"]),
        ([(Claim(None, "gold"), NONE)], []),
        (
            [(NONE, Claim(None, "z")), (Claim(None, "z"), Claim(None, "a")), (NONE, Claim(None, "z"))],
            ["changes the class of 1 claim to a and 2 claims to z"],
        ),
        ([(labels(), labels(a="1")), (labels(a="1"), labels())], ["changes labels of 2 claims"]),
        ([(labels(a="1"), labels(a="1"))], []),
        ([(notes(a="1"), notes(a="2"))], ["changes annotations of 1 claim"]),
        (
            [(NONE, Claim.of(inputs(labels={"a": "1"}, annotations={"b": "2"}))), (NONE, notes(b="2"))],
            ["changes annotations of 1 claim", "changes labels and annotations of 1 claim"],
        ),
        (
            [(Claim("1Gi"), Claim.of(inputs("2Gi", "gold", labels={"a": "1"})))],
            ["grows 1 claim 1Gi → 2Gi", "changes the class of 1 claim to gold", "changes labels of 1 claim"],
        ),
    ],
)
def test_each_kind_of_change_is_one_clause(changes: list[tuple[Claim | None, Claim]], said: list[str]) -> None:
    assert clauses([ClaimChange("www-web-0", old, new) for old, new in changes]) == said


def test_what_is_equal_is_no_change_wherever_it_was_read() -> None:
    size, of_class = json.loads('["2Gi", "gold"]')
    assert clauses([ClaimChange("www-web-0", Claim("2Gi", "gold"), Claim(size, of_class))]) == []


def test_what_is_secret_not_known_or_about_the_patch_itself_is_not_read() -> None:
    secret = {SECRET: "1b47061264138c4ac30d75fd1eb44270"}
    of_patch = {"pulumi.com/patchForce": "true", "stateful-web.dev/regrown": "7"}
    assert Claim.of(inputs(secret, secret, labels=secret, annotations=of_patch)) == NONE
    assert Claim.of({"metadata": {"labels": None}}) == NONE
    assert Claim.of(inputs("1Gi", "gold", annotations={**of_patch, "a": "b"})) == Claim(
        "1Gi", "gold", {"labels": {}, "annotations": {"a": "b"}}
    )


def test_a_patch_adds_its_keys_and_removes_those_that_it_had_and_leaves_those_of_others() -> None:
    live = Claim.of(inputs("1Gi", "slow", labels={"app": "web", "old": "1", "kept": "1"}))
    was, asked = labels(old="1", kept="1"), labels(kept="2", new="1")
    assert live.patched(was, asked) == Claim.of(inputs("1Gi", "slow", labels={"app": "web", "kept": "2", "new": "1"}))
    assert live.patched(NONE, Claim("2Gi", "gold")).size == "2Gi"
    assert live.patched(NONE, Claim("2Gi", "gold")).attributes_class == "gold"
