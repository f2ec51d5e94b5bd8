"""What tests of this tier share."""

from collections.abc import Iterator

import pytest
from lightkube import Client, KubeConfig
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, ServiceAccount

from sandbox.instance import Sandbox
from tests.support.oracle import Oracle
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def oracle(sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[Oracle]:
    """The API server, asked in a namespace that is empty but for the account that pods run as."""
    api = Client(KubeConfig.from_file(sandbox.cluster.kubeconfig))
    name = f"oracle-{request.module.__name__.rpartition('.')[2].replace('_', '-')}"[:63]
    api.create(Namespace(metadata=ObjectMeta(name=name)))
    try:
        eventually(lambda: any(api.list(ServiceAccount, namespace=name)), "the account is there")
        yield Oracle.of(sandbox, name)
    finally:
        api.delete(Namespace, name)
