"""What a user writes about the pod is registered: in every spelling, in whatever form, and without taking data away."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from pulumi_kubernetes.core import v1

from components.stateful_web.cli.project import Project
from components.stateful_web.cli.render import objects_of
from tests.support.monitor import UNKNOWN, Known, Ran, Secret

from .harness import Stack, as_the_engine_hands_it_over, at, file, known, secret, unknown
from .refusals import refusal

RunProgram = Callable[..., Ran]


def pod(ran: Ran) -> dict[str, Any]:
    assert ran.error == ""
    return dict(ran["web-set"].inputs["spec"]["template"])


def container(ran: Ran) -> dict[str, Any]:
    return dict(pod(ran)["spec"]["containers"][0])


def changed(**keys: Any) -> dict[str, Any]:
    return {"pod_template": {"spec": {"containers": [{"name": "web", **keys}]}}}


def mounts(ran: Ran) -> list[tuple[str, str]]:
    return [(mount["name"], mount["mountPath"]) for mount in container(ran)["volumeMounts"]]


DATA, CACHE = ("data", "/data"), ("cache", "/var/cache/nginx")


def test_a_template_in_pulumis_own_spelling_keeps_the_claims_mount_and_the_defaults(run: RunProgram) -> None:
    ran = run(
        pod_template={
            "spec": {
                "termination_grace_period_seconds": 45,
                "security_context": {"fs_group": 101},
                "containers": [{"name": "web", "volume_mounts": [{"name": "cache", "mount_path": "/var/cache/nginx"}]}],
                "volumes": [{"name": "cache", "empty_dir": {}}],
            }
        }
    )
    assert mounts(ran) == [DATA, CACHE]
    spec = pod(ran)["spec"]
    assert spec["securityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}, "fsGroup": 101}
    assert spec["terminationGracePeriodSeconds"] == 45
    assert spec["volumes"] == [{"name": "cache", "emptyDir": {}}]
    assert ran.said == ()


def test_a_typed_template_with_outputs_is_merged_as_a_plain_one(run: RunProgram) -> None:
    def template() -> Any:
        later = pulumi.Output.from_input
        mount = v1.VolumeMountArgs(name="cache", mount_path="/var/cache/nginx", sub_path=later("a"))
        web = v1.ContainerArgs(name="web", volume_mounts=[mount], command=later(["run"]))
        volume = v1.VolumeArgs(name="cache", empty_dir=v1.EmptyDirVolumeSourceArgs(medium=later("Memory")))
        return v1.PodTemplateSpecArgs(spec=v1.PodSpecArgs(containers=[web], volumes=[volume]))

    ran = run(pod_template=template)
    assert mounts(ran) == [DATA, CACHE]
    assert container(ran)["volumeMounts"][1]["subPath"] == "a"
    assert container(ran)["command"] == ["run"]
    assert pod(ran)["spec"]["volumes"] == [{"name": "cache", "emptyDir": {"medium": "Memory"}}]


def test_one_number_with_two_protocols_is_two_ports(run: RunProgram) -> None:
    gossip = [{"name": f"gossip-{p.lower()}", "containerPort": 8301, "protocol": p} for p in ("TCP", "UDP")]
    ran = run(port=8500, port_name="http", **changed(ports=gossip))
    assert container(ran)["ports"] == [{"name": "http", "containerPort": 8500}, *gossip]


@pytest.mark.parametrize("number", [known(8500), unknown], ids=["output", "unknown"])
def test_ports_are_merged_when_their_numbers_are_known(stack: Stack, number: Any) -> None:
    ran = stack.preview(port=number, **changed(ports=[{"containerPort": 8500, "hostPort": 8500}]))
    same = [{"name": "web", "containerPort": 8500, "hostPort": 8500}]
    assert container(ran)["ports"] == (UNKNOWN if number is unknown else same)


# What a map or a list holds as a whole


@pytest.mark.parametrize("form", [known, secret], ids=["output", "secret"])
def test_whole_maps_may_be_outputs(run: RunProgram, form: Callable[[Any], Any]) -> None:
    ran = run(
        labels=form({"team": 7}),
        annotations=form({"a/b": True}),
        env=form({"B": "$(A)", "A": 1}),
        files=[{"mount_path": "/etc/web", "content": form({"page": "hello"})}],
        pod_template={"metadata": {"labels": form({"tier": "a"}), "annotations": form({"c": 1})}},
    )
    assert ran.error == ""

    def value(child: str, place: str) -> Any:
        found = at(ran[child], place)
        assert isinstance(found, Secret) == (form is secret)
        return found.value if isinstance(found, Secret) else found

    labels = value("web-headless", "metadata.labels")
    assert labels["team"] == "7"
    assert labels["app.kubernetes.io/managed-by"] == "pulumi"
    assert value("web-set", "metadata.annotations")["a/b"] == "true"
    assert value("web-set", "spec.template.metadata.labels") == {**labels, "tier": "a"}
    assert value("web-set", "spec.template.metadata.annotations") == {"c": "1"}
    env = value("web-set", "spec.template.spec.containers.0.env")
    assert env == [{"name": "A", "value": "1"}, {"name": "B", "value": "$(A)"}]
    assert value("web-files-0", "data") == {"page": "hello"}


def test_whole_maps_that_are_unknown_leave_the_rest_of_a_preview_as_it_is(stack: Stack) -> None:
    ran = stack.preview(
        labels=unknown,
        annotations=unknown,
        env=unknown,
        files=[{"mount_path": "/etc/web", "content": unknown}],
        pod_template={"spec": {"containers": [{"name": "web", "env": [{"name": "A", "value": "1"}]}]}},
    )
    assert ran.error == ""
    assert at(ran["web-set"], "spec.template.spec.containers.0.env") == UNKNOWN
    assert mounts(ran) == [DATA, ("files-0", "/etc/web")]
    assert at(ran["web-set"], "spec.selector.matchLabels")


def test_files_that_are_unknown_as_a_whole_are_named_where_they_decide(stack: Stack) -> None:
    files = [{"mount_path": "/etc/web", "content": unknown}]
    ran = stack.preview(update={"type": "OnDelete"}, files=files)
    assert ran.error == ""
    (said,) = ran.warnings
    assert said.startswith("files[0].content is not known before up")


def test_a_whole_environment_is_merged_with_that_of_the_template(run: RunProgram) -> None:
    pod_name = {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
    ran = run(env=known({"NODE": "rabbit@$(POD)", "A": "a"}), **changed(env=[pod_name, {"name": "A", "value": "b"}]))
    assert container(ran)["env"] == [{"name": "A", "value": "b"}, pod_name, {"name": "NODE", "value": "rabbit@$(POD)"}]


def test_labels_that_are_an_output_are_not_beside_recommended_ones_of_the_same_name(run: RunProgram) -> None:
    ran = run(labels=known({"app.kubernetes.io/managed-by": "us"}), selector_labels={"app": "web"})
    for labels in (ran["web-set"].inputs["metadata"]["labels"], pod(ran)["metadata"]["labels"]):
        assert labels["app.kubernetes.io/managed-by"] == "us"
        assert labels["app"] == "web"


# Order of variables

QUEUE = {
    "HOST": "queue.internal",
    "PORT": "8080",
    "API_URL": "http://$(HOST):$(PORT)/",
    "RABBITMQ_NODENAME": "rabbit@$(MY_POD_NAME).web",
}
MY_POD_NAME = {"name": "MY_POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
EXPANDED = ["HOST", "PORT", "API_URL", "MY_POD_NAME", "RABBITMQ_NODENAME"]


def names(ran: Ran) -> list[str]:
    return [entry.value["name"] if isinstance(entry, Secret) else entry["name"] for entry in container(ran)["env"]]


def test_a_program_keeps_its_order_and_references_come_after_what_they_refer_to(run: RunProgram) -> None:
    assert names(run(env=QUEUE, **changed(env=[MY_POD_NAME]))) == EXPANDED
    assert names(run(env={"B": "1", "A": "2"})) == ["B", "A"]


def test_the_engine_sorts_keys_and_references_still_come_after_what_they_refer_to(stack: Stack) -> None:
    values = {
        "image": "web:1",
        "env": dict(sorted(QUEUE.items())),
        "podTemplate": changed(env=[MY_POD_NAME])["pod_template"],
    }
    stack.config = as_the_engine_hands_it_over({f"stateful-web:{key}": value for key, value in values.items()})
    assert names(stack.program(file())) == EXPANDED
    encrypted = stack.program(file(), secret_config=frozenset({"stateful-web:env"}))
    assert names(encrypted) == EXPANDED
    assert [entry for entry in container(encrypted)["env"] if entry == MY_POD_NAME]


def test_rendered_variables_are_in_the_order_in_which_up_has_them(stack: Stack, tmp_path: Path) -> None:
    for env in (QUEUE, {"B": 1, "A": "$(C)", "C": True}):
        config = {"stateful-web:image": "web:1", "stateful-web:env": env}
        (tmp_path / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}, sort_keys=False))
        stack.config = as_the_engine_hands_it_over(config | {"stateful-web:env": dict(sorted(env.items()))})
        web = objects_of(Project(tmp_path, "stateful-web"), "dev")[-1]
        assert web["spec"]["template"]["spec"]["containers"][0]["env"] == container(stack.program(file()))["env"]


def test_other_languages_hand_over_no_order_so_names_are_sorted(stack: Stack) -> None:
    template = changed(env=[MY_POD_NAME])["pod_template"]
    for env in (QUEUE, dict(reversed(QUEUE.items())), {name: Known(value) for name, value in QUEUE.items()}):
        assert names(stack.hosted(env=env, podTemplate=template)) == EXPANDED


@pytest.mark.parametrize("form", [known, secret], ids=["output", "secret"])
def test_values_that_are_outputs_are_put_in_order_and_alone_are_secret(
    run: RunProgram, form: Callable[[Any], Any]
) -> None:
    ran = run(env={"URL": form("$(HOST)"), "HOST": "db", "PASSWORD": form("x")})
    shown: Callable[[Any], Any] = Secret if form is secret else lambda value: value
    assert container(ran)["env"] == [
        {"name": "HOST", "value": "db"},
        {"name": "URL", "value": shown("$(HOST)")},
        {"name": "PASSWORD", "value": shown("x")},
    ]


def test_a_value_that_is_unknown_leaves_the_others_in_order(stack: Stack) -> None:
    ran = stack.preview(env={"URL": "$(HOST)", "LATER": unknown, "HOST": "db"})
    assert container(ran)["env"] == [
        {"name": "LATER", "value": UNKNOWN},
        {"name": "HOST", "value": "db"},
        {"name": "URL", "value": "$(HOST)"},
    ]


# The selector's labels


@pytest.mark.parametrize("where", ["labels", "pod_template"])
@pytest.mark.parametrize("whole", [False, True], ids=["a value", "the map"])
def test_an_output_may_repeat_the_selectors_label_and_not_change_it(run: RunProgram, where: str, whole: bool) -> None:
    def given(value: str) -> dict[str, Any]:
        labels = known({"app": value}) if whole else {"app": known(value)}
        return {"labels": labels} if where == "labels" else {"pod_template": {"metadata": {"labels": labels}}}

    ran = run(selector_labels={"app": "web"}, recommended_labels=False, **given("web"))
    assert pod(ran)["metadata"]["labels"] == {"app": "web"}
    refused = run(selector_labels={"app": "web"}, **given("other"))
    path = "labels" if where == "labels" else "pod_template.metadata.labels"
    assert refused.error == (f'{path}.app is an output that can not be used: "web" is expected, as in selectorLabels.')
    assert refused.of_type(":StatefulSet") == []


# What is not known, wrong or refused


def test_a_key_that_a_newer_api_server_may_know_is_passed_on_with_a_warning(run: RunProgram) -> None:
    ran = run(pod_template={"spec": {"novelty": {"a_b": 1}}})
    assert pod(ran)["spec"]["novelty"] == {"a_b": 1}
    (said,) = ran.warnings
    assert said == (
        "pod_template.spec.novelty is not a key that this release knows. It is passed on, and the API server decides."
    )


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ({"a": known(1.5)}, "pod_template.metadata.labels.a is an output that can not be used: text is expected."),
        (known({"a": 1.5}), "pod_template.metadata.labels.a is an output that can not be used: text is expected."),
        (known(["a"]), "pod_template.metadata.labels is an output that can not be used: a map is expected."),
    ],
)
def test_an_output_in_the_template_that_turns_out_wrong_is_refused_without_its_value(
    run: RunProgram, labels: Any, sentence: str
) -> None:
    assert run(pod_template={"metadata": {"labels": labels}}).error == sentence


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"args": known("a")}, "args is an output that can not be used: a list is expected."),
        ({"image": known([1])}, "image is an output that can not be used: text is expected."),
        ({"tty": known({"a": 1})}, "tty is an output that can not be used: true or false is expected."),
        (
            {"resources": {"limits": known({"cpu": [1]})}},
            "resources.limits.cpu is an output that can not be used: text",
        ),
        (
            {"livenessProbe": {"tcpSocket": {"port": known([1])}}},
            "livenessProbe.tcpSocket.port is an output that can not be used: a single value is expected.",
        ),
    ],
)
def test_the_kind_that_is_expected_of_an_output_is_said(run: RunProgram, keys: dict[str, Any], sentence: str) -> None:
    assert f"pod_template.spec.containers[0].{sentence}" in run(**changed(**keys)).error


def test_what_the_cli_writes_as_numbers_and_booleans_is_text_on_the_cluster(stack: Stack) -> None:
    values = {
        "image": "web:1",
        "env": {"PORT": 8080, "DEBUG": True},
        "labels": {"team": 42},
        "resources": {"requests": {"cpu": 1, "memory": "128Mi"}},
        "storage": {"size": 10737418240},
        "podTemplate": {"metadata": {"annotations": {"prometheus.io/scrape": True, "prometheus.io/port": 9113}}},
    }
    stack.config = as_the_engine_hands_it_over({f"stateful-web:{key}": value for key, value in values.items()})
    ran = stack.program(file())
    assert container(ran)["env"] == [{"name": "PORT", "value": "8080"}, {"name": "DEBUG", "value": "true"}]
    assert container(ran)["resources"] == {"requests": {"cpu": "1", "memory": "128Mi"}}
    assert pod(ran)["metadata"]["annotations"] == {"prometheus.io/scrape": "true", "prometheus.io/port": "9113"}
    assert pod(ran)["metadata"]["labels"]["team"] == "42"
    assert at(ran["web-set"], "spec.volumeClaimTemplates.0.spec.resources.requests.storage") == "10737418240"


def test_other_languages_have_floats_alone(stack: Stack) -> None:
    ran = stack.hosted(
        env={"PORT": 8080.0, "LATER": Known(81.0)},
        labels={"team": 42.0},
        podTemplate={"metadata": {"annotations": {"port": 9113.0, "later": Known(3.0)}}},
    )
    assert container(ran)["env"] == [{"name": "LATER", "value": "81"}, {"name": "PORT", "value": "8080"}]
    assert pod(ran)["metadata"]["annotations"] == {"port": "9113", "later": "3"}
    assert pod(ran)["metadata"]["labels"]["team"] == "42"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            changed(volumeMounts=None),
            "pod_template.spec.containers[0].volumeMounts is null, which removes the mounts of",
        ),
        (
            changed(volume_mounts=[{"name": "cache", "mount_path": "/data"}]),
            'pod_template.spec.containers[0].volumeMounts[0] takes the place of the data volume "data" at /data:',
        ),
        (
            {"pod_template": {"spec": {"volumes": [{"name": "data", "emptyDir": {}}]}}},
            'volumes[0].name is "data": it is',
        ),
        (
            {"pod_template": {"spec": {"containers": None}}},
            "containers is null, which removes the web server's container.",
        ),
        (
            {"pod_template": {"spec": {"os": {"name": known("linux")}}}},
            "spec.os.name is an output, but it decides which",
        ),
    ],
)
def test_nothing_is_registered_if_a_template_would_take_the_data_away(
    run: RunProgram, given: dict[str, Any], sentence: str
) -> None:
    assert sentence in refusal(run(**given))


# Windows


@pytest.mark.parametrize("security", ["baseline", "restricted"])
def test_a_windows_pod_has_no_settings_that_only_linux_has(run: RunProgram, security: str) -> None:
    windows = {"spec": {"os": {"name": "windows"}, "nodeSelector": {"kubernetes.io/os": "windows"}}}
    ran = run(security=security, pod_template=windows)
    spec = pod(ran)["spec"]
    assert "securityContext" not in container(ran)
    assert spec.get("securityContext") == ({"runAsNonRoot": True} if security == "restricted" else None)
    assert spec["automountServiceAccountToken"] is False
    assert mounts(ran) == [DATA]
    linux = container(run(security=security, pod_template={"spec": {"os": {"name": "linux"}}}))
    assert linux["securityContext"]["allowPrivilegeEscalation"] is False
