"""``make audit``: known vulnerabilities of the locked Python packages and of the Go programs that the sandbox builds.

Both tools ask a database on the network. What could not run is said, and fails the audit: silence is no all-clear.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.paths import ROOT
from sandbox.toolchain import FAMILIES
from sandbox.toolchain.build import published
from sandbox.toolchain.golang import environment, find_go

PIP_AUDIT = "pip-audit==2.10.0"
GOVULNCHECK = "golang.org/x/vuln/cmd/govulncheck@v1.1.4"
GO = (1, 26)
CLEAN, FOUND, COULD_NOT_RUN = 0, 1, 2


def python_packages(folder: Path) -> int:
    """Audit the lock file, by a tool in an environment of its own."""
    tool = folder / "audit"
    for command in (
        [sys.executable, "-m", "venv", str(tool)],
        [str(tool / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", PIP_AUDIT],
    ):
        if subprocess.run(command, check=False).returncode:
            return COULD_NOT_RUN
    lock = ["--requirement", str(ROOT / "requirements.lock"), "--require-hashes", "--disable-pip"]
    ended = subprocess.run(
        [str(tool / "bin" / "pip-audit"), *lock, "--progress-spinner", "off"],
        capture_output=True,
        text=True,
        check=False,
    )
    print(ended.stdout, ended.stderr[-2000:], sep="")
    # Its exit code is 1 for findings and for a service that does not answer: only the former come as a table.
    return CLEAN if ended.returncode == 0 else FOUND if "Fix Versions" in ended.stdout else COULD_NOT_RUN


def go_programs(folder: Path) -> int:
    """Audit the programs in the cache: those are what runs."""
    try:
        go = find_go(GO, print)
    except SandboxError as error:
        print(error)
        return COULD_NOT_RUN
    env = environment(GOBIN=str(folder))
    if subprocess.run([go, "install", GOVULNCHECK], env=env, check=False).returncode:
        return COULD_NOT_RUN
    outcomes = []
    for family in FAMILIES.values():
        for program in family.binaries:
            binary = published(family) / program
            if binary.exists():
                print(f"{program} {family.version}", flush=True)
                ended = subprocess.run([str(folder / "govulncheck"), "-mode=binary", str(binary)], check=False)
                # 3: vulnerabilities; anything else but 0: it could not look.
                outcomes.append({0: CLEAN, 3: FOUND}.get(ended.returncode, COULD_NOT_RUN))
                if outcomes[-1] == COULD_NOT_RUN:
                    return COULD_NOT_RUN
    return max(outcomes, default=COULD_NOT_RUN)


def main() -> int:
    """Run both; return 0 only if both ran and found nothing."""
    with tempfile.TemporaryDirectory(prefix="stateful-web-audit-") as name:
        outcomes = {"pip-audit": python_packages(Path(name)), "govulncheck": go_programs(Path(name))}
    words = {
        CLEAN: "found nothing",
        FOUND: "found vulnerabilities: they are listed above",
        COULD_NOT_RUN: "could NOT run, so nothing is known: its words are above",
    }
    for tool, outcome in outcomes.items():
        print(f"{tool} {words[outcome]}")
    return max(outcomes.values())


if __name__ == "__main__":
    sys.exit(main())
