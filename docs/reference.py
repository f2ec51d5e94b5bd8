"""The reference: what the code says of inputs, outputs, rules and make targets, as pages for ``docs.site``."""

import inspect
import json
import re
from pathlib import Path

from components.stateful_web import StatefulWeb
from components.stateful_web.versions import KUBERNETES, PLUGIN, PULUMI, PYTHON
from docs.inputs import Input, config_key, docstrings, inputs_of, typed_dicts
from docs.rules import rules

ROOT = Path(__file__).parent.parent


def inputs() -> str:
    """Return the page of the inputs."""
    return "# Inputs\n\n" + "\n".join(_table(declared) for declared in typed_dicts())


def outputs() -> str:
    """Return the page of the outputs."""
    rows = [f"| `{name}` | `{config_key(name)}` | {text} |" for name, text in docstrings(StatefulWeb).items()]
    return "\n".join(["# Outputs", "", "| Python | other languages | meaning |", "|---|---|---|", *rows, ""])


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
    "inputs.md": inputs,
    "outputs.md": outputs,
    "make-targets.md": targets,
    "rules.md": rules,
    "versions.md": versions,
}


def _table(declared: type) -> str:
    rows = [_row(found) for found in inputs_of(declared)]
    head = ["| Python | config | type | default | meaning |", "|---|---|---|---|---|"]
    return "\n".join([f"## {declared.__name__}", "", inspect.getdoc(declared) or "", "", *head, *rows, ""])


def _row(found: Input) -> str:
    default = "required" if found.required else "" if found.default is None else f"`{json.dumps(found.default)}`"
    kind = f"{found.type}, may be an output" if found.takes_output else found.type
    text = _cell(found.text.replace("``", "`"))
    return f"| `{found.key}` | `{config_key(found.key)}` | {kind} | {default} | {text} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
