"""Rules on claims: every pod has disks of its own, of the right kind, and keeps them."""

from typing import Any

import pytest

from policies.stateful.stateful_rules.manifests import stateful_set

from .packs import UNKNOWN, judge, resource


class TestVolumeClaimTemplatesRequired:
    rule = "volume-claim-templates-required"

    @pytest.mark.parametrize("version", ["apps/v1", "apps/v1beta1", "apps/v1beta2"])
    @pytest.mark.parametrize("templates", [None, []])
    def test_a_set_without_claim_templates_is_denied(self, version: str, templates: list[Any] | None) -> None:
        web = {**stateful_set(spec={"volumeClaimTemplates": templates}), "apiVersion": version}
        (message,) = judge(self.rule, web)
        assert message.startswith('StatefulSet default/web (resource "web") has no spec.volumeClaimTemplates')
        assert "Fix: add a claim template and mount it" in message

    def test_a_set_with_one_passes(self) -> None:
        assert judge(self.rule, stateful_set()) == []

    def test_an_empty_spec_is_denied(self) -> None:
        assert len(judge(self.rule, {**stateful_set(), "spec": {}})) == 1

    @pytest.mark.parametrize(
        ("templates", "expected"), [(None, 0), ([], 1), (stateful_set()["spec"]["volumeClaimTemplates"], 0)]
    )
    def test_a_patch_is_judged_by_what_it_sets(self, templates: Any, expected: int) -> None:
        web = stateful_set(spec={"volumeClaimTemplates": templates})
        assert len(judge(self.rule, resource(web, resource_type="kubernetes:apps/v1:StatefulSetPatch"))) == expected

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
