"""What a plan registers, says and refuses, input by input and answer by answer."""

import json
from dataclasses import replace
from typing import Any

import pytest

from components.stateful_web import manifests
from components.stateful_web.findings import Finding
from components.stateful_web.live import NOT_YET, Live, Recorded, Unanswered, Why
from components.stateful_web.plan import Circumstances, Plan, children, decide, plan
from components.stateful_web.storage import StorageClass
from components.stateful_web.validation import validate

STANDARD = StorageClass("standard", "driver.example", is_default=True, can_grow=True)
NO = Unanswered(Why.NOT_ALLOWED, "this account may not get it")
NOT_ASKED = Unanswered(Why.NOT_ASKED)
NOTHING = Live(classes=(STANDARD,))


def inputs(**given: Any) -> Any:
    args: Any = {"image": "web:1", "namespace": "shop", **given}
    found, findings = validate("web", args)
    assert findings == []
    return found


def a_set(*, annotations: Any = None, **given: Any) -> dict[str, Any]:
    made = manifests.stateful_set(inputs(**given))
    made = {**made, "metadata": {**made["metadata"], "uid": "m1", "annotations": annotations}}
    answer: dict[str, Any] = json.loads(json.dumps(made))  # as the API server sends it
    return answer


def a_claim(name: str, *owners_uids: str) -> dict[str, Any]:
    owners = [{"uid": uid} for uid in owners_uids] or None
    spec = {"resources": {"requests": {"storage": "1Gi"}}}
    return {"metadata": {"name": name, "ownerReferences": owners}, "spec": spec}


def sentences(lines: Any) -> list[str]:
    return [".".join(map(str, one.path)) + " " + one.problem if isinstance(one, Finding) else one for one in lines]


def warnings(made: Plan) -> list[str]:
    return sentences(made.warnings)


def findings(made: Plan) -> list[str]:
    return sentences(made.findings)


def test_nothing_is_said_of_a_first_up_that_can_be_done() -> None:
    made = plan(inputs(), NOTHING)
    assert (made.warnings, made.findings, made.patches) == ((), (), ())
    assert [child.suffix for child in made.children] == ["headless", "set"]


EVERYTHING: dict[str, Any] = {
    "create_namespace": True,
    "storage": {"create_storage_class": {"provisioner": "driver.example"}},
    "service_account": {"create": True},
    "files": [{"mount_path": "/etc/a", "content": {"a": "a"}}],
    "client_service": {},
    "network_policy": {},
    "disruption_budget": {},
}


def test_each_child_comes_after_those_that_it_needs() -> None:
    def needs(**given: Any) -> dict[str, tuple[str, ...]]:
        asked = inputs(**given)
        return {child.suffix: child.needs for child in children(asked, decide(asked, Live()))}

    all_but_the_set = ("class-data", "account", "files-0", "headless", "client", "policy", "budget")
    in_namespace = {"namespace": (), **dict.fromkeys(all_but_the_set, ("namespace",))}
    before_pods = tuple(suffix for suffix in in_namespace if suffix != "client")
    assert needs(**EVERYTHING) == {**in_namespace, "set": before_pods}
    assert needs(**{**EVERYTHING, "create_namespace": False}) == {
        **dict.fromkeys(all_but_the_set, ()),
        "set": before_pods[1:],
    }


def test_the_options_of_a_child_follow_from_what_it_is() -> None:
    asked = inputs(**EVERYTHING)
    made = children(asked, decide(asked, Live()))
    assert [child.suffix for child in made if not child.is_protected] == ["files-0"]
    assert [child.suffix for child in made if child.is_retained] == ["namespace"]
    assert {child.suffix: child.seconds for child in made if child.seconds is not None} == {"set": 600}
    assert not any(child.ignore_changes for child in made)
    scaled = inputs(**EVERYTHING, autoscaled=True)
    ignored = {child.suffix: child.ignore_changes for child in children(scaled, decide(scaled, Live()))}
    assert {suffix: fields for suffix, fields in ignored.items() if fields} == {"set": ("spec.replicas",)}


@pytest.mark.parametrize("seen", [{"stateful_set": None}, {"stateful_set": {}}, {"stateful_set": NO}])
def test_a_set_without_the_mark_has_not_been_released_by_an_autoscaler(seen: Any) -> None:
    there = a_set() if seen["stateful_set"] == {} else seen["stateful_set"]
    assert decide(inputs(), Live(there)).released is False


def test_the_count_is_taken_back_from_an_autoscaler_once_it_is_off() -> None:
    there = Live(a_set(annotations={manifests.AUTOSCALED: "true"}, replicas=5), classes=(STANDARD,))
    assert decide(inputs(), there).released is True
    assert decide(inputs(autoscaled=True), there).released is False
    assert decide(inputs(), Live(NO, NO, recorded=Recorded(there.known_set))).released is True
    left_out = Circumstances(count_given=False)
    (refused,) = findings(plan(inputs(), there, left_out))
    assert refused.startswith("replicas is missing, and an autoscaler has owned the count until now, which is 5:")
    assert findings(plan(inputs(), there)) == []
    assert findings(plan(inputs(autoscaled=True), there, left_out)) == []
    for mark in ({manifests.AUTOSCALED: "false"}, {manifests.AUTOSCALED: "zzz"}, None):
        assert findings(plan(inputs(), replace(there, stateful_set=a_set(annotations=mark)), left_out)) == []


def test_an_adopted_set_gets_the_defaults_that_it_has_a_place_for() -> None:
    bare = a_set()
    bare["spec"] = {**bare["spec"], "template": {"metadata": {}, "spec": {"containers": []}}}
    assert decide(inputs(adopt=True), Live(bare)).adopted == bare["spec"]["template"]
    assert decide(inputs(), Live(bare)).adopted is None
    assert decide(inputs(adopt=True), Live()).adopted is None


def test_a_claim_template_keeps_what_the_live_one_has_and_no_input_decides() -> None:
    there = a_set()
    (template,) = there["spec"]["volumeClaimTemplates"]
    resources = {**template["spec"]["resources"], "limits": {"storage": "9Gi"}}
    labelled = {
        "metadata": {**template["metadata"], "labels": {"a": "b"}, "annotations": {}},
        "spec": {**template["spec"], "resources": resources, "selector": {}, "volumeMode": "Filesystem"},
    }
    there["spec"] = {**there["spec"], "volumeClaimTemplates": [labelled]}
    parts = {"metadata": {"labels": {"a": "b"}}, "spec": {"selector": {}, "resources": {"limits": {"storage": "9Gi"}}}}
    assert decide(inputs(), Live(there)).kept == {"data": parts}
    assert decide(inputs(), Live(NO, NO, recorded=Recorded(there))).kept == {"data": parts}
    assert decide(inputs(), Live(a_set())).kept == {"data": {}}


# Classes


FAST = {"storage_class_name": "fast"}


@pytest.mark.parametrize(
    ("storage", "answers", "refused"),
    [
        ({}, {"classes": (STANDARD,)}, ""),
        ({}, {"classes": ()}, "storage.storage_class_name is not given, and this cluster has no default StorageClass"),
        ({"verify": False}, {"classes": ()}, ""),
        ({"storage_class_name": ""}, {"classes": ()}, ""),
        ({"storage_class_name": NOT_YET}, {"classes": ()}, ""),
        (FAST, {"classes": (STANDARD,)}, 'is "fast": this cluster has no StorageClass "fast" (it has: standard'),
        ({**FAST, "verify": False}, {"classes": (STANDARD,)}, ""),
        (FAST, {"classes": (replace(STANDARD, name="fast"),)}, ""),
        (FAST, {"classes": (replace(STANDARD, name="fast", is_default=False),)}, ""),
        (FAST, {"classes": NO, "named_classes": {"fast": STANDARD}}, ""),
        (FAST, {"classes": NO, "named_classes": {"fast": None}}, 'has no StorageClass "fast". Set one that it has'),
        ({"create_storage_class": {"provisioner": "driver.example"}}, {"classes": ()}, ""),
    ],
)
def test_a_class_that_pods_would_wait_for_is_refused(storage: Any, answers: Any, refused: str) -> None:
    asked = inputs(storage={key: value for key, value in storage.items() if value is not NOT_YET})
    if NOT_YET in storage.values():
        asked = {**asked, "storage": {**asked["storage"], **storage}}
    made = plan(asked, Live(**answers))
    assert [refused in one for one in findings(made)] == ([True] if refused else [])
    assert [line for line in warnings(made) if "not known before up" not in line] == []


def test_every_template_is_looked_at() -> None:
    logs = {"volume_name": "logs", "mount_path": "/logs", "size": "1Gi", **FAST}
    for storage in ({}, {"verify": False}, {"storage_class_name": ""}, {"storage_class_name": "standard"}):
        (refused,) = findings(plan(inputs(storage=storage, volumes=[logs]), NOTHING))
        assert refused.startswith('volumes.0.storage_class_name is "fast"')
    verified = inputs(volumes=[logs])
    at: Any = frozenset([("volumes", 0, "storage_class_name")])
    assert findings(plan(verified, NOTHING, Circumstances(classes_of_the_program=at))) == []


@pytest.mark.parametrize(
    ("storage", "what"), [({}, "The default StorageClass"), (FAST, 'StorageClass "fast"')], ids=["default", "named"]
)
def test_a_class_that_may_not_be_looked_up_is_told_of_and_no_other_answer_that_lacks(storage: Any, what: str) -> None:
    made = plan(inputs(storage=storage), Live(classes=NO))
    assert (findings(made), warnings(made)) == ([], [f"{what} was not looked up: this account may not get it."])
    for why in (Why.NOT_ASKED, Why.UNREACHABLE, Why.NOT_YET_KNOWN):
        assert plan(inputs(storage=storage), Live(classes=Unanswered(why, "why"))).warnings == ()


def test_a_class_that_a_resource_to_come_may_make_is_looked_up_by_up() -> None:
    to_come = Circumstances(still_to_come="chart")
    none = Live()
    made = plan(inputs(storage=FAST), none, to_come)
    assert findings(made) == []
    assert warnings(made) == [
        'StorageClass "fast" is not there yet, and chart may make it: up looks for it once that is there.'
    ]
    made = plan(inputs(), none, to_come)
    assert findings(made) == []
    assert warnings(made) == ["There is no default StorageClass yet, and chart may make it: up looks for it."]
    assert warnings(plan(inputs(), NOTHING, to_come)) == []


def test_further_default_classes_are_told_of() -> None:
    (told,) = warnings(plan(inputs(), Live(classes=(STANDARD, replace(STANDARD, name="zzz")))))
    assert told.startswith("This cluster has several default StorageClasses: standard")


# What is not known


UNSEEN = "Changed storage has no effect"


@pytest.mark.parametrize(
    ("why", "until"),
    [
        (
            Why.NOT_ALLOWED,
            " until this account may get statefulsets.apps and persistentvolumeclaims in namespace shop",
        ),
        (Why.UNREACHABLE, " until the cluster answers"),
        (Why.NOT_ASKED, ""),
    ],
)
def test_a_set_that_is_not_seen_keeps_its_sizes_with_a_word(why: Why, until: str) -> None:
    no = Unanswered(why, "why")
    assert warnings(plan(inputs(), Live(no, no, (STANDARD,)))) == [
        f"StatefulSet web was not looked up: why. {UNSEEN}{until}: claims stay as they are."
    ]


def test_claims_that_are_not_seen_keep_their_sizes_with_a_word() -> None:
    assert warnings(plan(inputs(), Live(None, NO, (STANDARD,)))) == [
        f"The claims of StatefulSet web were not looked up: {NO.words}. {UNSEEN} until this account may get "
        "persistentvolumeclaims in namespace shop: claims stay as they are."
    ]


def test_what_is_known_before_up_only_in_part_is_decided_by_up() -> None:
    unknown = Unanswered(NOT_YET, "namespace")
    assert warnings(plan(inputs(), Live(unknown, unknown, (STANDARD,)))) == [
        "StatefulSet web was not looked up: namespace is not known before up, which decides on claims."
    ]


def test_where_nobody_is_to_be_asked_nothing_is_said() -> None:
    assert plan(inputs(), Live(NOT_ASKED, NOT_ASKED, NOT_ASKED)).warnings == ()


def test_a_state_that_can_not_be_read_is_told_of() -> None:
    (told,) = warnings(plan(inputs(), replace(NOTHING, recorded=Recorded(unread="locked"))))
    assert told == "The stack's own state was not read: locked. Claims that have grown may be left out."


LEFT_OPEN = "is not known before up: what depends on it was not checked."


@pytest.mark.parametrize(
    "path",
    [
        ("replicas",),
        ("ordinals_start",),
        ("revision_history_limit",),
        ("update", "partition"),
        ("storage", "size"),
        ("storage", "storage_class_name"),
        ("storage", "data_source", "name"),
    ],
)
def test_an_input_that_decides_and_is_not_known_yet_is_named(path: tuple[str, ...]) -> None:
    asked = inputs(storage={"data_source": {"kind": "PersistentVolumeClaim", "name": "old"}})
    within = asked
    for key in path[:-1]:
        within[key] = within = {**within[key]}
    within[path[-1]] = NOT_YET
    made = plan(asked, NOTHING)
    assert warnings(made) == [f"{'.'.join(path)} {LEFT_OPEN}"]
    assert findings(made) == []


def test_files_that_are_not_known_yet_decide_only_where_pods_are_kept_back() -> None:
    files = [{"mount_path": f"/etc/{i}", "content": {"a": "a"}} for i in range(3)]
    asked = inputs(files=files, update={"type": "OnDelete"})
    known, part, whole = asked["files"]
    asked |= {"files": [known, {**part, "content": {"a": "a", "b": NOT_YET}}, {**whole, "content": NOT_YET}]}
    assert warnings(plan(asked, NOTHING)) == [f"files.1.content {LEFT_OPEN}", f"files.2.content {LEFT_OPEN}"]
    assert warnings(plan(asked | {"update": {"type": "RollingUpdate"}}, NOTHING)) == []


def test_what_can_not_be_seen_is_not_adopted() -> None:
    (refused,) = findings(plan(inputs(adopt=True), Live(NO, NO, (STANDARD,))))
    assert refused.startswith("adopt is true, but what is to be adopted was not looked up: this account may not get it")
    assert findings(plan(inputs(), Live(NO, NO, (STANDARD,)))) == []
    for why, words in ((Why.NOT_ASKED, ""), (Why.NOT_YET_KNOWN, "namespace")):
        unseen = Unanswered(why, words)
        assert findings(plan(inputs(adopt=True), Live(unseen, unseen, (STANDARD,)))) == []
    assert findings(plan(inputs(adopt=True), Live(a_set(), classes=(STANDARD,)))) == []


# What would be lost


FOLLOWS = Circumstances(namespace_given=False)


@pytest.mark.parametrize("seen", [{"in_default_namespace": True}, {"recorded": "default"}])
def test_a_set_in_default_does_not_follow_the_namespace_of_the_provider(seen: dict[str, Any]) -> None:
    recorded = a_set(namespace=seen["recorded"]) if "recorded" in seen else None
    there = replace(NOTHING, in_default_namespace="in_default_namespace" in seen, recorded=Recorded(recorded))
    (refused,) = findings(plan(inputs(), there, FOLLOWS))
    assert refused.startswith("namespace is not given, so it is the provider's or the context's, shop; but StatefulSet")
    assert findings(plan(inputs(), there)) == [], "it is given"
    assert findings(plan(inputs(), replace(there, stateful_set=a_set()), FOLLOWS)) == [], "the set is there, too"
    for unknown in (None, NOT_YET):
        assert findings(plan(inputs() | {"namespace": unknown}, there, FOLLOWS)) == []


@pytest.mark.parametrize("recorded", [None, "shop", "aaa", "zzz"])
def test_a_set_that_does_not_live_in_default_follows(recorded: str | None) -> None:
    there = replace(NOTHING, recorded=Recorded(a_set(namespace=recorded) if recorded else None))
    assert findings(plan(inputs(), there, FOLLOWS)) == []


def test_a_set_that_the_state_has_where_it_is_asked_for_stays_though_one_of_its_name_is_in_default() -> None:
    there = replace(NOTHING, in_default_namespace=True, recorded=Recorded(a_set()))
    assert findings(plan(inputs(), there, FOLLOWS)) == []


TAKES = {"retention": {"when_deleted": "Delete"}}
LOST = "and with retention.whenDeleted Delete Kubernetes would delete its claims "


def test_claims_that_belong_to_the_set_are_not_lost_by_replacing_it() -> None:
    claims = {"data-web-0": a_claim("data-web-0", "a0", "m1"), "other": a_claim("other", "m2"), "none": a_claim("none")}
    there = Live(a_set(**TAKES), claims, (STANDARD,))
    (refused,) = findings(plan(inputs(**TAKES, service_name="other"), there))
    assert f"{LOST}data-web-0. Set" in refused
    assert findings(plan(inputs(**TAKES), there)) == []
    for uid in ("a1", "z1"):
        others = {"data-web-0": a_claim("data-web-0", uid)}
        assert findings(plan(inputs(**TAKES, service_name="other"), replace(there, claims=others))) == []


def test_claims_that_are_not_seen_are_those_of_the_sets_pods_and_of_its_first_at_least() -> None:
    for count, names in ((2, "data-web-0, data-web-1"), (0, "data-web-0")):
        asked = inputs(**TAKES, replicas=count, service_name="other")
        before = a_set(**TAKES, replicas=count)
        for there in (Live(before, NO, (STANDARD,)), Live(NO, NO, (STANDARD,), recorded=Recorded(before))):
            (refused,) = findings(plan(asked, there))
            assert f"{LOST}{names}. Set" in refused


def test_a_set_that_is_gone_takes_nothing_with_it_and_one_of_another_name_does() -> None:
    gone = replace(NOTHING, recorded=Recorded(a_set(**TAKES)))
    assert findings(plan(inputs(**TAKES, service_name="other"), gone)) == []
    (refused,) = findings(plan(inputs(**TAKES, name="front", selector_labels={"app": "web"}), gone))
    assert refused.startswith("name changes from web to front, so the StatefulSet that is there is deleted")


def test_pods_that_are_kept_back_keep_their_files() -> None:
    files = [{"mount_path": "/etc/a", "content": {"a": "one"}}]
    kept_back = {"update": {"type": "OnDelete"}}
    there = Live(a_set(files=files), classes=(STANDARD,))
    assert findings(plan(inputs(files=files, **kept_back), there)) == []
    (refused,) = findings(plan(inputs(**kept_back), there))
    assert refused.startswith("files change, and with update.type OnDelete")


def test_an_autoscalers_count_is_the_sets_and_only_then() -> None:
    there = Live(a_set(replicas=3), {"data-web-3": a_claim("data-web-3")}, (STANDARD,))
    (told,) = warnings(plan(inputs(autoscaled=True, replicas=1, ordinals_start=1), there))
    assert "the pods leave data-web-0 behind, which nobody deletes." in told
    (told,) = warnings(plan(inputs(replicas=1, ordinals_start=1), there))
    assert "the pods leave data-web-0, data-web-2 behind, which nobody deletes." in told
    assert warnings(plan(inputs(autoscaled=True), NOTHING)) == []


BLOCK = {"size": "1Gi", "volume_mode": "Block", "device_path": "/dev/data"}


@pytest.mark.parametrize(
    ("is_now", "storage", "told"),
    [
        (None, {"size": "1Gi"}, None),
        ("Block", BLOCK, None),
        (None, BLOCK, ("Block", "Filesystem")),
        ("Block", {"size": "1Gi"}, ("Filesystem", "Block")),
    ],
)
@pytest.mark.parametrize("has_set", [True, False])
def test_claims_that_are_folders_are_no_devices_and_the_other_way_around(
    has_set: bool, is_now: str | None, storage: dict[str, Any], told: tuple[str, str] | None
) -> None:
    claims = {name: a_claim(name) for name in ("data-web-0", "data-web-1")}
    for claim in claims.values():
        claim["spec"] |= {"volumeMode": is_now} if is_now else {}
    born = a_set(storage=BLOCK if is_now else {}) if has_set else None
    made = findings(plan(inputs(storage=storage, replicas=2), replace(NOTHING, stateful_set=born, claims=claims)))
    if told is None:
        assert made == []
    else:
        wanted, has = told
        assert made == [
            f'storage.volume_mode is "{wanted}", but claim data-web-0, which the pods get, is "{has}", and Kubernetes '
            f"can not change that. Set it to {has}, or give the claim template another volumeName, for new, empty "
            "claims."
        ]
