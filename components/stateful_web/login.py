"""Logs in by the command that a kubeconfig names, as kubectl does: ``users[].user.exec``.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from .loading import Login, Unusable, User

LOGIN_SECONDS = 60.0
"""How long a command may take that can't ask anybody; kubectl would wait for ever."""


def user(how: Login, cluster: Mapping[str, Any]) -> User:
    """Run a login command and return the user that it makes known, by a token, a client certificate or both.

    The command learns from KUBERNETES_EXEC_INFO which version of the answer is wanted, whether somebody is there to be
    asked, and about the cluster if its entry asks for that. Raises ``Unusable``.
    """
    command = str(how.command)
    if shutil.which(command) is None:
        raise Unusable(f"its login command {command} was not found{_hint(how)}")
    interactive = how.mode != "Never" and os.isatty(0)
    if how.mode == "Always" and not interactive:
        raise Unusable(
            f"its login command {command} has to ask somebody (interactiveMode: Always), and nobody is there"
        )
    spec = {"interactive": interactive} | ({"cluster": cluster} if how.provide_cluster_info else {})
    asked = {"apiVersion": how.api_version, "kind": "ExecCredential", "spec": spec}
    added = {str(variable.name): variable.value or "" for variable in how.env or ()}
    said = _run(
        [command, *(how.args or ())], os.environ | added | {"KUBERNETES_EXEC_INFO": json.dumps(asked)}, interactive
    )
    return _answer(said, command, str(how.api_version))


def _run(words: list[str], env: Mapping[str, str], interactive: bool) -> str:
    """Return what a command prints; a terminal's user is shown its errors, and has all the time there is."""
    inherited = None if interactive else subprocess.PIPE
    try:
        started = subprocess.Popen(
            words,
            env=env,
            stdin=None if interactive else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=inherited,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise Unusable(f"its login command {words[0]} can not be run ({error.strerror})") from error
    try:
        out, err = started.communicate(timeout=None if interactive else LOGIN_SECONDS)
    except BaseException as error:
        started.kill()
        started.wait()
        # Not read to their end: what the command has started itself may hold them open.
        for pipe in filter(None, (started.stdout, started.stderr)):
            pipe.close()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        said = _said((error.stderr or b"").decode(errors="replace"))
        raise Unusable(f"its login command {words[0]} did not end within {LOGIN_SECONDS:g} s{said}") from None
    if started.returncode:
        raise Unusable(f"its login command {words[0]} ended with {started.returncode}{_said(err or '')}")
    return out


def _said(words: str) -> str:
    return f": {words.strip()}" if words.strip() else ""


def _answer(said: str, command: str, version: str) -> User:
    # What it gave instead may be a credential, and is not repeated.
    neither = Unusable(f"its login command {command} gave neither a token nor a client certificate")
    try:
        answer = json.loads(said)
        given = [answer["status"].get(key) or "" for key in ("token", "clientCertificateData", "clientKeyData")]
        is_what_was_asked = (answer.get("kind"), answer.get("apiVersion")) == ("ExecCredential", version)
    except (ValueError, LookupError, TypeError, AttributeError):
        raise neither from None
    token, certificate, key = given
    if not all(isinstance(value, str) for value in given) or bool(certificate) != bool(key) or not (token or key):
        raise neither
    if not is_what_was_asked:
        raise Unusable(
            f"its login command {command} gave no ExecCredential of {version}, which the kubeconfig asks for"
        )
    return User(token=token, client_certificate_data=_base64(certificate), client_key_data=_base64(key))


def _base64(pem: str) -> str:
    """Return PEM as a kubeconfig has it."""
    return base64.b64encode(pem.encode()).decode()


def _hint(how: Login) -> str:
    """Return how to install a command, as its kubeconfig says, without what could confuse a terminal."""
    words = " ".join((how.install_hint or "").split())
    return f": {''.join(letter for letter in words if letter.isprintable())}" if words else ""
