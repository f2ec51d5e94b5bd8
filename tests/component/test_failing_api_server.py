"""An API server that fails at some of the questions: one sentence about the cluster, and no object is registered."""

from typing import Any

import pytest

from tests.support.fake_api_server import FakeApiServer

from .harness import Stack, known
from .refusals import refusal

LONG = 1000
"""So many answers in a row are failures: more than anybody asks again."""


def fails_on(api: FakeApiServer, monkeypatch: pytest.MonkeyPatch, plural: str, code: int) -> None:
    """Have every request for these objects fail, and no other."""
    answer = api.answer

    def answering(method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if f"/{plural}" in path:
            api.failing.append(code)
        return answer(method, path, body)

    monkeypatch.setattr(api, "answer", answering)


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize("plural", ["storageclasses", "statefulsets", "persistentvolumeclaims"])
@pytest.mark.parametrize("explicit", [False, True], ids=["default provider", "explicit provider"])
def test_a_failing_list_request_is_one_sentence_for_every_kind(
    stack: Stack, api: FakeApiServer, monkeypatch: pytest.MonkeyPatch, plural: str, code: int, explicit: bool
) -> None:
    stack.grown_up(replicas=2)
    fails_on(api, monkeypatch, plural, code)
    opts = {"provider": stack.provider()} if explicit else {}
    said = refusal(stack.preview(replicas=2, opts=opts))
    assert said.startswith("The cluster of kubernetes:kubeconfig (a kubeconfig given as text)")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("namespace", ["default", known("default")], ids=["plain", "output"])
def test_a_broken_connection_stops_a_change_of_a_live_set(stack: Stack, api: FakeApiServer, namespace: Any) -> None:
    stack.grown_up(replicas=2)
    api.failing.extend([0] * LONG)
    change: dict[str, Any] = {"replicas": 2, "storage": {"size": "2Gi"}, "service_name": "other"}
    said = refusal(stack.up(namespace=namespace, **change))
    assert f"does not answer at http://127.0.0.1:{api.port}" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("code", [429, 503, 0])
def test_a_failing_api_server_is_one_sentence_in_other_languages_too(
    stack: Stack, api: FakeApiServer, code: int
) -> None:
    api.failing.extend([code] * LONG)
    said = refusal(stack.hosted(replicas=2.0))
    assert said.startswith("The cluster of kubernetes:kubeconfig (a kubeconfig given as text)")
    assert len(said.splitlines()) == 1
