"""Which proxy of the environment leads to a server, as programs in Go decide it, kubectl and the plugin among them.

https://pkg.go.dev/golang.org/x/net/http/httpproxy#FromEnvironment
"""

import os
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit


def proxy_to(server: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the proxy's address; ``None`` where none is named, for this machine, and for what NO_PROXY exempts."""
    to = urlsplit(server)
    host = to.hostname or ""
    if host in ("localhost", "::1") or host.startswith("127."):
        return None
    if any(_exempts(entry.strip(), host, to.port) for entry in _value("no_proxy", environment).split(",")):
        return None
    return _value(f"{to.scheme}_proxy", environment) or None


def _value(name: str, environment: Mapping[str, str]) -> str:
    return environment.get(name.upper()) or environment.get(name) or ""


def _exempts(entry: str, host: str, port: int | None) -> bool:
    if "/" in entry:
        try:
            return ip_address(host) in ip_network(entry, strict=False)
        except ValueError:
            return False
    name, _, only = entry.rpartition(":") if entry.rpartition(":")[2].isdigit() else (entry, "", "")
    if only and int(only) != port:
        return False
    domain = name.removeprefix("*").lstrip(".")
    # With a dot in front, a domain stands for what is below it, and not for itself.
    return name == "*" or (bool(domain) and (host.endswith(f".{domain}") or (host == domain and name == domain)))
