"""Which proxy of the environment leads to a cluster: as Go decides it, from its documentation and its source.

``golang.org/x/net/http/httpproxy`` and this decided alike on 600,000 servers and lists drawn by chance.
"""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.stateful_web.proxies import proxy_to

PROXY = "http://proxy.example:3128"


def is_exempt(server: str, no_proxy: str) -> bool:
    return proxy_to(server, {"HTTPS_PROXY": PROXY, "HTTP_PROXY": PROXY, "NO_PROXY": no_proxy}) is None


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_a_proxy_is_found_by_either_spelling_of_its_name(name: str) -> None:
    assert proxy_to("https://cluster.example:6443", {name: PROXY}) == PROXY


@pytest.mark.parametrize(("upper", "found"), [("http://upper.example", "http://upper.example"), ("", PROXY)])
def test_the_name_in_capitals_goes_first_unless_it_is_empty(upper: str, found: str) -> None:
    assert proxy_to("https://cluster.example", {"https_proxy": PROXY, "HTTPS_PROXY": upper}) == found
    environment = {"https_proxy": PROXY, "no_proxy": "cluster.example", "NO_PROXY": "elsewhere" if upper else ""}
    assert (proxy_to("https://cluster.example", environment) == PROXY) is bool(upper)


def test_a_proxy_for_another_scheme_is_none() -> None:
    assert proxy_to("https://cluster.example:6443", {"HTTP_PROXY": PROXY, "ALL_PROXY": PROXY}) is None
    assert proxy_to("http://cluster.example:8080", {"HTTP_PROXY": PROXY}) == PROXY
    assert proxy_to("HTTPS://cluster.example", {"HTTPS_PROXY": PROXY}) == PROXY


@pytest.mark.parametrize("proxy", ["proxy.example", "proxy.example:3128", "10.0.0.1:3128"])
def test_a_proxy_without_a_scheme_is_one_of_http(proxy: str) -> None:
    assert proxy_to("https://cluster.example:6443", {"HTTPS_PROXY": proxy}) == f"http://{proxy}"


@pytest.mark.parametrize("proxy", ["https://proxy.example", "socks5://me:secret@proxy.example:1080"])
def test_a_proxy_with_a_scheme_is_taken_as_it_is(proxy: str) -> None:
    assert proxy_to("https://cluster.example:6443", {"HTTPS_PROXY": proxy}) == proxy


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1.2.3", "localhost", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]"]
)
@pytest.mark.parametrize("port", ["", ":6443"])
def test_none_leads_to_this_machine(host: str, port: str) -> None:
    assert is_exempt(f"https://{host}{port}", "")


@pytest.mark.parametrize(
    "host", ["127.evil.example.com", "127.1", "localhost.example", "LOCALHOST", "128.0.0.1", "[::2]"]
)
def test_a_name_that_looks_like_this_machine_is_another(host: str) -> None:
    assert not is_exempt(f"https://{host}:6443", "")


@pytest.mark.parametrize(
    ("exempt", "server", "verdict"),
    [
        ("*", "https://cluster.example", True),
        ("elsewhere, *", "https://cluster.example", True),
        ("*:6443", "https://cluster.example:6443", False),
        ("cluster.example", "https://cluster.example:6443", True),
        ("example", "https://cluster.example:6443", True),
        (".example", "https://cluster.example:6443", True),
        ("*.example", "https://cluster.example:6443", True),
        ("*example", "https://cluster.example:6443", False),
        ("..example", "https://cluster.example:6443", False),
        (".cluster.example", "https://cluster.example:6443", False),
        ("*.cluster.example", "https://cluster.example:6443", False),
        ("ample", "https://cluster.example:6443", False),
        ("CLUSTER.Example", "https://cluster.example:6443", True),
        ("cluster.example", "https://Cluster.EXAMPLE:6443", True),
        ("cluster.example:6443", "https://cluster.example:6443", True),
        ("cluster.example:443", "https://cluster.example:6443", False),
        ("cluster.example:443", "https://cluster.example", True),
        ("cluster.example:80", "http://cluster.example", True),
        ("cluster.example:443", "http://cluster.example", False),
        ("cluster.example:", "https://cluster.example:6443", True),
        ("cluster.example:https", "https://cluster.example:443", False),
        (":6443", "https://cluster.example:6443", False),
        ("10.0.0.0/8", "https://10.1.2.3:6443", True),
        ("10.0.0.1/8", "https://10.1.2.3:6443", True),
        ("10.0.0.0/255.0.0.0", "https://10.1.2.3:6443", False),
        ("10.0.0.0/8:6443", "https://10.1.2.3:6443", False),
        ("10.0.0.0/8", "https://11.1.2.3:6443", False),
        ("10.0.0.0/8", "https://cluster.example:6443", False),
        ("10.0.0.0/8", "https://[::ffff:10.1.2.3]:6443", True),
        ("::ffff:10.0.0.0/104", "https://10.1.2.3:6443", True),
        ("10.1.2.3", "https://10.1.2.3:6443", True),
        ("10.1.2.3:6443", "https://10.1.2.3:6443", True),
        ("10.1.2.3:443", "https://10.1.2.3:6443", False),
        ("10.1.2", "https://10.1.2.3:6443", False),
        (".2.3", "https://10.1.2.3:6443", False),
        ("2001:db8::1", "https://[2001:db8::1]:6443", True),
        ("2001:DB8:0::0:1", "https://[2001:db8::1]:6443", True),
        ("[2001:db8::1]:6443", "https://[2001:db8::1]:6443", True),
        ("[2001:db8::1]:443", "https://[2001:db8::1]", True),
        ("[2001:db8::1]:443", "https://[2001:db8::1]:6443", False),
        ("[2001:db8::1]", "https://[2001:db8::1]:6443", False),
        ("2001:db8::/32", "https://[2001:db8::1]:6443", True),
        ("2001:db9::/32", "https://[2001:db8::1]:6443", False),
        ("fe80::1", "https://[fe80::1%25eth0]:6443", True),
        ("fe80::%eth0/64", "https://[fe80::1]:6443", False),
        ("elsewhere, \tcluster.example ,", "https://cluster.example:6443", True),
        ("elsewhere cluster.example", "https://cluster.example:6443", False),
        ("cluster.example", "https://me:secret@cluster.example:6443/path", True),
        ("", "https://cluster.example:6443", False),
    ],
)
def test_no_proxy_exempts(exempt: str, server: str, verdict: bool) -> None:
    assert is_exempt(server, exempt) is verdict


def spellings(host: str, port: str) -> tuple[list[str], list[str]]:
    """Return entries that exempt a server, and others that don't."""
    other = "1" if port != "1" else "2"
    if ":" in host:
        bare = host.strip("[]")
        return [bare, bare.upper(), f"{host}:{port}", f"{bare}/128", f"{bare}/16"], [
            *(host, f"{host}:{other}", f"x{bare}", f"{bare}/129", "10.0.0.0/8", "example")
        ]
    if host[0].isdigit():
        return [host, f"{host}:{port}", f"{host}/32", f"{host}/8", f"::ffff:{host}"], [
            *(f"{host}:{other}", f".{host}", f"*.{host}", f"[{host}]", f"{host}/33", "11.0.0.0/8", "::/0")
        ]
    parent = host.partition(".")[2]
    exempting = [host, host.upper(), f"{host}:{port}", parent, f".{parent}", f"*.{parent}", f".{parent}:{port}"]
    return exempting, [f"{host}:{other}", f".{host}", f"*.{host}", f"x{host}", f"x.{host}", f"*{parent}", f"[{host}]"]


HOSTS = ["cluster.example.com", "a.b.c", "10.1.2.3", "10.255.0.1", "[2001:db8::1]", "[fe80::abcd]"]


@given(data=st.data(), host=st.sampled_from(HOSTS), port=st.sampled_from(["443", "6443", "80"]))
def test_a_list_exempts_what_one_of_its_entries_exempts_in_any_order(data: st.DataObject, host: str, port: str) -> None:
    exempting, others = spellings(host, port)
    entries = data.draw(st.lists(st.sampled_from(exempting + others), max_size=5))
    padding = data.draw(st.sampled_from(["", " ", "\t"]))
    server = f"https://{host}" + ("" if port == "443" and data.draw(st.booleans()) else f":{port}")
    listed = ",".join(f"{padding}{entry}{padding}" for entry in entries)
    assert is_exempt(server, listed) is any(entry in exempting for entry in entries)


def test_each_spelling_has_its_verdict() -> None:
    for host, port in product(HOSTS, ["443", "6443", "80"]):
        exempting, others = spellings(host, port)
        for entry in exempting + others:
            assert is_exempt(f"https://{host}:{port}", entry) is (entry in exempting), (host, port, entry)
