"""From stack config to the component's inputs, for a program in which every input is a config key.

A whole program:

    import pulumi
    from stateful_web import StatefulWeb, stack_config

    project = pulumi.get_project()
    with stack_config.config_keys_in_errors(project):
        web = StatefulWeb(stack_config.COMPONENT, stack_config.load(project))

Then ``pulumi config set replicas 3`` and ``pulumi config set --path storage.size 2Gi`` set inputs. Keys are in
camelCase, as in every language but Python. Every key of the namespace is an input: a program keeps keys of its own in
another namespace (``pulumi config set billing:team shop``, ``pulumi.Config("billing")``).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pulumi
import pulumi.runtime.config

from .args import StatefulWebArgs
from .findings import SPELLING, Finding, InvalidInput, Path, camel, camel_key
from .schema import keys, kinds, map_inputs, read

COMPONENT = "web"
"""Name of the program's component, by which the command ``stateful-web`` knows it; default of config key ``name``."""


def load(namespace: str) -> StatefulWebArgs:
    """Return the component's inputs from the keys of a namespace of the stack's config: the project's name, as a rule.

    What is encrypted stays secret. Raises ``InvalidInput``, in which all findings name config keys, for a key that does
    not exist, for a value of another kind, and for an encrypted value that decides a name or the structure.
    """
    given = {key: pulumi.runtime.config.get_config(f"{namespace}:{key}") for key in _keys_given(namespace)}
    inputs, findings = inputs_of(given)
    findings = [_not_shown(namespace, finding) for finding in findings] or _keep_secrets(namespace, inputs)
    if findings:
        raise InvalidInput(findings, spelling(namespace))
    return inputs


def inputs_of(given: Mapping[str, Any]) -> tuple[StatefulWebArgs, list[Finding]]:
    """Return inputs from the values of config keys, and what does not fit; they may be text, as the CLI writes them."""
    findings: list[Finding] = []
    values = {key: _as_wanted(value, _annotations().get(key, str)) for key, value in given.items()}
    inputs: StatefulWebArgs = read(values, StatefulWebArgs, (), findings, camel)
    return inputs, findings


def spelling(namespace: str) -> Callable[[Path], str]:
    """Return what spells a path as in the stack file: ``stateful-web:storage.storageClassName``."""
    return lambda path: f"{namespace}:{camel_key(path)}"


@contextmanager
def config_keys_in_errors(namespace: str) -> Iterator[None]:
    """Name config keys instead of inputs in what the component refuses or warns of, also once outputs are known.

    ``namespace`` is that of the keys, as for ``load``. The component is made within the block.
    """
    before = SPELLING.set(spelling(namespace))
    try:
        yield
    finally:
        SPELLING.reset(before)


def _keys_given(namespace: str) -> list[str]:
    # The SDK has no public list of keys; both its language hosts put every key here.
    everything = pulumi.runtime.config.CONFIG.get()
    prefix = f"{namespace}:"
    return sorted(key.removeprefix(prefix) for key in everything if key.startswith(prefix))


def _annotations() -> dict[str, Any]:
    return {camel(key): annotation for key, annotation in keys(StatefulWebArgs).items()}


def _as_wanted(value: Any, annotation: Any) -> Any:
    """Return a value as its key wants it: the engine hands everything over as text, what is no text as sorted JSON."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    if kinds(annotation) == (str,):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return value


def _keep_secrets(namespace: str, inputs: StatefulWebArgs) -> list[Finding]:
    """Make secrets of what is encrypted, and return the keys in which nothing can be one.

    The engine says which key has a secret, and not where in it: all is taken for one that decides no structure.
    """
    findings = []
    for key, annotation in keys(StatefulWebArgs).items():
        if key in inputs and _is_secret(namespace, camel(key)):
            kept: list[Any] = []

            def keep(value: Any, kept: list[Any] = kept) -> Any:
                kept.append(value)
                return pulumi.Output.secret(value)

            inputs[key] = map_inputs(inputs[key], annotation, keep)  # type: ignore[literal-required]
            if not kept:
                problem = "is encrypted, but it decides a name or the structure. Set it without --secret."
                findings.append(Finding((key,), problem))
    return findings


def _not_shown(namespace: str, finding: Finding) -> Finding:
    """Return a finding that tells nothing of a value which is encrypted."""
    if not _is_secret(namespace, camel(str(finding.path[0]))):
        return finding
    problem = "is encrypted, so it is not shown; it is not of the kind that is expected. The reference has its kind."
    return Finding(finding.path, problem)


def _is_secret(namespace: str, key: str) -> bool:
    return pulumi.runtime.config.is_config_secret(f"{namespace}:{key}")
