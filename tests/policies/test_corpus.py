"""Public StatefulSets with their Services, through both packs: no mandatory finding is wrong.

Every mandatory finding with the default configuration, and with that of prod, stands in ``findings.yaml`` of the corpus
with the reason why it is right. A false alarm that somebody reports becomes a set there, and the test fails until the
rule is right.
"""

from collections import Counter
from functools import cache
from typing import Any

import pytest
import yaml

from tests.support.corpus import CORPUS, SETS, objects_of, text_of

from .packs import PACKS, judge
from .test_configuration import properties, read

FINDINGS = CORPUS / "findings.yaml"
CONFIGURATIONS = ("default", "prod")


@cache
def recorded() -> dict[str, Any]:
    """Return the findings that are right: by configuration and rule, a list of reasons with the sets."""
    found: dict[str, Any] = yaml.safe_load(FINDINGS.read_text())
    return found


def right(configuration: str, of_set: str) -> Counter[str]:
    """Return how many findings each rule rightly has of a set."""
    return Counter(
        {
            rule: sum(entry["sets"].get(of_set, 0) for entry in entries)
            for rule, entries in recorded()[configuration].items()
            if any(of_set in entry["sets"] for entry in entries)
        }
    )


def mandatory(configuration: str, of_set: str) -> dict[str, list[str]]:
    """Return what the mandatory rules say of a set."""
    said = {}
    for pack, rules in PACKS.items():
        config = read(pack, "prod") if configuration == "prod" else {}
        for rule in rules:
            if config.get(rule.name, {}).get("enforcementLevel", rule.level) == "mandatory":
                messages = judge(rule, *objects_of(of_set), config=properties(config).get(rule.name))
                said.update({rule.name: messages} if messages else {})
    return said


@pytest.mark.parametrize("of_set", SETS)
@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_every_mandatory_finding_is_recorded_with_its_reason(configuration: str, of_set: str) -> None:
    said = mandatory(configuration, of_set)
    expected = right(configuration, of_set)
    assert Counter({rule: len(messages) for rule, messages in said.items()}) == expected, "\n".join(
        message for rule, messages in said.items() if len(messages) != expected[rule] for message in messages
    )


def test_each_record_is_of_a_set_that_is_here_and_says_why_in_a_sentence() -> None:
    names = {rule.name for rules in PACKS.values() for rule in rules}
    assert recorded().keys() == set(CONFIGURATIONS)
    for rules in recorded().values():
        assert rules.keys() <= names
        for entry in (entry for entries in rules.values() for entry in entries):
            assert entry.keys() == {"reason", "sets"}
            assert entry["reason"].endswith(".")
            assert entry["sets"].keys() <= set(SETS)


@pytest.mark.parametrize("of_set", SETS)
def test_a_set_has_its_service_and_says_where_its_shape_is_from(of_set: str) -> None:
    assert {"StatefulSet", "Service"} <= {item["kind"] for item in objects_of(of_set)}
    assert "https://" in "".join(line for line in text_of(of_set).splitlines() if line.startswith("#"))
