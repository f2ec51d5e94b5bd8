"""The reference of the rules says all there is to say, and its examples do what it says."""

import re
from typing import Any

import pytest
import yaml

from policies import admission
from tools.reference import pages, rules
from tools.reference.entries import prose

from .packs import PACKS, judge

PAGE = pages.PAGES["rules.md"]()
SECTIONS = {
    (pack, name): section
    for pack, of_pack in re.findall(r"^## Pack (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    for name, section in re.findall(r"^### (\S+) {[^}]*}\n(.*?)(?=^### |\Z)", of_pack, re.MULTILINE | re.DOTALL)
}

every_rule = pytest.mark.parametrize(
    ("pack", "rule"), [pytest.param(pack, rule, id=f"{pack}/{rule.name}") for pack in PACKS for rule in PACKS[pack]]
)


def example(section: str, title: str) -> list[Any]:
    found = re.search(rf"^{title}:\n\n```yaml\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found
    return list(yaml.safe_load_all(found.group(1)))


def test_it_has_every_rule_in_order() -> None:
    assert list(SECTIONS) == [(pack, rule.name) for pack in PACKS for rule in PACKS[pack]]


@every_rule
def test_a_rule_is_described_in_full(pack: str, rule: Any) -> None:
    section = SECTIONS[pack, rule.name]
    for text in (rule.description, rule.remediation, f"Level: {rule.level}", f"Severity: {rule.severity}"):
        assert prose(text) in section
    for name, schema in rule.properties.items():
        assert f'<a id="{rule.name}.{name}"></a>`{name}`: ' in section
        assert prose(schema["description"]) in section
    for name, table in rule.tables.items():
        assert f'<a id="{rule.name}.{name}"></a>`{name}`: ' in section
        assert all(f"`{entry}`" in section for entry in table.entries)
    assert all(f"> {prose(message)}" in section for message in rules.messages(rule)[:1])


@every_rule
def test_its_examples_do_what_they_say(pack: str, rule: Any) -> None:
    section = SECTIONS[pack, rule.name]
    assert judge(rule, *example(section, "Passes"), config=rule.example_config) == []
    assert judge(rule, *example(section, "Fails"), config=rule.example_config)


def test_it_says_what_the_cluster_can_judge() -> None:
    for rule in PACKS["stateful"]:
        section = SECTIONS["stateful", rule.name]
        assert ("In the cluster: yes" in section) == (rule.name in admission.TWINS)
        assert admission.WITHOUT.get(rule.name, "") in section


def test_no_text_of_the_page_is_taken_for_a_tag_of_html() -> None:
    words = re.sub(r"```.*?```|`[^`]*`", "", PAGE, flags=re.DOTALL)
    assert re.findall("<[^ ]+", words)
    assert not re.findall(r"<(?!a id=|/a>|https://)[^ ]+", words)
