"""The corpus: public StatefulSets with their Services, in other words, and what a stack says to get them.

Each folder of ``tests/corpus`` is a set. ``objects.yaml`` has the objects as somebody else wrote them, and says where
their shape is from; ``Pulumi.corpus.yaml`` is the stack that makes them. ``findings.yaml`` has what the packs rightly
say of the objects, and ``not-expressed.yaml`` what the stacks leave out, each with the reason.
"""

from functools import cache
from typing import Any

import yaml

from components.stateful_web.cli import render
from components.stateful_web.cli.project import Project
from sandbox.paths import ROOT

Object = dict[str, Any]

LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
CORPUS = ROOT / "tests" / "corpus"
STACK = "corpus"
SETS = tuple(sorted(path.parent.name for path in CORPUS.glob("*/objects.yaml")))
EXPRESSED = tuple(name for name in SETS if (CORPUS / name / f"Pulumi.{STACK}.yaml").exists())
"""Sets that a stack can make; the others have no claim template."""


def text_of(name: str) -> str:
    """Return the objects of a set as they are written."""
    return (CORPUS / name / "objects.yaml").read_text()


@cache
def objects_of(name: str) -> list[Object]:
    """Return the objects of a set, as somebody else wrote them."""
    return list(yaml.load_all(text_of(name), LOADER))


@cache
def rendered(name: str) -> list[Object]:
    """Return the objects that the set's stack makes, as ``make render`` does."""
    return render.objects_of(Project(CORPUS / name, "stateful-web"), STACK)
