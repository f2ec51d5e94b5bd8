"""A fake cluster and a stack on it, new for every test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.fake_api_server import FakeApiServer, fake_api_server
from tests.support.monitor import Ran

from .harness import Stack, storage_class


@pytest.fixture
def api() -> Iterator[FakeApiServer]:
    """An API server with the StorageClasses of the sandbox, and nothing else."""
    with fake_api_server() as made:
        made.add(
            storage_class("standard", default=True),
            storage_class("rook-ceph-block"),
            storage_class("my-sc"),
            storage_class("rigid", grows=False),
        )
        yield made


@pytest.fixture
def stack(api: FakeApiServer) -> Stack:
    """A stack on that cluster."""
    return Stack(api)


@pytest.fixture(params=[True, False], ids=["preview", "up"])
def preview(request: pytest.FixtureRequest) -> bool:
    """Whether the program is previewed: a test that asks for it runs in both ways."""
    return bool(request.param)


@pytest.fixture
def run(stack: Stack, preview: bool) -> Callable[..., Ran]:
    """Run a program with one StatefulWeb, in preview and in ``up``."""
    return stack.preview if preview else stack.up


@pytest.fixture(params=["default provider", "explicit provider"])
def opts(request: pytest.FixtureRequest, stack: Stack) -> Callable[..., dict[str, Any]]:
    """Return options for a provider of these settings: the default one by config, and an explicit one by its inputs."""

    def of_provider(**settings: str) -> dict[str, Any]:
        if request.param == "explicit provider":
            return {"provider": stack.provider(**settings)}
        stack.config.update({f"kubernetes:{key}": value for key, value in settings.items()})
        return {}

    return of_provider
