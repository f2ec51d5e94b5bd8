"""The words that an input takes where there are only a few, as Kubernetes has them."""

from typing import Literal

AccessMode = Literal["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany", "ReadOnlyMany"]
DataSourceKind = Literal["VolumeSnapshot", "PersistentVolumeClaim"]
ImagePullPolicy = Literal["Always", "IfNotPresent", "Never"]
IpFamily = Literal["IPv4", "IPv6"]
IpFamilyPolicy = Literal["SingleStack", "PreferDualStack", "RequireDualStack"]
PodManagementPolicy = Literal["OrderedReady", "Parallel"]
Protocol = Literal["TCP", "UDP", "SCTP"]
RetainOrDelete = Literal["Retain", "Delete"]
Scheme = Literal["HTTP", "HTTPS"]
Security = Literal["baseline", "restricted"]
ServiceType = Literal["ClusterIP", "NodePort", "LoadBalancer"]
SessionAffinity = Literal["None", "ClientIP"]
TrafficDistribution = Literal["PreferSameZone", "PreferSameNode", "PreferClose"]
TrafficPolicy = Literal["Cluster", "Local"]
UpdateType = Literal["RollingUpdate", "OnDelete"]
VolumeBindingMode = Literal["WaitForFirstConsumer", "Immediate"]
VolumeMode = Literal["Filesystem", "Block"]
