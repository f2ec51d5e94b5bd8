"""Official releases of what a family builds: downloaded where their sites answer, and checked before they are used."""

import shutil
import tarfile
from pathlib import Path
from urllib.parse import urlsplit

from sandbox import download
from sandbox.download import Say
from sandbox.errors import SandboxError
from sandbox.toolchain.families import Family, target


def are_published(family: Family) -> bool:
    """Whether programs of the family are published for this machine: they are for Linux alone."""
    return bool(family.releases) and target()[0] == "linux"


def fetch(family: Family, into: Path, title: str, say: Say) -> set[str]:
    """Download what can be had of a family's programs into the folder `into`; give their names.

    Says where each one comes from. A site that has failed once is not asked for the next one.
    """
    had: set[str] = set()
    failed: dict[str, str] = {}
    for name, release in family.releases.items() if are_published(family) else ():
        version = family.version_of(release.module)
        url = _filled(release.url, version)
        site = urlsplit(url).netloc
        if site not in failed:
            try:
                _fetch(name, url, _filled(release.checksums, version), into, f"{title}: downloading {name}", say)
                had.add(name)
                say(f"{name} {version}: official release ({url})")
                continue
            except SandboxError as why:
                failed[site] = str(why)
        say(f"{name} {version}: built here; no official release: {site}: {failed[site]}")
    return had


def _fetch(name: str, url: str, checksums: str, into: Path, title: str, say: Say) -> None:
    file = url.rpartition("/")[2]
    expected = _checksum(
        download.answer(checksums, limit=download.ANSWER).decode(errors="replace"), file
    )  # also tells at once whether the site answers
    part, program = into.parent / f"{name}.part", into / name
    try:
        if download.save(url, part, title, say) != expected:
            raise SandboxError(f"{file} has another checksum than is published beside it")
        if file.endswith(".tar.gz"):
            _unpack(part, name, program)
        else:
            part.rename(program)
    finally:
        part.unlink(missing_ok=True)
    program.chmod(0o755)


def _unpack(archive: Path, name: str, program: Path) -> None:
    with tarfile.open(archive) as packed:
        for entry in packed:
            if entry.name.rpartition("/")[2] == name and (content := packed.extractfile(entry)):
                with program.open("wb") as out:
                    shutil.copyfileobj(content, out)
                return
    raise SandboxError(f"{archive.name} holds no {name}")


def _checksum(text: str, file: str) -> str:
    """Read the checksum of a file: it stands alone, or before the file's name as sha256sum prints it."""
    for line in text.splitlines():
        digest, _, name = line.partition(" ")
        if name.strip(" *") in ("", file):
            return digest
    raise SandboxError(f"no checksum of {file} is published")


def _filled(url: str, version: str) -> str:
    return url.format(version=version, cpu=target()[1])
