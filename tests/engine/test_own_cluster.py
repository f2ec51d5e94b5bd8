"""A first run on a cluster that the user has: here a sandbox that is not the checkout's own."""

from pathlib import Path

import pytest
from lightkube import Client, KubeConfig
from lightkube.resources.core_v1 import Namespace, PersistentVolumeClaim

from sandbox.instance import Sandbox
from sandbox.own_cluster import NAMESPACE
from tests.support.checkouts import WITHOUT_PREVIEWS, Checkout

CONTEXT = "CONTEXT=kwok-sandbox"


@pytest.mark.extended
def test_the_scenario_goes_up_in_a_namespace_of_its_own_and_down_again_and_its_claims_stay(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    checkout = Checkout(tmp_path, {"KUBECONFIG": str(sandbox.cluster.kubeconfig), **WITHOUT_PREVIEWS})
    api = Client(KubeConfig.from_file(sandbox.cluster.kubeconfig))

    def claims() -> dict[str | None, str | None]:
        found = [claim for claim in api.list(PersistentVolumeClaim, namespace=NAMESPACE) if claim.metadata]
        return {claim.metadata.name: claim.metadata.uid for claim in found if claim.metadata}

    try:
        up = checkout.make("up", CONTEXT)
        assert up.index("default StorageClass (standard)") < up.index("pulumi up of stack context-kwok-sandbox")
        assert f"StatefulSet {NAMESPACE}/web: 3 of 3 pods ready; Service nginx, headless" in up
        first = claims()
        assert sorted(map(str, first)) == ["www-web-0", "www-web-1", "www-web-2"]
        assert f"StatefulSet {NAMESPACE}/web: 3 of 3 pods ready" in checkout.make("-s", "status", CONTEXT)
        down = checkout.make("down", CONTEXT)
        assert all(str(name) in down for name in first), "it says what stays"
        assert f"kubectl --context kwok-sandbox delete namespace {NAMESPACE}" in down
        assert claims() == first
        assert checkout.run("git", "status", "--porcelain").stdout == ""
        assert list(checkout.home.iterdir()) == []
    finally:
        api.delete(Namespace, NAMESPACE)
