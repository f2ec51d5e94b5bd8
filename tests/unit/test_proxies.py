"""Which proxy of the environment leads to a cluster: as Go decides it, from its documentation."""

import pytest

from components.stateful_web.proxies import proxy_to

PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_a_proxy_is_found_by_either_spelling_of_its_name(name: str) -> None:
    assert proxy_to("https://cluster.example:6443", {name: PROXY}) == PROXY


def test_a_proxy_for_another_scheme_is_none() -> None:
    assert proxy_to("https://cluster.example:6443", {"HTTP_PROXY": PROXY}) is None
    assert proxy_to("http://cluster.example:8080", {"HTTP_PROXY": PROXY}) == PROXY


@pytest.mark.parametrize("server", ["https://127.0.0.1:6443", "https://localhost:6443", "https://[::1]:6443"])
def test_none_leads_to_this_machine(server: str) -> None:
    assert proxy_to(server, {"HTTPS_PROXY": PROXY}) is None


@pytest.mark.parametrize(
    ("exempt", "server", "is_exempt"),
    [
        ("*", "https://cluster.example", True),
        ("cluster.example", "https://cluster.example:6443", True),
        ("example", "https://cluster.example:6443", True),
        (".example", "https://cluster.example:6443", True),
        ("*.example", "https://cluster.example:6443", True),
        (".cluster.example", "https://cluster.example:6443", False),
        ("ample", "https://cluster.example:6443", False),
        ("cluster.example:6443", "https://cluster.example:6443", True),
        ("cluster.example:443", "https://cluster.example:6443", False),
        ("10.0.0.0/8", "https://10.1.2.3:6443", True),
        ("10.0.0.0/8", "https://11.1.2.3:6443", False),
        ("10.0.0.0/8", "https://cluster.example:6443", False),
        ("10.1.2.3", "https://10.1.2.3:6443", True),
        ("elsewhere, cluster.example", "https://cluster.example:6443", True),
        ("", "https://cluster.example:6443", False),
    ],
)
def test_no_proxy_exempts(exempt: str, server: str, is_exempt: bool) -> None:
    assert (proxy_to(server, {"HTTPS_PROXY": PROXY, "NO_PROXY": exempt}) is None) is is_exempt
