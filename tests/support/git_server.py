"""A git host of its own name, by https and on loopback: the engine takes packages from git in no other way."""

import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import trustme

from tests.support.forwarding import hand_over

HOST = "git.example.com"


@contextmanager
def git_host(root: Path, work: Path) -> Iterator[Mapping[str, str]]:
    """Serve every repository below ``root`` for reading as https://git.example.com.

    Gives the variables by which a program reaches it: through a proxy, which answers for that host itself and leads to
    all others. The server's own files lie in ``work``.
    """
    authority = trustme.CA()
    trusted = work / "trusted.pem"
    others = ssl.get_default_verify_paths().cafile
    trusted.write_bytes((Path(others).read_bytes() if others else b"") + authority.cert_pem.bytes())
    encrypted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(encrypted)

    class Git(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_CONNECT(self) -> None:
            self.send_response(200)
            self.end_headers()
            if self.path != f"{HOST}:443":
                host, _, port = self.path.rpartition(":")
                with socket.create_connection((host, int(port))) as other:
                    answers = threading.Thread(target=hand_over, args=(other, self.connection))
                    answers.start()
                    hand_over(self.connection, other)
                    answers.join()
                self.close_connection = True
                return
            self.request = encrypted.wrap_socket(self.connection, server_side=True)
            self.setup()

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            asked = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            ended = subprocess.run(
                ["git", "http-backend"],
                env={
                    "PATH": os.environ["PATH"],
                    "GIT_PROJECT_ROOT": str(root),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "REQUEST_METHOD": self.command,
                    "PATH_INFO": asked.path,
                    "QUERY_STRING": asked.query,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "CONTENT_LENGTH": str(length),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                },
                input=self.rfile.read(length),
                stdout=subprocess.PIPE,
                check=True,
            )
            head, _, body = ended.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
            self.send_response(int(headers.pop("Status", "200").split()[0]))
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Git) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield {
                "HTTPS_PROXY": f"http://127.0.0.1:{server.server_port}",
                "SSL_CERT_FILE": str(trusted),
                "NO_PROXY": "",
                "no_proxy": "",
            }
        finally:
            server.shutdown()
