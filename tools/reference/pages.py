"""The reference: pages of what the code says of inputs, outputs, rules and make targets."""

import inspect
import re
from pathlib import Path

from components.stateful_web import StatefulWeb, stack_config
from components.stateful_web.versions import KUBERNETES, PLUGIN, PULUMI, PYTHON
from tools.reference.entries import entry, prose
from tools.reference.inputs import config_key, docstrings
from tools.reference.inputs_page import inputs_page
from tools.reference.rules import rules

ROOT = Path(__file__).parent.parent.parent


def outputs() -> str:
    """Return the page of the outputs."""
    entries = [
        entry(f"`{name}`", [name], text.replace("``", "`"), [("In YAML and other languages", f"`{config_key(name)}`")])
        for name, text in docstrings(StatefulWeb).items()
    ]
    return "\n".join(["# Outputs", "", *entries])


def inputs_from_config() -> str:
    """Return the page of the module that reads inputs from stack config."""
    functions = (stack_config.load, stack_config.config_keys_in_errors)
    entries = [
        entry(f"`{of.__name__}({', '.join(inspect.signature(of).parameters)})`", [of.__name__], _text(of), [])
        for of in functions
    ]
    return "\n".join(["# Inputs from stack config", "", _text(stack_config), "", *entries])


def targets() -> str:
    """Return the page of the make targets."""
    found = re.findall(r"^([a-z-]+):[^#\n]*## (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    rows = [f"| `make {name}` | {_cell(text.replace('$$', '$'))} |" for name, text in found]
    return "\n".join(["# Make targets", "", "| target | does |", "|---|---|", *rows, ""])


def versions() -> str:
    """Return the page of the versions that are supported."""
    return f"# Versions\n\n{versions_table()}"


def versions_table() -> str:
    """Return what is supported, as README.md has it, too."""
    rows = [
        ("Kubernetes", ", ".join(KUBERNETES)),
        ("Pulumi SDK and engine", f"{PULUMI} and later, below 4"),
        ("kubernetes plugin and its SDK", f"{PLUGIN} and later, below 5"),
        ("Python", ", ".join(PYTHON)),
    ]
    return "\n".join(["| what | versions |", "|---|---|", *(f"| {what} | {which} |" for what, which in rows), ""])


PAGES = {
    "inputs.md": inputs_page,
    "outputs.md": outputs,
    "stack-config.md": inputs_from_config,
    "make-targets.md": targets,
    "rules.md": rules,
    "versions.md": versions,
}


def _text(documented: object) -> str:
    return str(inspect.getdoc(documented)).replace("``", "`")


def _cell(text: str) -> str:
    return prose(text).replace("|", "\\|")
