"""The page of the inputs: an entry for each, for ``tools.reference.pages``."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from components.stateful_web.args import StatefulWebArgs
from components.stateful_web.pod_schema import Field
from components.stateful_web.versions import KUBERNETES
from tools.reference.entries import code, entry, one_of
from tools.reference.examples import example_of, in_python, in_stack_file
from tools.reference.inputs import Input, config_key, inputs_of

INTRODUCTION = """\
# Inputs

Only [`image`](#image) is required. Headings have the spelling of the stack file and of other languages, texts that of
Python. The example for the stack file goes into `Pulumi.<stack>.yaml`; the example for Python is the second argument of
`StatefulWeb`, without its `image`.

"""
Path = tuple[str, ...]
"""Keys in Python's spelling, without indexes: ``("volumes", "size")``."""


def inputs_page() -> str:
    """Return the page of the inputs."""
    top = ", ".join(f"[`{config_key(key)}`](#{config_key(key)})" for key in KEYS_BY_PATH[()])
    return "\n".join([f"{INTRODUCTION}{top}.", "", *_entries(StatefulWebArgs, set())])


def _entries(typed_dict: Any, written: set[Any]) -> Iterator[str]:
    for found in inputs_of(typed_dict):
        yield _entry(typed_dict, found)
        if found.typed_dict and found.typed_dict not in written:
            written.add(found.typed_dict)
            yield from _entries(found.typed_dict, written)


def _entry(typed_dict: Any, found: Input) -> str:
    paths = [(*place, found.key) for place in PLACES[typed_dict]]
    # The first place where it may be given: some keys of volumes are not for storage.
    path, example = next((path, example) for path in paths if (example := example_of(tuple(map(config_key, path)))))
    anchors = [*map(_config, (path, *paths)), *map(".".join, paths)]
    default = "none, it is required" if found.required else _linked(found.default_in_words, path)
    facts = [("Type", _type(found)), ("Default", default)]
    if _config(path) != ".".join(path):
        facts.append(("In Python", code(path)))
    if found.typed_dict:
        keys = (config_key(of.key) for of in inputs_of(found.typed_dict))
        facts.append(("Keys", ", ".join(f"[`{key}`](#{_config(path)}.{key})" for key in keys)))
    return entry(code(map(config_key, path)), anchors, _linked(found.meaning, path), facts, len(path) + 1) + _tabs(
        example
    )


def _tabs(example: Mapping[str, Any]) -> str:
    blocks = {
        '=== "Stack file"': f"```yaml\n{in_stack_file(example)}```\n",
        '=== "Python"': f"```python\n{in_python(example)}```\n",
    }
    return "\n".join(
        f"\n{tab}\n\n{re.sub('^(?=.)', '    ', block, flags=re.MULTILINE)}" for tab, block in blocks.items()
    )


def _type(found: Input) -> str:
    kind = found.type
    if found.words:
        kind = re.sub("strings?", one_of(found.words), kind)
    if found.kubernetes:
        kind = (
            f"{kind}, as [{found.kubernetes.kind.partition('.')[2]}]({_of_kubernetes(found.kubernetes)}) of Kubernetes"
        )
    return f"{kind}; may be an output of another resource" if found.takes_output else kind


def _of_kubernetes(field: Field) -> str:
    """Return the address of an object in the reference of Kubernetes' API."""
    module, _, kind = field.kind.partition(".")
    group, _, version = module.rpartition("_")
    group = {"networking": "networking-k8s-io"}.get(group, group)
    site = f"https://kubernetes.io/docs/reference/generated/kubernetes-api/v{KUBERNETES[-1]}"
    return f"{site}/#{kind.lower()}-{version}-{group}"


def _linked(text: str, path: Path) -> str:
    """Return a docstring's text as Markdown, in which the names of inputs lead to their entries."""
    text = re.sub(r"\((https://[^\s)]+)\)", r"([source](\1))", text)
    return re.sub(r"``(.+?)``", lambda found: _link(found[1], path), text)


def _link(words: str, path: Path) -> str:
    """Return a name as a link to the nearest input that has it and is not the one at ``path``; else as code."""
    named = tuple(words.split("."))
    for place in (path, path[:-1], ()):
        if (*place, *named) != path and named[-1] in KEYS_BY_PATH.get((*place, *named[:-1]), ()):
            return f"[`{words}`](#{_config((*place, *named))})"
    return f"`{words}`"


def _config(path: Path) -> str:
    return ".".join(map(config_key, path))


def _places(typed_dict: Any = StatefulWebArgs, at: Path = ()) -> Iterator[tuple[Any, Path]]:
    yield typed_dict, at
    for found in inputs_of(typed_dict):
        if found.typed_dict:
            yield from _places(found.typed_dict, (*at, found.key))


_PLACES = [*_places()]
KEYS_BY_PATH = {place: [found.key for found in inputs_of(typed_dict)] for typed_dict, place in _PLACES}
PLACES: Mapping[Any, list[Path]] = {
    typed_dict: [place for of, place in _PLACES if of is typed_dict] for typed_dict, _ in _PLACES
}
"""Each TypedDict, and the paths at which it is."""
