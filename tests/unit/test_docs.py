"""Texts that follow from the code, or from one another, are complete and up to date."""

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.stateful_web import stack_config
from components.stateful_web.args import KEYS
from components.stateful_web.cli import doctor, versions
from components.stateful_web.validation import validate
from sandbox.paths import ROOT
from tests.support.pages import TRANSLATED, blocks, pages
from tools.reference import pages as reference
from tools.reference import pulumi_yaml
from tools.reference.examples import EXAMPLES, example_of
from tools.reference.inputs import config_key, docstrings, inputs_of, typed_dicts
from tools.reference.inputs_page import KEYS_BY_PATH, PLACES

TUTORIAL = ROOT / "docs/tutorial.md"
HOW_TO = sorted((ROOT / "docs/how-to").glob("*.md"))
NOT_READY = ROOT / "docs/how-to/not-ready.md"
NO_FINDINGS = {
    *("FailedScheduling", "FailedToRetrieveImagePullSecret", "InspectFailed", "SuccessfulCreate"),  # events
    *("Failed", "False", "Insufficient", "PodScheduled", "Ready", "Running", "True", "Warning"),  # states
    *("OrderedReady", "RollingUpdate"),  # settings
}
"""Words of Kubernetes that doctor decides by, and does not print as the reason of a finding."""
TRANSLATIONS = sorted((ROOT / "docs").rglob(f"*{TRANSLATED}"))


def test_pulumi_yaml_declares_what_the_inputs_say() -> None:
    assert (ROOT / "Pulumi.yaml").read_text() == pulumi_yaml.generated()


def test_a_key_whose_absence_means_something_is_not_declared_with_a_default() -> None:
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    assert "replicas" not in declared, "left out, it is not the same as 1 where an autoscaler owns the count"
    assert all("default" in entry for entry in declared.values()), "without one it would be required of every stack"


@pytest.mark.parametrize("declared", typed_dicts(), ids=lambda declared: declared.__name__)
def test_every_input_says_its_meaning_and_its_default(declared: type) -> None:
    assert set(docstrings(declared)) == set(KEYS[declared])
    for found in inputs_of(declared):
        assert len(found.text) > 20
        assert found.required or "Default:" in found.text, found.key


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_of_the_reference_can_be_used(example: dict[str, Any]) -> None:
    inputs, findings = stack_config.inputs_of({"image": "web:1.0", **example})
    assert not findings
    assert not validate("web", inputs)[1]


@pytest.mark.parametrize("declared", typed_dicts(), ids=lambda declared: declared.__name__)
def test_every_input_has_an_example_in_the_reference(declared: type) -> None:
    for key in KEYS[declared]:
        paths = [(*place, key) for place in PLACES[declared]]
        assert any(example_of(tuple(map(config_key, path))) for path in paths), f"add {key} to examples.yaml"


def test_the_reference_has_an_entry_with_an_anchor_for_every_input_output_and_target() -> None:
    pages = {name: page() for name, page in reference.PAGES.items()}
    inputs = anchors(pages["inputs.md"])
    assert len(inputs) == len(set(inputs))
    assert {"storage.size", "volumes.size", "storage.storage_class_name", "probes.liveness.path"} <= set(inputs)
    for place, keys in KEYS_BY_PATH.items():
        for key in keys:
            path = (*place, key)
            assert {".".join(path), ".".join(map(config_key, path))} <= set(inputs)
    outputs = ("service_name", "namespace", "pod_hosts", "claim_names", "storage_class_name", "replicas")
    assert {*outputs, "client_service_name"} <= set(anchors(pages["outputs.md"]))
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE):
        assert target == "venv" or f"| `make {target}` |" in pages["make-targets.md"]


def test_the_reference_shows_the_words_of_a_choice_and_links_the_names_of_inputs() -> None:
    page = reference.PAGES["inputs.md"]()
    assert "- Type: `Retain` or `Delete`\n" in page
    assert "- Type: list of `IPv4` or `IPv6`\n" in page
    assert "use the input [`mount_path`](#mountPath)" in page
    assert "- In Python: <code>storage.<wbr>storage_class_name</code>" in page, "no screen breaks a key in the middle"


@pytest.mark.parametrize("name", reference.PAGES)
def test_a_row_of_the_reference_has_the_cells_of_its_table(name: str) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", reference.PAGES[name](), re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1, table


@pytest.mark.parametrize("page", HOW_TO, ids=lambda page: page.stem)
def test_a_how_to_page_says_what_it_is_for_what_it_needs_how_to_check_it_and_what_can_go_wrong(page: Path) -> None:
    title, purpose, before = page.read_text().split("\n\n")[:3]
    assert title.startswith("# ")
    assert purpose.endswith(".")
    assert before.startswith("**Before you start:**")
    assert {"## Check that it works", "## What can go wrong"} <= set(page.read_text().splitlines())


def test_every_finding_of_doctor_is_on_the_page_of_symptoms_and_every_reason_on_it_is_one_of_doctors() -> None:
    words = {word for module in (doctor, versions) for word in kubernetes_words(inspect.getsource(module))}
    rows = re.findall(r"^\| (.+) \| (.+) \| .+ \|$", NOT_READY.read_text(), re.MULTILINE)
    shown = {
        word
        for symptom, says in rows
        for word in re.findall(r"`([A-Za-z]+)`", symptom if says.startswith("the same word") else says)
    }
    assert words >= NO_FINDINGS, "a word that doctor no longer has"
    assert shown == words - NO_FINDINGS


def test_the_tutorial_is_run_with_simulated_nodes_and_on_the_real_one() -> None:
    assert TUTORIAL in pages()
    assert TUTORIAL in pages(on_node=True)
    assert all(block.runs or block.on_node for block in blocks(TUTORIAL)), "no command or output in it is left out"


@pytest.mark.parametrize("translation", TRANSLATIONS, ids=lambda page: page.name)
def test_a_translation_has_the_commands_and_outputs_of_its_original(translation: Path) -> None:
    original = translation.with_name(translation.name.replace(TRANSLATED, ".md"))
    assert list(blocks(translation)) == list(blocks(original))
    assert outline(translation) == outline(original)


def test_the_tutorial_is_translated() -> None:
    assert TUTORIAL.with_name(f"tutorial{TRANSLATED}") in TRANSLATIONS


def kubernetes_words(source: str) -> set[str]:
    """Return the texts of a module that are one word in the spelling of Kubernetes' reasons."""
    texts = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and re.fullmatch(r"[A-Z][a-z]*[A-Za-z]*[a-z]", text)}


def anchors(page: str) -> list[str]:
    """Return the anchors of a page of the reference."""
    return [
        found for pair in re.findall(r'<a id="([^"]+)">|^#+ .* { #(\S+)', page, re.MULTILINE) for found in pair if found
    ]


def outline(page: Path) -> list[str]:
    """Return the levels of a page's headings, with the blocks between them."""
    return re.findall(r"^(?:#+(?= )|```.+)", page.read_text(), re.MULTILINE)
