"""What Pulumi users do with components: several of them, providers, options, outputs of others as inputs."""

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import ConfigMap, Service

from tests.support.projects import Project

HEAD = """
import pulumi
import pulumi_kubernetes as k8s
from components.stateful_web import StatefulWeb

namespace = pulumi.Config("stateful-web").require("namespace")
"""


def program(project: Project, text: str) -> None:
    project.program(HEAD + text)


def by_name(project: Project) -> dict[str, dict[str, object]]:
    return {resource["urn"].rpartition("::")[2]: resource for resource in project.state()}


OPTIONS = """
first = k8s.core.v1.ConfigMap("first", metadata={{"name": "first", "namespace": namespace}}, data={{"a": "b"}})

def transform(args):
    if args.type_ == "kubernetes:core/v1:Service":
        args.props["metadata"]["labels"]["transformed"] = "yes"
        return pulumi.ResourceTransformResult(args.props, args.opts)

web = StatefulWeb("{name}", {{"image": "web:1", "name": "web", "namespace": namespace,
    "selector_labels": {{"app": "web"}}, "recommended_labels": False}},
    pulumi.ResourceOptions(protect={protect}, depends_on=[first], transforms=[transform], retain_on_delete={retain},
                           aliases={aliases}))
pulumi.export("pods", web.pod_hosts)
"""


@pytest.mark.extended
def test_options_mean_for_it_and_its_children_what_they_mean_everywhere(project: Project) -> None:
    program(project, OPTIONS.format(name="web", protect=True, retain=True, aliases=None))
    project.up()
    resources = by_name(project)
    component, stateful_set, service = resources["web"], resources["web-set"], resources["web-headless"]
    assert component["protect"] is True
    assert "aliases" not in stateful_set, "options are not copied to children"
    assert stateful_set["parent"] == service["parent"] == component["urn"]
    assert str(resources["first"]["urn"]) in str(component["dependencies"])
    assert project.get(Service, "web")["metadata"]["labels"]["transformed"] == "yes"
    try:
        refused = project.pulumi("destroy", "--yes", "--skip-preview", check=False)
    finally:
        project.pulumi("state", "unprotect", "--all", "--yes")
    assert refused.code != 0
    assert "protect" in refused.output
    assert project.list(StatefulSet)

    # A rename carries an alias: no object is touched.
    uid = project.get(StatefulSet, "web")["metadata"]["uid"]
    aliases = '[pulumi.Alias(name="web")]'
    program(project, OPTIONS.format(name="shop", protect=False, retain=True, aliases=aliases))
    project.up()
    assert project.get(StatefulSet, "web")["metadata"]["uid"] == uid
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert project.get(StatefulSet, "web")["metadata"]["uid"] == uid, "retained"


OUTPUTS = """
numbers = k8s.core.v1.ConfigMap("numbers", metadata={{"namespace": namespace}},
    data={{"replicas": "2", "port": "8080"}})
own = k8s.storage.v1.StorageClass("own", metadata={{"name": namespace + "-own"}},
    provisioner="kubernetes.io/host-path")
StatefulWeb("web", {{
    "image": pulumi.Output.secret("registry.example/hidden:1"),
    "namespace": numbers.metadata["namespace"],
    "replicas": numbers.data["replicas"].apply({count}),
    "port": numbers.data["port"].apply(int),
    "storage": {{"storage_class_name": own.metadata["name"], "size": numbers.data.apply(lambda _: "1Gi")}},
    "env": {{"NUMBERS": numbers.metadata["name"], "PASSWORD": pulumi.Output.secret("hunter2")}},
    "update": {{"partition": numbers.data.apply(lambda _: 0)}},
    "files": [{{"mount_path": "/etc/web", "content": {{"name": numbers.metadata["name"]}}}},
              {{"mount_path": "/etc/keys", "content": {{"key": pulumi.Output.secret("hunter3")}}, "secret": True}}],
}})
"""


def test_outputs_of_other_resources_are_inputs_and_secrets_stay_secret(project: Project) -> None:
    program(project, OUTPUTS.format(count="int"))
    project.preview()
    project.up()
    live = project.get(StatefulSet, "web")["spec"]
    (container,) = live["template"]["spec"]["containers"]
    assert live["replicas"] == 2
    assert container["ports"][0]["containerPort"] == 8080
    assert container["image"] == "registry.example/hidden:1"
    numbers = next(name for name in project.list(ConfigMap) if name.startswith("numbers"))
    assert {"name": "NUMBERS", "value": numbers} in container["env"]
    assert live["volumeClaimTemplates"][0]["spec"]["storageClassName"] == f"{project.namespace}-own"
    project.up("--expect-no-changes")
    state = project.pulumi("stack", "export").output
    assert not [hidden for hidden in ("hunter2", "hunter3", "registry.example/hidden") if hidden in state]
