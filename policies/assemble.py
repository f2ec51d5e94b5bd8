"""``make packs``: each policy pack as a folder that needs no other, and as an archive of it, in ``dist/packs/``.

In the repository the packs share ``policies/kit``. ``pulumi policy publish`` uploads one folder, and who wants one pack
takes one folder: so an assembled pack carries the kit, below the name by which its rules import it.
"""

import gzip
import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePath

import yaml

EPOCH = 1580601600
"""The time of all files in an archive, unless SOURCE_DATE_EPOCH says another: that which the wheel's builder takes."""
LEFT_OUT = {"venv", "__pycache__"}
TAKEN = {".py", ".yaml", ".json", ".txt", ".gitignore"}
"""The ends of names of what a pack is made of: what else lies in its folder may be somebody's own."""


def assemble(root: Path, target: Path, epoch: int = EPOCH) -> list[Path]:
    """Assemble every pack of a repository anew into a folder; return their folders, and archives of the same bytes."""
    shutil.rmtree(target, ignore_errors=True)
    made = []
    for pack in sorted(found.parent for found in (root / "policies").glob("*/PulumiPolicy.yaml")):
        version = yaml.safe_load((pack / "PulumiPolicy.yaml").read_text())["version"]
        files = dict(sorted(_files(root, pack)))
        for name, source in files.items():
            (target / pack.name / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target / pack.name / name)
        archive = target / f"{pack.name}-{version}.tar.gz"
        archive.write_bytes(_archived(pack.name, files, epoch))
        made += [target / pack.name, archive]
    return made


def _files(root: Path, pack: Path) -> Iterator[tuple[PurePath, Path]]:
    """Yield the path of each file in the assembled pack, and where it lies in the repository."""
    for source in (root / "LICENSE", root / "policies" / "__init__.py", *_in(root / "policies" / "kit"), *_in(pack)):
        alone = source.parent == pack  # the pack's own files; its package keeps the place that it is imported from
        yield source.relative_to(pack if alone else root), source


def _in(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if not LEFT_OUT.intersection(path.relative_to(folder).parts))
    return [path for path in found if path.is_file() and (path.suffix or path.name) in TAKEN]


def _archived(folder: str, files: dict[PurePath, Path], epoch: int) -> bytes:
    """Return a .tar.gz in which nothing depends on the machine or the day."""
    written = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=written, mtime=epoch) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as archive,
    ):
        for name, source in files.items():
            member = tarfile.TarInfo(f"{folder}/{name.as_posix()}")
            content = source.read_bytes()
            member.size, member.mtime = len(content), epoch
            archive.addfile(member, io.BytesIO(content))
    return written.getvalue()


def main() -> None:
    """Assemble the packs of the repository in the current folder, and say where they are."""
    here = Path.cwd()
    for path in assemble(here, here / "dist" / "packs", int(os.environ.get("SOURCE_DATE_EPOCH", EPOCH))):
        print(path.relative_to(here))


if __name__ == "__main__":
    main()
