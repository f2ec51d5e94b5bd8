"""The whole suite in two halves, side by side: ``python -m tests.support.halves``.

A story waits for one program after the other, and leaves much of two cores idle. Each half is a run of pytest with
sandboxes of its own; its lines are passed on behind its name.
"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

HALVES = {
    "engine": [sys.executable, "-m", "pytest", "-m", "engine"],
    "others": [sys.executable, "-m", "pytest", "-m", "not engine"],
}


def side_by_side(commands: Mapping[str, Sequence[str]]) -> int:
    """Run commands to their ends, also after Ctrl-C, which a terminal gives them, too; return 0 if all have."""
    started = time.monotonic()
    runs = {
        name: subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for name, command in commands.items()
    }
    verdicts = {}

    def pass_on(name: str) -> None:
        lines, last = runs[name].stdout, ""
        assert lines
        for line in lines:
            print(f"{name} | {line}", end="", flush=True)
            last = line if line.strip() else last
        code, seconds = runs[name].wait(), time.monotonic() - started
        verdicts[name] = f"{last}{name} ended with exit code {code} after {seconds:.0f} s"

    def end(*_: Any) -> None:
        for run in runs.values():
            run.send_signal(signal.SIGINT)  # so that it takes its sandboxes away

    before = signal.signal(signal.SIGTERM, end)
    readers = [threading.Thread(target=pass_on, args=(name,)) for name in runs]
    for reader in readers:
        reader.start()
    while any(run.poll() is None for run in runs.values()):
        try:
            for run in runs.values():
                run.wait()
        except KeyboardInterrupt:
            continue
    for reader in readers:
        reader.join()
    signal.signal(signal.SIGTERM, before)
    for verdict in verdicts.values():
        print(verdict)
    return next((run.returncode for run in runs.values() if run.returncode), 0)


if __name__ == "__main__":
    sys.exit(side_by_side(HALVES))
