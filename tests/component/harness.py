"""One StatefulWeb on a fake cluster: what a test has to say of it fits into a line.

``stack.preview(replicas=known(3), opts={"protect": True})`` runs a program that makes one, and returns what it
registered. Values and options that are functions are called in the program, as outputs and providers can be made
nowhere else.
"""

import base64
import importlib.util
import json
import runpy
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components.stateful_web import StatefulWeb
from components.stateful_web.names import COMPONENT_TYPE
from sandbox.paths import ROOT
from tests.support.fake_api_server import FakeApiServer
from tests.support.monitor import UNKNOWN, Ran, Registration, Secret, construct, run, unknown

InProgram = Callable[[], Any]
"""Makes a value in the program that runs."""


def known(value: Any) -> InProgram:
    """Stand for an output of a resource that is there."""
    return lambda: pulumi.Output.from_input(value)


def secret(value: Any) -> InProgram:
    """Stand for a secret output."""
    return lambda: pulumi.Output.secret(value)


def as_the_engine_hands_it_over(config: Mapping[str, Any]) -> dict[str, str]:
    """Return config as a program gets it: text as it is, all else as JSON."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}


def file(path: Path = ROOT / "__main__.py") -> InProgram:
    """Run a file as the program; the repository's own if no other is given."""

    def run_it() -> None:
        runpy.run_path(str(path), run_name="__main__")

    return run_it


def storage_class(name: str, *, default: bool = False, grows: bool = True, **metadata: Any) -> dict[str, Any]:
    """Return a StorageClass as it is on a cluster."""
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name, "annotations": annotations, **metadata},
        "provisioner": "driver.example",
        "allowVolumeExpansion": grows,
    }


def attributes_class(name: str, driver: str = "driver.example") -> dict[str, Any]:
    """Return a VolumeAttributesClass as it is on a cluster."""
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "VolumeAttributesClass",
        "metadata": {"name": name},
        "driverName": driver,
        "parameters": {"iops": "4000"},
    }


def at(registered: Registration, place: str) -> Any:
    """Return what a resource was registered with at a place such as ``spec.ports.0.port``; a secret if it is in one."""
    found: Any = registered.inputs
    is_secret = False
    for part in place.split("."):
        if isinstance(found, Secret):
            found, is_secret = found.value, True
        if found == UNKNOWN:
            break
        found = found[int(part)] if isinstance(found, list) else found[part]
    return Secret(found) if is_secret and not isinstance(found, Secret) else found


def in_clear(ran: Ran, canary: str) -> list[str]:
    """Return the places of a run that have a text, or what Kubernetes encodes it as, where no secret hides it."""
    encoded = base64.b64encode(canary.encode()).decode().rstrip("=")

    def places(value: Any, place: str = "") -> Iterator[str]:
        if isinstance(value, Mapping):
            for key, item in value.items():
                yield from places(key, f"{place}.{key}")
                yield from places(item, f"{place}.{key}")
        elif isinstance(value, list | tuple):
            for i, item in enumerate(value):
                yield from places(item, f"{place}.{i}")
        elif not isinstance(value, Secret) and (canary in str(value) or encoded in str(value)):
            yield place

    registered = {name: found.inputs for name, found in ran.resources.items()}
    return [*places([registered, ran.outputs, ran.component_outputs, ran.said, ran.error])]


@dataclass
class Stack:
    """A program's stack, whose default provider leads to the fake cluster."""

    api: FakeApiServer
    config: dict[str, str] = field(default_factory=dict)
    """Config keys besides the kubeconfig's."""
    name: str = "web"
    """Of the component."""
    state: dict[str, Any] = field(default_factory=dict)
    """What the last ``up`` has left."""

    def preview(self, *, opts: Mapping[str, Any] | None = None, **inputs: Any) -> Ran:
        """Preview a program with one StatefulWeb of these inputs; the image is ``web:1`` unless it is given."""
        return self._run(True, opts, inputs)

    def up(self, *, opts: Mapping[str, Any] | None = None, **inputs: Any) -> Ran:
        """Run the same program as ``pulumi up`` does."""
        return self._run(False, opts, inputs)

    def program(self, program: InProgram, *, preview: bool = True, secret_config: frozenset[str] = frozenset()) -> Ran:
        """Run any program; a map that it returns are the stack's outputs."""
        ran = run(program, preview=preview, config=self._all_config(), secret_config=secret_config, state=self.state)
        return self._ended(ran, preview)

    def hosted(self, *, preview: bool = True, provider: Mapping[str, Any] | None = None, **inputs: Any) -> Ran:
        """Have the component made for a program in another language, with inputs in its spelling.

        ``provider`` are the inputs of the kubernetes provider that the program hands over, if it does.
        """
        given = {"image": "web:1", **inputs}
        providers = {} if provider is None else {"kubernetes": provider}
        setting: Any = {"preview": preview, "config": self._all_config(), "providers": providers, "state": self.state}
        return self._ended(construct(_host()(), COMPONENT_TYPE, self.name, given, **setting), preview)

    def _ended(self, ran: Ran, preview: bool) -> Ran:
        if not preview and not ran.error:
            self.state = ran.state
        return ran

    def grown_up(self, **inputs: Any) -> Ran:
        """Run ``up``, and put on the cluster what Kubernetes makes of it: the set, and a claim for each pod."""
        ran = self.up(**inputs)
        assert not ran.error, ran.error
        for found in ran.of_type(":StatefulSet"):
            live = found.inputs
            self.api.add(live)
            self._add_claims(live)
        return ran

    def _add_claims(self, live: Mapping[str, Any]) -> None:
        spec, metadata = live["spec"], live["metadata"]
        start = spec.get("ordinals", {}).get("start", 0)
        for template in spec["volumeClaimTemplates"]:
            for ordinal in range(start, start + spec["replicas"]):
                name = f"{template['metadata']['name']}-{metadata['name']}-{ordinal}"
                self.add_claim(name, template["spec"], metadata["namespace"])

    def add_claim(self, name: str, spec: Mapping[str, Any], namespace: str = "default", **metadata: Any) -> None:
        """Put a bound claim on the cluster, which has the size that it asks for."""
        size = spec["resources"]["requests"]["storage"]
        claim = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": name, "namespace": namespace, **metadata},
            "spec": {"storageClassName": "standard", **spec},
            "status": {"phase": "Bound", "capacity": {"storage": size}},
        }
        self.api.add(claim)

    def provider(self, name: str = "explicit", **inputs: Any) -> InProgram:
        """Make an explicit provider of the fake cluster; ``kubeconfig=unknown`` for one that is not known yet."""
        given = {"kubeconfig": self.api.kubeconfig, **inputs}
        return lambda: k8s.Provider(name, **_made(given))

    def _run(self, preview: bool, opts: Mapping[str, Any] | None, inputs: Mapping[str, Any]) -> Ran:
        def program() -> None:
            given: Any = _made({"image": "web:1", **inputs})
            options = {key: value() if callable(value) else value for key, value in (opts or {}).items()}
            StatefulWeb(self.name, given, pulumi.ResourceOptions(**options))

        return self.program(program, preview=preview)

    def _all_config(self) -> dict[str, str]:
        return {"kubernetes:kubeconfig": self.api.kubeconfig, **self.config}


def _made(value: Any) -> Any:
    """Call the functions in a value."""
    if isinstance(value, Mapping):
        return {key: _made(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_made(item) for item in value]
    return value() if callable(value) else value


@cache
def _host() -> Any:
    """Return the provider that hosts the component, as the engine starts it: from the folder of the plugin."""
    folder = ROOT / "components"
    sys.path.append(str(folder))
    spec = importlib.util.spec_from_file_location("stateful_web_plugin", folder / "__main__.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda: module.Host([module.StatefulWeb], "stateful-web", version=module.__version__)


__all__ = [
    "Stack",
    "as_the_engine_hands_it_over",
    "at",
    "attributes_class",
    "file",
    "in_clear",
    "known",
    "secret",
    "storage_class",
    "unknown",
]
