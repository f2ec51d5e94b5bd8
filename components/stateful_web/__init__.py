"""One reusable component for stateful web servers on Kubernetes.

``StatefulWeb`` builds a headless Service, a StatefulSet and the claims of its pods, and selects the StorageClass.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import stack_config
    from .args import (
        AutoscaleArgs,
        ClientServiceArgs,
        CreateStorageClassArgs,
        DataSourceArgs,
        DisruptionBudgetArgs,
        EnvFromArgs,
        EnvSourceArgs,
        FilesArgs,
        NetworkPolicyArgs,
        PortArgs,
        ProbeArgs,
        ProbesArgs,
        ResourcesArgs,
        RetentionArgs,
        ServiceAccountArgs,
        StatefulWebArgs,
        StorageArgs,
        UpdateArgs,
    )
    from .component import StatefulWeb
    from .findings import Finding, InvalidInput
    from .kubeconfig import ClusterUnavailable

__version__ = "0.2.0"

__all__ = [
    "AutoscaleArgs",
    "ClientServiceArgs",
    "ClusterUnavailable",
    "CreateStorageClassArgs",
    "DataSourceArgs",
    "DisruptionBudgetArgs",
    "EnvFromArgs",
    "EnvSourceArgs",
    "FilesArgs",
    "Finding",
    "InvalidInput",
    "NetworkPolicyArgs",
    "PortArgs",
    "ProbeArgs",
    "ProbesArgs",
    "ResourcesArgs",
    "RetentionArgs",
    "ServiceAccountArgs",
    "StatefulWeb",
    "StatefulWebArgs",
    "StorageArgs",
    "UpdateArgs",
    "stack_config",
]

_ELSEWHERE = {
    "StatefulWeb": "component",
    "Finding": "findings",
    "InvalidInput": "findings",
    "ClusterUnavailable": "kubeconfig",
}
"""Modules of names that are not of ``args``."""


def __getattr__(name: str) -> Any:
    """Import what a program asks for when it does: the command ``stateful-web`` answers without Pulumi's SDK."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    if name == "stack_config":
        return import_module(f".{name}", __name__)
    return getattr(import_module(f".{_ELSEWHERE.get(name, 'args')}", __name__), name)
