"""The forecast of the engine's own preview, and that what it says comes true."""

import json
import shutil
from typing import Any

import pytest
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod

from components.stateful_web import __version__
from tests.support.cli import command_json, follow, run_command
from tests.support.forwarding import forward_to_the_cluster_of
from tests.support.projects import Project
from tests.support.waiting import eventually

ORPHAN = 'annotations["pulumi.com/deletionPropagationPolicy"]'


def without_packs(project: Project) -> None:
    """Leave the policies out, which take most of a preview's time and are not what is asked here."""
    shutil.rmtree(project.folder / "policies")


def headline(project: Project) -> str:
    (one,) = command_json(project, "preview")
    assert (one["namespace"], one["name"]) == (project.namespace, "web")
    return str(one["headline"])


@pytest.mark.extended
def test_the_forecast_of_each_change_is_that_of_the_engines_own_plan(project: Project) -> None:
    without_packs(project)
    assert headline(project) == "creates StatefulSet web: starts 3 pods one by one"
    project.up()
    assert headline(project) == "no pod is touched"

    project.configure({"labels": {"team": "web"}})
    assert headline(project) == "updates 3 pods one by one (labels.team)"
    project.configure({"annotations": {"team": "web"}}, remove=("labels",))
    assert headline(project) == "no pod is touched (annotations)"
    project.configure({"image": "registry.k8s.io/nginx-slim:0.9", "replicas": 4}, remove=("annotations",))
    assert headline(project) == "updates 3 pods one by one (containers[0].image); adds 1 pod (web-3)"
    project.configure({"update": {"partition": 2}, "replicas": 3})
    assert headline(project) == "updates 1 of 3 pods: web-2 (containers[0].image)"


def test_people_get_the_engines_preview_first_and_a_line_for_each_set_after_it(project: Project) -> None:
    project.up()
    project.pulumi("config", "set", "serviceName", "other")
    project.pulumi("config", "set", "--secret", "--path", "env.GREETING", "hunter2")
    said = run_command(project, "preview", "dev", "--fail-on", "stop")
    assert said.code == 10
    assert "Previewing update (dev)" in said.output
    assert "stateful" in said.output.partition("Policies:")[2].partition("Forecast")[0]
    line = "replaces StatefulSet web (serviceName changed): stops all 3 pods, keeps claims"
    assert f"{project.namespace}/web: {line}" in said.output.partition("Forecast\n")[2]
    assert said.output.endswith(f"Refused by --fail-on stop: {project.namespace}/web\n")

    comment = run_command(project, "preview", "dev", "--output", "markdown").output
    mark, title = comment[comment.index("<!-- stateful-web") :].splitlines()[:2]
    assert mark == "<!-- stateful-web preview of stateful-web/dev -->"
    assert title == "### Preview of `stateful-web/dev`: replaces 1 StatefulSet; stops 3 pods"
    assert f"| `{project.namespace}/web` | **stops**, **replaced** | {line} |" in comment
    assert (
        f"policy packs: hardening {__version__}, stateful {__version__}</summary>\n\n```text\nPreviewing update (dev):"
        in comment
    )
    assert "hunter2" not in comment


@pytest.mark.extended
def test_the_exit_code_is_that_of_the_preview(project: Project) -> None:
    project.configure({"image": "no spaces allowed"})
    said = run_command(project, "preview")
    assert said.code != 0
    assert "stateful-web:image" in said.output
    assert "Traceback" not in said.output


RAW = """
import pulumi
import pulumi_kubernetes as k8s

config = pulumi.Config()
for name in ("east", "west"):
    cluster = k8s.Provider(name, kubeconfig=config.require("cluster"))
    k8s.apps.v1.StatefulSet(
        f"shop-{name}",
        metadata={"name": f"shop-{name}", "namespace": config.require("namespace"), "annotations": {
            "pulumi.com/skipAwait": "true"}},
        spec={
            "replicas": 2,
            "serviceName": "shop",
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "web", "image": config.require("image")}]},
            },
        },
        opts=pulumi.ResourceOptions(provider=cluster),
    )
"""


@pytest.mark.extended
def test_sets_of_any_program_are_told_of_with_their_providers(
    project: Project,
) -> None:
    without_packs(project)
    project.program(RAW)
    project.configure({"cluster": str(project.values()["kubernetes:kubeconfig"])})
    project.up()
    project.configure({"image": "registry.k8s.io/nginx-slim:0.9"})
    found = command_json(project, "preview")
    told = [(one["name"], one["provider"], one["restarts"], one["not_looked_at"]) for one in found]
    assert told == [("shop-east", "east", 2, []), ("shop-west", "west", 2, [])]

    project.program("")
    said = run_command(project, "preview", "dev", "--fail-on", "restart")
    assert said.code == 10
    assert "shop-east (provider east): deletes StatefulSet shop-east: stops all 2 pods, keeps claims" in said.output
    project.up()
    assert "This stack has no StatefulSet: no pod is touched." in run_command(project, "preview").output


@pytest.mark.extended
def test_a_stack_that_is_not_there_is_told_in_one_sentence(project: Project) -> None:
    project.pulumi("stack", "rm", "--yes", "--preserve-config")
    for command in ("status", "preview", "doctor", "claims", "recover"):
        said = run_command(project, command)
        assert said.code == 1
        assert said.output == "Stack dev is not there yet: run make up\n"


@pytest.mark.extended
def test_a_cluster_that_does_not_answer_is_told_in_one_sentence(project: Project) -> None:
    project.up()
    state = json.loads(project.pulumi("stack", "export").output)
    for resource in state["deployment"]["resources"]:
        if resource["type"] == "pulumi:providers:kubernetes":
            resource["inputs"]["kubeconfig"] = "nowhere.yaml"
    (project.folder / "state.json").write_text(json.dumps(state))
    server = json.dumps(
        {
            "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:9"}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "users": [{"name": "u", "user": {}}],
            "current-context": "c",
        }
    )
    (project.folder / "nowhere.yaml").write_text(server)
    project.pulumi("stack", "import", "--file", "state.json")
    for command in ("status", "doctor", "claims"):
        said = run_command(project, command)
        assert said.code == 1
        assert "The cluster of stack dev did not answer as it should" in said.output
        assert "Traceback" not in said.output


def test_backend_cluster_and_context_are_named_first_on_demand(project: Project) -> None:
    project.pulumi("stack", "init", "--no-select", "eu")
    project.pulumi("config", "set", "--stack", "eu", "kubernetes:kubeconfig", ".sandbox/kubeconfig")
    said = run_command(project, "status", "eu", "--verbose")
    assert said.code == 0, said.output
    backend, cluster, context, rest = said.output.splitlines()
    assert backend.startswith(f"Backend: {project.env['PULUMI_BACKEND_URL']}")
    assert cluster == f"Cluster: {project.api.config.cluster.server}"
    assert context.startswith("Context: kwok-")
    assert rest == "Stack eu has no StatefulSet: nothing is deployed."


@pytest.mark.extended
@pytest.mark.parametrize(
    "change",
    [
        {"serviceName": "other", "podManagementPolicy": "Parallel", "revisionHistoryLimit": 3},
        {"volumes": [{"volumeName": "logs", "mountPath": "/logs", "storageClassName": "my-sc"}]},
    ],
    ids=["serviceName, podManagementPolicy and revisionHistoryLimit", "volumeClaimTemplates"],
)
def test_the_way_without_a_stop_keeps_pods_and_claims_and_ends_as_it_says(
    project: Project, change: dict[str, Any]
) -> None:
    without_packs(project)
    project.up()
    pods, claims = project.uids(Pod), project.uids(PersistentVolumeClaim)
    before = (project.folder / "Pulumi.dev.yaml").read_text()
    project.configure(change)
    (told,) = command_json(project, "preview")
    assert told["headline"].endswith("stops all 3 pods, keeps claims")
    assert told["stops_all_pods"]
    (way,) = (detail for detail in told["details"] if detail.startswith("Without the stop:"))
    assert f"pulumi config set --path '{ORPHAN}' orphan, pulumi up" in way

    (project.folder / "Pulumi.dev.yaml").write_text(before)
    follow(project, f"pulumi config set --path '{ORPHAN}' orphan")
    project.up()
    project.configure(change)
    assert headline(project).endswith("no pod stops, the new set adopts 3 pods")
    # Adopted pods that lack a volume are never done, until they are made anew.
    orphan = {"pulumi.com/deletionPropagationPolicy": "orphan"}
    project.configure({"annotations": {**orphan, "pulumi.com/skipAwait": "true"}})
    project.up()
    assert project.uids(Pod) == pods

    if "serviceName" in change:
        (last,) = (detail for detail in told["details"] if "rollout restart" in detail)
        follow(project, last[last.index("kubectl") :])
        eventually(
            lambda: {pod["spec"]["subdomain"] for pod in project.list(Pod).values()} == {"other"},
            "every pod has the new subdomain",
        )
    else:
        for pod in pods:
            lacking = _told_first_by_doctor(project)
            assert (lacking["what"], lacking["reason"]) == (f"pod {pod}", "MissingVolume")
            _make_anew(project, pod, lacking["commands"][0])
    now = project.uids(PersistentVolumeClaim)
    assert {name: now[name] for name in claims} == claims
    project.configure({}, remove=("annotations",))
    project.up()
    project.up("--expect-no-changes")


EXPLICIT = """
import pulumi
import pulumi_kubernetes as k8s

import settings
from components.stateful_web import StatefulWeb

mine = k8s.Provider("mine", **pulumi.Config("kubernetes-of-mine").require_object("settings"))
StatefulWeb("web", settings.load(), pulumi.ResourceOptions(provider=mine))
"""


def test_a_kubeconfig_edit_that_replaces_all_says_so_first_and_its_way_around_replaces_nothing(
    project: Project,
) -> None:
    without_packs(project)
    project.up()
    stack, pods, before = project.folder / "Pulumi.dev.yaml", project.uids(Pod), _providers(project)
    unchanged = stack.read_text()
    with forward_to_the_cluster_of(project.folder / ".sandbox" / "kubeconfig", project.folder / "kubeconfig"):
        project.configure({"kubernetes:kubeconfig": "kubeconfig"})
        first, web = command_json(project, "preview")
        assert first["headline"] == (
            "all objects would be deleted and created again, since its kubeconfig changed; claims stay. "
            "To avoid it: first one pulumi up with clusterIdentifier alone, then this change"
        )
        assert (first["stops_all_pods"], first["deletes_claims"]) == (True, False)
        assert web["headline"] == "replaces StatefulSet web (provider changed): stops all 3 pods, keeps claims"

        stack.write_text(unchanged)
        _, command, *_ = first["details"][0].split(", ")
        follow(project, command)
        project.up()
        project.configure({"kubernetes:kubeconfig": "kubeconfig"})
        project.up()
        assert (project.uids(Pod), _providers(project)) == (pods, before)


@pytest.mark.extended
def test_up_all_the_same_fails_before_it_deletes_anything_and_the_next_one_goes_on(project: Project) -> None:
    without_packs(project)
    given, kubeconfig = "kubernetes-of-mine:settings.kubeconfig", str(project.values()["kubernetes:kubeconfig"])
    project.program(EXPLICIT)
    project.configure({given: kubeconfig, "retention.whenDeleted": "Delete"})
    project.up()
    pods, claims, before = project.uids(Pod), project.uids(PersistentVolumeClaim), _providers(project)
    with forward_to_the_cluster_of(project.folder / ".sandbox" / "kubeconfig", project.folder / "kubeconfig"):
        project.configure({given: "kubeconfig"})
        first, web = command_json(project, "preview")
        assert "give provider mine the input clusterIdentifier" in first["details"][0]
        assert f"Kubernetes deletes the claims of {project.namespace}/web with the data" in first["headline"]
        assert (first["deletes_claims"], web["deletes_claims"]) == (True, True)
        failed = project.up(check=False)
        assert failed.code != 0
        assert '"nginx" already exists' in failed.output
        project.up()
        assert (project.uids(Pod), project.uids(PersistentVolumeClaim)) == (pods, claims)
        assert _providers(project) != before
        project.up("--expect-no-changes")


def _providers(project: Project) -> list[str]:
    return [found["id"] for found in project.state() if found["type"] == "pulumi:providers:kubernetes"]


def _told_first_by_doctor(project: Project) -> dict[str, Any]:
    told: list[dict[str, Any]] = []

    def tells() -> bool:
        told[:] = command_json(project, "doctor")
        return bool(told)

    eventually(tells, "doctor tells of adopted pods")
    return told[0]


def _make_anew(project: Project, name: str, command: str) -> None:
    before = project.get(Pod, name)["metadata"]["uid"]
    follow(project, command)

    def is_ready() -> bool:
        pod = project.list(Pod).get(name, {"metadata": {"uid": before}})
        conditions = pod.get("status", {}).get("conditions", ())
        return pod["metadata"]["uid"] != before and any(
            c["type"] == "Ready" and c["status"] == "True" for c in conditions
        )

    eventually(is_ready, f"{name} is back and ready")
