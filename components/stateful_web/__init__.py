"""One reusable component for stateful web servers on Kubernetes.

``StatefulWeb`` builds a headless Service, a StatefulSet and the claims of its pods, and selects the StorageClass.
"""

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

__version__ = "0.1.0"

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
]
