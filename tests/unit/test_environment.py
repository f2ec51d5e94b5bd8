"""The order of a container's environment variables."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.stateful_web.environment import entries, in_order


def ordered(*pairs: tuple[str, str]) -> list[str]:
    return [entry["name"] for entry in in_order(entries(dict(pairs)))]


@pytest.mark.parametrize(
    ("pairs", "names"),
    [
        ([("B", "1"), ("A", "2")], ["B", "A"]),
        ([("HOST", "db"), ("URL", "$(HOST)")], ["HOST", "URL"]),
        ([("URL", "$(HOST)"), ("HOST", "db")], ["HOST", "URL"]),
        # behind the last that it refers to, and no further
        ([("URL", "$(HOST):$(PORT)"), ("HOST", "db"), ("PORT", "1"), ("Z", "")], ["HOST", "PORT", "URL", "Z"]),
        ([("URL", "$(HOST)"), ("A", ""), ("HOST", "db")], ["A", "HOST", "URL"]),
        # what refers to one that moves, moves with it
        ([("HOST", "$(POD)"), ("URL", "$(HOST)"), ("POD", "")], ["POD", "HOST", "URL"]),
        ([("C", "$(B)"), ("B", "$(A)"), ("A", "")], ["A", "B", "C"]),
        # no reference
        ([("A", "$$(B)"), ("B", "")], ["A", "B"]),
        ([("A", "$B $() ${B} (B) $(B"), ("B", "")], ["A", "B"]),
        ([("A", "$(ELSEWHERE)"), ("B", "")], ["A", "B"]),
        ([("A", "$(A)"), ("B", "")], ["A", "B"]),
        ([("A", "$$$(B)"), ("B", "")], ["B", "A"]),
        # circles
        ([("A", "$(B)"), ("B", "$(A)"), ("C", "")], ["A", "B", "C"]),
        ([("A", "$(B) $(C)"), ("B", "$(A)"), ("C", "")], ["C", "A", "B"]),
        ([("D", "$(A)"), ("A", "$(B)"), ("B", "$(C)"), ("C", "$(A)")], ["A", "D", "B", "C"]),
    ],
)
def test_a_variable_that_refers_to_a_later_one_moves_behind_it(pairs: list[tuple[str, str]], names: list[str]) -> None:
    assert ordered(*pairs) == names


def test_what_comes_from_an_object_refers_to_nothing_and_can_be_referred_to() -> None:
    pod: dict[str, Any] = {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
    node = {"name": "NODE", "value": "rabbit@$(POD)"}
    assert in_order([node, pod]) == [pod, node]


NAMES = st.sampled_from("ABCDE")
ENV = st.dictionaries(NAMES, st.lists(NAMES.map("$({})".format), max_size=3).map("".join))


@given(ENV)
def test_nothing_is_lost_and_the_order_is_settled_after_one_pass(env: dict[str, str]) -> None:
    once = in_order(entries(env))
    assert {entry["name"]: entry["value"] for entry in once} == env
    assert len(once) == len(env)
    assert in_order(once) == once


@given(ENV)
def test_a_reference_to_a_later_variable_is_in_a_circle(env: dict[str, str]) -> None:
    names = ordered(*env.items())

    def reached(name: str) -> set[str]:
        found, new = set(), {name}
        while new:
            found |= new
            new = {other for other in env for one in new if f"$({other})" in env[one]} - found
        return found

    for i, name in enumerate(names):
        for later in names[i + 1 :]:
            assert f"$({later})" not in env[name] or name in reached(later)


@given(ENV)
def test_variables_without_references_to_later_ones_stay_where_they_are(env: dict[str, str]) -> None:
    names = list(env)
    if not any(f"$({later})" in env[name] for i, name in enumerate(names) for later in names[i + 1 :]):
        assert ordered(*env.items()) == names
