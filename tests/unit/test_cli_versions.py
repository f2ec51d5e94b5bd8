"""What doctor says of the versions in use, in one sentence each."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from lightkube import Client, KubeConfig
from lightkube.config.models import Cluster, User

from components.stateful_web.cli.doctor import Picture
from components.stateful_web.cli.live_objects import server_version
from components.stateful_web.cli.pulumi_cli import STATEFUL_SET, State
from components.stateful_web.cli.versions import findings

PARALLEL = "https://github.com/kubernetes/kubernetes/issues/137409"
WAIT_FOR = "https://github.com/pulumi/pulumi-kubernetes/pull/4524"


def picture(
    *, annotations: Any = None, ready: bool = True, cluster_version: str = "v1.37.2", plugin_version: str = "4.34.2",
    **spec: Any,
) -> Picture:  # fmt: skip
    conditions = [{"type": "Ready", "status": str(ready)}]
    return Picture(
        namespace="shop",
        name="web",
        stateful_set={"metadata": {"name": "web", "annotations": annotations}, "spec": spec},
        pods=[{"metadata": {"name": "web-0"}, "status": {"conditions": conditions}}],
        claims=(),
        events=(),
        classes=(),
        now=datetime(2026, 5, 1, tzinfo=UTC),
        cluster_version=cluster_version,
        plugin_version=plugin_version,
    )


@pytest.mark.parametrize("version", ["v1.35.0", "v1.36.5", "v1.37.2", "v1.37.9-gke.12", ""])
def test_a_supported_cluster_is_no_finding_and_neither_is_one_that_does_not_say(version: str) -> None:
    assert not list(findings(picture(cluster_version=version)))


@pytest.mark.parametrize(
    ("version", "do"),
    [("v1.34.9", "upgrade the cluster"), ("v1.38.0", "look for a newer release of stateful-web")],
)
def test_a_cluster_outside_of_the_range_is_told_with_the_range(version: str, do: str) -> None:
    (found,) = findings(picture(cluster_version=version))
    assert (found.what, found.reason, found.commands) == ("cluster", "UnsupportedVersion", ())
    assert found.fix == (
        f"The cluster is Kubernetes {version}, and this release of stateful-web is tested on 1.35 to 1.37: {do}."
    )


@pytest.mark.parametrize("version", ["v1.35.0", "v1.35.3", "v1.35.3-eks-1a2b"])
def test_a_parallel_set_on_a_cluster_that_counts_old_pods_is_told_how_its_rollout_goes_on(version: str) -> None:
    (found,) = findings(picture(cluster_version=version, ready=False, podManagementPolicy="Parallel"))
    assert (found.what, found.reason) == ("StatefulSet web", "ParallelRollout")
    assert version in found.fix
    assert PARALLEL in found.fix
    assert found.commands == ("kubectl delete pod web-0 --namespace shop",)


def test_no_pod_is_named_where_all_are_ready() -> None:
    (found,) = findings(picture(cluster_version="v1.35.2", podManagementPolicy="Parallel"))
    assert found.commands == ()


@pytest.mark.parametrize(
    ("version", "spec"),
    [
        ("v1.35.4", {"podManagementPolicy": "Parallel"}),
        ("v1.36.0", {"podManagementPolicy": "Parallel"}),
        ("v1.37.2", {"podManagementPolicy": "Parallel"}),
        ("v1.35.2", {"podManagementPolicy": "OrderedReady"}),
        ("v1.35.2", {}),
        ("v1.35.2", {"podManagementPolicy": "Parallel", "updateStrategy": {"type": "OnDelete"}}),
    ],
)
def test_other_clusters_and_other_sets_have_no_such_fault(version: str, spec: Any) -> None:
    assert not list(findings(picture(cluster_version=version, ready=False, **spec)))


@pytest.mark.parametrize("operator", ["!=", ">=", "<="])
def test_an_operator_that_an_older_plugin_tears_apart_is_named(operator: str) -> None:
    path = f'jsonpath={{.status.conditions[?(@.observedGeneration{operator}"1")].status}}=True'
    given = {"pulumi.com/waitFor": f'["condition=Ready", {path!r}]'}
    (found,) = findings(picture(annotations=given, plugin_version="4.33.0"))
    assert (found.what, found.reason) == ("StatefulSet web", "WaitForOperator")
    assert f'has "{operator}"' in found.fix
    assert "4.33.0" in found.fix
    assert WAIT_FOR in found.fix


@pytest.mark.parametrize(
    ("plugin", "path"),
    [
        ("4.34.0", '{.status.conditions[?(@.type!="Failed")].status}'),
        ("", '{.status.conditions[?(@.type!="Failed")].status}'),
        ("4.33.0", '{.status.conditions[?(@.type=="Ready")].status}=True'),
        ("4.33.0", "{.metadata.generation}"),
    ],
)
def test_a_newer_plugin_reads_it_and_an_older_one_the_rest(plugin: str, path: str) -> None:
    assert not list(findings(picture(annotations={"pulumi.com/waitFor": f"jsonpath={path}"}, plugin_version=plugin)))


@pytest.mark.parametrize(
    ("code", "answer", "version"), [(200, {"gitVersion": "v1.37.2"}, "v1.37.2"), (403, {"kind": "Status"}, "")]
)
def test_the_api_server_is_asked_for_its_version_and_may_keep_it_to_itself(
    code: int, answer: Any, version: str
) -> None:
    def serve(request: httpx2.Request) -> httpx2.Response:
        assert request.url.path == "/version"
        return httpx2.Response(code, json=answer)

    config = KubeConfig.from_one(cluster=Cluster(server="https://127.0.0.1:1"), user=User())
    assert server_version(Client(config, transport=httpx2.MockTransport(serve))) == version


@pytest.mark.parametrize(("inputs", "version"), [({"version": "4.33.0"}, "4.33.0"), ({}, "")])
def test_the_state_says_by_which_plugin_a_set_was_made(inputs: Any, version: str) -> None:
    provider = "urn:pulumi:dev::shop::pulumi:providers:kubernetes::default"
    web = {
        "urn": "urn:web",
        "type": STATEFUL_SET,
        "provider": f"{provider}::id",
        "inputs": {"metadata": {"name": "web"}},
    }
    state = State(
        "dev", {"resources": [{"urn": provider, "type": "pulumi:providers:kubernetes", "inputs": inputs}, web]}
    )
    assert [deployed.plugin_version for deployed in state.stateful_sets()] == [version]
