"""Accounts that may do less than the sandbox's own user."""

import json
from collections.abc import Mapping, Sequence

from tests.support.projects import Project


def deployed_by_an_account(project: Project, rules: Mapping[str, Sequence[str]], verbs: Sequence[str] = ("*",)) -> str:
    """Let the stack be deployed by an account with these verbs on the resources of each group; return its token."""
    metadata = {"name": "narrow", "namespace": project.namespace}
    rbac = "rbac.authorization.k8s.io"
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
    role = {
        "apiVersion": f"{rbac}/v1", "kind": "Role",
        "metadata": metadata,
        "rules": [{"apiGroups": [group], "resources": [*of], "verbs": [*verbs]} for group, of in rules.items()],
    }  # fmt: skip
    binding = {
        "apiVersion": f"{rbac}/v1", "kind": "RoleBinding",
        "metadata": metadata,
        "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "narrow"},
        "subjects": [{"kind": "ServiceAccount", "name": "narrow", "namespace": project.namespace}],
    }  # fmt: skip
    objects = json.dumps({"apiVersion": "v1", "kind": "List", "items": [account, role, binding]})
    project.kubectl("apply", "--filename", "-", given=objects)
    token = project.kubectl("create", "token", "narrow").strip()
    config = json.loads(project.kubectl("config", "view", "--raw", "--output", "json"))
    config["users"][0]["user"] = {"token": token}
    (project.folder / "narrow").write_text(json.dumps(config))
    project.configure({"kubernetes:kubeconfig": "narrow"})
    return token
