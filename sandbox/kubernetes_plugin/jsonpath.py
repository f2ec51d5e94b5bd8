"""The part of JSONPath that readiness conditions use: ``{.status.conditions[?(@.type=="Ready")].status}=True``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes_plugin.errors import NeedsOfficialPlugin, Object, PluginError

_STEP = re.compile(
    r"""\.(?P<name>[A-Za-z_][\w-]*)
      | \[\s*(?P<quote>['"])(?P<quoted>.*?)(?P=quote)\s*\]
      | \[\s*(?P<index>-?\d+|\*)\s*\]
      | \[\?\s*\(?\s*@\.(?P<key>[\w.-]+)\s*==\s*(?P<mark>['"])(?P<value>.*?)(?P=mark)\s*\)?\s*\]""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class JsonPath:
    """A path, and the text that its first result must have; None when any result will do."""

    steps: tuple[dict[str, str], ...]
    expected: str | None

    def matches(self, obj: Object) -> bool:
        """Say whether the object has what is expected."""
        for found in _select(obj, self.steps):
            return self.expected is None or _text(found) == self.expected
        return False


def parse(text: str) -> JsonPath:
    """Read ``{.path}`` or ``{.path}=value``.

    Raises PluginError for another form, NeedsOfficialPlugin for syntax that is left out here.
    """
    whole = re.fullmatch(r"\{\s*\$?(?P<path>.*?)\s*\}(?:=(?P<value>.+))?", text)
    if not whole or "=" in (whole["value"] or "").replace("==", ""):
        raise PluginError(f"the annotation pulumi.com/waitFor expects {{.path}} or {{.path}}=value, got {text}")
    steps, position = [], 0
    while position < len(whole["path"]):
        step = _STEP.match(whole["path"], position)
        if step is None:
            raise NeedsOfficialPlugin(f"The JSONPath {text}")
        steps.append({key: value for key, value in step.groupdict().items() if value is not None})
        position = step.end()
    return JsonPath(tuple(steps), whole["value"])


def _select(value: Any, steps: tuple[dict[str, str], ...]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    name = step.get("name", step.get("quoted"))
    if name is not None:
        chosen = [value[name]] if isinstance(value, dict) and name in value else []
    elif not isinstance(value, list):
        chosen = []
    elif "key" in step:
        chosen = [item for item in value if _at(item, step["key"]) == step["value"]]
    elif step["index"] == "*":
        chosen = value
    else:
        index = int(step["index"])
        chosen = [value[index]] if -len(value) <= index < len(value) else []
    for item in chosen:
        yield from _select(item, rest)


def _at(value: Any, dotted: str) -> Any:
    for key in dotted.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
