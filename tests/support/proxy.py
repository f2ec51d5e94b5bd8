"""A door to the API server that a test can shut, or make slow."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Door:
    """Forwards connections while it is open."""

    listener: socket.socket
    server: tuple[str, int]
    connections: list[socket.socket] = field(default_factory=list)
    delay: float = 0.0
    """Seconds that everything takes in either direction."""

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.listener.getsockname()[1]}"

    def shut(self) -> None:
        """Break every connection and refuse new ones."""
        for connection in [self.listener, *self.connections]:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.server)
                self.connections += [client, server]
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._forward, args=(source, sink), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                time.sleep(self.delay)
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)


@contextmanager
def door_to(url: str) -> Iterator[Door]:
    """Open a door to a server on this machine."""
    to = urlsplit(url)
    assert to.hostname
    assert to.port
    door = Door(socket.create_server(("127.0.0.1", 0)), (to.hostname, to.port))
    threading.Thread(target=door.serve, daemon=True).start()
    try:
        yield door
    finally:
        door.shut()
