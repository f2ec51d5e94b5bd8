"""Entry point of the pack: serves the rules to the engine and never returns. Stdout belongs to the protocol."""

from pulumi_policy import EnforcementLevel, PolicyPack
from stateful_rules import RULES  # type: ignore[import-not-found]  # the engine puts this folder on sys.path
from stateful_rules.kit.adapter import Pack  # type: ignore[import-not-found]

if __name__ == "__main__":
    PolicyPack("stateful", Pack(RULES, remember=True).policies, enforcement_level=EnforcementLevel.MANDATORY)
