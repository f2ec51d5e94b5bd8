"""Entry point of the pack: serves the rules to the engine and never returns. Stdout belongs to the protocol."""

from hardening_rules import RULES  # type: ignore[import-not-found]  # the engine puts this folder on sys.path
from hardening_rules.kit.adapter import Pack  # type: ignore[import-not-found]
from pulumi_policy import EnforcementLevel, PolicyPack

if __name__ == "__main__":
    PolicyPack("hardening", Pack(RULES, remember=True).policies, enforcement_level=EnforcementLevel.ADVISORY)
