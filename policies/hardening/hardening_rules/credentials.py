"""Rules on what a pod is trusted with: credentials of the API server, and secrets in its environment.

No message shows the value of an environment variable, a command or an argument: the mark of a secret is gone by now.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from policies.kit.model import UNKNOWN, Object, entries, get, listed, quote
from policies.kit.pods import TEMPLATES, containers, template
from policies.kit.rule import Config, Finding, Rule, each

from .containers import WORKLOADS
from .manifests import stateful_set, with_container, with_pod


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
    display_name="No token that is not needed",
    description="Pods must not mount the token of their ServiceAccount, unless they call the API server.",
    remediation="Set automountServiceAccountToken to false in the pod's spec; it comes before the ServiceAccount's own "
    "setting. Enforcement level remediate does that.",
    severity="medium",
    level="advisory",
    kinds=WORKLOADS,
    check=each(_token),
    remediable=True,
    passing=(stateful_set(),),
    failing=(with_pod(automountServiceAccountToken=None),),
)


def _no_secret_in_env(workload: Object, config: Config) -> Iterator[Finding]:
    telling_name = re.compile(config["namePattern"], re.IGNORECASE)
    for container in containers(workload):
        found = []
        for variable in entries(container.get("env")):
            name, value = get(variable, "name"), get(variable, "value")
            if not isinstance(name, str) or name in config["allowedNames"] or not _is_literal(value):
                continue
            if telling_name.search(name) or (isinstance(value, str) and _TELLING_VALUE.search(value)):
                found.append(name)
        if found:
            yield Finding(
                workload,
                f"has container {quote(container.get('name'))} with what looks like a secret written out in env "
                f"{listed(found)}: whoever may read the workload can read it",
                "put it in a Secret and refer to it by valueFrom.secretKeyRef, or mount it as a file",
            )


def _is_literal(value: Any) -> bool:
    """Say whether an env value holds something of its own, not only references to other variables."""
    return value is UNKNOWN or (isinstance(value, str) and bool(_REFERENCES.sub("", value).strip()))


_REFERENCES: Final = re.compile(r"\$\([A-Za-z_.-][A-Za-z0-9_.-]*\)")
_TELLING_VALUE: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"  # an AWS access key
    r"|\bgh[pousr]_[A-Za-z0-9]{36}"  # a GitHub token
    r"|\bglpat-[A-Za-z0-9_-]{20}"  # a GitLab token
    r"|\bxox[abprs]-[A-Za-z0-9-]{10}"  # a Slack token
    r"|\bpul-[0-9a-f]{40}\b"  # a Pulumi token
    r"|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\."  # a JSON web token
    r"|[a-z][a-z0-9+.-]{0,20}://[^\s/:@$]{0,64}:[^\s/@$]{1,128}@"  # a URL with a password
)

NO_SECRET_IN_ENV = Rule(
    name="no-secret-in-env",
    display_name="No secret written out in env",
    description="Environment variables must take secrets from a Secret, not hold them.",
    remediation="Keep the value in a Secret and use valueFrom.secretKeyRef, or mount the Secret as a file. A Pulumi "
    "secret is encrypted in the state, but plain in the object that the API server keeps.",
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
            "description": "What names of such variables look like: a regular expression, case does not count.",
        },
        "allowedNames": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Names of variables that are no secret all the same.",
        },
    },
    passing=(stateful_set(),),
    failing=(with_container(env=[{"name": "DB_PASSWORD", "value": "example"}]),),
)
