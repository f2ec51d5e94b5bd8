"""What a user's terminal, proxies and git say to every program, and the programs that tests start are not to hear."""

import os
from collections.abc import MutableMapping

OF_A_TERMINAL = ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
OF_A_GIT_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
GIT = {"commit.gpgSign": "false", "tag.gpgSign": "false", "core.hooksPath": os.devnull, "core.autocrlf": "false"}
LOOPBACK = ["127.0.0.1", "localhost"]


def leave_out(env: MutableMapping[str, str]) -> None:
    """Take them out of an environment, which is changed."""
    for name in (*OF_A_TERMINAL, *OF_A_GIT_HOOK):
        env.pop(name, None)
    env["GIT_CONFIG_COUNT"] = str(len(GIT))
    for number, (key, value) in enumerate(GIT.items()):
        env.update({f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value})
    if any(env.get(name) for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy")):
        given = env.get("NO_PROXY") or env.get("no_proxy") or ""
        if given != "*":
            direct = ",".join([*filter(None, given.split(",")), *LOOPBACK])
            env.update({"NO_PROXY": direct, "no_proxy": direct})
