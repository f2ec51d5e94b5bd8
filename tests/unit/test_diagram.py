"""The picture of a stack: it says what the objects say, where one sees it, in light and in dark."""

import copy
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.stateful_web import InvalidInput, manifests
from components.stateful_web.cli.diagram import diagram
from components.stateful_web.cli.errors import CliError
from components.stateful_web.cli.planned import LATER, NOT_SHOWN, SECRET
from components.stateful_web.cli.project import Project
from components.stateful_web.cli.render import objects_of
from components.stateful_web.cli.svg import DARK, LIGHT, Scheme
from components.stateful_web.validation import validate
from components.stateful_web.values import Manifest
from sandbox.paths import ROOT
from tests.support.corpus import SETS
from tests.support.corpus import objects_of as of_corpus

SVG = "{http://www.w3.org/2000/svg}"
WIDEST = {"kind": 0.69, "name": 0.603, "code": 0.603, "note": 0.57}
"""Advance of a character in DejaVu, the widest of the fonts that are named, in em; of words for sans-serif styles."""


@dataclass(frozen=True)
class Shape:
    """A box as it is drawn."""

    look: str
    is_guess: bool
    left: float
    top: float
    right: float
    bottom: float
    texts: tuple[str, ...]
    lines: tuple[tuple[float, float, float, float], ...]
    """Left, top, right and bottom of each line of text."""

    @property
    def name(self) -> str:
        """What stands below its kind."""
        return self.texts[1]

    def is_in(self, other: "Shape") -> bool:
        """Whether it is within another."""
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.top <= self.top
            and self.bottom <= other.bottom
        )

    def is_apart_from(self, other: "Shape") -> bool:
        """Whether there is a gap between it and another."""
        return self.right < other.left or other.right < self.left or self.bottom < other.top or other.bottom < self.top

    def is_above(self, other: "Shape") -> bool:
        """Whether another stands below it, and no wider than it."""
        return self.bottom < other.top and self.left <= other.left and other.right <= self.right


def objects(component: str = "web", **inputs: Any) -> list[Manifest]:
    """Return the objects of a StatefulWeb."""
    args: Any = {"image": "web:1", **inputs}
    complete, findings = validate(component, args)
    assert findings == []
    return list(manifests.objects(complete).values())


def shapes(picture: str) -> list[Shape]:
    """Return the boxes of a picture in the order in which they are drawn: frames first."""
    return [_shape(group) for group in ET.fromstring(picture).iter(f"{SVG}g")]  # noqa: S314 - it is our own


def _shape(group: ET.Element) -> Shape:
    rect = group[0]
    x, y, width, height = (float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
    look, *others = group.attrib["class"].split()
    texts = group.findall(f"{SVG}text")
    lines = tuple(line for text in texts for line in _lines(text))
    return Shape(
        look, others == ["guess"], x, y, x + width, y + height, tuple("".join(t.itertext()) for t in texts), lines
    )


def _lines(text: ET.Element) -> Iterator[tuple[float, float, float, float]]:
    middle, baseline, size = (float(text.attrib[key]) for key in ("x", "y", "font-size"))
    for line in text:
        assert line.text is not None
        baseline += float(line.attrib["dy"].removesuffix("em")) * size
        half = len(line.text) * WIDEST[text.attrib["class"]] * size / 2
        yield middle - half, baseline - size, middle + half, baseline + 0.3 * size


def named(picture: str, look: str) -> list[str]:
    """Return the names in the boxes of one look, from left to right."""
    return [shape.name for shape in sorted(shapes(picture), key=lambda shape: shape.left) if shape.look == look]


def check_layout(picture: str) -> None:
    """See that no box covers another, no text leaves its box, and nothing leaves the picture."""
    left, top, width, height = map(float, ET.fromstring(picture).attrib["viewBox"].split())  # noqa: S314
    found = shapes(picture)
    for shape in found:
        assert left < shape.left < shape.right < left + width
        assert top < shape.top < shape.bottom < top + height
        for line in shape.lines:
            assert shape.left < line[0] < line[2] < shape.right, shape
            assert shape.top < line[1] < line[3] < shape.bottom, shape
        assert all(line[3] < below[1] for line, below in pairwise(shape.lines)), shape
    frames = [shape for shape in found if shape.look == "set"]
    for service in (shape for shape in found if shape.look == "service"):
        assert any(frame.left <= service.left and service.right <= frame.right for frame in frames), service
    for one, other in combinations(found, 2):
        frame = one.look == "set" and other.look == "pod" and other.is_in(one)
        assert one.is_apart_from(other) or frame, (one, other)
        if frame:
            assert max(line[3] for line in one.lines) <= other.top, "the frame's own text is above its pods"


def dev_objects() -> list[Manifest]:
    return objects_of(Project(ROOT, "stateful-web"), "dev")


def test_the_committed_picture_is_that_of_stack_dev() -> None:
    assert (ROOT / "docs/pictures/stack-dev.svg").read_text() == diagram(dev_objects())


def test_it_shows_the_scenario_from_top_to_bottom() -> None:
    found = shapes(diagram(dev_objects()))
    frame, service, *pods_and_storage, of_class = found
    assert service.texts == (
        "Service, headless",
        "nginx",
        "nginx.default.svc.cluster.local",
        "clusterIP: None · port 80 (web)",
        "selects app: nginx",
    )
    assert frame.texts == (
        "StatefulSet",
        "web",
        "namespace default",
        "registry.k8s.io/nginx-slim:0.8",
        "3 pods, each started when the one before is Ready",
    )
    pods, claims, volumes = pods_and_storage[:3], pods_and_storage[3:6], pods_and_storage[6:]
    for i, (pod, claim, volume) in enumerate(zip(pods, claims, volumes, strict=True)):
        assert pod.texts == ("Pod", f"web-{i}", f"web-{i}.nginx.default.svc.cluster.local")
        assert claim.texts == (
            "PersistentVolumeClaim", f"www-web-{i}", "1Gi · ReadWriteOnce", "/usr/share/nginx/html"
        )  # fmt: skip
        assert volume.texts == ("PersistentVolume", "1Gi or more")
        assert pod.is_above(claim)
        assert claim.is_above(volume)
        assert volume.bottom < of_class.top
    assert of_class.texts == ("StorageClass", "rook-ceph-block", "of the cluster")
    assert service.bottom < frame.top


def test_pods_stand_in_the_order_of_their_start_with_arrows_between_them() -> None:
    in_order, at_once = diagram(objects(replicas=3)), diagram(objects(replicas=3, pod_management_policy="Parallel"))
    assert named(in_order, "pod") == named(at_once, "pod") == ["web-0", "web-1", "web-2"]
    assert in_order.count("l6,4") == 2
    assert "l6,4" not in at_once
    assert "3 pods, all started at once" in at_once


@pytest.mark.parametrize(("replicas", "said"), [(1, "1 pod"), (5, "5 pods, each")])
def test_up_to_five_pods_are_drawn_one_by_one(replicas: int, said: str) -> None:
    picture = diagram(objects(replicas=replicas))
    assert named(picture, "pod") == [f"web-{i}" for i in range(replicas)]
    assert said in picture


@pytest.mark.parametrize("replicas", [6, 12, 2**31 - 1])
def test_of_many_pods_it_says_how_many_are_not_drawn(replicas: int) -> None:
    picture = diagram(objects(replicas=replicas))
    assert named(picture, "pod") == ["web-0", "web-1", "web-2", f"… {replicas - 4} more", f"web-{replicas - 1}"]
    (rest,) = (shape for shape in shapes(picture) if shape.look == "pod" and shape.is_guess)
    assert rest.texts[2:] == ("web-3", f"to web-{replicas - 2}")
    assert named(picture, "claim")[3] == "data-web-…"


def test_no_pods_are_said_to_be_none() -> None:
    picture = diagram(objects(replicas=0))
    assert named(picture, "pod") == ["none"]
    assert all(shape.is_guess for shape in shapes(picture) if shape.look in ("pod", "claim", "volume"))


def test_a_count_of_an_autoscaler_is_not_given_as_fixed() -> None:
    picture = diagram(objects(replicas=2, autoscaled=True))
    assert named(picture, "pod") == ["web-0", "web-1", "… more or fewer"]
    assert "from then on, an autoscaler owns the count" in picture


def test_ordinals_begin_where_they_are_told_to() -> None:
    picture = diagram(objects(replicas=2, ordinals_start=5))
    assert named(picture, "pod") == ["web-5", "web-6"]
    assert named(picture, "claim") == ["data-web-5", "data-web-6"]


def test_another_namespace_is_in_every_host() -> None:
    picture = diagram(objects(replicas=2, namespace="shop", create_namespace=True))
    hosts = [text for shape in shapes(picture) for text in shape.texts if text.endswith(".svc.cluster.local")]
    assert hosts == ["web.shop.svc.cluster.local", *(f"web-{i}.web.shop.svc.cluster.local" for i in range(2))]
    assert "default" not in "".join(hosts)
    assert "Namespace shop" in picture, "objects without a box are named"


def test_a_service_for_clients_stands_beside_the_headless_one() -> None:
    picture = diagram(objects(client_service={"type": "LoadBalancer", "port": 8080}))
    assert named(picture, "service") == ["web", "web-client"]
    assert "type: LoadBalancer · port 8080 (web)" in picture


def test_every_template_has_its_claim_below_its_pod_and_its_class() -> None:
    volumes = [
        {"volume_name": "logs", "mount_path": "/logs", "storage_class_name": "fast"},
        {"volume_name": "old", "mount_path": "/old", "storage_class_name": ""},
    ]
    found = shapes(diagram(objects(replicas=2, volumes=volumes)))
    pods = {shape.name: shape for shape in found if shape.look == "pod"}
    for volume in ("data", "logs", "old"):
        for pod in pods:
            (claim,) = (shape for shape in found if shape.name == f"{volume}-{pod}")
            assert pods[pod].is_above(claim)
    classes = [shape.texts[1:] for shape in found if shape.look == "class"]
    assert classes == [
        ("the cluster's default",), ("fast", "of the cluster"), ("none", "volumes are there already")
    ]  # fmt: skip


def test_a_class_that_the_stack_creates_is_said_to_be_its_own() -> None:
    created = {"create_storage_class": {"provisioner": "ebs.csi.aws.com", "name": "disks"}}
    (found,) = (shape for shape in shapes(diagram(objects(storage=created))) if shape.look == "class")
    assert found.texts[1:] == ("disks", "ebs.csi.aws.com", "of this stack")


def test_several_web_servers_stand_one_below_the_other_each_with_its_own() -> None:
    picture = diagram([*objects("shop", replicas=2), *objects("blog", replicas=1, disruption_budget={})])
    check_layout(picture)
    found = shapes(picture)
    assert [shape.name for shape in found if shape.look == "service"] == ["shop", "blog"]
    assert max(s.bottom for s in found if "shop" in s.name) < min(s.top for s in found if "blog" in s.name)
    assert found[-1].texts == ("Also in this stack", "PodDisruptionBudget blog")


NAMES = st.from_regex(r"[a-z]([a-z0-9-]{0,18}[a-z0-9])?", fullmatch=True)
SIZES = st.sampled_from(["1Gi", "1500Gi", "100000000000000"])


@settings(max_examples=60, deadline=None)
@given(
    component=NAMES | st.just("w" * 47),
    namespace=NAMES | st.just("n" * 63),
    service=NAMES | st.just("s" * 63),
    of_class=NAMES | st.just("c" * 253) | st.none() | st.just(""),
    path=st.sampled_from(["/a", "/" + "a" * 300, "/a b/é", "/<&>\"'"]),
    replicas=st.integers(0, 15),
    templates=st.lists(st.tuples(st.sampled_from(["a", "logs", "x-y"]), SIZES), max_size=3, unique_by=lambda t: t[0]),
    client=st.booleans(),
    autoscaled=st.booleans(),
)
def test_boxes_never_overlap_and_no_text_leaves_its_box(
    component: str,
    namespace: str,
    service: str,
    of_class: str | None,
    path: str,
    replicas: int,
    templates: list[tuple[str, str]],
    client: bool,
    autoscaled: bool,
) -> None:
    picture = diagram(
        objects(
            component,
            name=component,
            namespace=namespace,
            service_name=service,
            replicas=replicas,
            autoscaled=autoscaled,
            mount_path=path,
            storage={} if of_class is None else {"storage_class_name": of_class},
            volumes=[{"volume_name": name, "size": size, "mount_path": f"/mnt/{name}"} for name, size in templates],
            **({"client_service": {}} if client else {}),
        )
    )
    check_layout(picture)
    first = next(shape.name for shape in shapes(picture) if shape.look == "pod")
    assert first == (f"{component}-0" if replicas else "… more or fewer" if autoscaled else "none")


def test_it_is_the_same_each_time() -> None:
    assert diagram(objects(replicas=3)) == diagram(objects(replicas=3))


def test_who_does_not_see_it_is_told_what_it_shows() -> None:
    root = ET.fromstring(diagram(objects(replicas=3)))  # noqa: S314
    told = {root.find(f"{SVG}{tag}").attrib["id"]: root.findtext(f"{SVG}{tag}") for tag in ("title", "desc")}  # type: ignore[union-attr]
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"].split() == list(told)
    assert told["title"] == "StatefulSet web: 3 pods"
    assert "Pod, web-1, web-1.web.default.svc.cluster.local. Pod, web-2" in str(told["words"])


def test_nothing_is_loaded_from_elsewhere() -> None:
    picture = diagram(objects(replicas=3))
    assert re.findall(r"https?://[^\"]+", picture) == ["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"]
    assert "url(" not in picture
    assert "@import" not in picture


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(scheme: Scheme) -> None:
    for look, (fill, border, ink) in scheme.looks.items():
        for text in (ink, scheme.ink, scheme.muted):
            assert contrast(text, fill) >= 4.5, (look, text)
        if look not in ("set", "also"):
            assert contrast(border, scheme.canvas) >= 2.5, look
    assert contrast(scheme.line, scheme.canvas) >= 3
    assert contrast(scheme.line, scheme.looks["set"][0]) >= 3


def contrast(one: str, other: str) -> float:
    """Return how far two colours are apart: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Return how bright a colour is."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_dark_is_for_readers_of_dark_pages_alone() -> None:
    light, dark = diagram(objects()).split("@media (prefers-color-scheme: dark) {")
    assert (LIGHT.canvas in light, DARK.canvas in light) == (True, False)
    assert DARK.canvas in dark


def test_no_value_of_an_environment_or_a_file_is_in_it() -> None:
    picture = diagram(
        objects(
            env={"PASSWORD": "canary-1"},
            files=[{"mount_path": "/keys", "content": {"key": "canary-2"}, "secret": True}],
            annotations={"a": "canary-3"},
            pod_template={"spec": {"containers": [{"name": "web", "args": ["canary-4"]}]}},
        )
    )
    assert "canary" not in picture
    assert "PASSWORD" not in picture
    assert "Secret web-files-0-" in picture


def test_an_encrypted_value_is_refused_with_its_key(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text(
        "config:\n  stateful-web:image: web:1\n  stateful-web:env:\n    PASSWORD:\n      secure: v1:canary\n"
    )
    with pytest.raises(InvalidInput, match=r"stateful-web:env\.PASSWORD is encrypted,") as refused:
        diagram(objects_of(Project(tmp_path, "stateful-web"), "dev"))
    assert "canary" not in str(refused.value)


def test_a_set_without_claims_and_service_is_drawn_with_what_it_has() -> None:
    raw = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "jobs"}, "spec": {"replicas": 2}}
    picture = diagram([raw])
    check_layout(picture)
    assert {shape.look for shape in shapes(picture)} == {"set", "pod"}
    assert [shape.texts for shape in shapes(picture) if shape.look == "pod"] == [("Pod", "jobs-0"), ("Pod", "jobs-1")]


def test_a_service_that_selects_some_labels_of_the_pods_leads_to_them_and_another_is_named_apart() -> None:
    web, *_ = (found for found in objects(replicas=1) if found["kind"] == "StatefulSet")
    web["spec"]["template"]["metadata"]["labels"] = {"app": "web", "tier": "front"}
    near: Manifest = {"kind": "Service", "metadata": {"name": "a"}, "spec": {"selector": {"app": "web"}}}
    far: Manifest = {"kind": "Service", "metadata": {"name": "b"}, "spec": {"selector": {"app": "db"}}}
    picture = diagram([near, far, web])
    assert named(picture, "service") == ["a"]
    assert shapes(picture)[-1].texts == ("Also in this stack", "Service b")


def test_what_a_plan_does_not_show_is_said_in_the_picture() -> None:
    (_, web) = objects(replicas=2)
    web["spec"]["replicas"] = {NOT_SHOWN: LATER}
    web["spec"]["template"]["spec"]["containers"][0]["image"] = {NOT_SHOWN: SECRET}
    frame = next(shape for shape in shapes(diagram([web])) if shape.look == "set")
    assert "(secret)" in frame.texts
    assert frame.texts[-1].startswith("an unknown number of pods")


def test_claims_that_no_template_makes_are_named_in_the_set() -> None:
    (_, web) = objects(replicas=2)
    web["spec"]["template"]["spec"]["volumes"] = [{"name": "site", "persistentVolumeClaim": {"claimName": "pages"}}]
    assert "claim pages, shared by all" in diagram([web])


def test_objects_without_a_stateful_set_are_one_sentence() -> None:
    with pytest.raises(CliError, match="the kinds of objects are: ConfigMap"):
        diagram([{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}])


@pytest.mark.parametrize("name", SETS)
def test_every_public_set_is_drawn(name: str) -> None:
    picture = diagram(of_corpus(name))
    check_layout(picture)
    sets = sorted(found["metadata"]["name"] for found in of_corpus(name) if found["kind"] == "StatefulSet")
    assert sorted(shape.name for shape in shapes(picture) if shape.look == "set") == sets


JUNK = st.sampled_from([None, "", "x", -1, 2.5, True, [], [None], ["x"], {}, {"a": None}, {NOT_SHOWN: LATER}, "\x07\n"])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SETS), st.data())
def test_no_object_is_so_odd_that_it_can_t_be_drawn(name: str, data: st.DataObject) -> None:
    """A few values of a public set are replaced by anything, or gone."""
    found = copy.deepcopy(of_corpus(name))
    for _ in range(data.draw(st.integers(1, 4))):
        place: Any = data.draw(st.sampled_from([one for one in found if one["kind"] in ("StatefulSet", "Service")]))
        keys = [key for key in place if key not in ("kind", "apiVersion")]
        for _ in range(8):
            key = data.draw(st.sampled_from(keys))
            inner = place[key]
            if not (isinstance(inner, dict | list) and inner) or data.draw(st.integers(0, 4)) == 0:
                break
            place, keys = inner, list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        place[key] = copy.deepcopy(data.draw(JUNK))
    check_layout(diagram(found))
