"""The pack ``stateful`` on the real engine, against programs that try to get around it, and programs in order.

The engine judges single resources before it asks the API server, and the program as a whole only if no resource is
denied and every dry run succeeds. So there are these previews: of all bad cases with the rules as mere advice, in a
namespace that is not there yet; of those that a rule on one resource denies, and of those that only a rule on the
whole program denies, both as users have it; and of the good ones.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import Service

from policies.stateful.stateful_rules import RULES
from sandbox.instance import Sandbox
from sandbox.paths import ROOT
from tests.engine.corpus import BAD, CONFIG, GOOD, case_of
from tests.engine.corpus.cases import Case, service, stateful_set
from tests.support.projects import Ended, Project

pytestmark = pytest.mark.extended

PACK = "policies/stateful"
OF_THE_STACK = frozenset(rule.name for rule in RULES if rule.whole_stack)
DENYING_RESOURCES = frozenset(rule.name for rule in RULES if rule.level == "mandatory") - OF_THE_STACK
DENIED_AS_RESOURCES = tuple(case for case in BAD if case.rules & DENYING_RESOURCES)
DENIED_AS_PROGRAMS = tuple(case for case in BAD if not case.rules & DENYING_RESOURCES)
NOT_THERE_YET = "not-there-yet"


@dataclass(frozen=True)
class Verdict:
    """What the engine says of a program with many cases."""

    code: int
    said: str
    rules: Mapping[str, frozenset[str]]
    """By case: the rules that it breaks."""

    levels: frozenset[str]

    @classmethod
    def read(cls, ended: Ended) -> "Verdict":
        """Read the engine's stream of events."""
        events = [json.loads(line) for line in ended.output.splitlines() if line.startswith("{")]
        found = [event["policyEvent"] for event in events if "policyEvent" in event]
        rules: dict[str, set[str]] = {}
        for violation in found:
            rules.setdefault(case_of(violation["resourceUrn"]), set()).add(violation["policyName"])
        levels = frozenset(violation["enforcementLevel"] for violation in found)
        return cls(ended.code, ended.output, {case: frozenset(names) for case, names in rules.items()}, levels)

    def of(self, case: Case) -> frozenset[str]:
        return self.rules.get(case.name, frozenset())


class Court:
    """A project whose program is a part of the corpus; each part is judged once."""

    def __init__(self, project: Project) -> None:
        project.configure({}, remove=tuple(project.config()))
        shutil.copytree(ROOT / "tests/engine/corpus", project.folder / "corpus")
        self.project = replace(project, env={**project.env, "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"})

    @cached_property
    def advice(self) -> Verdict:
        """All bad cases, judged by rules that deny nothing."""
        levels = {rule.name: {**CONFIG.get(rule.name, {}), "enforcementLevel": "advisory"} for rule in RULES}
        return self._judge(BAD, NOT_THERE_YET, levels)

    @cached_property
    def resources(self) -> Verdict:
        return self._judge(DENIED_AS_RESOURCES, NOT_THERE_YET, CONFIG)

    @cached_property
    def programs(self) -> Verdict:
        return self._judge(DENIED_AS_PROGRAMS, self.project.namespace, CONFIG)

    @cached_property
    def good(self) -> Verdict:
        return self._judge(GOOD, self.project.namespace, CONFIG)

    def declare(self, cases: tuple[Case, ...], namespace: str) -> None:
        """Make these cases the program."""
        names = [case.name for case in cases]
        self.project.program(f"from corpus import declare\n\ndeclare({names!r}, {namespace!r})\n")

    def _judge(self, cases: tuple[Case, ...], namespace: str, config: Mapping[str, Any]) -> Verdict:
        self.declare(cases, namespace)
        return Verdict.read(self.project.preview("--json", *self.pack(config), check=False))

    def pack(self, config: Mapping[str, Any] = CONFIG) -> tuple[str, ...]:
        """Return the options that name the pack and its configuration."""
        settings = self.project.folder / "pack.json"
        settings.write_text(json.dumps(config))
        return ("--policy-pack", PACK, "--policy-pack-config", str(settings))


@pytest.fixture(scope="module")
def court(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    with Project.in_new_namespace(sandbox, tmp_path_factory.mktemp("corpus") / "project") as project:
        yield Court(project)


def ids(case: Case) -> str:
    return str(case.name)


def test_the_corpus_is_large_enough_and_breaks_every_rule_that_denies() -> None:
    assert len(BAD) >= 40
    assert len(GOOD) >= 15
    assert len({case.name for case in (*BAD, *GOOD)}) == len(BAD) + len(GOOD)
    assert {rule for case in BAD for rule in case.rules} >= {rule.name for rule in RULES if rule.level == "mandatory"}


@pytest.mark.parametrize("case", BAD, ids=ids)
def test_a_bad_program_breaks_these_rules_and_no_others(court: Court, case: Case) -> None:
    assert court.advice.of(case) == case.rules


@pytest.mark.parametrize("case", DENIED_AS_RESOURCES, ids=ids)
def test_a_bad_resource_is_denied(court: Court, case: Case) -> None:
    assert court.resources.of(case) == case.rules - OF_THE_STACK


@pytest.mark.parametrize("case", DENIED_AS_PROGRAMS, ids=ids)
def test_a_bad_program_is_denied_when_it_has_ended(court: Court, case: Case) -> None:
    assert court.programs.of(case) == case.rules


@pytest.mark.parametrize("case", GOOD, ids=ids)
def test_a_good_program_is_left_alone(court: Court, case: Case) -> None:
    assert court.good.of(case) == case.rules


def test_what_is_denied_ends_with_an_error_and_what_is_not_does_not(court: Court) -> None:
    assert court.advice.code == 0
    assert court.good.code == 0, court.good.said
    for denied in (court.resources, court.programs):
        assert denied.code != 0
        assert "mandatory" in denied.levels
    assert "mandatory" not in court.advice.levels | court.good.levels


def test_no_verdict_is_of_a_resource_that_no_case_declares(court: Court) -> None:
    cases = {case.name for case in (*BAD, *GOOD)}
    for verdict in (court.advice, court.resources, court.programs, court.good):
        assert verdict.rules.keys() <= cases


def test_up_without_a_preview_has_created_all_by_the_time_a_rule_on_the_program_denies(court: Court) -> None:
    """What docs say, and why CI previews first: such a rule is asked when the program has ended."""
    (case,) = (case for case in BAD if case.name == "no-cluster-ip")
    court.declare((case,), court.project.namespace)
    ended = court.project.up(*court.pack(), check=False)
    assert ended.code != 0
    assert "headless-service" in ended.output
    assert set(court.project.list(StatefulSet)) == set(court.project.list(Service)) == {case.name}
    state = court.project.folder / "state.json"
    state.write_text(court.project.pulumi("stack", "export").output)
    assert analyze(court, state).of(case) == case.rules  # the gate finds what has slipped through


def test_up_without_a_preview_creates_nothing_of_a_resource_that_a_rule_denies(court: Court) -> None:
    (case,) = (case for case in BAD if case.name == "no-grace")
    court.declare((case,), court.project.namespace)
    ended = court.project.up(*court.pack(), check=False)
    assert ended.code != 0
    assert "graceful-termination" in ended.output
    assert case.name not in court.project.list(StatefulSet)


def analyze(court: Court, state: Path) -> Verdict:
    """Judge a state off line: no backend, no login, no cluster, no passphrase."""
    home = court.project.folder / "home"
    home.mkdir(exist_ok=True)
    # By the user database, not by HOME, the engine would find the user's own folder for its logs.
    env = {"PATH": court.project.env["PATH"], "PULUMI_HOME": str(home), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    there = replace(court.project, env=env)
    return Verdict.read(there.pulumi("policy", "analyze", "--json", "--file", str(state), *court.pack(), check=False))


def resource(resource_type: str, name: str, parent: str = "", /, **props: Any) -> dict[str, Any]:
    """Return a resource as a state has it."""
    lineage = f"{parent}$" if parent else ""
    urn = f"urn:pulumi:dev::shop::{lineage}{resource_type}::{name}"
    return {"urn": urn, "custom": True, "id": name, "type": resource_type, "inputs": props, "outputs": props}


def exported(folder: Path, *resources: dict[str, Any]) -> Path:
    """Write a state as ``pulumi stack export`` does."""
    manifest = {"time": "2026-01-01T00:00:00Z", "magic": "", "version": "v3.255.0"}
    state = folder / "state.json"
    state.write_text(json.dumps({"version": 3, "deployment": {"manifest": manifest, "resources": list(resources)}}))
    return state


def test_a_state_in_order_passes_the_gate_off_line(court: Court, tmp_path: Path) -> None:
    state = exported(
        tmp_path,
        resource("kubernetes:core/v1:Service", "db.service", **service("db", "shop")),
        resource("kubernetes:apps/v1:StatefulSet", "db", **stateful_set("db", "shop")),
    )
    verdict = analyze(court, state)
    assert (verdict.code, verdict.rules) == (0, {}), verdict.said


SETS_IN_A_STATE = (
    ("kubernetes:apps/v1:StatefulSet", ""),
    ("kubernetes:apps/v1:StatefulSet", "acme:index:Database"),
    ("kubernetes:apps/v1:StatefulSet", "kubernetes:helm.sh/v4:Chart"),
    ("kubernetes:apps/v1:StatefulSet", "kubernetes:yaml/v2:ConfigFile"),
    ("kubernetes:apps/v1beta1:StatefulSet", ""),
    ("kubernetes:apps/v1beta2:StatefulSet", ""),
    ("kubernetes:apps/v1:StatefulSetPatch", ""),
)
"""Types, each with that of a parent."""


def test_a_bad_set_in_a_state_is_found_off_line(court: Court, tmp_path: Path) -> None:
    names = [f"db-{n}" for n in range(len(SETS_IN_A_STATE))]
    services = [resource("kubernetes:core/v1:Service", f"{name}.service", **service(name, "shop")) for name in names]
    sets = [
        resource(resource_type, name, parent, **stateful_set(name, "shop", {"terminationGracePeriodSeconds": 0}))
        for name, (resource_type, parent) in zip(names, SETS_IN_A_STATE, strict=True)
    ]
    verdict = analyze(court, exported(tmp_path, *services, *sets))
    assert verdict.code != 0
    assert verdict.rules == {name: {"graceful-termination"} for name in names}


def test_lists_and_other_spellings_of_a_service_are_judged_off_line(court: Court, tmp_path: Path) -> None:
    kept, lost = stateful_set("kept", "shop"), stateful_set("lost", "shop", volumeClaimTemplates=[])
    lost["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] = []
    state = exported(
        tmp_path,
        resource("kubernetes:core/v1:ServiceList", "services", items=[service("kept", "shop")]),
        resource("kubernetes:v1:Service", "lost-service", **service("lost", "shop", {"clusterIP": "10.0.0.7"})),
        resource("kubernetes:apps/v1:StatefulSetList", "sets", items=[kept, lost]),
        resource("kubernetes:helm.sh/v3:Release", "opaque", name="opaque", chart="postgresql"),
    )
    assert analyze(court, state).rules == {
        "lost-service": {"headless-service"},
        "sets": {"volume-claim-templates-required"},
        "opaque": {"no-opaque-release"},
    }
