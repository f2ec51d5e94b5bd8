"""Gets a family of tools into the user cache, downloaded or built, and publishes it at once, or not at all."""

import math
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from sandbox import progress
from sandbox.errors import SandboxError
from sandbox.locks import lock, lock_if_free
from sandbox.paths import private_dir, user_cache
from sandbox.toolchain import releases
from sandbox.toolchain.families import FAMILIES, Family, target
from sandbox.toolchain.golang import environment, find_go

Say = Callable[[str], None]
GIB = 2**30
NEW = "new"
"""The folder of what is about to be published."""


def ensure(*names: str, say: Say = print) -> tuple[Path, ...]:
    """The folders that hold the binaries of these families, in their order; builds those that are not there yet."""
    families = [FAMILIES[name] for name in names]
    missing = [family for family in families if not _complete(family)]
    if missing:
        minutes = math.ceil(sum(family.seconds for family in missing) / 60)
        less = ", less with official releases" if any(map(releases.are_published, missing)) else ""
        time = f"about {minutes} min on 2 cores{less}"
        say(f"building {_names(missing)} from Go modules, once for all your checkouts: {time}")
    for number, family in enumerate(missing, 1):
        _build(family, f"[{number}/{len(missing)}] {family.name} {family.version}", say)
    return tuple(published(family) for family in families)


def published(family: Family) -> Path:
    """Where the family's binaries are, once built."""
    return user_cache() / "tools" / family.key / "bin"


def _complete(family: Family) -> bool:
    return all((published(family) / name).exists() for name in (*family.binaries, *family.scripts))


def _build(family: Family, title: str, say: Say) -> None:
    with lock(_lock(family.key), f"building {family.name}", say) as held:
        if _complete(family):
            return
        _sweep()
        # Modules and build cache of a killed build are sound (Go writes them atomically) and save time; its
        # binaries may not be.
        work = private_dir(user_cache() / "build" / family.key)
        new = work / NEW
        shutil.rmtree(new, ignore_errors=True)
        out = private_dir(new / "bin")
        had = releases.fetch(family, out, title, say)
        if packages := {name: package for name, package in family.binaries.items() if name not in had}:
            _check_disk(family, work)
            _compile(family, packages, title, say, held, work, out)
        for name, text in family.scripts.items():
            (out / name).write_text(text)
            (out / name).chmod(0o755)
        final = private_dir(user_cache() / "tools") / family.key
        shutil.rmtree(final, ignore_errors=True)  # there only if somebody took binaries out of it
        new.rename(final)
        shutil.rmtree(work, ignore_errors=True)


def _compile(
    family: Family, binaries: Mapping[str, str], title: str, say: Say, held: int, work: Path, out: Path
) -> None:
    go = find_go(family.go, say)
    system, cpu = target()
    env = environment(
        GOOS=system,
        GOARCH=cpu,
        GOPATH=str(work / "gopath"),
        GOTMPDIR=str(private_dir(work / "tmp")),
        GOMODCACHE=str(work / "modules"),
        GOCACHE=str(work / "cache"),
        GOFLAGS="-modcacherw",  # else the modules could not be removed
    )
    packages = list(binaries.values())

    def step(what: str, *arguments: str | Path, total: int = 0) -> list[str]:
        return progress.run(
            f"{title}: {what}",
            [go, *arguments],
            log=work / f"{arguments[0]}.log",
            say=say,
            env=env,
            cwd=family.folder,
            held=held,
            total=total,
            hint="Is a Go module proxy in reach? What is done so far is kept: run it again.",
        )

    needed = step("fetching modules", "list", "-mod=readonly", "-deps", *packages)
    step("compiling", "build", "-v", *family.flags, "-o", f"{out}/", *packages, total=len(needed))
    for name, package in binaries.items():
        (out / _built_as(package)).rename(out / name)
    say(f"{title}: built")


def _built_as(package: str) -> str:
    """The name that `go build` gives a command: the last part of its path that is not a major version."""
    parts = package.split("/")
    return parts[-2] if parts[-1][0] == "v" and parts[-1][1:].isdigit() else parts[-1]


def _check_disk(family: Family, work: Path) -> None:
    if shutil.disk_usage(work).free < family.gib * GIB:
        for left in work.iterdir():
            if left.name != NEW:
                shutil.rmtree(left, ignore_errors=True)  # what an earlier attempt left may be what fills the disk
        cache = user_cache()
        if (free := shutil.disk_usage(cache).free) < family.gib * GIB:
            raise SandboxError(
                f"Building {family.name} needs {family.gib} GiB in {cache}, and {free / GIB:.1f} GiB are free there: "
                "make room, or set XDG_CACHE_HOME to a folder on another disk."
            )


def _sweep() -> None:
    """Remove what killed builds of other pins left; that of these pins is taken up again."""
    current = {family.key for family in FAMILIES.values()}
    for left in private_dir(user_cache() / "build").iterdir():
        if left.name not in current:
            with lock_if_free(_lock(left.name)) as free:
                if free:
                    shutil.rmtree(left, ignore_errors=True)


def _lock(key: str) -> Path:
    return user_cache() / "locks" / key


def _names(families: list[Family]) -> str:
    return ", ".join(family.name for family in families)
