"""Programs, packs and charts that describe the same objects, each as its users would write them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from components.stateful_web import manifests
from components.stateful_web.validation import validate
from policies.kit.rule import Rule

CLASS = "standard"


def inputs(number: int, namespace: str) -> Any:
    """Return the inputs of one StatefulWeb of many."""
    return {
        "image": "registry.k8s.io/nginx-slim:0.27",
        "name": f"web-{number}",
        "namespace": namespace,
        "storage": {"size": "1Gi", "storage_class_name": CLASS, "verify": False},
    }


def objects_of(name: str, given: Any) -> list[dict[str, Any]]:
    """Return the objects of one StatefulWeb."""
    complete, findings = validate(name, given)
    if findings:
        raise ValueError(findings)
    return list(manifests.objects(complete).values())


def objects(count: int, namespace: str) -> list[dict[str, Any]]:
    """Return the objects of that many StatefulWebs."""
    return [made for number in range(count) for made in objects_of(f"web-{number}", inputs(number, namespace))]


def ours(count: int, namespace: str) -> str:
    """Return a program of that many StatefulWebs."""
    return f"""
from components.stateful_web import StatefulWeb

for number in range({count}):
    StatefulWeb(f"web-{{number}}", {{
        "image": "registry.k8s.io/nginx-slim:0.27",
        "namespace": "{namespace}",
        "storage": {{"size": "1Gi", "storage_class_name": "{CLASS}", "verify": False}},
    }})
"""


def raw(count: int) -> str:
    """Return a program of the same objects by the SDK's own resources."""
    return f"""
import json
from pathlib import Path

import pulumi
from pulumi_kubernetes.apps.v1 import StatefulSet
from pulumi_kubernetes.core.v1 import Service

TEMPLATE = Path("raw.json").read_text()

for number in range({count}):
    service, stateful_set = json.loads(TEMPLATE.replace("web-0", f"web-{{number}}"))
    headless = Service(f"web-{{number}}-headless", metadata=service["metadata"], spec=service["spec"])
    StatefulSet(
        f"web-{{number}}-set",
        metadata=stateful_set["metadata"],
        spec=stateful_set["spec"],
        opts=pulumi.ResourceOptions(depends_on=[headless]),
    )
"""


def empty_pack(folder: Path, name: str, rules: Sequence[Rule]) -> str:
    """Write a pack with as many rules as these, none of which judges anything; return its folder."""
    pack = folder / name
    pack.mkdir(parents=True)
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 0.0.1\n")
    (pack / "__main__.py").write_text(f"""
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy, StackValidationPolicy

PolicyPack(
    "{name}",
    [
        (StackValidationPolicy if whole_stack else ResourceValidationPolicy)(
            f"empty-{{number}}", "Judges nothing.", lambda args, report: None
        )
        for number, whole_stack in enumerate({[rule.whole_stack for rule in rules]})
    ],
    enforcement_level=EnforcementLevel.ADVISORY,
)
""")
    return str(pack)


def chart(folder: Path, count: int, namespace: str) -> Path:
    """Write a Helm chart whose templates make the same objects for each of ``count`` names."""
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 0.0.1\n")
    (folder / "values.yaml").write_text(yaml.safe_dump({"names": [f"web-{number}" for number in range(count)]}))
    one = "---\n".join(yaml.safe_dump(obj, sort_keys=False) for obj in objects(1, namespace)).replace(
        "web-0", "{{ . }}"
    )
    (folder / "templates" / "web.yaml").write_text(f"{{{{- range .Values.names }}}}\n---\n{one}{{{{- end }}}}\n")
    return folder


def cdk8s_app(file: Path, count: int, namespace: str) -> Path:
    """Write a cdk8s app of the same objects."""
    made = objects(1, namespace)
    file.write_text(f"""
import json

from cdk8s import ApiObject, App, Chart, JsonPatch
from constructs import Construct

OBJECTS = {made!r}

app = App()
chart = Chart(app, "web")
for number in range({count}):
    for obj in json.loads(json.dumps(OBJECTS).replace("web-0", f"web-{{number}}")):
        name, version, kind = f"{{obj['kind']}}-{{number}}", obj["apiVersion"], obj["kind"]
        made = ApiObject(chart, name, api_version=version, kind=kind, metadata=obj["metadata"])
        made.add_json_patch(JsonPatch.add("/spec", obj["spec"]))
app.synth()
""")
    return file
