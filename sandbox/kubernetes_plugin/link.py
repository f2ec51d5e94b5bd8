"""The provider's link to its cluster, made once and in the background."""

import threading
from collections.abc import Mapping

from sandbox.kubernetes_plugin.api import Api
from sandbox.kubernetes_plugin.connection import Connection, connection
from sandbox.kubernetes_plugin.errors import Object, UnknownKind, Unreachable

_OF_THE_CLUSTER = {
    *("APIService", "CSIDriver", "CSINode", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding"),
    *("FlowSchema", "IngressClass", "MutatingWebhookConfiguration", "Namespace", "Node", "PersistentVolume"),
    *("PriorityClass", "PriorityLevelConfiguration", "RuntimeClass", "StorageClass"),
    *("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration"),
    "VolumeAttachment",
}
"""Kinds without a namespace, for when the cluster cannot be asked."""


class Link:
    """Holds the connection, or the reason why there is none. Threads may share it."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._lock = threading.Lock()
        self._api: Api | None = None
        self._failure: Unreachable | None = None
        self._connection: Connection | None = None
        self.namespace = settings.get("namespace") or "default"
        """Where objects go that name no namespace."""
        try:
            self._connection = connection(settings)
            self.namespace = self._connection.namespace
        except Unreachable as error:
            self._failure = error
        else:
            # While the program starts, so that the first resource need not wait for it.
            threading.Thread(target=self.failure, daemon=True).start()

    def api(self) -> Api:
        """Return the connected API; raises Unreachable, again and again, if the first attempt failed."""
        with self._lock:
            if self._api is None and self._failure is None and self._connection is not None:
                try:
                    self._api = Api(self._connection)
                except Unreachable as error:
                    self._failure = error
        if self._api is None:
            raise Unreachable(f"configured Kubernetes cluster is unreachable: {self._failure}")
        return self._api

    def failure(self) -> Unreachable | None:
        """Say why the cluster is unreachable; None if it is not."""
        try:
            self.api()
        except Unreachable as error:
            return error
        return None

    def serves(self, obj: Object) -> bool:
        """Say whether the cluster can be asked about objects of this kind."""
        try:
            self.api().resource(obj.get("apiVersion", ""), obj.get("kind", ""))
        except (Unreachable, UnknownKind):
            return False
        return True

    def is_namespaced(self, obj: Object) -> bool:
        """Say whether objects of this kind lie in a namespace; a kind that is not served yet is said to."""
        if not self.serves(obj):
            return obj.get("kind") not in _OF_THE_CLUSTER
        return self.api().resource(obj["apiVersion"], obj["kind"]).namespaced
