"""The API server as oracle: what it says of objects, in a dry run that checks every field."""

import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2
import yaml

from sandbox.instance import Sandbox

Object = Mapping[str, Any]

PLACES = {
    "Namespace": "/api/v1/namespaces",
    "StorageClass": "/apis/storage.k8s.io/v1/storageclasses",
    "Service": "/api/v1/namespaces/{}/services",
    "ServiceAccount": "/api/v1/namespaces/{}/serviceaccounts",
    "ConfigMap": "/api/v1/namespaces/{}/configmaps",
    "Secret": "/api/v1/namespaces/{}/secrets",
    "Pod": "/api/v1/namespaces/{}/pods",
    "PersistentVolumeClaim": "/api/v1/namespaces/{}/persistentvolumeclaims",
    "StatefulSet": "/apis/apps/v1/namespaces/{}/statefulsets",
    "NetworkPolicy": "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
    "PodDisruptionBudget": "/apis/policy/v1/namespaces/{}/poddisruptionbudgets",
    "HorizontalPodAutoscaler": "/apis/autoscaling/v2/namespaces/{}/horizontalpodautoscalers",
}
DRY = {"dryRun": "All", "fieldValidation": "Strict"}
APPLY = {"Content-Type": "application/apply-patch+yaml"}
"""As the kubernetes plugin creates objects: lists in which an entry's key is twice are refused then, too."""


@dataclass(frozen=True)
class Oracle:
    """A namespace in which nothing of what is asked about exists."""

    http: httpx2.Client
    namespace: str

    @classmethod
    def of(cls, box: Sandbox, namespace: str) -> "Oracle":
        """Reach the API server of a sandbox."""
        config = yaml.safe_load(box.cluster.kubeconfig.read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        context = ssl.create_default_context(cafile=cluster["certificate-authority"])
        context.load_cert_chain(user["client-certificate"], user["client-key"])
        return cls(httpx2.Client(base_url=cluster["server"], verify=context, timeout=30), namespace)

    def refuses(self, obj: Object) -> str:
        """Return why it would not create an object by server-side apply; empty if it would."""
        place = f"{self._place(obj)}/{quote(obj['metadata']['name'], safe='')}"
        # It is read as YAML, which has no pairs of surrogates, and control characters as escapes alone.
        text = json.dumps(self._moved(obj), ensure_ascii=False)
        body = re.sub("[\\x7f-\\x9f\\ufeff\\ufffe\\uffff]", lambda found: f"\\u{ord(found[0]):04x}", text)
        return self._said(self.http.patch(place, params={**DRY, "fieldManager": "oracle"}, headers=APPLY, content=body))

    def create(self, obj: Object) -> dict[str, Any]:
        """Create an object; return it as the API server has it."""
        answer = self.http.post(self._place(obj), json=self._moved(obj))
        assert not self._said(answer), answer.text
        created: dict[str, Any] = answer.json()
        return created

    def delete(self, obj: Object) -> None:
        """Delete an object at once."""
        answer = self.http.delete(f"{self._place(obj)}/{obj['metadata']['name']}", params={"gracePeriodSeconds": 0})
        assert answer.status_code in (200, 202), answer.text

    def updated(self, obj: Object) -> tuple[dict[str, Any] | None, str]:
        """Return what an object of that name would become, or nothing, and why it can not."""
        answer = self.http.put(f"{self._place(obj)}/{obj['metadata']['name']}", params=DRY, json=self._moved(obj))
        said = self._said(answer)
        return (None, said) if said else (answer.json(), "")

    def _place(self, obj: Object) -> str:
        return PLACES[obj["kind"]].format(self.namespace)

    def _moved(self, obj: Object) -> Object:
        if "namespace" not in obj["metadata"]:
            return obj
        return {**obj, "metadata": {**obj["metadata"], "namespace": self.namespace}}

    def _said(self, answer: httpx2.Response) -> str:
        # What can't be read at all is refused before any field is looked at, with a plain text or a Status.
        return "" if answer.status_code in (200, 201) else f"{answer.status_code}: {answer.text}"


def pod_of(stateful_set: Object, ordinal: int) -> dict[str, Any]:
    """Return the pod that the StatefulSet's controller makes of it."""
    name, spec = stateful_set["metadata"]["name"], stateful_set["spec"]
    template = spec["template"]
    labels = {
        **template["metadata"]["labels"],
        "controller-revision-hash": f"{name}-{'0' * 10}",
        "statefulset.kubernetes.io/pod-name": f"{name}-{ordinal}",
        "apps.kubernetes.io/pod-index": str(ordinal),
    }
    claims = [
        {"name": t["metadata"]["name"], "persistentVolumeClaim": {"claimName": claim_of(stateful_set, t, ordinal)}}
        for t in spec["volumeClaimTemplates"]
    ]
    # An account or a class that is not there yet is another object's business.
    elsewhere = ("serviceAccountName", "priorityClassName")
    pod = {key: value for key, value in template["spec"].items() if key not in elsewhere}
    pod |= {"hostname": f"{name}-{ordinal}", "subdomain": spec["serviceName"]}
    pod["volumes"] = [*pod.get("volumes", ()), *claims]
    metadata = {"name": f"{name}-{ordinal}", "namespace": "", "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod}


def claim_of(stateful_set: Object, template: Object, ordinal: int) -> str:
    """Return the name of the claim that the controller makes of a template."""
    return f"{template['metadata']['name']}-{stateful_set['metadata']['name']}-{ordinal}"


def claims_of(stateful_set: Object, ordinal: int) -> list[dict[str, Any]]:
    """Return the claims that the controller makes for a pod."""
    labels = stateful_set["spec"]["selector"]["matchLabels"]
    return [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": claim_of(stateful_set, t, ordinal), "namespace": "", "labels": labels},
            "spec": t["spec"],
        }
        for t in stateful_set["spec"]["volumeClaimTemplates"]
    ]
