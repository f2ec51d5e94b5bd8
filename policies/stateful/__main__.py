"""Entry point of the pack: serves the rules to the engine and never returns. Stdout belongs to the protocol."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# In the repository, packs share policies/kit. `make packs` assembles a pack that has it beside this file.
ROOT = HERE if (HERE / "policies").is_dir() else HERE.parents[1]
if not (ROOT / "policies" / "kit").is_dir():
    sys.exit(
        f"{HERE} is a part of a policy pack: policies/kit is missing. Use dist/packs/stateful, made by `make packs`."
    )
sys.path.insert(1, str(ROOT))

from pulumi_policy import EnforcementLevel, PolicyPack

from policies.kit.adapter import Pack
from policies.stateful.stateful_rules import RULES

if __name__ == "__main__":
    PolicyPack("stateful", Pack(RULES, remember=True).policies, enforcement_level=EnforcementLevel.MANDATORY)
