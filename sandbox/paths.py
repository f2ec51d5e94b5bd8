"""Where the sandbox keeps things: the checkout, its state, and the cache that one user's checkouts share."""

import os
from pathlib import Path

from sandbox.errors import SandboxError

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""


def private_dir(path: Path) -> Path:
    """Make `path` and its missing parents, readable by this user alone, and give it back."""
    try:
        for missing in [p for p in (*reversed(path.parents), path) if not p.exists()]:
            missing.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise SandboxError(
            f"{path} cannot be made ({error.strerror}): give this user a writable folder there, "
            "or set XDG_CACHE_HOME to one."
        ) from error
    return path


def state_dir() -> Path:
    """The folder of this checkout's own sandbox."""
    return private_dir(ROOT / ".sandbox")


def user_cache() -> Path:
    """The folder of what all checkouts of this user share: built tools, downloads, the Go wheel."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():  # unset, or what the XDG specification says to ignore
        base = Path.home() / ".cache"
    return private_dir(base / "stateful-web")
