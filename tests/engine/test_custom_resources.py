"""Objects of other APIs that pages show: the API server takes them, field by field, by the schema of their makers."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from lightkube.resources.core_v1 import Service

from sandbox.paths import ROOT
from sandbox.toolchain.golang import environment, find_go
from tests.support.pages import blocks
from tests.support.projects import Project
from tests.support.waiting import eventually

PAGES = ROOT / "docs/how-to"
GATEWAY = "sigs.k8s.io/gateway-api@v1.4.1", "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml"
SNAPSHOTS = (
    "github.com/kubernetes-csi/external-snapshotter/client/v8@v8.6.0",
    "config/crd/snapshot.storage.k8s.io_volumesnapshots.yaml",
)
pytestmark = pytest.mark.extended


@contextmanager
def served(project: Project, folder: Path, module: str, path: str) -> "Iterator[None]":
    """Have the cluster serve the CRD that is a file of a Go module."""
    go = find_go((1, 21), lambda _: None)
    env = environment(GOMODCACHE=str(folder / "modules"), GOFLAGS="-modcacherw")
    told = subprocess.run(
        [go, "mod", "download", "-json", module], env=env, cwd=folder, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr + told.stdout
    file = Path(json.loads(told.stdout)["Dir"]) / path
    name = project.kubectl("apply", "--server-side", "--output=name", "--filename", str(file)).strip()
    try:
        project.kubectl("wait", "--for=condition=Established", name, "--timeout=30s")
        kind = name.partition("/")[2].partition(".")[0]
        eventually(lambda: kind in project.kubectl("api-resources", "--cached=false"), f"{kind} are served")
        yield
    finally:
        project.kubectl("delete", name)


def test_the_route_of_the_page_leads_to_the_client_service(project: Project, tmp_path: Path) -> None:
    (program,) = [block.text for block in blocks(PAGES / "serve-clients.md") if block.file == "__main__.py"]
    project.program(program)
    project.configure({"clientService": {"port": 80}})
    with served(project, tmp_path, *GATEWAY):
        project.up()
        project.up("--expect-no-changes")
        route = json.loads(project.kubectl("get", "httproute", "web", "--output=json"))["spec"]
        assert route["hostnames"] == ["web.example.com"]
        (parent,) = route["parentRefs"]
        assert (parent["kind"], parent["namespace"], parent["name"]) == ("Gateway", "gateways", "edge")
        ((backend,),) = [rule["backendRefs"] for rule in route["rules"]]
        service = project.get(Service, backend["name"])
        assert backend["kind"] == "Service"
        assert backend["port"] in [port["port"] for port in service["spec"]["ports"]]
        assert service["spec"]["clusterIP"] != "None", "a Service with an address"


def test_the_snapshots_of_the_page_are_of_the_claims(project: Project, tmp_path: Path) -> None:
    (script,) = [block.text for block in blocks(PAGES / "back-up.md") if block.title == f"run by {here()}"]
    with served(project, tmp_path, *SNAPSHOTS):
        project.up()
        script = script.replace("kubectl ", f"kubectl --namespace {project.namespace} ")
        subprocess.run(["bash", "-euc", script], env=project.env, check=True)
        taken = json.loads(project.kubectl("get", "volumesnapshots", "--output=json"))["items"]
        sources = {one["metadata"]["name"]: one["spec"]["source"]["persistentVolumeClaimName"] for one in taken}
        assert sources == {f"web-{n}-before": f"www-web-{n}" for n in range(3)}
        assert set(sources.values()) == set(project.outputs()["claim_names"])


def here() -> str:
    """Return the path of this file in the repository."""
    return Path(__file__).relative_to(ROOT).as_posix()
