"""The cluster is of the Kubernetes that was asked for: ``make test K8S=1.35``."""

import json

from sandbox.toolchain import FAMILIES, wanted_kubernetes
from tests.support.projects import Project


def test_the_api_server_is_of_the_version_whose_pins_were_asked_for(project: Project) -> None:
    said = json.loads(project.kubectl("version", "--output=json"))
    assert said["serverVersion"]["gitVersion"] == FAMILIES[wanted_kubernetes()].version
