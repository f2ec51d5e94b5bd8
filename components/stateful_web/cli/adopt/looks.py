"""What a written-out secret looks like: pack ``hardening`` says it, with sources; this is what the wheel has of it.

The packs stand alone, and so does the wheel: a test holds the two together.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

NAME_PATTERN: Final = (
    r"(?:passw(?:or)?d|passphrase|(?:^|[_.-])(?:pass|pwd)|secret|token|credentials?"
    r"|(?:access|api|encryption|private|secret|signing)[_.-]?key)(?:[_.-]?\d+)?$"
)
SECRET_NAMES: Final = (
    "REDISCLI_AUTH",
    "NEO4J_AUTH",
    "ERLANG_COOKIE",
    "SECRET_KEY_BASE",
    "RAILS_MASTER_KEY",
    "APP_KEY",
    "FERNET_KEY",
    "MASTER_KEY",
    "AUTH_KEY",
    "AUTH_SALT",
    "LOGGED_IN_KEY",
    "LOGGED_IN_SALT",
    "NONCE_KEY",
    "NONCE_SALT",
    "ACCOUNT_KEY",
    "STORAGE_KEY",
    "LICENSE_KEY",
    "PASSWORDS",
    "BIND_PW",
    "ADMIN_PW",
    "ROOT_PW",
    "PSWD",
)
SWITCH_NAMES: Final = (
    "ALLOW_EMPTY_PASSWORD",
    "ALLOW_EMPTY_ROOT_PASSWORD",
    "RANDOM_ROOT_PASSWORD",
    "MYSQL_ONETIME_PASSWORD",
)
VALUE_PATTERNS: Final = (
    "-----BEGIN [A-Z ]*PRIVATE KEY",
    "\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b",
    "\\bgh[pousr]_[A-Za-z0-9]{36}",
    "\\bgithub_pat_[A-Za-z0-9_]{60}",
    "\\bgl(?:pat|dt|rt|cbt|ptt|ft|oas)-[A-Za-z0-9_-]{20}",
    "\\bxox[abeprs]-[A-Za-z0-9-]{10}",
    "\\bxapp-\\d-[A-Z0-9]{8}",
    "\\bhooks\\.slack\\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{16}",
    "\\bdiscord(?:app)?\\.com/api/webhooks/\\d{10,20}/[A-Za-z0-9_-]{40}",
    "\\bpul-[0-9a-f]{40}\\b",
    "\\beyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.",
    "[a-z][a-z0-9+.-]{0,20}://[^\\s/:@$]{0,64}:[^\\s/@$]{1,128}@",
    "(?i:;|^)\\s*(?i:password|pwd)\\s*=\\s*[^;\\s$]",
    "[?&](?i:password)=[^&\\s$]",
    "\\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{20}",
    "[?&]sig=[A-Za-z0-9%+/]{20}",
    "\\bAIza[0-9A-Za-z_-]{35}",
    '"private_key"\\s*:\\s*"',
    "\\bGOCSPX-[A-Za-z0-9_-]{20}",
    "\\b[rs]k_(?:live|test)_[A-Za-z0-9]{16}",
    "\\bnpm_[A-Za-z0-9]{36}",
    "\\bpypi-AgE[A-Za-z0-9_-]{16}",
    "\\bdckr_pat_[A-Za-z0-9_-]{20}",
    "\\bSG\\.[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{16}",
    "\\bhv[sbr]\\.[A-Za-z0-9_-]{20}",
    "\\b[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_-]{20}",
    "\\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{40}",
    "\\bsk-ant-[A-Za-z0-9_-]{20}",
    "\\bhf_[A-Za-z0-9]{30}",
    "\\bdapi[0-9a-f]{32}",
    "\\bdo[opr]_v1_[0-9a-f]{40}",
    "\\bglsa_[A-Za-z0-9]{32}",
    "\\bshp(?:at|ca|pa|ss)_[0-9a-f]{32}",
    "\\b\\d{8,10}:AA[A-Za-z0-9_-]{33}",
    "\\bAGE-SECRET-KEY-1[0-9A-Z]{50}",
)
REFERENCES: Final = (
    "/etc/",
    "/home/",
    "/mnt/",
    "/opt/",
    "/root/",
    "/run/",
    "/srv/",
    "/tmp/",  # noqa: S108 - a beginning of values, not a file
    "/usr/",
    "/var/",
    "file:",
    "/app/",
    "/certs/",
    "/config/",
    "/credentials/",
    "/data/",
    "/keys/",
    "/secret/",
    "/secrets/",
    "/vault/",
    "vault:",
    ">>vault:",
    "op://",
    "ref+",
    "arn:aws:secretsmanager:",
    "arn:aws:ssm:",
    "berglas://",
    "sm://",
    "gcp:secretmanager:",
    "azure:keyvault:",
    "@Microsoft.KeyVault(",
)


def looks_secret(name: str, value: Any) -> bool:
    """Say whether a variable, or a value without a name, looks like a secret that is written out."""
    if not (isinstance(value, str) and _VARIABLES.sub("", value).strip()):
        return False
    if _VALUE.search(value):
        return True
    if _SWITCHES.search(name) or not (_NAME.search(name) or _NAMES.search(name)):
        return False
    return not (_PLAIN.fullmatch(value.strip()) or value.strip().startswith(REFERENCES))


def _ending(names: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern of names that are one of these, or end with one as their last words."""
    words = "|".join(re.escape(name).replace("_", "[_.-]?") for name in names)
    return re.compile(rf"(?:^|[_.-])(?:{words})$", re.IGNORECASE)


_NAME: Final = re.compile(NAME_PATTERN, re.IGNORECASE)
_NAMES, _SWITCHES = _ending(SECRET_NAMES), _ending(SWITCH_NAMES)
_VALUE: Final = re.compile("|".join(f"(?:{pattern})" for pattern in VALUE_PATTERNS))
_VARIABLES: Final = re.compile(r"\$\([A-Za-z_.-][A-Za-z0-9_.-]*\)")
"""References to other variables."""
_PLAIN: Final = re.compile(
    r"true|false|yes|no|on|off|enabled?|disabled?|none|null|nil"  # a switch
    r"|[+-]?\d+(?:\.\d+)?(?:ns|us|ms|s|m|h|d)?",  # a number, or a time
    re.IGNORECASE,
)
