"""What each kind of change does to pods and data, in the words of the forecast."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from components.stateful_web.cli.claim_changes import Claim, ClaimChange
from components.stateful_web.cli.forecast import (
    Forecast,
    Live,
    Plan,
    forecast,
    replaced_provider,
    worst_first,
)

OLD: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": {"name": "web", "namespace": "default", "labels": {"app": "nginx"}},
    "spec": {
        "replicas": 3,
        "serviceName": "nginx",
        "selector": {"matchLabels": {"app": "nginx"}},
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        "template": {
            "metadata": {"labels": {"app": "nginx"}},
            "spec": {"containers": [{"name": "nginx", "image": "nginx:1"}]},
        },
        "volumeClaimTemplates": [
            {
                "metadata": {"name": "www"},
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "storageClassName": "slow",
                    "resources": {"requests": {"storage": "1Gi"}},
                },
            }
        ],
    },
}
CLAIMS = {f"www-web-{ordinal}": Claim("1Gi") for ordinal in range(3)}
LIVE = Live(3, CLAIMS, frozenset())
LOGS = {"metadata": {"name": "logs"}, "spec": {"resources": {"requests": {"storage": "5Gi"}}}}
NGINX_IMAGE = "spec.template.spec.containers[0].image"
ORPHANED = {"metadata.annotations": {"pulumi.com/deletionPropagationPolicy": "orphan"}}
TO_DELETE = {"spec.persistentVolumeClaimRetentionPolicy.whenDeleted": "Delete"}


def changed(inputs: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs with some fields set; numbers lead into lists, ``None`` removes."""
    made: Any = copy.deepcopy(inputs)
    for path, value in changes.items():
        parts: list[Any] = [int(part) if part.isdigit() else part for part in path.split(".")]
        *parents, last = parts
        target = made
        for part in parents:
            target = target[part] if isinstance(target, list) else target.setdefault(part, {})
        if value is None:
            del target[last]
        elif isinstance(target, list) and last == len(target):
            target.append(value)
        else:
            target[last] = value
    return made  # type: ignore[no-any-return]


def grown(claim: str, old: str | None, new: str) -> ClaimChange:
    return ClaimChange(claim, Claim(old) if old else None, Claim(new))


def classed(claim: str, old: str | None, new: str) -> ClaimChange:
    return ClaimChange(claim, Claim("1Gi", old), Claim("1Gi", new))


def updated(
    changes: Mapping[str, Any], *paths: str, of: Mapping[str, Any] | None = None, live: Live | None = LIVE
) -> Forecast:
    old = changed(OLD, of or {})
    return forecast(old, changed(old, changes), Plan("update", paths or tuple(changes)), live)


def replaced(
    changes: Mapping[str, Any], *paths: str, of: Mapping[str, Any] | None = None, live: Live | None = LIVE
) -> Forecast:
    old = changed(OLD, of or {})
    return forecast(old, changed(old, changes), Plan("replace", paths, paths), live)


@pytest.mark.parametrize(
    ("changes", "paths", "headline"),
    [
        pytest.param({"metadata.labels.team": "a"}, (), "no pod is touched (labels.team)", id="label of the set alone"),
        pytest.param(
            {"metadata.labels.team": "a", "spec.template.metadata.labels.team": "a"},
            (),
            "updates 3 pods one by one (labels.team)",
            id="label of set and pods",
        ),
        pytest.param({"metadata.annotations.a": "b"}, (), "no pod is touched (annotations.a)", id="annotation"),
        pytest.param(
            {"spec.template.spec.containers.0.image": "nginx:2"},
            (NGINX_IMAGE,),
            "updates 3 pods one by one (containers[0].image)",
            id="image",
        ),
        pytest.param(
            {"spec.template.spec.containers.0.env": [{"name": "KEY", "value": "s3cret"}]},
            ("spec.template.spec.containers[0].env",),
            "updates 3 pods one by one (containers[0].env)",
            id="env, whose value is not shown",
        ),
        pytest.param({"spec.replicas": 5}, (), "adds 2 pods (web-3, web-4)", id="replicas up"),
        pytest.param({"spec.replicas": 1}, (), "removes 2 pods (web-2, web-1), keeps claims", id="replicas down"),
        pytest.param(
            {"spec.replicas": 0}, (), "stops all 3 pods (replicas 3 → 0), keeps claims", id="replicas to zero"
        ),
        pytest.param({"spec.replicas": 12}, (), "adds 9 pods (web-3 to web-11)", id="many replicas"),
        pytest.param(
            {"spec.replicas": 2, "spec.template.spec.containers.0.image": "nginx:2"},
            ("spec.replicas", NGINX_IMAGE),
            "updates 2 pods one by one (containers[0].image); removes 1 pod (web-2), keeps claims",
            id="image and replicas down",
        ),
        pytest.param(
            {"spec.replicas": 1, "spec.persistentVolumeClaimRetentionPolicy.whenScaled": "Delete"},
            (),
            "removes 2 pods (web-2, web-1), and Kubernetes deletes their claims with the data",
            id="replicas down with whenScaled Delete",
        ),
        pytest.param(
            {
                "spec.template.spec.containers.0.image": "nginx:2",
                "spec.updateStrategy": {"rollingUpdate": {"partition": 2}},
            },
            (NGINX_IMAGE, "spec.updateStrategy"),
            "updates 1 of 3 pods: web-2 (containers[0].image)",
            id="image with a partition",
        ),
        pytest.param(
            {
                "spec.template.spec.containers.0.image": "nginx:2",
                "spec.updateStrategy": {"rollingUpdate": {"partition": 3}},
            },
            (NGINX_IMAGE,),
            "no pod is touched: partition 3 holds them all back",
            id="image with a partition above all",
        ),
        pytest.param(
            {
                "spec.template.spec.containers.0.image": "nginx:2",
                "spec.updateStrategy": {"rollingUpdate": {"maxUnavailable": 2}},
            },
            (NGINX_IMAGE,),
            "updates 3 pods, at most 2 at a time (containers[0].image)",
            id="image with maxUnavailable",
        ),
        pytest.param(
            {"spec.template.spec.containers.0.image": "nginx:2", "spec.updateStrategy": {"type": "OnDelete"}},
            (NGINX_IMAGE, "spec.updateStrategy"),
            "no pod is touched: with OnDelete each gets the change when it is deleted",
            id="image with OnDelete",
        ),
        pytest.param(
            {"spec.updateStrategy": {"type": "OnDelete"}}, (), "no pod is touched (updateStrategy)", id="OnDelete"
        ),
        pytest.param(
            {"spec.persistentVolumeClaimRetentionPolicy.whenScaled": "Delete"},
            (),
            "no pod is touched (persistentVolumeClaimRetentionPolicy.whenScaled)",
            id="retention",
        ),
        pytest.param({"spec.minReadySeconds": 5}, (), "no pod is touched (minReadySeconds)", id="minReadySeconds"),
        pytest.param(
            {"spec.ordinals": {"start": 2}},
            (),
            "removes 2 pods (web-1, web-0), keeps claims; adds 2 pods (web-3, web-4)",
            id="other ordinals",
        ),
        pytest.param(
            {"spec.ordinals": {"start": 10}},
            (),
            "stops all 3 pods (web-2, web-1, web-0), keeps claims; adds 3 pods (web-10, web-11, web-12)",
            id="all other ordinals",
        ),
    ],
)
def test_an_update_in_place_says_which_pods_it_touches(
    changes: dict[str, Any], paths: tuple[str, ...], headline: str
) -> None:
    assert updated(changes, *paths).headline == headline


@pytest.mark.parametrize(
    ("changes", "path", "headline", "way"),
    [
        pytest.param(
            {"spec.serviceName": "other"},
            "spec.serviceName",
            "replaces StatefulSet web (serviceName changed): stops all 3 pods, keeps claims",
            "kubectl rollout restart statefulset/web --namespace default",
            id="serviceName, whose adopted pods keep their subdomain",
        ),
        pytest.param(
            {"spec.podManagementPolicy": "Parallel"},
            "spec.podManagementPolicy",
            "replaces StatefulSet web (podManagementPolicy changed): stops all 3 pods, keeps claims",
            "the new set adopts the running pods",
            id="podManagementPolicy",
        ),
        pytest.param(
            {"spec.revisionHistoryLimit": 3},
            "spec.revisionHistoryLimit",
            "replaces StatefulSet web (revisionHistoryLimit changed): stops all 3 pods, keeps claims",
            "the new set adopts the running pods",
            id="revisionHistoryLimit",
        ),
        pytest.param(
            {"spec.volumeClaimTemplates.0.spec.storageClassName": "fast"},
            "spec.volumeClaimTemplates[0].spec.storageClassName",
            "replaces StatefulSet web (volumeClaimTemplates changed): stops all 3 pods, keeps claims",
            "Claims that exist keep class slow; only claims made from now on get class fast.",
            id="class",
        ),
        pytest.param(
            {"spec.volumeClaimTemplates.0.spec.storageClassName": None},
            "spec.volumeClaimTemplates[0].spec.storageClassName",
            "replaces StatefulSet web (volumeClaimTemplates changed): stops all 3 pods, keeps claims",
            "Claims that exist keep class slow; only claims made from now on get the cluster's default class.",
            id="no class",
        ),
        pytest.param(
            {"spec.volumeClaimTemplates.0.spec.resources.requests.storage": "2Gi"},
            "spec.volumeClaimTemplates[0].spec.resources.requests.storage",
            "replaces StatefulSet web (volumeClaimTemplates changed): stops all 3 pods, keeps claims",
            "Claims that exist keep their size; only claims made from now on request 2Gi.",
            id="size in the template",
        ),
        pytest.param(
            {"spec.volumeClaimTemplates.1": LOGS},
            "spec.volumeClaimTemplates[1]",
            "replaces StatefulSet web (volumeClaimTemplates changed): stops all 3 pods, keeps claims",
            "kubectl delete pod web-0 web-1 web-2 --namespace default",
            id="claim template added, whose volume adopted pods lack",
        ),
        pytest.param(
            {"spec.volumeClaimTemplates.0": LOGS},
            "spec.volumeClaimTemplates[0].metadata.name",
            "replaces StatefulSet web (volumeClaimTemplates changed): stops all 3 pods, keeps claims",
            "The claims of template www stay, and no pod mounts them any more.",
            id="claim template renamed",
        ),
        pytest.param(
            {"spec.selector.matchLabels.app": "other"},
            "spec.selector.matchLabels.app",
            "replaces StatefulSet web (selector changed): stops all 3 pods, keeps claims",
            "There is no way without the stop: pods belong to a set by its selector",
            id="selector",
        ),
        pytest.param(
            {"metadata.name": "shop"},
            "metadata.name",
            "replaces StatefulSet web (name changed): stops all 3 pods, keeps claims",
            "There is no way without the stop: pods and claims are named after their set.",
            id="name",
        ),
        pytest.param(
            {"metadata.namespace": "shop"},
            "metadata.namespace",
            "replaces StatefulSet web (namespace changed): stops all 3 pods, keeps claims",
            "There is no way without the stop: pods and claims can't move to another namespace.",
            id="namespace",
        ),
    ],
)
def test_a_replacement_names_the_field_what_stops_and_the_way_without(
    changes: dict[str, Any], path: str, headline: str, way: str
) -> None:
    found = replaced(changes, path)
    assert found.headline == headline
    assert found.stops_all_pods
    assert not found.deletes_claims
    assert any(way in detail for detail in found.details), found.details


def test_a_new_name_starts_with_empty_claims() -> None:
    found = replaced({"metadata.name": "shop"}, "metadata.name")
    assert found.details[:2] == ("default/shop starts with claims of its own.", "3 new claims, empty (1Gi).")


def test_the_way_without_a_stop_is_one_to_copy() -> None:
    way = replaced({"spec.podManagementPolicy": "Parallel"}, "spec.podManagementPolicy").details[0]
    assert "pulumi config set --path 'annotations[\"pulumi.com/deletionPropagationPolicy\"]' orphan, pulumi up" in way


def test_the_adopted_pods_of_a_replacement_with_another_image_are_updated() -> None:
    found = replaced({"spec.podManagementPolicy": "Parallel"}, "spec.podManagementPolicy", NGINX_IMAGE)
    assert found.details[1] == "The adopted pods are then updated, since their template changes as well."


def test_several_replacing_fields_are_all_named() -> None:
    found = replaced({"spec.serviceName": "other"}, "spec.serviceName", "spec.selector.matchLabels.app")
    assert found.headline.startswith("replaces StatefulSet web (serviceName, selector changed)")
    assert found.details == (
        "There is no way without the stop: pods belong to a set by its selector, and a set with another one does not "
        "know them.",
    )


def test_with_the_orphan_annotation_in_the_state_a_replacement_stops_nothing() -> None:
    found = replaced({"spec.podManagementPolicy": "Parallel"}, "spec.podManagementPolicy", of=ORPHANED)
    assert found.headline == (
        "replaces StatefulSet web (podManagementPolicy changed): no pod stops, the new set adopts 3 pods"
    )
    assert not found.stops_all_pods
    assert found.details[-1].startswith("Afterwards: pulumi config rm")


def test_the_orphan_annotation_added_with_the_change_itself_helps_nothing() -> None:
    found = replaced({**ORPHANED, "spec.serviceName": "other"}, "spec.serviceName")
    assert found.stops_all_pods


def test_orphaned_pods_that_nothing_adopts_are_told_of() -> None:
    found = replaced({"metadata.name": "shop"}, "metadata.name", of=ORPHANED)
    assert (
        found.headline == "replaces StatefulSet web (name changed): leaves its 3 pods running, and nothing adopts them"
    )


def test_a_replacement_with_when_deleted_delete_says_that_kubernetes_deletes_the_claims() -> None:
    found = replaced({"spec.serviceName": "other"}, "spec.serviceName", of=TO_DELETE)
    assert found.headline.endswith("stops all 3 pods, and Kubernetes deletes their claims with the data")
    assert found.deletes_claims
    assert found.details[0].startswith("Kubernetes deletes claims www-web-0, www-web-1, www-web-2 with the set,")
    assert "pulumi config set --path retention.whenDeleted Retain" in found.details[0]


def test_the_claims_of_a_set_that_has_deleted_them_so_far_are_lost_whatever_the_change_asks_for() -> None:
    changes = {"spec.serviceName": "other", "spec.persistentVolumeClaimRetentionPolicy.whenDeleted": "Retain"}
    assert replaced(changes, "spec.serviceName", of=TO_DELETE).deletes_claims


def test_a_set_whose_provider_is_replaced_has_no_way_of_its_own_without_a_stop() -> None:
    found = replaced({}, "provider")
    assert found.headline == "replaces StatefulSet web (provider changed): stops all 3 pods, keeps claims"
    assert (found.details, found.stops_all_pods, found.deletes_claims) == ((), True, False)


def test_a_set_whose_provider_is_replaced_says_that_its_claims_go_if_they_do() -> None:
    found = replaced({}, "provider", of=TO_DELETE)
    assert found.headline.endswith("stops all 3 pods, and Kubernetes deletes their claims with the data")
    assert [detail.partition(" ")[0] for detail in found.details] == ["Kubernetes"]
    assert (found.stops_all_pods, found.deletes_claims) == (True, True)


def test_pods_of_a_set_whose_provider_is_replaced_are_not_adopted_on_another_cluster() -> None:
    found = replaced({}, "provider", of=ORPHANED)
    assert found.headline == (
        "replaces StatefulSet web (provider changed): leaves its 3 pods running, and nothing adopts them"
    )
    assert "pods can't move to another cluster" in found.details[0]


KEPT, LOST = replaced({}, "provider"), replaced({}, "provider", of=TO_DELETE)
AVOIDED = "To avoid it: first one pulumi up with clusterIdentifier alone, then this change"


@pytest.mark.parametrize(
    ("because", "known", "sets", "headline"),
    [
        (["kubeconfig"], True, [KEPT], f"since its kubeconfig changed; claims stay. {AVOIDED}"),
        (
            ["context", "kubeconfig"],
            True,
            [KEPT, LOST],
            f"since its context, kubeconfig changed; Kubernetes deletes the claims of default/web with the data. "
            f"{AVOIDED}",
        ),
        (["kubeconfig"], False, [KEPT], f"since its kubeconfig is not known before up; claims stay. {AVOIDED}"),
        ([], True, [], f"since they get another provider. {AVOIDED}"),
        (
            ["clusterIdentifier", "kubeconfig"],
            True,
            [KEPT],
            "since its clusterIdentifier, kubeconfig changed; claims stay. To avoid it: keep the clusterIdentifier",
        ),
    ],
    ids=["kubeconfig", "claims go, too", "not known yet", "another provider", "clusterIdentifier"],
)
def test_a_replaced_provider_says_first_that_all_its_objects_are_and_how_to_avoid_it(
    because: list[str], known: bool, sets: list[Forecast], headline: str
) -> None:
    found = replaced_provider("default_4_34_2", because, known, sets)
    assert (found.namespace, found.name, found.op) == ("", "default_4_34_2", "replace")
    assert found.headline == f"all objects would be deleted and created again, {headline}"
    assert found.stops_all_pods == bool(sets)
    assert found.deletes_claims == (LOST in sets)


def test_the_way_to_keep_a_provider_is_by_config_for_a_default_one_and_by_its_input_for_another() -> None:
    command = "Undo this change, pulumi config set kubernetes:clusterIdentifier my-cluster, pulumi up."
    assert replaced_provider("default_4_34_2", ["kubeconfig"], True, [KEPT]).details[0].startswith(command)
    words = "Undo this change, give provider mine the input clusterIdentifier, pulumi up."
    assert replaced_provider("mine", ["kubeconfig"], True, [KEPT]).details[0].startswith(words)
    assert len(replaced_provider("mine", ["clusterIdentifier"], True, [KEPT]).details) == 2


def test_asking_for_when_deleted_delete_touches_nothing_and_warns() -> None:
    found = updated(TO_DELETE)
    assert found.headline == "no pod is touched (persistentVolumeClaimRetentionPolicy.whenDeleted)"
    assert found.details == ("From then on Kubernetes deletes the claims with the set: when it is replaced, too.",)


@pytest.mark.parametrize(
    ("outdated", "headline"),
    [
        (frozenset({0, 1}), "updates 2 of 3 pods one by one: web-1, web-0 (updateStrategy.rollingUpdate.partition)"),
        (frozenset({0}), "updates 1 of 3 pods: web-0 (updateStrategy.rollingUpdate.partition)"),
        (frozenset(), "no pod is touched (updateStrategy.rollingUpdate.partition)"),
        (None, "updates 2 of 3 pods one by one: web-1, web-0 (updateStrategy.rollingUpdate.partition)"),
    ],
)
def test_a_lower_partition_updates_the_pods_that_it_held_back(outdated: frozenset[int] | None, headline: str) -> None:
    path = "spec.updateStrategy.rollingUpdate.partition"
    assert updated({path: 0}, of={path: 2}, live=Live(3, CLAIMS, outdated)).headline == headline


def test_a_lower_partition_is_the_reason_and_not_what_the_plugin_waits_for() -> None:
    strategy, waits_for = "spec.updateStrategy.rollingUpdate.partition", "metadata.annotations.wait"
    found = updated({waits_for: "two", strategy: 1}, of={waits_for: "one", strategy: 2}, live=Live(3, CLAIMS))
    assert found.headline == "updates 1 of 3 pods: web-1 (updateStrategy.rollingUpdate.partition)"


FROM_3 = {"spec.ordinals": {"start": 3}, "spec.replicas": 2}


def test_a_partition_counts_from_the_first_ordinal() -> None:
    of = {**FROM_3, "spec.updateStrategy": {"rollingUpdate": {"partition": 1}}}
    found = updated({"spec.template.spec.containers.0.image": "nginx:2"}, NGINX_IMAGE, of=of, live=Live(2, {}))
    assert found.headline == "updates 1 of 2 pods: web-4 (containers[0].image)"


def test_a_lower_partition_updates_pods_that_it_held_back_counted_from_the_first_ordinal() -> None:
    path = "spec.updateStrategy.rollingUpdate.partition"
    found = updated({path: 0}, of={**FROM_3, path: 1}, live=Live(2, {}))
    assert found.headline == "updates 1 of 2 pods: web-3 (updateStrategy.rollingUpdate.partition)"


def test_leaving_on_delete_updates_the_pods_that_nobody_deleted() -> None:
    found = updated({"spec.updateStrategy.type": "RollingUpdate"}, of={"spec.updateStrategy.type": "OnDelete"})
    assert found.headline == "no pod is touched (updateStrategy.type)"
    found = updated(
        {"spec.updateStrategy.type": "RollingUpdate"},
        of={"spec.updateStrategy.type": "OnDelete"},
        live=Live(3, CLAIMS, frozenset({1, 2})),
    )
    assert found.headline == "updates 2 of 3 pods one by one: web-2, web-1 (updateStrategy.type)"


def test_on_delete_gives_the_command_that_makes_pods_anew() -> None:
    found = updated(
        {"spec.template.spec.containers.0.image": "nginx:2"}, NGINX_IMAGE, of={"spec.updateStrategy.type": "OnDelete"}
    )
    assert found.details == ("kubectl delete pod web-2 web-1 web-0 --namespace default",)


def test_an_only_pod_that_is_updated_leaves_nobody_to_answer() -> None:
    found = updated(
        {"spec.template.spec.containers.0.image": "nginx:2"},
        NGINX_IMAGE,
        of={"spec.replicas": 1},
        live=Live(1, CLAIMS, frozenset()),
    )
    assert found.headline == "updates 1 pod, the only one: none answers meanwhile (containers[0].image)"


def test_returning_pods_get_the_claims_that_stayed() -> None:
    claims = {f"www-web-{ordinal}": Claim("1Gi") for ordinal in range(4)}
    found = updated({"spec.replicas": 5}, live=Live(3, claims, frozenset()))
    assert found.details == ("claim www-web-3 is there already and used again.", "1 new claim, empty (1Gi).")


def test_the_count_is_that_of_the_cluster_where_an_autoscaler_owns_it() -> None:
    found = updated(
        {"spec.template.spec.containers.0.image": "nginx:2"}, NGINX_IMAGE, live=Live(7, CLAIMS, frozenset())
    )
    assert found.headline == "updates 7 pods one by one (containers[0].image)"


def test_without_a_look_at_the_cluster_the_state_is_believed() -> None:
    assert updated({"spec.replicas": 1}, live=None).headline == "removes 2 pods (web-2, web-1), keeps claims"


@pytest.mark.parametrize(
    ("claims", "headline"),
    [
        ([grown(name, "1Gi", "2Gi") for name in CLAIMS], "grows 3 claims 1Gi → 2Gi, no pod restarts"),
        ([grown("www-web-0", "1Gi", "2Gi")], "grows 1 claim 1Gi → 2Gi, no pod restarts"),
        (
            [grown("www-web-0", "1Gi", "3Gi"), grown("www-web-1", "2Gi", "3Gi")],
            "grows 1 claim 1Gi → 3Gi and 1 claim 2Gi → 3Gi, no pod restarts",
        ),
        ([grown("www-web-3", None, "2Gi")], "no pod is touched"),
        ([grown("www-web-0", "2Gi", "2Gi")], "no pod is touched"),
        ([classed(name, None, "gold") for name in CLAIMS], "changes the class of 3 claims to gold, no pod restarts"),
        (
            [grown("www-web-0", "1Gi", "2Gi"), classed("www-web-1", "slow", "gold")],
            "grows 1 claim 1Gi → 2Gi; changes the class of 1 claim to gold, no pod restarts",
        ),
    ],
)
@pytest.mark.parametrize("op", ["same", "update"])
def test_claims_that_resources_of_their_own_change_are_counted(
    op: str, claims: list[ClaimChange], headline: str
) -> None:
    assert forecast(OLD, OLD, Plan(op, claims=claims), LIVE).headline == headline


def test_growth_beside_a_rollout_does_not_deny_the_rollout() -> None:
    plan = Plan("update", [NGINX_IMAGE], claims=[grown("www-web-0", "1Gi", "2Gi")])
    assert forecast(OLD, OLD, plan, LIVE).headline == (
        "updates 3 pods one by one (containers[0].image); grows 1 claim 1Gi → 2Gi"
    )


def test_the_claims_of_new_pods_are_as_large_as_their_patch_makes_them() -> None:
    plan = Plan("update", ["spec.replicas"], claims=[grown("www-web-3", None, "2Gi")])
    found = forecast(OLD, changed(OLD, {"spec.replicas": 4}), plan, LIVE)
    assert (found.headline, found.details) == ("adds 1 pod (web-3)", ("1 new claim, empty (2Gi).",))


def test_claims_of_an_earlier_life_that_grow_as_the_set_is_created_are_told() -> None:
    plan = Plan("create", claims=[grown(name, "1Gi", "2Gi") for name in CLAIMS])
    assert forecast(None, OLD, plan, Live(None, CLAIMS)).details[-1] == "It grows 3 claims 1Gi → 2Gi."


def test_no_change_touches_nothing() -> None:
    assert forecast(OLD, OLD, Plan("same"), LIVE).headline == "no pod is touched"


@pytest.mark.parametrize(
    ("changes", "headline"),
    [
        ({}, "creates StatefulSet web: starts 3 pods one by one"),
        ({"spec.podManagementPolicy": "Parallel"}, "creates StatefulSet web: starts 3 pods all at once"),
        ({"spec.replicas": 1}, "creates StatefulSet web: starts 1 pod"),
        ({"spec.replicas": None}, "creates StatefulSet web: starts 1 pod"),
        ({"spec.replicas": 0}, "creates StatefulSet web without pods"),
        (
            {"spec.replicas": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"},
            "creates StatefulSet web: how many pods it starts is known only then",
        ),
    ],
)
def test_a_creation_says_how_many_pods_start_and_how(changes: dict[str, Any], headline: str) -> None:
    assert forecast(None, changed(OLD, changes), Plan("create"), Live(None, {})).headline == headline


def test_a_creation_after_a_destroy_finds_the_claims_of_its_earlier_life() -> None:
    found = forecast(None, OLD, Plan("create"), Live(None, {"www-web-0": Claim("1Gi"), "www-web-1": Claim("1Gi")}))
    assert found.details == (
        "claims www-web-0, www-web-1 are there already and used again.",
        "1 new claim, empty (1Gi).",
    )


def test_a_creation_of_what_exists_is_a_take_over() -> None:
    found = forecast(None, OLD, Plan("create"), LIVE)
    assert found.headline == "takes over StatefulSet web, which is on the cluster already"


@pytest.mark.parametrize(
    ("changes", "plan", "headline", "stops", "loses"),
    [
        ({}, Plan("delete"), "deletes StatefulSet web: stops all 3 pods, keeps claims", True, False),
        (
            TO_DELETE,
            Plan("delete"),
            "deletes StatefulSet web: stops all 3 pods, and Kubernetes deletes their claims with the data",
            True,
            True,
        ),
        (
            ORPHANED,
            Plan("delete"),
            "deletes StatefulSet web, and its 3 pods keep running, as its annotation says",
            False,
            False,
        ),
        (
            {},
            Plan("delete", forgotten=True),
            "drops StatefulSet web from the state only: no pod is touched",
            False,
            False,
        ),
    ],
)
def test_a_deletion_says_what_becomes_of_pods_and_claims(
    changes: dict[str, Any], plan: Plan, headline: str, stops: bool, loses: bool
) -> None:
    found = forecast(changed(OLD, changes), None, plan, LIVE)
    assert (found.headline, found.stops_all_pods, found.deletes_claims) == (headline, stops, loses)


def test_secret_parts_of_the_inputs_are_neither_shown_nor_in_the_way() -> None:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
    new = changed(OLD, {"spec.template.spec.containers": secret, "spec.volumeClaimTemplates": secret})
    found = forecast(OLD, new, Plan("update", [NGINX_IMAGE]), LIVE)
    assert found.headline == "updates 3 pods one by one (containers[0].image)"
    assert "ciphertext" not in repr(found)


def test_pods_that_exist_but_by_another_name_in_the_cluster_are_reached_by_its_command() -> None:
    live = Live(3, CLAIMS, frozenset(), kubectl="kubectl --context prod")
    found = replaced({"spec.serviceName": "other"}, "spec.serviceName", live=live)
    assert "kubectl --context prod rollout restart statefulset/web --namespace default" in found.details[-1]


UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
IMAGE = {"spec.template.spec.containers.0.image": "nginx:2"}


def facts(found: Forecast) -> dict[str, int]:
    """Return how many pods stop and restart, how many claims grow, and whether the set is replaced, where not 0."""
    counted = {"stops": found.stops, "restarts": found.restarts, "grows": found.grows, "replaces": int(found.replaces)}
    return {fact: number for fact, number in counted.items() if number}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(updated({"metadata.labels.a": "b"}), {}, id="a label"),
        pytest.param(updated(IMAGE, NGINX_IMAGE), {"restarts": 3}, id="an image"),
        pytest.param(updated({"spec.replicas": 1}), {"stops": 2}, id="fewer replicas"),
        pytest.param(updated({"spec.replicas": 5}), {}, id="more replicas"),
        pytest.param(
            updated({**IMAGE, "spec.replicas": 2}, "spec.replicas", NGINX_IMAGE),
            {"stops": 1, "restarts": 2},
            id="an image and fewer replicas",
        ),
        pytest.param(updated({"spec.replicas": UNKNOWN}), {"stops": 3}, id="a count that is not known"),
        pytest.param(
            forecast(OLD, OLD, Plan("update", claims=[grown("www-web-0", "1Gi", "2Gi")]), LIVE),
            {"grows": 1},
            id="a claim that grows",
        ),
        pytest.param(
            forecast(None, OLD, Plan("create", claims=[grown("www-web-0", "1Gi", "2Gi")]), Live(None, CLAIMS)),
            {"grows": 1},
            id="a claim that grows as its set is created",
        ),
        pytest.param(replaced({}, "spec.serviceName"), {"stops": 3, "replaces": 1}, id="a replacement"),
        pytest.param(replaced({}, "spec.serviceName", of=ORPHANED), {"replaces": 1}, id="an adoption"),
        pytest.param(
            replaced({}, "spec.serviceName", NGINX_IMAGE, of=ORPHANED),
            {"restarts": 3, "replaces": 1},
            id="an adoption with another image",
        ),
        pytest.param(replaced({}, "metadata.name", of=ORPHANED), {"replaces": 1}, id="pods that nothing adopts"),
        pytest.param(forecast(None, OLD, Plan("create"), LIVE), {"restarts": 3}, id="a take-over, which may restart"),
        pytest.param(forecast(None, OLD, Plan("create"), Live()), {}, id="a creation"),
        pytest.param(forecast(OLD, None, Plan("delete"), LIVE), {"stops": 3}, id="a deletion"),
        pytest.param(
            replaced_provider("mine", [], True, [KEPT, LOST]), {"stops": 6, "replaces": 1}, id="a replaced provider"
        ),
    ],
)
def test_what_a_gate_asks_for_is_counted(found: Forecast, expected: dict[str, int]) -> None:
    assert facts(found) == expected


def test_a_count_that_is_known_only_then_may_stop_pods() -> None:
    told = "may stop or add pods: how many it has afterwards is known only then"
    assert updated({"spec.replicas": UNKNOWN}).headline == told


def test_what_loses_data_comes_first_then_what_stops_then_what_restarts() -> None:
    names = ("grows", "adds", "loses", "same", "stops", "adopts", "restarts", "removes")
    made = {name: Forecast("shop", name, "update", "") for name in names}
    facts: dict[str, dict[str, Any]] = {
        "loses": {"deletes_claims": True},
        "stops": {"stops_all_pods": True, "stops": 3},
        "adopts": {"replaces": True},
        "removes": {"stops": 1},
        "restarts": {"restarts": 3},
        "grows": {"grows": 3, "changes_claims": 3},
        "same": {"op": "same"},
    }
    found = worst_first(replace(one, **facts.get(name, {})) for name, one in made.items())
    assert [one.name for one in found] == ["loses", "stops", "adopts", "removes", "restarts", "grows", "adds", "same"]


def test_a_set_of_any_other_program_gets_no_commands_for_the_config_of_this_component() -> None:
    changes = changed(OLD, TO_DELETE), changed(OLD, {"spec.podManagementPolicy": "Parallel"})
    plan = Plan("replace", ["spec.podManagementPolicy"], ["spec.podManagementPolicy"], by_config=False)
    details = "\n".join(forecast(*changes, plan, LIVE).details)
    assert "pulumi config" not in details
    assert "set its persistentVolumeClaimRetentionPolicy.whenDeleted to Retain, pulumi up" in details
    assert 'give the StatefulSet the annotation "pulumi.com/deletionPropagationPolicy: orphan", pulumi up' in details
