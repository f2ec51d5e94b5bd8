"""What tests of this tier share."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lightkube import Client, KubeConfig
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, ServiceAccount

from sandbox import toolchain
from sandbox.instance import Sandbox
from sandbox.paths import ROOT
from tests.support.oracle import Oracle
from tests.support.projects import Project
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


@pytest.fixture
def in_yaml(sandbox: Sandbox, tmp_path: Path) -> Iterator[Project]:
    """The example in YAML, beside a copy of the component, in a namespace of its own."""
    with Project.in_new_namespace(sandbox, tmp_path / "project") as python:
        folder = python.folder / "examples" / "yaml"
        shutil.copytree(ROOT / "examples" / "yaml", folder)
        (language,) = toolchain.ensure("yaml", say=lambda _: None)
        path = f"{language}:{python.env['PATH']}"
        made = replace(python, folder=folder, env={**python.env, "PATH": path, "PULUMI_STACK": "yaml"})
        made.pulumi("stack", "init", "yaml")
        made.pulumi("config", "set", "namespace", made.namespace)
        made.pulumi("config", "set", "kubernetes:kubeconfig", str(sandbox.cluster.kubeconfig))
        yield made
