"""Programs that try to get around the pack ``stateful``, and programs in order, judged as they register their objects.

What the engine makes of the verdicts is told by ``tests/engine/test_pack_corpus.py``, with the same programs.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from pulumi_policy import PolicyResource

from policies.stateful.stateful_rules import RULES
from tests.engine.corpus import BAD, CONFIG, GOOD, case_of, declare
from tests.engine.corpus.cases import Case
from tests.policies import packs
from tests.support.fake_api_server import fake_api_server
from tests.support.monitor import Ran, Secret, run

from .harness import storage_class


def seen_by_policies(ran: Ran) -> list[PolicyResource]:
    """Return the registered objects as the engine hands them to a pack: secrets are in clear."""
    providers = {
        found.name: packs.provider(found.urn, **revealed(found.inputs))
        for found in ran.of_type("pulumi:providers:kubernetes")
    }
    made = []
    for found in ran.registrations:
        if found.type.startswith("kubernetes:"):
            of = providers.get(found.provider)
            judged = packs.resource(revealed(found.inputs), of, found.name, found.type)
            judged.urn = found.urn  # with the types that it lies in
            judged.opts.ignore_changes = list(found.ignore_changes)
            made.append(judged)
    return made


def revealed(value: Any) -> Any:
    if isinstance(value, Secret):
        return revealed(value.value)
    if isinstance(value, Mapping):
        return {key: revealed(item) for key, item in value.items()}
    return [revealed(item) for item in value] if isinstance(value, list) else value


@cache
def broken_rules() -> Mapping[str, frozenset[str]]:
    """Return the rules that each case breaks, of one program with all of them."""
    cases = [case.name for case in (*BAD, *GOOD)]
    with fake_api_server() as api:
        api.add(storage_class("standard", default=True))
        ran = run(lambda: declare(cases, "shop"), config={"kubernetes:kubeconfig": api.kubeconfig})
    assert not ran.error, ran.error
    resources = seen_by_policies(ran)
    broken: dict[str, set[str]] = {}
    for rule in RULES:
        config = CONFIG.get(rule.name)
        if rule.whole_stack:
            for _, urn in packs.judge_with_urns(rule, *resources, config=config):
                broken.setdefault(case_of(str(urn)), set()).add(rule.name)
        else:
            for resource in resources:
                if packs.judge(rule, resource, config=config):
                    broken.setdefault(case_of(resource.urn), set()).add(rule.name)
    return {case: frozenset(rules) for case, rules in broken.items()}


@pytest.mark.parametrize("case", [*BAD, *GOOD], ids=lambda case: str(case.name))
def test_a_program_breaks_these_rules_and_no_others(case: Case) -> None:
    assert broken_rules().get(case.name, frozenset()) == case.rules
