"""The stand-in as a process of its own, spoken to as the engine does, against the run's real API server."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import grpc
import pytest
import yaml
from lightkube import Client, KubeConfig
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, ServiceAccount
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2_grpc

from sandbox.instance import Sandbox
from tests.standin.harness import NOWHERE, Engine, Plugin, StartPlugin
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def kubeconfig(sandbox: Sandbox) -> Path:
    return sandbox.cluster.kubeconfig


@pytest.fixture(scope="session")
def start_plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartPlugin]:
    """Start plugins with an environment of their own, and end them."""
    running: list[subprocess.Popen[str]] = []
    engine = Engine()
    server = grpc.server(ThreadPoolExecutor(8))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()

    def start(engine_address: str = f"127.0.0.1:{port}", **environment: str) -> Plugin:
        home = tmp_path_factory.mktemp("home")
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.kubernetes_plugin", engine_address],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "HOME": str(home), **environment},
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert process.stdout is not None
        channel = grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}")
        return Plugin(process, provider_pb2_grpc.ResourceProviderStub(channel), engine)

    yield start
    for process in running:
        process.terminate()
    for process in running:
        process.wait(30)
    server.stop(None)


@pytest.fixture(scope="session")
def plugin(start_plugin: StartPlugin, kubeconfig: Path) -> Plugin:
    """The plugin that most tests share, with a provider of default settings."""
    return start_plugin(KUBECONFIG=str(kubeconfig)).configure()


@pytest.fixture(scope="session")
def api(kubeconfig: Path) -> Client:
    return Client(KubeConfig.from_file(kubeconfig), field_manager="a-test")


@pytest.fixture
def namespace(api: Client) -> Iterator[str]:
    """A namespace of the test's own, with the account that pods run as."""
    name = f"standin-{uuid4().hex[:8]}"
    api.create(Namespace(metadata=ObjectMeta(name=name)))
    eventually(lambda: any(api.list(ServiceAccount, namespace=name)), "the account is there")
    yield name
    api.delete(Namespace, name)


@pytest.fixture
def at_nowhere(kubeconfig: Path) -> str:
    """The text of a kubeconfig whose cluster does not answer."""
    config = yaml.safe_load(kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = f"https://{NOWHERE}"
    return json.dumps(config)
