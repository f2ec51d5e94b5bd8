"""Objects from text: as people write them, as kubectl prints them, and as previews plan them."""

import json
from typing import Any

import pytest
import yaml
from pulumi.runtime.rpc import UNKNOWN

from components.stateful_web.cli.errors import CliError
from components.stateful_web.cli.given import given
from components.stateful_web.cli.planned import LATER, NOT_SHOWN, SECRET
from components.stateful_web.cli.pulumi_cli import SECRET as MARK
from components.stateful_web.cli.render import as_yaml
from tests.support.corpus import SETS, text_of
from tests.support.corpus import objects_of as of_corpus

SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}
SET = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "web"}}
HIDDEN = {MARK: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}


@pytest.mark.parametrize("name", SETS)
def test_public_sets_are_passed_on_as_they_are(name: str) -> None:
    wanted = of_corpus(name)
    assert sorted(map(repr, given(text_of(name)).objects)) == sorted(map(repr, wanted))
    assert given(as_yaml(wanted)).objects == given(text_of(name)).objects


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"apiVersion": "v1", "kind": "List", "items": [SERVICE, SET]}),
        json.dumps([SERVICE, SET][0]) + "\n" + json.dumps(SET),
        yaml.safe_dump_all([SERVICE, None, SET], explicit_start=True),
        json.dumps({"apiVersion": "v1", "kind": "List", "items": [SERVICE, SET]}, indent="\t"),
    ],
    ids=["a list", "JSON in lines", "YAML with an empty document", "JSON with tabs"],
)
def test_a_list_or_several_documents_are_so_many_objects(text: str) -> None:
    assert given(text).objects == [SERVICE, SET]


def test_items_of_a_typed_list_need_not_repeat_their_kind() -> None:
    text = json.dumps({"apiVersion": "apps/v1", "kind": "StatefulSetList", "items": [{"metadata": {"name": "web"}}]})
    assert given(text).objects == [SET]


def test_what_the_api_server_alone_writes_is_left_out() -> None:
    metadata = {
        "name": "web", "uid": "1", "resourceVersion": "2", "generation": 1, "creationTimestamp": "2026-01-02T03:04:05Z",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}, "managedFields": [],
    }  # fmt: skip
    live = {**SET, "metadata": metadata, "status": {"replicas": 3}}
    assert given(json.dumps(live)).objects == [SET]


def test_namespaces_and_definitions_come_first_and_all_else_keeps_its_order() -> None:
    text = "\n---\n".join(
        f"{{apiVersion: v1, kind: {kind}}}" for kind in ("B", "CustomResourceDefinition", "A", "Namespace")
    )
    assert [found["kind"] for found in given(text).objects] == ["Namespace", "CustomResourceDefinition", "B", "A"]


def test_dates_and_equals_signs_are_text() -> None:
    (found,) = given("{apiVersion: v1, kind: ConfigMap, data: {since: 2026-01-02, sign: =}}").objects
    assert found["data"] == {"since": "2026-01-02", "sign": "="}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "The input is empty"),
        ("a: [canary", "The input is neither JSON nor YAML"),
        ("canary", "Some of the input is no object"),
        ("{a: canary}", "The input has no objects"),
        ("{kind: Secret, data: canary}", "Some of the input is no object"),
        ('{"resourcePlans": {"urn": "canary"}}', "A plan of --save-plan has what changes"),
    ],
    ids=["nothing", "no YAML", "a word", "no kind", "no version", "a file of --save-plan"],
)
def test_anything_else_is_one_sentence_that_repeats_none_of_it(text: str, why: str) -> None:
    with pytest.raises(CliError) as refused:
        given(text)
    assert str(refused.value).startswith(why)
    assert "canary" not in str(refused.value)


def step(kind: str, name: str, inputs: Any, op: str = "create", group: str = "apps/v1") -> dict[str, Any]:
    return {"op": op, "urn": f"urn:pulumi:dev::p::t::{name}", "type": f"kubernetes:{group}:{kind}", "inputs": inputs}


def digest(*steps: dict[str, Any], **more: Any) -> str:
    """Write steps as ``pulumi preview --json`` does."""
    made = [{"op": s["op"], "urn": s["urn"], "newState": {"type": s["type"], "inputs": s["inputs"]}} for s in steps]
    return json.dumps({"steps": made, **more})


def events(*steps: dict[str, Any]) -> str:
    """Write steps as ``--event-log`` does."""
    about = [{"op": s["op"], "urn": s["urn"], "type": s["type"], "new": {"inputs": s["inputs"]}} for s in steps]
    return "\n".join(
        [json.dumps({"preludeEvent": {}}), *(json.dumps({"resourcePreEvent": {"metadata": at}}) for at in about)]
    )


@pytest.mark.parametrize("written", [digest, events])
def test_a_plan_gives_the_objects_that_there_will_be(written: Any) -> None:
    metadata = {"metadata": {"name": "web"}}
    found = given(
        written(
            step("StatefulSet", "web", metadata, "same"),
            step("Service", "web-headless", metadata, group="core/v1"),
            step("StatefulSet", "old", {"metadata": {"name": "old"}}, "delete"),
            {**step("Bucket", "b", {}), "type": "aws:s3/bucket:Bucket"},
        )
    )
    assert found == ([SET, SERVICE], [])


def test_a_replaced_object_is_there_once() -> None:
    ops = ("delete-replaced", "replace", "create-replacement")
    found = given(events(*(step("StatefulSet", "web", {"metadata": {"name": "web"}}, op) for op in ops)))
    assert found.objects == [SET]


@pytest.mark.parametrize(
    ("value", "word"), [(HIDDEN, SECRET), ("[secret]", SECRET), (UNKNOWN, LATER)], ids=["marked", "in text", "unknown"]
)
def test_what_is_secret_or_unknown_is_said_and_not_printed(value: Any, word: str) -> None:
    containers = [{"name": "web", "env": [{"name": "PASSWORD", "value": value}]}]
    spec = {"template": {"spec": {"containers": containers}}}
    found = given(events(step("StatefulSet", "web", {"metadata": {"name": "web"}, "spec": spec})))
    (web,) = found.objects
    assert web["spec"]["template"]["spec"]["containers"][0]["env"] == [{"name": "PASSWORD", "value": {NOT_SHOWN: word}}]
    assert found.said == [
        "StatefulSet web: not shown, and not to be applied without it: "
        f"spec.template.spec.containers[0].env[0].value ({word})."
    ]


def test_the_data_of_a_secret_is_not_printed_also_where_no_program_has_marked_it() -> None:
    inputs = {"metadata": {"name": "key"}, "stringData": {"password": "canary"}, "data": HIDDEN}
    found = given(digest(step("Secret", "key", inputs, group="core/v1")))
    assert "canary" not in repr(found)
    assert found.objects[0]["stringData"] == {"password": {NOT_SHOWN: SECRET}}
    assert "stringData (secret), data (secret)" in found.said[0]


def test_a_release_and_a_patch_are_named_as_left_out_and_components_are_not() -> None:
    made = (
        step("Release", "shop", {}, group="helm.sh/v3"),
        step("ServicePatch", "p", {}, group="core/v1"),
        step("Chart", "c", {}, group="helm.sh/v4"),
        step("ConfigGroup", "g", {}, group="yaml"),
    )
    assert given(digest(*made)) == (
        [],
        [
            "Left out: Release shop, whose objects Helm makes, so that the plan does not have them.",
            "Left out: ServicePatch p, which changes an object that is there.",
        ],
    )


def test_a_plan_without_the_unchanged_resources_says_so() -> None:
    (said,) = given(digest(changeSummary={"same": 4})).said
    assert said == "Left out: 4 unchanged resources. For these, too: pulumi preview --json --show-sames"
    assert given(digest(step("StatefulSet", "web", {}, "same"), changeSummary={"same": 1})).said == []
