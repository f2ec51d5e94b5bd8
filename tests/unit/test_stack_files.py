"""Every committed stack file says what the component can use."""

from pathlib import Path

import pytest
import yaml

from components.stateful_web.cli.project import Project
from components.stateful_web.cli.render import as_yaml, objects_of
from sandbox.paths import ROOT

STACKS = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))


@pytest.mark.parametrize("stack", STACKS)
def test_it_renders_to_a_headless_service_and_a_stateful_set_that_names_it(stack: str) -> None:
    objects = list(yaml.safe_load_all(as_yaml(objects_of(Project(ROOT, "stateful-web"), stack))))
    (web,) = (found for found in objects if found["kind"] == "StatefulSet")
    (governing,) = (found for found in objects if found["metadata"]["name"] == web["spec"]["serviceName"]
                    and found["kind"] == "Service")  # fmt: skip
    assert governing["spec"]["clusterIP"] == "None"


@pytest.mark.parametrize("stack", STACKS)
def test_it_can_not_reach_a_cluster_that_it_does_not_name(stack: str) -> None:
    config = yaml.safe_load(Path(ROOT, f"Pulumi.{stack}.yaml").read_text())["config"]
    assert "kubernetes:kubeconfig" in config or "kubernetes:context" in config


def test_stack_node_is_stack_dev_on_another_cluster() -> None:
    dev, node = (yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text()) for stack in ("dev", "node"))
    assert dev["config"].pop("kubernetes:kubeconfig") == ".sandbox/kubeconfig"
    assert node["config"].pop("kubernetes:kubeconfig") == ".sandbox/node/kubeconfig"
    assert node == dev
