"""The API server of tier ``component`` answers as a real one does."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from sandbox.instance import Sandbox
from tests.support.fake_api_server import USER, FakeApiServer, fake_api_server
from tests.support.oracle import Oracle
from tests.support.projects import Project

pytestmark = pytest.mark.extended

CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
SETS = "/apis/apps/v1/namespaces/{}/statefulsets"
CLAIMS = "/api/v1/namespaces/{}/persistentvolumeclaims"
SERVICES = "/api/v1/namespaces/{}/services"
QUESTIONS = [
    CLASSES,
    f"{CLASSES}/rook-ceph-block",
    f"{CLASSES}/none-such",
    SETS,
    f"{SETS}/web",
    f"{SETS}/none-such",
    CLAIMS,
    f"{CLAIMS}/www-web-1",
    f"{CLAIMS}/none-such",
    SERVICES,
    f"{SERVICES}/nginx",
]
CHANGES: dict[str, dict[str, Any]] = {
    f"{SERVICES}/nginx": {"apiVersion": "v1", "kind": "Service", "metadata": {"labels": {"team": "shop"}}},
    f"{SETS}/web": {"apiVersion": "apps/v1", "kind": "StatefulSet", "spec": {"replicas": 2}},
}
"""What a dry run applies."""
OF_THE_MOMENT = ("resourceVersion", "managedFields", "generation", "selfLink", "continue", "remainingItemCount")
DRY_RUN = {"dryRun": "All", "fieldManager": "somebody", "force": "true"}


@pytest.fixture(scope="module")
def real(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    """An API server with the scenario."""
    with Project.in_new_namespace(sandbox, tmp_path_factory.mktemp("real") / "project") as project:
        project.up()
        yield Oracle.of(sandbox, project.namespace)


@pytest.fixture(scope="module")
def fake(real: Oracle) -> Iterator[FakeApiServer]:
    """The other one, with the same objects."""
    with fake_api_server() as made:
        for path, kind in ((CLASSES, "StorageClass"), (SETS, "StatefulSet"), (CLAIMS, "PersistentVolumeClaim")):
            for item in real.http.get(path.format(real.namespace)).json()["items"]:
                version = path.removeprefix("/apis/").removeprefix("/api/").partition("/namespaces")[0]
                made.add({"apiVersion": version.removesuffix("/storageclasses"), "kind": kind, **item})
        made.add(real.http.get(f"{SERVICES}/nginx".format(real.namespace)).json())
        yield made


def comparable(answer: httpx2.Response) -> Any:
    """Return the code and what was answered, without what is of the moment."""

    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without(item) for key, item in value.items() if key not in OF_THE_MOMENT}
        return [without(item) for item in value] if isinstance(value, list) else value

    return answer.status_code, without(answer.json())


def at(fake: FakeApiServer) -> httpx2.Client:
    return httpx2.Client(base_url=f"http://127.0.0.1:{fake.port}")


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_asked_has_the_same_answer(real: Oracle, fake: FakeApiServer, question: str) -> None:
    path = question.format(real.namespace)
    assert comparable(at(fake).get(path)) == comparable(real.http.get(path))


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_forbidden_is_refused_in_the_same_words(real: Oracle, fake: FakeApiServer, question: str) -> None:
    path = question.format(real.namespace)
    verb, plural = ("list", path.rpartition("/")[2]) if question.endswith("s") else ("get", path.split("/")[-2])
    fake.forbid(f"{verb} {plural}")
    try:
        refused = comparable(at(fake).get(path))
    finally:
        fake.forbidden.clear()
    assert refused[0] == 403
    assert refused == comparable(real.http.get(path, headers={"Impersonate-User": USER}))


@pytest.mark.parametrize("path", CHANGES)
def test_a_dry_run_shows_the_same_object_and_changes_nothing(real: Oracle, fake: FakeApiServer, path: str) -> None:
    change, path = CHANGES[path], path.format(real.namespace)
    name = {"name": path.rpartition("/")[2], "namespace": real.namespace}
    asked = {**change, "metadata": {**change.get("metadata", {}), **name}}
    headers = {"Content-Type": "application/apply-patch+yaml"}
    said = [client.patch(path, params=DRY_RUN, json=asked, headers=headers) for client in (at(fake), real.http)]
    assert comparable(said[0]) == comparable(said[1])
    assert comparable(at(fake).get(path)) == comparable(real.http.get(path)) != comparable(said[0])


def test_a_namespace_that_is_not_there_has_no_objects(real: Oracle, fake: FakeApiServer) -> None:
    path = SETS.format(f"none-such-{uuid4().hex[:8]}")
    assert comparable(at(fake).get(path)) == comparable(real.http.get(path))
