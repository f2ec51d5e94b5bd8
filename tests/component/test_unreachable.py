"""A cluster that can not be asked is one sentence that says which, why and what to do; no object is registered."""

import errno
import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.support.fake_api_server import FakeApiServer
from tests.support.monitor import Ran

TEXT = "The cluster of kubernetes:kubeconfig (a kubeconfig given as text)"
SET_IT = "Set kubernetes:kubeconfig to the path of a kubeconfig, and kubernetes:context to one of its contexts."
START_IT = "Start the cluster, or set storage.verify to false to go on without it: claims keep their sizes then."


def assert_refused(ran: Ran, sentence: str) -> None:
    """Expect this sentence, said once, and nothing of Kubernetes registered."""
    assert ran.error == sentence
    assert ran.said == (("ERROR", sentence),)
    assert [found.name for found in ran.resources.values() if found.type.startswith("kubernetes:")] == []


@pytest.fixture
def down() -> Iterator[str]:
    """The address of a server that refuses connections."""
    with socket.socket() as reserved:  # bound and not listening
        reserved.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{reserved.getsockname()[1]}"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"kubeconfig": "/no/such/kubeconfig"},
            "The cluster of kubernetes:kubeconfig (/no/such/kubeconfig) can not be used (it is neither a file nor the "
            f"text of a kubeconfig). {SET_IT}",
        ),
        (
            {"context": "elsewhere"},
            'The cluster of kubernetes:kubeconfig (a kubeconfig given as text), context "elsewhere", can not be '
            f'used (it has no context "elsewhere"). {SET_IT}',
        ),
        ({"kubeconfig": "users:\n- token: canary\n  {"}, f"{TEXT} can not be used (it is not YAML: line 3). {SET_IT}"),
    ],
    ids=["nowhere", "an unknown context", "no YAML"],
)
def test_a_kubeconfig_that_can_not_be_used_is_named(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer, settings: dict[str, str], sentence: str
) -> None:
    assert_refused(run(opts=opts(**settings)), sentence)
    assert api.asked == []


def test_a_cluster_that_is_not_in_the_kubeconfig_is_named(run: Callable[..., Ran], opts: Callable[..., Any]) -> None:
    ran = run(opts=opts(cluster="elsewhere"))
    assert_refused(ran, ran.error)
    assert ran.error.startswith(f"{TEXT} can not be used (")
    assert "elsewhere" in ran.error


def test_an_api_server_that_is_down_is_named_and_no_word_of_a_kubeconfig_that_is_given_as_text(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer, down: str
) -> None:
    config = yaml.safe_load(api.kubeconfig)
    config["clusters"][0]["cluster"]["server"] = down
    config["users"][0]["user"]["token"] = "canary"
    ran = run(opts=opts(kubeconfig=yaml.safe_dump(config)))
    why = f"[Errno {errno.ECONNREFUSED}] {os.strerror(errno.ECONNREFUSED)}"
    assert_refused(ran, f"{TEXT} does not answer at {down} ({why}). {START_IT}")


def test_a_connection_that_breaks_is_named(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer
) -> None:
    api.failing = [0] * 9
    ran = run(opts=opts())
    assert ran.error.startswith(f"{TEXT} does not answer at http://127.0.0.1:{api.port} (")
    assert_refused(ran, ran.error)


@pytest.mark.parametrize("code", [401, 429, 500, 503])
def test_an_api_server_that_refuses_to_answer_is_quoted(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer, code: int
) -> None:
    api.failing = [code] * 9
    ran = run(opts=opts())
    assert ran.error.startswith(f"{TEXT} refused to list ")
    assert ran.error.endswith(": not now.")
    assert_refused(ran, ran.error)
