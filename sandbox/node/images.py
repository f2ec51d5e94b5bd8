"""The images of a node: made here from Debian packages, under the names that the scenario has. Nothing is pulled.

They are ours, not those of the names' owners, and say so in a label.
"""

import hashlib
import io
import json
import re
import subprocess
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError
from sandbox.locks import lock
from sandbox.node.packages import Packages
from sandbox.paths import user_cache
from sandbox.toolchain.families import target

RECIPE = "2"
"""Raise it when what is in the images changes."""
PAUSE = "registry.k8s.io/pause:3.10"
WEB = ("registry.k8s.io/nginx-slim:0.8", "registry.k8s.io/nginx-slim:0.9")
"""The scenario's image, and one to roll out to: they differ in what /etc/image says."""
UNPRIVILEGED = "docker.io/nginxinc/nginx-unprivileged:1.27-alpine"
"""The image that stack prod names: user 101, port 8080."""
NAMES = (PAUSE, *WEB, UNPRIVILEGED)
"""All images that a node has."""
PROGRAMS = ("nginx", "curl", "getent")
"""What is taken from the packages, with the libraries that it loads."""
BUSYBOX = "busybox"
"""What is taken alone, as it loads none."""
APPLETS = (
    "cat",
    "dd",
    "echo",
    "hostname",
    "id",
    "kill",
    "ls",
    "mkdir",
    "nc",
    "nslookup",
    "ps",
    "rm",
    "sh",
    "sleep",
    "timeout",
    "wget",
)


def nginx_conf(user: int, port: int) -> str:
    """Return nginx's configuration in an image that runs as ``user`` and listens on ``port``."""
    # The volumes of the sandbox's classes are root's alone, so nginx stays root if it starts as root.
    return f"""\
{"" if user else "user root;"}
worker_processes 1;
daemon off;
pid /run/nginx.pid;
error_log /dev/stderr;
events {{}}
http {{
    include mime.types;
    default_type application/octet-stream;
    access_log /dev/stdout;
    server {{
        listen {port};
        root /usr/share/nginx/html;
        # ?rate=100k makes an answer take its time, to see what becomes of it when its pod has to go.
        limit_rate $arg_rate;
    }}
}}
"""


@dataclass(frozen=True)
class Image:
    """An image of one layer."""

    names: Sequence[str]
    files: Mapping[str, bytes]
    """Path without leading slash -> content; all may be run."""
    links: Mapping[str, str] = field(default_factory=dict)
    folders: Sequence[str] = ()
    owner: int = 0
    """User and group of the folders; the files are root's."""
    config: Mapping[str, Any] = field(default_factory=dict)


def ensure(packages: Packages, pause: Path, say: Callable[[str], None]) -> Path:
    """Return an archive of all images in OCI's layout, made at first use."""
    made_of = f"{RECIPE} {packages.home.name} {nginx_conf(0, 80)} {APPLETS}".encode() + pause.read_bytes()
    digest = hashlib.sha256(made_of).hexdigest()[:16]
    archive = user_cache() / "packages" / f"images-{digest}.tar"
    with lock(user_cache() / "locks" / "images", "making the node's images", say):
        if not archive.exists():
            say("Making the node's images of Debian's nginx, under the names that the scenario has")
            part = archive.with_suffix(".part")
            with part.open("wb") as out:
                made = [web_image(packages, tag) for tag in WEB]
                write([pause_image(pause), *made, web_image(packages, UNPRIVILEGED, user=101, port=8080)], out)
            part.rename(archive)
    return archive


def pause_image(program: Path) -> Image:
    """Return the image that holds a pod's network."""
    return Image([PAUSE], {"pause": program.read_bytes()}, config={"Entrypoint": ["/pause"]})


def web_image(packages: Packages, tag: str, user: int = 0, port: int = 80) -> Image:
    """Return an image of nginx, curl and a shell, which ends as the official one does: requests are finished first."""
    root = packages.root
    files = {f"bin/{name}": packages.program(name).read_bytes() for name in (*PROGRAMS, BUSYBOX)}
    for name in PROGRAMS:
        files |= libraries(packages, name)
    files |= {
        "etc/nginx/nginx.conf": nginx_conf(user, port).encode(),
        "etc/nginx/mime.types": (root / "etc/nginx/mime.types").read_bytes(),
        "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nnginx:x:101:101:nginx:/:/bin/sh\n"
        b"nobody:x:65534:65534:nobody:/:/bin/sh\n",
        "etc/group": b"root:x:0:\nnginx:x:101:\nnogroup:x:65534:\n",
        "etc/nsswitch.conf": b"passwd: files\ngroup: files\nhosts: files dns\n",
        "etc/image": f"{tag}\n".encode(),
    }
    return Image(
        [tag],
        files,
        links={f"bin/{applet}": "busybox" for applet in APPLETS},
        folders=["usr/share/nginx/html", "var/lib/nginx", "var/log/nginx", "run", "tmp", "root"],
        owner=user,
        config={
            "Cmd": ["nginx"],
            "User": str(user),
            "Env": ["PATH=/bin"],
            "StopSignal": "SIGQUIT",
            "Labels": {"org.opencontainers.image.description": "Debian's nginx, made by stateful-web's sandbox"},
        },
    )


def libraries(packages: Packages, program: str) -> dict[str, bytes]:
    """Return the loader and the libraries of a program of the packages, where it looks for them in an image.

    Raises ``SandboxError`` if the packages lack one.
    """
    listed = subprocess.run(
        [*packages.loader(), "--list", str(packages.program(program))], capture_output=True, text=True, check=False
    )
    if listed.returncode:
        raise SandboxError(f"The libraries of {program} are not all in its packages: {listed.stderr.strip()}")
    found = {}
    for name, path in re.findall(r"(\S+) => (/\S+) \(0x", listed.stdout):
        # The loader is named by the path that is written into the program, a library by its name alone.
        inside = name.lstrip("/") if name.startswith("/") else str(Path(path).relative_to(packages.root))
        found[inside] = Path(path).read_bytes()
    return found


def write(images: Sequence[Image], out: Any) -> None:
    """Write an archive in OCI's layout; the same images make the same bytes."""
    blobs: dict[str, bytes] = {}

    def blob(content: bytes, media_type: str) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = content
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}

    manifests = []
    system, cpu = target()
    for image in images:
        layer = _layer(image)
        config = {
            "architecture": cpu,
            "os": system,
            "config": image.config,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": blob(json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json"),
            "layers": [blob(layer, "application/vnd.oci.image.layer.v1.tar")],
        }
        described = blob(json.dumps(manifest).encode(), manifest["mediaType"])  # type: ignore[arg-type]
        manifests += [{**described, "annotations": {"io.containerd.image.name": name}} for name in image.names]
    index = {"schemaVersion": 2, "manifests": manifests}
    layout = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": json.dumps(index).encode()}
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in sorted((blobs | layout).items()):
            _add(archive, name, content)


def _layer(image: Image) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for folder in image.folders:
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode, entry.uid, entry.gid = tarfile.DIRTYPE, 0o755, image.owner, image.owner
            archive.addfile(entry)
        for name, content in sorted(image.files.items()):
            _add(archive, name, content)
        for name, to in sorted(image.links.items()):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, to
            archive.addfile(entry)
    return made.getvalue()


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o755
    archive.addfile(entry, io.BytesIO(content))
