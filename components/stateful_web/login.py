"""Logs in by the command that a kubeconfig names, as kubectl does: ``users[].user.exec``.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

import base64
import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightkube.config.models import User, UserExec


class LoginFailed(Exception):
    """The command gave no credentials; the message says why."""


def user(how: "UserExec") -> "User":
    """Run a login command and return the user that it makes known, by a token or a client certificate.

    The command learns from KUBERNETES_EXEC_INFO which version of the answer is wanted, and that nobody is there to be
    asked. Raises ``LoginFailed``.
    """
    from lightkube.config.models import User

    if shutil.which(how.command) is None:
        raise LoginFailed(f"its login command {how.command} was not found")
    asked = {"apiVersion": how.apiVersion, "kind": "ExecCredential", "spec": {"interactive": False}}
    env = os.environ | {of.name: of.value for of in how.env or ()} | {"KUBERNETES_EXEC_INFO": json.dumps(asked)}
    ended = subprocess.run(
        [how.command, *(how.args or ())], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        said = f": {ended.stderr.strip()}" if ended.stderr.strip() else ""
        raise LoginFailed(f"its login command {how.command} ended with {ended.returncode}{said}")
    try:
        status = json.loads(ended.stdout)["status"]
        token, certificate, key = (status.get(k) for k in ("token", "clientCertificateData", "clientKeyData"))
        if token or (certificate and key):
            return User(token=token or None, client_cert_data=_base64(certificate), client_key_data=_base64(key))
    except (ValueError, LookupError, TypeError, AttributeError):
        pass  # What it gave instead may be a credential.
    raise LoginFailed(f"its login command {how.command} gave neither a token nor a client certificate")


def _base64(pem: str | None) -> str | None:
    """Return PEM as a kubeconfig has it."""
    return base64.b64encode(pem.encode()).decode() if pem else None
