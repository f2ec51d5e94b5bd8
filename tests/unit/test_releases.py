"""Official releases are taken where their sites answer and their checksums fit; all else is built."""

import hashlib
import io
import platform
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import download, toolchain
from sandbox.toolchain import FAMILIES, Family, build, releases
from tests.support.machines import silent_site, site

KUBERNETES, ETCD = "https://dl.k8s.io", "https://github.com"
CONTROL_PLANE = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
PROGRAMS = {"etcd", *CONTROL_PLANE}


def family_at(kubernetes: str, etcd: str) -> Family:
    """Return the control plane's family, with its releases on other sites."""
    family = FAMILIES["kubernetes"]

    def moved(url: str) -> str:
        return url.replace(KUBERNETES, kubernetes).replace(ETCD, etcd)

    return replace(
        family,
        releases={
            name: replace(release, url=moved(release.url), checksums=moved(release.checksums))
            for name, release in family.releases.items()
        },
    )


def published() -> dict[str, bytes]:
    """Return what both sites have for this family, by path."""
    family = FAMILIES["kubernetes"]
    version, etcd = family.version, family.version_of("go.etcd.io/etcd/server/v3")
    folder = f"/release/{version}/bin/linux/amd64"
    files = {f"{folder}/{name}": f"official {name}".encode() for name in CONTROL_PLANE}
    files |= {f"{path}.sha256": sha256(content).encode() for path, content in files.items()}
    archive = packed({f"etcd-{etcd}-linux-amd64/{name}": f"official {name}".encode() for name in ("etcdctl", "etcd")})
    of_etcd = f"/etcd-io/etcd/releases/download/{etcd}"
    sums = f"{'0' * 64}  etcd-{etcd}-darwin-amd64.zip\n{sha256(archive)}  etcd-{etcd}-linux-amd64.tar.gz\n"
    return files | {f"{of_etcd}/etcd-{etcd}-linux-amd64.tar.gz": archive, f"{of_etcd}/SHA256SUMS": sums.encode()}


def path_of(name: str, files: Mapping[str, bytes]) -> str:
    return next(path for path in files if path.endswith(name))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def packed(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


Fetch = Callable[[Family], set[str]]


@pytest.fixture(autouse=True)
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def bin_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "new" / "bin"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def fetch(bin_dir: Path, said: list[str]) -> Fetch:
    """Fetch a family and keep what is said of each program; how far a download is comes beside it."""

    def say(line: str) -> None:
        if not line.startswith("[1/1] "):
            said.append(line)

    return lambda family: releases.fetch(family, bin_dir, "[1/1] kubernetes", say)


def test_what_both_sites_have_is_taken_and_each_program_s_origin_is_said_once(
    fetch: Fetch, bin_dir: Path, said: list[str]
) -> None:
    with site(200, published()) as (url, _):
        assert fetch(family_at(url, url)) == PROGRAMS
        expected = [f"{name} {v}: official release ({url}/" for name, v in versions().items()]
    assert {path.name: path.read_text() for path in bin_dir.iterdir()} == {
        name: f"official {name}" for name in PROGRAMS
    }
    assert all(path.stat().st_mode & 0o111 for path in bin_dir.iterdir())
    assert [path.name for path in bin_dir.parent.iterdir()] == ["bin"], "nothing else is left"
    assert [line[: len(start)] for line, start in zip(said, expected, strict=True)] == expected


def versions() -> dict[str, str]:
    family = FAMILIES["kubernetes"]
    return {name: family.version_of(release.module) for name, release in family.releases.items()}


def test_a_program_with_another_checksum_is_refused_and_its_site_not_asked_again(
    fetch: Fetch, bin_dir: Path, said: list[str]
) -> None:
    files = published()
    files[path_of("kube-apiserver", files)] = b"something else"
    with site(200, files) as (url, asked):
        assert fetch(family_at(url, url.replace("127.0.0.1", "localhost"))) == {"etcd"}
    assert [path.name for path in bin_dir.iterdir()] == ["etcd"]
    assert [path.name for path in bin_dir.parent.iterdir()] == ["bin"]
    assert "kube-apiserver has another checksum than is published beside it" in said[1]
    assert said[3].startswith(f"kube-scheduler {versions()['kube-scheduler']}: built here; no official release: 127.")
    assert not any("kube-scheduler" in path for path in asked)


def test_half_a_download_is_not_taken(fetch: Fetch, bin_dir: Path, said: list[str]) -> None:
    files = published()
    with site(200, files, cut=path_of("linux-amd64.tar.gz", files)) as (url, _):
        assert fetch(family_at("http://127.0.0.1:1", url)) == set()
    assert said[0].endswith(": the connection was cut")
    assert said[1].endswith(": built here; no official release: 127.0.0.1:1: Connection refused")
    assert list(bin_dir.iterdir()) == []


def test_a_site_that_says_nothing_is_given_up_and_asked_once(
    fetch: Fetch, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "ANSWER", 0.2)
    with silent_site() as url, site(404) as (other, asked):
        assert fetch(family_at(url, other)) == set()
    assert [line.rpartition(": ")[2] for line in said] == ["answer 404", *["no answer within 0.2 s"] * 3]
    assert len(asked) == 1


def test_a_checksum_that_is_not_published_is_not_made_up(fetch: Fetch, said: list[str]) -> None:
    files = published()
    files[path_of("SHA256SUMS", files)] = b"<html>Log in first</html>\n"
    with site(200, files) as (url, _):
        assert "etcd" not in fetch(family_at("http://127.0.0.1:1", url))
    assert "no checksum of etcd-" in said[0] or "has another checksum" in said[0]


def test_elsewhere_than_on_linux_no_site_is_asked(
    fetch: Fetch, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    with site(200, published()) as (url, asked):
        assert fetch(family_at(url, url)) == set()
    assert (asked, said) == ([], [])


def test_only_what_could_not_be_downloaded_is_built(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []

    def compiled(_: Family, binaries: Mapping[str, str], *rest: object) -> None:
        built.extend(binaries)
        for name in binaries:
            (Path(str(rest[-1])) / name).write_text(f"built {name}")

    monkeypatch.setattr(build, "_compile", compiled)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with site(200, published()) as (url, asked):
        monkeypatch.setitem(FAMILIES, "kubernetes", family_at(url, "http://127.0.0.1:1"))
        (folder,) = toolchain.ensure("kubernetes", say=said.append)
        asked.clear()
        assert toolchain.ensure("kubernetes", say=said.append) == (folder,)
    assert built == ["etcd"]
    assert {path.name for path in folder.iterdir()} == PROGRAMS
    assert (folder / "kube-scheduler").read_text() == "official kube-scheduler"
    assert asked == []
    assert said[0].startswith("building kubernetes from Go modules, once for all your checkouts: about ")
    assert [name for line in said if (name := line.split()[0]) in PROGRAMS] == list(FAMILIES["kubernetes"].releases)


def test_the_node_s_programs_are_published_too() -> None:
    family = FAMILIES["kubelet"]
    assert set(family.releases) == set(family.binaries)
    assert family.releases["kubelet"].url.startswith(f"{KUBERNETES}/release/")
