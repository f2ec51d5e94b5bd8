"""Logs in by the command that a kubeconfig names, as kubectl does: ``users[].user.exec``.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightkube.config.models import UserExec


class LoginFailed(Exception):
    """The command gave no token; the message says why."""


def token(how: "UserExec") -> str:
    """Run a login command and return the token that it gives.

    The command learns from KUBERNETES_EXEC_INFO which version of the answer is wanted, and that nobody is there to be
    asked. Raises ``LoginFailed``.
    """
    if shutil.which(how.command) is None:
        raise LoginFailed(f"its login command {how.command} is not on PATH")
    asked = {"apiVersion": how.apiVersion, "kind": "ExecCredential", "spec": {"interactive": False}}
    env = os.environ | {of.name: of.value for of in how.env or ()} | {"KUBERNETES_EXEC_INFO": json.dumps(asked)}
    ended = subprocess.run(
        [how.command, *(how.args or ())], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        said = f": {ended.stderr.strip()}" if ended.stderr.strip() else ""
        raise LoginFailed(f"its login command {how.command} ended with {ended.returncode}{said}")
    try:
        return str(json.loads(ended.stdout)["status"]["token"])
    except (ValueError, LookupError, TypeError):
        # What it gave instead may be a credential.
        raise LoginFailed(f"its login command {how.command} gave no token") from None
