"""A way to the API server that a test can cut."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import yaml


class Way:
    """Hands bytes over between clients and a server, unless it is cut."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self.port = 0
        """Where clients connect."""
        self.restore()

    def restore(self) -> None:
        """Take connections, at the same port as before."""
        self._open = [socket.create_server(("127.0.0.1", self.port))]
        self.port = self._open[0].getsockname()[1]
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
                server = socket.create_connection(self._server)
                ends += [client, server]
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=_copy, args=(source, target), daemon=True).start()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def way_to_the_cluster_of(kubeconfig: Path, copy: Path) -> Iterator[Way]:
    """Write a kubeconfig that leads to the cluster through a way that can be cut."""
    config = yaml.safe_load(kubeconfig.read_text())
    address = urlsplit(config["clusters"][0]["cluster"]["server"])
    assert address.hostname
    assert address.port
    way = Way(address.hostname, address.port)
    config["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{way.port}"
    copy.write_text(yaml.safe_dump(config))
    try:
        yield way
    finally:
        way.cut()
