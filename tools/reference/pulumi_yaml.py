"""The config block of Pulumi.yaml, from the component's inputs: ``python -m tools.reference.pulumi_yaml`` writes it.

Only scalar keys with a default of their own are declared: one without would be required of every stack.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

from components.stateful_web.args import StatefulWebArgs
from tools.reference.inputs import SCALARS, config_key, inputs_of

FILE = Path(__file__).parent.parent.parent / "Pulumi.yaml"
MARK = "config:\n"


def declared() -> dict[str, Any]:
    """Return the keys that Pulumi.yaml declares."""
    return {
        config_key(found.key): {"type": found.type, "description": first_sentence(found.text), "default": found.default}
        for found in inputs_of(StatefulWebArgs)
        if found.type in SCALARS.values() and found.default is not None
    }


def first_sentence(text: str) -> str:
    """Return the start of a text up to its default, without markup."""
    return text.partition(" Default:")[0].partition(" (https")[0].replace("``", "").strip()


def generated() -> str:
    """Return the whole file."""
    head = FILE.read_text().partition(MARK)[0]
    comment = "  # Written by python -m tools.reference.pulumi_yaml from components/stateful_web/args.py.\n"
    block = yaml.safe_dump(declared(), sort_keys=False, width=110, allow_unicode=True)
    return head + MARK + comment + "".join(f"  {line}\n" for line in block.splitlines())


def main() -> int:
    """Write the file, or with ``--check`` say whether it is as it should be."""
    if sys.argv[1:] == ["--check"]:
        if FILE.read_text() == generated():
            return 0
        print("Pulumi.yaml is not what the inputs say. Run: python -m tools.reference.pulumi_yaml", file=sys.stderr)
        return 1
    FILE.write_text(generated())
    return 0


if __name__ == "__main__":
    sys.exit(main())
