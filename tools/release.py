"""``make release``: check that a release is whole, build it with its packs into dist/ and tag it. Nothing is published.

The version is the component's ``__version__``; what else names it has to agree. SemVer is held to by the changelog: an
entry that begins with ``**Breaking:**`` has to say the way over, in a sentence that begins with ``Upgrade:``.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from policies.assemble import assemble

VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
NAMED_IN = {
    "components/stateful_web/__init__.py": r'^__version__ = "(.*)"$',
    "policies/stateful/PulumiPolicy.yaml": r"^version: (.*)$",
    "policies/hardening/PulumiPolicy.yaml": r"^version: (.*)$",
    "templates/python/requirements.txt": r"stateful-web\[cli\]==(\S*)",
    "templates/python/README.md": r"checkout v(\S*)",
    "docs/how-to/elsewhere.md": r"/components@v(\S*)",
}
"""Files that name the version, the one that decides first."""
BREAKING, UPGRADE = "**Breaking:**", "Upgrade:"


class Refused(Exception):
    """A sentence on what is missing, and what to do."""


@dataclass(frozen=True)
class Section:
    """A release in the changelog."""

    title: str
    text: str

    def kinds(self) -> set[str]:
        """Return the headings below it, e.g. Added."""
        return set(re.findall(r"^### (.*)$", self.text, re.MULTILINE))

    def entries(self) -> list[str]:
        """Return the items of its lists, each on one line."""
        items = re.findall(r"^- ((?:.*)(?:\n  .*)*)", self.text, re.MULTILINE)
        return [" ".join(item.split()) for item in items]


def sections(changelog: str) -> list[Section]:
    """Return the releases of a changelog, the newest first."""
    found = re.split(r"^## (.*)$", changelog, flags=re.MULTILINE)[1:]
    return [Section(title, text.strip()) for title, text in zip(found[::2], found[1::2], strict=True)]


def findings(version: str, before: str | None, changelog: str) -> Iterator[str]:
    """Yield what a changelog lacks for a release of ``version`` after ``before``, the newest one that is tagged."""
    unreleased, newest = ([*sections(changelog), Section("", ""), Section("", "")])[:2]
    if unreleased.title == "Unreleased":
        if unreleased.entries():
            yield (
                f'CHANGELOG.md has entries below "## Unreleased": put them below "## {version} - " and the day, '
                'and leave "## Unreleased" empty.'
            )
            return
    else:
        newest = unreleased
    if not re.fullmatch(rf"{re.escape(version)} - \d{{4}}-\d{{2}}-\d{{2}}", newest.title):
        yield f'CHANGELOG.md has "## {newest.title}" at its top: "## {version} - " and the day is expected.'
        return
    if not newest.entries():
        yield f'CHANGELOG.md says nothing below "## {newest.title}": tell what has changed.'
    breaking = [entry for entry in newest.entries() if BREAKING in entry]
    for entry in breaking:
        if UPGRADE not in entry:
            yield f'CHANGELOG.md has a breaking change without a way over: add a sentence "{UPGRADE} …" to "{entry}".'
    if before is None:
        return
    old, new = _parts(before), _parts(version)
    if new <= old:
        yield f"Version {version} is not above {before}, which is tagged: raise it in {next(iter(NAMED_IN))}."
    # Before 1.0.0 the second number is raised for what breaks.
    step = 0 if old[0] else 1
    if breaking and new[: step + 1] == old[: step + 1]:
        yield f"CHANGELOG.md has a breaking change: {version} after {before} must raise number {step + 1}."
    elif "Added" in newest.kinds() and new[:2] == old[:2]:
        yield f"CHANGELOG.md has something added: {version} after {before} must raise number 2."


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def version_of(root: Path) -> str:
    """Return the version that the repository names; refuse one that is no SemVer or not the same everywhere."""
    said = {}
    for name, pattern in NAMED_IN.items():
        found = re.search(pattern, (root / name).read_text(), re.MULTILINE)
        said[name] = found[1] if found else "no version"
    (first, version), *others = said.items()
    if not VERSION.fullmatch(version):
        raise Refused(f'{first} says version "{version}": three numbers are expected, e.g. 1.2.3.')
    for name, other in others:
        if other != version:
            raise Refused(f"{name} says {other}, and {first} says {version}: make them the same.")
    return version


def release(root: Path, made: str = "") -> list[Path]:
    """Check, build and tag; return what was built.

    ``made`` is a tag that is there already: it has to be this commit's, and the version's.
    """
    version = version_of(root)
    tag = f"v{version}"
    if made and (made != tag or made not in _git(root, "tag", "--points-at", "HEAD").split()):
        raise Refused(f"Tag {made} is not that of this commit and of version {version}: {tag} is expected, at HEAD.")
    if changed := _git(root, "status", "--porcelain"):
        raise Refused(f"The working tree has changes that are not committed:\n{changed}\nCommit them or put them away.")
    tags = [name.removeprefix("v") for name in _git(root, "tag", "--merged", "HEAD").split() if name != made]
    if not made and _git(root, "tag", "--list", tag):
        raise Refused(f"Tag {tag} is there already: raise the version in {next(iter(NAMED_IN))}.")
    released = sorted(filter(VERSION.fullmatch, tags), key=_parts)
    changelog = (root / "CHANGELOG.md").read_text()
    if missing := list(findings(version, released[-1] if released else None, changelog)):
        raise Refused("\n".join(missing))
    built = _build(root, version)
    (section,) = (found for found in sections(changelog) if found.title.startswith(f"{version} "))
    (root / "dist" / "notes.md").write_text(f"{section.text}\n")
    if not made:
        # The tag comes last, so that whatever fails before leaves nothing behind.
        _git(root, "tag", "--annotate", "--cleanup=verbatim", "--message", f"{tag}\n\n{section.text}\n", tag)
    return built


def _build(root: Path, version: str) -> list[Path]:
    target = root / "dist"
    epoch = _git(root, "log", "-1", "--format=%ct")
    with tempfile.TemporaryDirectory(prefix="stateful-web-dist-") as folder:
        built = subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "--directory", folder],
            cwd=root,
            env=os.environ | {"SOURCE_DATE_EPOCH": epoch},
            capture_output=True,
            text=True,
            check=False,
        )
        if built.returncode:
            # The last line of a traceback.
            raise Refused(f"The build failed: {built.stderr.strip().splitlines()[-1]}")
        assemble(root, Path(folder, "packs"), int(epoch))
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(folder, target)
    return [*sorted(target.glob(f"stateful_web-{version}*")), *sorted(target.glob("packs/*.tar.gz"))]


def _git(root: Path, *args: str) -> str:
    ended = subprocess.run(["git", *args], cwd=root, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise Refused(f"git {args[0]} failed: {ended.stderr.strip()}")
    return ended.stdout.strip()


def main() -> int:
    """Release the repository in the current folder; return the exit code. An argument is a tag that is there."""
    made = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        built = release(Path.cwd(), made)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted: nothing was tagged.", file=sys.stderr)
        return 130
    version = version_of(Path.cwd())
    print("Built, and nothing is published:")
    for path in built:
        print(f"  {path.relative_to(Path.cwd())}")
    if made:
        return 0
    print(
        f"Tagged v{version}. To publish: git push origin v{version}, and dist/*.whl and dist/*.tar.gz to your package"
    )
    print("index. The packs: their archives beside the release, or their folders by `pulumi policy publish`.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
