"""Clients of a web server that run where it is reached: ``load RATE URL…`` and ``get URL``.

``load`` asks on time, whether or not earlier answers have come, each time on a new connection, until its input is
closed. They need the standard library alone.
"""

import json
import socket
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor

WORKERS = 64
PATIENCE = 5.0
"""Seconds until an answer has to be there."""


def load(rate: float, urls: list[str]) -> None:
    """Ask ``rate`` times a second; print what became of it as JSON."""
    answered, failed = 0, []
    asked: list[Future[str]] = []
    ended = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=listen, daemon=True).start()

    def ask(url: str) -> str:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                answer.read()
        except (OSError, urllib.error.HTTPError) as error:
            return f"{url}: {error}"
        return ""

    with ThreadPoolExecutor(WORKERS) as workers:
        start = time.monotonic()
        print("started", flush=True)
        while not ended.is_set():
            asked.append(workers.submit(ask, urls[len(asked) % len(urls)]))
            time.sleep(max(0.0, start + len(asked) / rate - time.monotonic()))
        for one in asked:
            if why := one.result():
                failed.append(why)
            else:
                answered += 1
    print(json.dumps({"answered": answered, "failed": failed}), flush=True)


def get(url: str) -> None:
    """Read one answer; print ``started`` after its first bytes, and at the end how many came of how many."""
    where = urllib.parse.urlsplit(url)
    with socket.create_connection((where.hostname, where.port or 80), PATIENCE) as connection:
        request = f"GET {where.path}?{where.query} HTTP/1.0\r\nHost: {where.hostname}\r\n\r\n"
        connection.sendall(request.encode())
        head, _, body = connection.recv(1 << 14).partition(b"\r\n\r\n")
        length = next(int(line.split()[1]) for line in head.splitlines() if line.startswith(b"Content-Length"))
        got = len(body)
        print("started", flush=True)
        try:
            while part := connection.recv(1 << 16):
                got += len(part)
        except OSError:
            pass  # cut off: what came is told below
    print(json.dumps({"length": length, "got": got}), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "load":
        load(float(sys.argv[2]), sys.argv[3:])
    else:
        get(sys.argv[2])
