"""Property paths as Pulumi writes them: ``spec.volumeClaimTemplates[0].metadata.labels["a/b.c"]``."""

import re

Path = tuple[str | int, ...]

_STEP = re.compile(r'\.?(?:(?P<key>[^.\[\]"]+)|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|\[(?P<index>\d+|\*)\])')


def parse(text: str) -> Path:
    """Read a path; ``*`` stays a wildcard."""
    steps: list[str | int] = []
    for step in _STEP.finditer(text):
        if step["index"] is not None and step["index"] != "*":
            steps.append(int(step["index"]))
        elif step["quoted"] is not None:
            steps.append(step["quoted"].replace('\\"', '"'))
        else:
            steps.append(step["key"] or "*")
    return tuple(steps)


def write(path: Path) -> str:
    """Write a path."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.search(r'[."\[\]]', step):
            text += '["{}"]'.format(step.replace('"', '\\"'))
        else:
            text += f".{step}" if text else step
    return text


def contains(outer: Path, inner: Path) -> bool:
    """Say whether the inner path is the outer one, or lies within it."""
    return len(outer) <= len(inner) and all(a in ("*", b) for a, b in zip(outer, inner, strict=False))
