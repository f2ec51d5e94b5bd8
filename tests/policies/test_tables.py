"""Tables of what is known in the field: each entry has a source, and configuration replaces or extends them."""

from typing import Any

import pytest

from policies.kit.rule import Rule
from policies.kit.tables import Table, table

from .packs import PACKS

TABLES = [
    pytest.param(rule, name, id=f"{rule.name}/{name}")
    for rules in PACKS.values()
    for rule in rules
    for name in rule.tables
]


def rule_of(made: Table, **more: Any) -> Rule:
    return Rule(
        name="a-rule",
        display_name="A rule",
        description="It is one.",
        remediation="Do so.",
        severity="low",
        level="advisory",
        kinds=("Service",),
        check=lambda *_: (),
        tables={"words": made},
        passing=(),
        failing=(),
        **more,
    )


KNOWN = table("Words.", {"https://example.com/a": ["one", "two"], "https://example.com/b": ["three"]})


def test_entries_share_a_source() -> None:
    assert KNOWN.entries == {
        "one": "https://example.com/a",
        "two": "https://example.com/a",
        "three": "https://example.com/b",
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ["one", "two", "three"]),
        ({"words": []}, []),
        ({"words": ["four"]}, ["four"]),
        ({"words": ["...", "four"]}, ["one", "two", "three", "four"]),
        ({"words": ["four", "..."]}, ["four", "one", "two", "three"]),
        ({"words": ["....", ".."]}, ["....", ".."]),
    ],
)
def test_configuration_replaces_the_default_or_adds_to_it(given: Any, expected: list[str]) -> None:
    settings = rule_of(KNOWN).settings(given)
    assert settings["words"] == expected
    assert settings["allowOptOuts"] is True


def test_a_table_may_add_kinds() -> None:
    rule = rule_of(KNOWN, kinds_table="words")
    assert rule.kinds_of(rule.settings({})) == {"Service", "one", "two", "three"}
    assert rule.kinds_of(rule.settings({"words": ["four"]})) == {"Service", "four"}
    assert rule_of(KNOWN).kinds_of(rule.settings({})) == {"Service"}


def test_its_schema_says_how_to_add() -> None:
    assert KNOWN.schema == {
        "type": "array",
        "items": {"type": "string"},
        "default": ["one", "two", "three"],
        "description": 'Words. To add to the default, begin with "...".',
    }


@pytest.mark.parametrize(("rule", "name"), TABLES)
def test_every_entry_has_a_source(rule: Any, name: str) -> None:
    of_rule = rule.tables[name]
    assert of_rule.description.endswith(".")
    for entry, source in of_rule.entries.items():
        assert entry
        assert "https://" in source or source.startswith("usual "), entry
    assert name not in rule.properties
