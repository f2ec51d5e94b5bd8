"""What can be built: one row a family of binaries, whose pins are the go.mod and go.sum in the folder of its name.

To add a family: a folder with a go.mod that requires the module and names the packages in `tool`, and a row here.
A folder may serve two families, so that what is needed later is not built at first.
"""

import hashlib
import os
import platform
import re
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.errors import SandboxError

PINS = Path(__file__).parent
RECIPE = "1"
"""Raise it when the way of building changes in what comes out."""

KUBERNETES = {
    "k8s.io/component-base/version.gitVersion": "{version}",
    "k8s.io/component-base/version.gitMajor": "{major}",
    "k8s.io/component-base/version.gitMinor": "{minor}",
}


@dataclass(frozen=True)
class Release:
    """Where a program is published for Linux, and its checksum; {version} and {cpu} are filled in."""

    module: str
    """The Go module whose version is the release's."""
    url: str
    """Of the program, or of a .tar.gz with a file of its name."""
    checksums: str
    """Of a text with the SHA-256: alone, or before the file's name as sha256sum prints it."""


@dataclass(frozen=True)
class Family:
    """Binaries that are built together."""

    name: str
    module: str
    """The Go module whose version is the family's."""
    binaries: dict[str, str]
    """File name -> Go package."""
    variables: dict[str, str]
    """Go variable -> value, set by the linker; {version}, {major} and {minor} are the module's."""
    seconds: int
    """A cold build, on 2 cores."""
    gib: float
    """What a cold build takes on disk at its peak, rounded up: modules, build cache, Go's scratch and binaries."""
    scripts: dict[str, str] = field(default_factory=dict)
    """File name -> text of what lies beside the binaries."""
    pinned_with: str = ""
    """The family whose folder has the pins of this one, too; empty if it has a folder of its own."""
    releases: dict[str, Release] = field(default_factory=dict)
    """File name of a binary -> its official release, which is taken where it can be had."""

    @property
    def folder(self) -> Path:
        """Where the pins are, and the source of programs of our own."""
        return PINS / (self.pinned_with or self.name)

    @property
    def go_mod(self) -> str:
        """The pins."""
        return (self.folder / "go.mod").read_text()

    @property
    def version(self) -> str:
        """The version of `module` that go.mod requires, e.g. v0.8.0."""
        return self.version_of(self.module)

    def version_of(self, module: str) -> str:
        """The version of a Go module that go.mod requires."""
        found = re.search(rf"^(?:require)?\s*{re.escape(module)} (v\S+)", self.go_mod, re.MULTILINE)
        if not found:
            raise SandboxError(f"sandbox/toolchain/{self.folder.name}/go.mod requires no {module}: add it there.")
        return found[1]

    @property
    def go(self) -> tuple[int, ...]:
        """The oldest Go that builds it, e.g. (1, 26)."""
        found = re.search(r"^go ([\d.]+)", self.go_mod, re.MULTILINE)
        return tuple(int(part) for part in found[1].split(".")) if found else ()

    @property
    def flags(self) -> list[str]:
        """The arguments of `go build` that shape the binaries."""
        major, minor, *_ = self.version.removeprefix("v").split(".")
        values = {"version": self.version, "major": major, "minor": minor}
        variables = [f"-X {name}={value.format(**values)}" for name, value in self.variables.items()]
        return ["-trimpath", "-mod=readonly", "-buildvcs=false", "-ldflags", " ".join(["-s", "-w", *variables])]

    @property
    def key(self) -> str:
        """Names the outcome of a build: the same pins, recipe and target have the same key."""
        digest = hashlib.sha256()
        for part in (RECIPE, *target(), *self.flags, repr(self.binaries), repr(self.scripts), self.go_mod):
            digest.update(part.encode() + b"\0")
        for file in (self.folder / "go.sum", *sorted(self.folder.rglob("*.go"))):
            digest.update(file.read_bytes())
        return f"{self.name}-{digest.hexdigest()[:16]}"


PINNED_KUBERNETES = "kubernetes"
OTHER_MINORS = ("1.36", "1.35")
"""Minors of Kubernetes on which the tests can run, too."""
KUBERNETES_VARIABLE = "STATEFUL_WEB_KUBERNETES"
"""Environment variable that names one of them."""


CONTROL_PLANE = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
NODE = ("kubelet", "kube-proxy")
ETCD = "go.etcd.io/etcd/server/v3"
ETCD_RELEASES = "https://github.com/etcd-io/etcd/releases/download/{version}"


def kubernetes_family(name: str) -> Family:
    """Return the family of one Kubernetes, with the etcd that goes with it."""
    etcd = Release(ETCD, f"{ETCD_RELEASES}/etcd-{{version}}-linux-{{cpu}}.tar.gz", f"{ETCD_RELEASES}/SHA256SUMS")
    return Family(
        name,
        module="k8s.io/kubernetes",
        binaries={"etcd": ETCD, **_kubernetes_packages(CONTROL_PLANE)},
        variables=KUBERNETES,
        seconds=220,
        gib=7.5,
        releases={"etcd": etcd, **_kubernetes_releases(CONTROL_PLANE)},
    )


def _kubernetes_packages(programs: tuple[str, ...]) -> dict[str, str]:
    return {program: f"k8s.io/kubernetes/cmd/{program}" for program in programs}


def _kubernetes_releases(programs: tuple[str, ...]) -> dict[str, Release]:
    url = "https://dl.k8s.io/release/{version}/bin/linux/{cpu}"
    return {
        program: Release("k8s.io/kubernetes", f"{url}/{program}", f"{url}/{program}.sha256") for program in programs
    }


FAMILIES = {
    family.name: family
    for family in (
        Family(
            "kwok",
            module="sigs.k8s.io/kwok",
            binaries={name: f"sigs.k8s.io/kwok/cmd/{name}" for name in ("kwok", "kwokctl")},
            variables={"sigs.k8s.io/kwok/pkg/consts.Version": "{version}"},
            seconds=80,
            gib=2.4,
        ),
        Family(
            "pulumi",
            module="github.com/pulumi/pulumi/pkg/v3",
            binaries={"pulumi": "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"},
            variables={"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "{version}"},
            seconds=180,
            gib=5.0,
            # The engine warns of a language host that it finds on PATH but not beside itself. The one on PATH
            # is the checkout's, this cache is the user's: so the one beside it only calls the one on PATH.
            scripts={"pulumi-language-python": '#!/bin/sh\nexec stateful-web-language-python "$@"\n'},
        ),
        Family(
            "yaml",
            module="github.com/pulumi/pulumi-yaml",
            binaries={"pulumi-language-yaml": "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"},
            variables={"github.com/pulumi/pulumi-yaml/pkg/version.Version": "{version}"},
            seconds=80,
            gib=3.0,
        ),
        Family(
            "helm",  # for the benchmarks alone
            module="helm.sh/helm/v3",
            binaries={"helm": "helm.sh/helm/v3/cmd/helm"},
            variables={"helm.sh/helm/v3/internal/version.version": "{version}"},
            seconds=60,
            gib=2.5,
        ),
        kubernetes_family(PINNED_KUBERNETES),
        *(kubernetes_family(f"{PINNED_KUBERNETES}-{minor}") for minor in OTHER_MINORS),
        Family(
            "kubelet",
            module="k8s.io/kubernetes",
            binaries=_kubernetes_packages(NODE),
            variables=KUBERNETES,
            seconds=200,
            gib=7.5,
            pinned_with="kubernetes",
            releases=_kubernetes_releases(NODE),
        ),
        Family(
            "node",
            module="github.com/coredns/coredns",
            binaries={name: f"stateful-web.dev/sandbox/node/{name}" for name in ("coredns", "pause")},
            variables={"github.com/coredns/coredns/coremain.GitCommit": "{version}"},
            seconds=70,
            gib=2.0,
        ),
    )
}


def wanted_kubernetes() -> str:
    """Return the name of the family that the environment asks for; the pinned one if it asks for none.

    Raises ``SandboxError`` for a minor that has no pins here.
    """
    pinned = ".".join(FAMILIES[PINNED_KUBERNETES].version.removeprefix("v").split(".")[:2])
    minor = os.environ.get(KUBERNETES_VARIABLE) or pinned
    if minor == pinned:
        return PINNED_KUBERNETES
    if minor not in OTHER_MINORS:
        known = ", ".join(sorted((pinned, *OTHER_MINORS)))
        raise SandboxError(
            f"{KUBERNETES_VARIABLE} is {minor}: one of {known} is expected. For another, add its pins to "
            "sandbox/toolchain/ and the minor to families.py."
        )
    return f"{PINNED_KUBERNETES}-{minor}"


def target() -> tuple[str, str]:
    """GOOS and GOARCH of this machine."""
    systems = {"Linux": "linux", "Darwin": "darwin"}
    cpus = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
    system, cpu = platform.system(), platform.machine()
    if system not in systems or cpu.lower() not in cpus:
        raise SandboxError(
            f"The sandbox runs on Linux and macOS, on amd64 and arm64, and this is {system} on {cpu}: "
            "use a cluster of your own and the official Pulumi CLI instead."
        )
    return systems[system], cpus[cpu.lower()]
