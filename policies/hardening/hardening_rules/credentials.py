"""Rules on what a pod is trusted with: credentials of the API server, and secrets in its environment.

No message shows the value of an environment variable, a command or an argument: the mark of a secret is gone by now.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from policies.kit.model import UNKNOWN, Object, entries, get, listed, quote
from policies.kit.pods import TEMPLATES, containers, template
from policies.kit.rule import Config, Finding, Rule, each

from .containers import WORKLOADS
from .manifests import stateful_set, with_container, with_pod
from .secrets import REFERENCES, SECRET_NAMES, SWITCH_NAMES, VALUE_PATTERNS


def _token(workload: Object, _: Config) -> Iterator[Finding]:
    mounted = get(template(workload), "spec", "automountServiceAccountToken")
    if mounted is False or mounted is UNKNOWN or (mounted is None and workload.patch):
        return
    yield Finding(
        workload,
        "mounts the token of its ServiceAccount into every container: automountServiceAccountToken of the pod is not "
        "false",
        "set it to false; a pod that calls the API server opts out, with the reason",
        remedy=(((*TEMPLATES[workload.kind], "spec", "automountServiceAccountToken"), False),),
    )


SERVICE_ACCOUNT_TOKEN = Rule(
    name="service-account-token",
    display_name="No unneeded ServiceAccount token",
    description="Pods must not mount the token of their ServiceAccount, unless they call the API server.",
    remediation="Set automountServiceAccountToken to false in the pod's spec; it overrides the ServiceAccount's "
    "setting. Enforcement level remediate sets it.",
    severity="medium",
    level="advisory",
    kinds=WORKLOADS,
    check=each(_token),
    remediable=True,
    passing=(stateful_set(),),
    failing=(with_pod(automountServiceAccountToken=None),),
)


def _no_secret_in_env(workload: Object, config: Config) -> Iterator[Finding]:
    looks = Looks(config)
    for container in containers(workload):
        found = [
            name
            for variable in entries(container.get("env"))
            if isinstance(name := get(variable, "name"), str) and looks.secret(name, get(variable, "value"))
        ]
        if found:
            yield Finding(
                workload,
                f"has container {quote(container.get('name'))} with what looks like a secret written out in env "
                f"{listed(found)}: whoever may read the workload can read it",
                "put it in a Secret and refer to it by valueFrom.secretKeyRef, or mount it as a file",
            )


class Looks:
    """What secrets look like, as a configuration says it."""

    @classmethod
    def by_default(cls) -> "Looks":
        """Return what they look like without a configuration."""
        return cls(NO_SECRET_IN_ENV.settings({}))

    def __init__(self, config: Config) -> None:
        self._allowed = frozenset(config["allowedNames"])
        self._name = _compiled("namePattern", [config["namePattern"]], re.IGNORECASE)
        self._names = _ending(config["secretNames"])
        self._switches = _ending(config["switchNames"])
        self._value = _compiled("valuePatterns", config["valuePatterns"])
        self._references = tuple(config["references"])

    def secret(self, name: str, value: Any) -> bool:
        """Say whether a variable looks like a secret that is written out."""
        if name in self._allowed or not _is_literal(value):
            return False
        if isinstance(value, str) and self._value.search(value):
            return True
        if self._switches.search(name) or not (self._name.search(name) or self._names.search(name)):
            return False
        return value is UNKNOWN or not (_PLAIN.fullmatch(value.strip()) or value.strip().startswith(self._references))


def _compiled(key: str, patterns: Sequence[str], flags: int = 0) -> re.Pattern[str]:
    """Return one pattern that finds what any of these do, in a text of any length in time."""
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(
                f"property {key} of rule no-secret-in-env has {quote(pattern)}, which is no regular expression: {error}"
            ) from error
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or _NOTHING, flags)


def _ending(names: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern of names that are one of these, or end with one as their last words."""
    words = "|".join(re.escape(name).replace("_", "[_.-]?") for name in names)
    return re.compile(rf"(?:^|[_.-])(?:{words})$" if words else _NOTHING, re.IGNORECASE)


_NOTHING: Final = r"(?!)"


def _is_literal(value: Any) -> bool:
    """Say whether an env value holds something of its own, not only references to other variables."""
    return value is UNKNOWN or (isinstance(value, str) and bool(_REFERENCES.sub("", value).strip()))


_REFERENCES: Final = re.compile(r"\$\([A-Za-z_.-][A-Za-z0-9_.-]*\)")
_PLAIN: Final = re.compile(
    r"true|false|yes|no|on|off|enabled?|disabled?|none|null|nil"  # a switch
    r"|[+-]?\d+(?:\.\d+)?(?:ns|us|ms|s|m|h|d)?",  # a number, or a time
    re.IGNORECASE,
)
"""Values that are no secret whatever they are called: https://yaml.org/type/bool.html, among others."""

NO_SECRET_IN_ENV = Rule(
    name="no-secret-in-env",
    display_name="No plain secrets in environment variables",
    description="Environment variables must take secrets from a Secret, not hold them.",
    remediation="Keep the value in a Secret and use valueFrom.secretKeyRef, or mount the Secret as a file. A Pulumi "
    "secret is encrypted in the state, but anyone who can read the object on the cluster can read its value.",
    severity="high",
    level="advisory",
    kinds=WORKLOADS,
    check=each(_no_secret_in_env),
    properties={
        "namePattern": {
            "type": "string",
            "format": "regex",
            "default": r"(?:passw(?:or)?d|passphrase|(?:^|[_.-])(?:pass|pwd)|secret|token|credentials?"
            r"|(?:access|api|encryption|private|secret|signing)[_.-]?key)(?:[_.-]?\d+)?$",
            "description": "Regular expression for names of variables that hold secrets; case-insensitive.",
        },
        "allowedNames": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Names of variables that match and hold no secret.",
        },
    },
    tables={
        "secretNames": SECRET_NAMES,
        "switchNames": SWITCH_NAMES,
        "valuePatterns": VALUE_PATTERNS,
        "references": REFERENCES,
    },
    passing=(stateful_set(),),
    failing=(with_container(env=[{"name": "DB_PASSWORD", "value": "example"}]),),
)
