"""Makes the checkout's .venv from requirements.lock; `make` runs it before everything else.

    python3 sandbox/bootstrap.py

It needs nothing but a Python: no package that has to be installed is imported, and the syntax is one that an old
Python can read, so that it can say that it is too old. Run again it does nothing, in milliseconds: a stamp in .venv,
written last, holds what .venv was made from.
"""

import hashlib
import os
import shlex
import shutil
import sys
import time

if sys.platform == "win32":
    sys.exit("The sandbox runs on Linux and macOS: on Windows, use make inside WSL.")
if sys.version_info < (3, 11):  # noqa: UP036 - this is who says so
    sys.exit(
        f"Python 3.11 or newer is needed, and python3 on PATH is {sys.version_info[0]}.{sys.version_info[1]} "
        f"({sys.executable}): put a newer one first on PATH."
    )

from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sandbox.errors import SandboxError  # noqa: E402
from sandbox.paths import user_cache  # noqa: E402

LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "stateful-web.stamp"
STATE = ROOT / ".sandbox"
LOG = STATE / "bootstrap.log"

# Make may itself run in the environment that is about to be made anew, e.g. in a shell that activated it.
BASE = getattr(sys, "_base_executable", sys.executable)


def main() -> int:
    """Make .venv if it is not there, or of other pins or another Python."""
    try:
        wanted = fingerprint()
        if not is_made(wanted):
            make_once(wanted)
        link_component()
        link_packs()
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The Python environment cannot be made in {ROOT}: {error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def fingerprint() -> str:
    """What .venv is made from."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    # Its programs name the folder that they were installed in.
    return f"python {python} {hashlib.sha256(LOCK.read_bytes()).hexdigest()} {VENV.resolve()}"


def is_made(wanted: str) -> bool:
    """Whether .venv is complete and of these pins."""
    return STAMP.exists() and STAMP.read_text() == wanted and PYTHON.exists()


def link_component() -> None:
    """Let .venv have the component and the command `stateful-web` as an environment with the wheel has them."""
    command = VENV / "bin" / "stateful-web"
    if command.exists():
        return
    (packages,) = VENV.glob("lib/python3.*/site-packages")
    (packages / "stateful_web.pth").write_text(f"{ROOT / 'components'}\n")
    made = command.with_name(f"{command.name}.{os.getpid()}")
    made.write_text(f'#!/bin/sh\nexec {shlex.quote(str(PYTHON))} -m stateful_web.cli "$@"\n')
    made.chmod(0o755)
    made.replace(command)  # in one step, since two runs may be at it


def link_packs() -> None:
    """Let each policy pack that names an environment of its own run in .venv: the engine makes none for it."""
    for pack in sorted((ROOT / "policies").glob("*/PulumiPolicy.yaml")):
        link = pack.parent / "venv"
        if "virtualenv: venv" in pack.read_text() and not link.exists():
            # In one step, since two runs may be at it.
            made = link.with_name(f"venv.{os.getpid()}")
            made.symlink_to(Path("..", "..", VENV.name))
            made.replace(link)


def make_once(wanted: str) -> None:
    """Make .venv, or wait for the run that is at it."""
    import fcntl

    STATE.mkdir(mode=0o700, exist_ok=True)
    with (STATE / "bootstrap.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another run is making .venv: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_made(wanted):
            make(wanted, lock.fileno())


def make(wanted: str, lock: int) -> None:
    """Make .venv from nothing: what a killed or older run left of it is not to be trusted."""
    started = time.monotonic()
    STAMP.unlink(missing_ok=True)  # first, so that a kill from here on leaves a .venv that counts for nothing
    if VENV.exists():
        shutil.rmtree(VENV)
    LOG.write_bytes(b"")
    create(lock)
    run(
        "installing requirements.lock into .venv",
        [str(PYTHON), *pip(), "--require-hashes", "--no-deps", "--only-binary=:all:", "-r", str(LOCK)],
        lock,
        "Is the Python package index in reach?",
    )
    part = STAMP.with_suffix(".part")
    part.write_text(wanted)
    part.replace(STAMP)
    say(f"Python environment made in {time.monotonic() - started:.0f} s")


def create(lock: int) -> None:
    """Make an empty .venv, with virtualenv where a distribution keeps half of the venv module in another package."""
    if find_spec("venv") and find_spec("ensurepip"):
        run("making .venv", [BASE, "-I", "-m", "venv", str(VENV)], lock, "")
        return
    fix = "Install the venv module, e.g. `apt-get install python3-venv`, and run it again."
    if not find_spec("pip"):
        raise SandboxError(f"This Python ({BASE}) has neither the venv module nor pip. {fix}")
    home = STATE / "virtualenv"
    shutil.rmtree(home, ignore_errors=True)
    pins = str(ROOT / "sandbox" / "virtualenv.lock")
    install = [BASE, *pip(), "--require-hashes", "--no-deps", "--target", str(home), "-r", pins]
    run("installing virtualenv, as this Python lacks the venv module", install, lock, fix)
    # Not by PYTHONPATH, which would reach the new environment's pip too.
    program = f"import sys; sys.path.insert(0, {str(home)!r}); import virtualenv; virtualenv.cli_run(sys.argv[1:])"
    run("making .venv", [BASE, "-I", "-c", program, "--no-download", str(VENV)], lock, fix)


def pip() -> list[str]:
    """The arguments that start a `pip install`. Modules are compiled at their first import: most never are."""
    return ["-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-compile"]


def environment() -> dict[str, str]:
    """The environment of pip: its cache is ours, and not in the user's home, unless the user has named one."""
    return {"PIP_CACHE_DIR": str(user_cache() / "pip"), **os.environ}


def run(what: str, command: list[str], lock: int, fix: str) -> None:
    """Run `command` with its output in the log, showing `what` and the elapsed time.

    The child keeps the lock too: should this process be killed, the next run waits until its child has ended.
    """
    import subprocess

    started = shown = time.monotonic()
    live = sys.stderr.isatty()
    if not live:
        say(what)
    with LOG.open("ab") as log:
        child = subprocess.Popen(
            command, env=environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(lock,)
        )
    try:
        while True:
            try:
                code = child.wait(timeout=0.5)
                break
            except subprocess.TimeoutExpired:
                now = time.monotonic()
                if live:
                    print(f"\r{what}: {now - started:.0f} s", end="", file=sys.stderr, flush=True)
                elif now - shown >= 15:
                    shown = now
                    say(f"{what}: {now - started:.0f} s")
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
        if live:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    if code:
        tail = "\n".join("  " + line for line in LOG.read_text(errors="replace").splitlines()[-15:])
        raise SandboxError(f"Failed: {what} (exit code {code}). {fix}\nThe end of {LOG}:\n{tail}")


def say(text: str) -> None:
    """Tell the user, on stderr: stdout may be read by a shell, as in `eval "$(make -s env)"`."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
