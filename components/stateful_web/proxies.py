"""Which proxy of the environment leads to a server, by the rules of programs in Go, such as kubectl and the plugin.

https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
"""

import os
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

PORTS = {"http": "80", "https": "443"}
"""Port of a URL that names none, by its scheme."""


def proxy_to(server: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the URL of the proxy that leads to a server.

    ``None`` where the environment names none for its scheme, for loopback addresses, and for what NO_PROXY exempts.
    """
    to = urlsplit(server)
    proxy = _value(f"{to.scheme}_proxy", environment) if to.scheme in PORTS else ""
    place = to.netloc.rpartition("@")[2]
    host, port = _split(place if to.port is not None else f"{place.rstrip(':')}:{PORTS.get(to.scheme, '')}")
    address = _address(host.partition("%")[0])
    if not proxy or host == "localhost" or (address and address.is_loopback):
        return None
    entries = [entry.strip().lower() for entry in _value("no_proxy", environment).split(",")]
    if "*" in entries or any(_exempts(entry, host.lower(), port, address) for entry in entries):
        return None
    return proxy if urlsplit(proxy).netloc else f"http://{proxy}"


def _value(name: str, environment: Mapping[str, str]) -> str:
    return environment.get(name.upper()) or environment.get(name) or ""


def _exempts(entry: str, host: str, port: str, address: IPv4Address | IPv6Address | None) -> bool:
    if network := _network(entry):
        return address is not None and address in network
    name, only_port = _split(entry)
    if only_port not in ("", port):
        return False
    exempt = _address(name)
    if exempt or address:
        return exempt == address
    # With a dot in front, a domain stands for what is below it, and not for itself.
    domain = name[1:] if name.startswith("*.") else name
    if not domain:
        return False
    return host.endswith(domain) if domain.startswith(".") else f".{host}".endswith(f".{domain}")


def _split(text: str) -> tuple[str, str]:
    """Return host and port; a text that has no port, or is an IPv6 address without brackets, is a host as it is."""
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        return host[1:-1], port
    return (host, port) if text.count(":") == 1 else (text, "")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Return an IP address, an IPv4 one also where it is written as an IPv6 one."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _network(text: str) -> IPv4Network | IPv6Network | None:
    first, _, bits = text.partition("/")
    try:
        # Python also takes what Go does not: netmasks, and addresses with a zone.
        found = ip_network(text, strict=False) if bits.isdigit() and "%" not in first else None
    except ValueError:
        return None
    mapped = found.network_address.ipv4_mapped if isinstance(found, IPv6Network) else None
    return IPv4Network((mapped, int(bits) - 96)) if mapped else found
