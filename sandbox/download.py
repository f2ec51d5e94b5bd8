"""Asking sites, and downloading from them, without waiting for one that does not answer."""

import hashlib
import http.client
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.progress import ticker

Say = Callable[[str], None]

ANSWER = 5.0
"""Seconds in which a site has to answer, name look-up included."""
PAUSE = 30.0
"""Seconds that a download may stand still."""
LIMIT = 600.0
"""Seconds in which a download has to end."""
PIECE = 2**20
"""Bytes that are read at once."""


def no_answer(url: str, limit: float = ANSWER) -> str:
    """Why `url` can not be used, in a few words; "" if it answers well within `limit` seconds."""
    try:
        answer(url, "HEAD", limit)
    except SandboxError as why:
        return str(why)
    return ""


def answer(url: str, method: str = "GET", limit: float = ANSWER) -> bytes:
    """What `url` answers within `limit` seconds. Raises SandboxError: why it can not be used, in a few words."""
    answers: list[bytes] = []
    why = [f"no answer within {limit:g} s"]

    def ask() -> None:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=limit) as response:  # noqa: S310
                answers.append(response.read())
        except TimeoutError:
            pass
        except (OSError, http.client.HTTPException) as error:
            why[0] = _said_by(error)

    asking = threading.Thread(target=ask, daemon=True)  # as nothing can interrupt a look-up of a name
    asking.start()
    asking.join(limit)
    if not answers:
        raise SandboxError(why[0])
    return answers[0]


def save(url: str, file: Path, title: str, say: Say) -> str:
    """Download `url` to `file`, showing `title` and how far it is; give its SHA-256.

    Raises SandboxError, in a few words, if it does not arrive whole.
    """
    digest, size = hashlib.sha256(), 0
    started = time.monotonic()
    with file.open("wb") as out, ticker(say) as tick:
        for piece in _pieces(url):
            out.write(piece)
            digest.update(piece)
            size += len(piece)
            elapsed = time.monotonic() - started
            tick(f"{title}: {size / 2**20:.0f} MiB, {elapsed:.0f} s")
            if elapsed > LIMIT:
                raise SandboxError(f"not downloaded within {LIMIT:g} s")
    return digest.hexdigest()


def _pieces(url: str) -> Iterator[bytes]:
    try:
        with urllib.request.urlopen(url, timeout=PAUSE) as response:  # noqa: S310
            while piece := response.read(PIECE):
                yield piece
            if response.length:  # of what was announced
                raise SandboxError("the connection was cut")
    except TimeoutError:
        raise SandboxError(f"silent for {PAUSE:g} s") from None
    except (OSError, http.client.HTTPException) as error:
        raise SandboxError(_said_by(error)) from None


def _said_by(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"answer {error.code}"
    reason = getattr(error, "reason", error)
    return getattr(reason, "strerror", None) or str(reason) or type(error).__name__
