"""Ways to a server on this machine: plain ones that a test can cut or make slow, and through a proxy."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import yaml

from sandbox.ports import free_block

Greeting = Callable[[socket.socket], str]
"""Answers what a client says before its connection counts; returns the server that it asked for."""


class Forwarder:
    """Hands bytes over between clients and a server, unless it is cut."""

    def __init__(self, url: str, greet: Greeting | None = None) -> None:
        to = urlsplit(url)
        assert to.hostname
        assert to.port
        self._server = (to.hostname, to.port)
        self._greet = greet
        self.delay = 0.0
        """Seconds that everything takes in either direction."""
        self.asked: list[str] = []
        """Servers that clients asked a proxy for; this one is where they were led."""
        # A port that the kernel gives others, too, could be taken while the way is cut.
        (self.port,) = free_block(Path(uuid4().hex), 1)
        """Where clients connect."""
        self.restore()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def restore(self) -> None:
        """Take connections, at the same port as before."""
        self._open = [socket.create_server(("127.0.0.1", self.port))]
        threading.Thread(target=self._serve, args=(self._open,), daemon=True).start()

    def cut(self) -> None:
        """End every connection and refuse new ones."""
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _serve(self, ends: list[socket.socket]) -> None:
        with suppress(OSError):
            while True:
                client, _ = ends[0].accept()
                if self._greet:
                    self.asked.append(self._greet(client))
                server = socket.create_connection(self._server)
                ends += [client, server]
                for source, target in ((client, server), (server, client)):
                    threading.Thread(
                        target=hand_over, args=(source, target, lambda: time.sleep(self.delay)), daemon=True
                    ).start()


def hand_over(source: socket.socket, target: socket.socket, before: Callable[[], None] = lambda: None) -> None:
    """Give all that comes from one end to the other, until it ends; ``before`` is called before each piece."""
    with suppress(OSError):
        while data := source.recv(65536):
            before()
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def http_proxy(client: socket.socket) -> str:
    """Greet as a proxy does that is asked for a tunnel: https://www.rfc-editor.org/rfc/rfc9110#name-connect."""
    said = b""
    while not said.endswith(b"\r\n\r\n"):
        byte = client.recv(1)
        if not byte:
            raise OSError("the client has gone")
        said += byte
    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    return said.split()[1].decode()


def socks5_proxy(client: socket.socket) -> str:
    """Greet as a SOCKS server does that wants no login: https://www.rfc-editor.org/rfc/rfc1928."""
    _version, methods = client.recv(2)
    client.recv(methods)
    client.sendall(b"\x05\x00")
    *_command, kind, length = client.recv(5)
    assert kind == 3, "a host by its name"
    host, port = client.recv(length).decode(), int.from_bytes(client.recv(2), "big")
    client.sendall(b"\x05\x00\x00\x01" + bytes(6))
    return f"{host}:{port}"


@contextmanager
def forward_to(url: str, greet: Greeting | None = None) -> Iterator[Forwarder]:
    """Open a way to a server on this machine."""
    way = Forwarder(url, greet)
    try:
        yield way
    finally:
        way.cut()


@contextmanager
def forward_to_the_cluster_of(kubeconfig: Path, copy: Path) -> Iterator[Forwarder]:
    """Write a kubeconfig that leads to the cluster through a way that can be cut."""
    config = yaml.safe_load(kubeconfig.read_text())
    cluster = config["clusters"][0]["cluster"]
    with forward_to(cluster["server"]) as way:
        cluster["server"] = way.url
        copy.write_text(yaml.safe_dump(config))
        yield way
