"""The example of overrides for a real cluster keeps the rules as they are configured for one."""

import pytest

from components.stateful_web.cli.project import Project
from components.stateful_web.cli.render import objects_of
from sandbox.paths import ROOT

from .packs import PACKS, judge_all
from .test_configuration import properties, read


@pytest.mark.parametrize("pack", PACKS)
def test_stack_prod_breaks_no_rule_of_prod(pack: str) -> None:
    assert (
        judge_all(
            PACKS[pack], *objects_of(Project(ROOT, "stateful-web"), "prod"), config=properties(read(pack, "prod"))
        )
        == {}
    )
