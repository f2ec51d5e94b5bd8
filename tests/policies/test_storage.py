"""Rules on claims: every pod has disks of its own, of the right kind, and keeps them."""

from typing import Any

import pytest

from policies.stateful.stateful_rules.manifests import claim_template, stateful_set
from policies.stateful.stateful_rules.quantity import parse

from .packs import RULES, UNKNOWN, judge, resource


def with_claim(*templates: Any) -> Any:
    return stateful_set(spec={"volumeClaimTemplates": list(templates)})


def patch(web: Any) -> Any:
    return resource(web, resource_type="kubernetes:apps/v1:StatefulSetPatch")


class TestVolumeClaimTemplatesRequired:
    rule = "volume-claim-templates-required"

    @pytest.mark.parametrize("version", ["apps/v1", "apps/v1beta1", "apps/v1beta2"])
    @pytest.mark.parametrize("templates", [None, [], [None], ["www"], {}])
    def test_a_set_without_claim_templates_is_denied(self, version: str, templates: Any) -> None:
        web = {**stateful_set(), "apiVersion": version}
        web["spec"]["volumeClaimTemplates"] = templates
        (message,) = judge(self.rule, web)
        assert message.startswith('StatefulSet default/web (resource "web") has no spec.volumeClaimTemplates')
        assert "Fix: add a claim template and mount it" in message

    def test_a_set_with_one_passes(self) -> None:
        assert judge(self.rule, stateful_set()) == []

    def test_an_empty_spec_is_denied(self) -> None:
        assert len(judge(self.rule, {**stateful_set(), "spec": {}})) == 1

    @pytest.mark.parametrize(("templates", "expected"), [(None, 0), ([], 1), ([claim_template()], 0)])
    def test_a_patch_is_judged_by_what_it_sets(self, templates: Any, expected: int) -> None:
        assert len(judge(self.rule, patch(stateful_set(spec={"volumeClaimTemplates": templates})))) == expected

    def test_each_set_of_a_list_is_judged(self) -> None:
        bare = stateful_set(metadata={"name": "bare"}, spec={"volumeClaimTemplates": None})
        sets = {"items": [stateful_set(), bare]}
        (message,) = judge(self.rule, resource(sets, name="sets", resource_type="kubernetes:apps/v1:StatefulSetList"))
        assert "default/bare" in message

    @pytest.mark.parametrize("spec", [{"volumeClaimTemplates": UNKNOWN}, {"volumeClaimTemplates": [UNKNOWN]}])
    def test_unknown_templates_are_left_to_up(self, spec: dict[str, Any]) -> None:
        assert judge(self.rule, stateful_set(spec=spec)) == []

    def test_other_unknown_fields_do_not_hide_it(self) -> None:
        web = stateful_set(
            metadata={"labels": UNKNOWN},
            spec={"volumeClaimTemplates": None, "replicas": UNKNOWN, "template": UNKNOWN, "serviceName": UNKNOWN},
        )
        assert len(judge(self.rule, web)) == 1


class TestStorageClassAllowed:
    rule = "storage-class-allowed"
    listed: Any = {"allowed": ["rook-ceph-block", "my-sc"]}  # noqa: RUF012

    def test_without_a_list_any_class_passes(self) -> None:
        for name in ("anything", "", None):
            assert judge(self.rule, with_claim(claim_template(storageClassName=name))) == []

    @pytest.mark.parametrize(
        ("name", "config", "expected"),
        [
            ("my-sc", {}, 0),
            ("fast", {}, 1),
            ("My-SC", {}, 1),
            ("", {}, 1),
            ("", {"allowed": ["my-sc", ""]}, 0),
            (None, {}, 1),
            (None, {"allowClusterDefault": True}, 0),
            ("", {"allowClusterDefault": True}, 1),
            (UNKNOWN, {}, 0),
        ],
    )
    def test_with_a_list(self, name: Any, config: Any, expected: int) -> None:
        web = with_claim(claim_template(storageClassName=name))
        assert len(judge(self.rule, web, config={**self.listed, **config})) == expected

    def test_the_message_names_template_class_and_allowed_ones(self) -> None:
        web = with_claim(claim_template(), claim_template({"name": "logs"}, storageClassName="fast"))
        (message,) = judge(self.rule, web, config=self.listed)
        assert (
            'has claim template "logs" with StorageClass "fast"; allowed here: "rook-ceph-block", "my-sc".' in message
        )

    def test_the_annotation_of_old_comes_before_the_field(self) -> None:
        old = {"annotations": {"volume.beta.kubernetes.io/storage-class": "fast"}}
        assert len(judge(self.rule, with_claim(claim_template(old)), config=self.listed)) == 1

    def test_unknown_neighbours_do_not_hide_it(self) -> None:
        fast = claim_template({"name": UNKNOWN, "annotations": {}}, storageClassName="fast", resources=UNKNOWN)
        assert len(judge(self.rule, with_claim(UNKNOWN, fast), config=self.listed)) == 1


class TestVolumeAttributes:
    rule = "storage-class-allowed"

    @pytest.mark.parametrize(("chosen", "expected"), [(None, 0), ("", 0), ("gold", 0), ("platinum", 1), (UNKNOWN, 0)])
    def test_their_classes_can_be_limited(self, chosen: Any, expected: int) -> None:
        web = with_claim(claim_template(volumeAttributesClassName=chosen))
        messages = judge(self.rule, web, config={"allowedAttributes": ["gold", "silver"]})
        assert len(messages) == expected
        for message in messages:
            assert (
                'has claim template "www" with VolumeAttributesClass "platinum"; allowed here: "gold", "silver"'
                in message
            )
        assert judge(self.rule, web) == []
        both = judge(self.rule, web, config={"allowedAttributes": ["gold"], "allowed": ["fast"]})
        assert len(both) == expected + 1


class TestStorageSizeBounds:
    rule = "storage-size-bounds"

    def size(self, value: Any) -> Any:
        return with_claim(claim_template(resources={"requests": {"storage": value}}))

    @pytest.mark.parametrize(
        ("size", "expected"),
        [
            ("1Gi", 0),
            ("1Mi", 0),
            ("1048576", 0),
            (1048576, 0),
            (1048576.0, 0),
            ("0.5Gi", 0),
            ("10", 1),
            ("10m", 1),
            ("1000Ki", 1),
            ("-1Gi", 1),
            ("1 Gi", 1),
            ("1gi", 1),
            ("", 1),
            (None, 1),
            (True, 1),
            (UNKNOWN, 0),
        ],
    )
    def test_without_configuration(self, size: Any, expected: int) -> None:
        assert len(judge(self.rule, self.size(size))) == expected

    @pytest.mark.parametrize(
        ("size", "expected"), [("1Gi", 0), ("10Gi", 0), ("1023Mi", 1), ("10241Mi", 1), ("1G", 1), ("1e10", 0)]
    )
    def test_bounds_are_included(self, size: str, expected: int) -> None:
        config = {"minimum": "1Gi", "maximum": "10Gi"}
        messages = judge(self.rule, self.size(size), config=config)
        assert len(messages) == expected
        assert all("at least 1Gi and at most 10Gi" in message for message in messages)

    def test_no_minimum(self) -> None:
        assert judge(self.rule, self.size("1"), config={"minimum": ""}) == []

    def test_a_bound_that_is_no_quantity_is_an_error(self) -> None:
        with pytest.raises(ValueError, match='property maximum of rule storage-size-bounds is "ten"'):
            judge(self.rule, stateful_set(), config={"maximum": "ten"})

    @pytest.mark.parametrize("kind", ["PersistentVolumeClaim", "PersistentVolumeClaimPatch"])
    def test_claims_that_are_grown_one_by_one_are_bounded_too(self, kind: str) -> None:
        manifest = {
            "metadata": {"name": "www-web-0"},
            "spec": {"resources": {"requests": {"storage": "20Gi"}}},
        }
        claim = resource(manifest, resource_type=f"kubernetes:core/v1:{kind}")
        (message,) = judge(self.rule, claim, config={"maximum": "10Gi"})
        assert message.startswith(f'{kind} default/www-web-0 (resource "www-web-0") has storage request "20Gi"')

    def test_a_claim_patch_of_something_else_passes(self) -> None:
        claim = {"metadata": {"name": "www-web-0"}, "spec": {}}
        assert judge(self.rule, resource(claim, resource_type="kubernetes:core/v1:PersistentVolumeClaimPatch")) == []
        assert judge(self.rule, resource(claim, resource_type="kubernetes:core/v1:PersistentVolumeClaim"))


class TestAccessModesAllowed:
    rule = "access-modes-allowed"

    @pytest.mark.parametrize(
        ("modes", "config", "expected"),
        [
            (["ReadWriteOnce"], {}, 0),
            (["ReadWriteOncePod"], {}, 0),
            (["ReadWriteMany"], {}, 1),
            (["ReadWriteMany"], {"allowed": ["ReadWriteMany"]}, 0),
            (["ReadWriteOnce", "ReadOnlyMany"], {}, 1),
            (["readwriteonce"], {}, 1),
            ([], {}, 1),
            (None, {}, 1),
            (UNKNOWN, {}, 0),
            ([UNKNOWN], {}, 0),
            ([UNKNOWN, "ReadWriteMany"], {}, 1),
        ],
    )
    def test_modes(self, modes: Any, config: Any, expected: int) -> None:
        assert len(judge(self.rule, with_claim(claim_template(accessModes=modes)), config=config)) == expected

    def test_the_message_names_them(self) -> None:
        (message,) = judge(self.rule, with_claim(claim_template(accessModes=["ReadWriteMany"])))
        assert 'has claim template "www" with access modes ReadWriteMany' in message
        assert "ReadWriteOnce, ReadWriteOncePod" in message
        assert message.endswith("to [ReadWriteOnce].")


class TestClaimRetention:
    rule = "claim-retention"

    @pytest.mark.parametrize(
        ("retention", "config", "expected"),
        [
            ({"whenDeleted": "Retain", "whenScaled": "Retain"}, {}, 0),
            ({"whenDeleted": "Delete", "whenScaled": "Retain"}, {}, 1),
            ({"whenDeleted": "Retain", "whenScaled": "Delete"}, {}, 1),
            ({"whenDeleted": "Delete", "whenScaled": "Delete"}, {}, 2),
            ({"whenDeleted": "Delete", "whenScaled": "Delete"}, {"whenScaled": ["Retain", "Delete"]}, 1),
            ({"whenDeleted": UNKNOWN, "whenScaled": "Delete"}, {}, 1),
            (UNKNOWN, {"explicit": True}, 0),
            (None, {}, 0),
            (None, {"explicit": True}, 2),
            ({"whenDeleted": "Retain", "whenScaled": None}, {"explicit": True}, 1),
            ({"whenDeleted": "delete", "whenScaled": "Retain"}, {}, 1),
        ],
    )
    def test_retention(self, retention: Any, config: Any, expected: int) -> None:
        web = stateful_set()
        web["spec"]["persistentVolumeClaimRetentionPolicy"] = retention
        assert len(judge(self.rule, web, config=config)) == expected

    def test_the_message_says_what_would_be_lost(self) -> None:
        lossy = {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete", "whenScaled": "Delete"}}
        deleted, scaled = judge(self.rule, stateful_set(spec=lossy))
        assert 'has whenDeleted "Delete"' in deleted
        assert "deleting the StatefulSet deletes its data" in deleted
        assert "scaling down deletes the data of the pods that go" in scaled

    def test_what_is_left_to_the_default_is_said_to_be_no_more_than_that(self) -> None:
        bare = stateful_set(spec={"persistentVolumeClaimRetentionPolicy": None})
        deleted, _ = judge(self.rule, bare, config={"explicit": True})
        assert "has no whenDeleted" in deleted
        assert "as here it is not left to the API server's default" in deleted
        assert "deletes its data" not in deleted

    @pytest.mark.parametrize(("claims", "expected"), [(None, 0), ([], 0), (UNKNOWN, 2)])
    def test_a_set_without_claims_has_nothing_to_say(self, claims: Any, expected: int) -> None:
        web = stateful_set(spec={"persistentVolumeClaimRetentionPolicy": None, "volumeClaimTemplates": claims})
        assert len(judge(self.rule, web, config={"explicit": True})) == expected

    def test_the_fix_is_the_first_value_that_is_allowed(self) -> None:
        web = stateful_set(spec={"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "delete"}})
        (message,) = judge(self.rule, web, config={"whenDeleted": ["Retain", "Delete"]})
        assert message.endswith("Fix: set whenDeleted to Retain.")

    def test_a_patch_need_not_say_it(self) -> None:
        web = stateful_set(spec={"persistentVolumeClaimRetentionPolicy": None})
        assert judge(self.rule, patch(web), config={"explicit": True}) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("1", 1),
        ("1k", 1000),
        ("1Ki", 1024),
        ("1Ei", 2**60),
        ("1E", 10**18),
        ("1e3", 1000),
        ("1E3", 1000),
        ("2E-1", "0.2"),
        ("500m", "0.5"),
        ("1n", "0.000000001"),
        (".5Gi", 2**29),
        ("5.", 5),
        ("+1", 1),
        ("1K", None),
        ("1kI", None),
        ("Gi", None),
        ("1e", None),
        ("1Gi\n", None),
        ("\u0661", None),  # a digit, but not to Kubernetes
        (None, None),
        (True, None),
        ([], None),
    ],
)
def test_quantities(text: Any, number: Any) -> None:
    parsed = parse(text)
    assert (None if parsed is None else float(parsed)) == (None if number is None else float(number))


def test_what_happens_on_scaling_is_judged_where_deletion_is_left_to_the_default() -> None:
    policy = {"whenDeleted": None, "whenScaled": "Delete"}
    (message,) = judge("claim-retention", stateful_set(spec={"persistentVolumeClaimRetentionPolicy": policy}))
    assert 'has whenScaled "Delete"' in message


def test_one_allowed_value_is_enough_and_none_is_refused_by_the_schema() -> None:
    for rule, name in (
        ("access-modes-allowed", "allowed"),
        ("claim-retention", "whenDeleted"),
        ("claim-retention", "whenScaled"),
    ):
        assert RULES[rule].properties[name]["minItems"] == 1


@pytest.mark.parametrize("first", ["1Gi", UNKNOWN])
def test_a_claim_is_judged_whatever_comes_before_it(first: str) -> None:
    templates = [claim_template(resources={"requests": {"storage": size}}) for size in (first, "10")]
    assert len(judge("storage-size-bounds", with_claim(*templates))) == 1
    classes = [
        claim_template(storageClassName=UNKNOWN if first is UNKNOWN else "ok"),
        claim_template(storageClassName="x"),
    ]
    assert len(judge("storage-class-allowed", with_claim(*classes), config={"allowed": ["ok"]})) == 1
