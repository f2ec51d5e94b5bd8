"""The rules of pack ``hardening``, in the order in which they are judged."""

from policies.kit.common import no_opaque_release, opt_outs
from policies.kit.rule import Rule

from . import availability, containers, credentials, network, pod_security, upkeep
from .labels import RECOMMENDED_LABELS

_RULES: tuple[Rule, ...] = (
    containers.IMAGE_PINNED,
    containers.RESOURCES_SET,
    containers.PROBES_SET,
    pod_security.POD_SECURITY_RESTRICTED,
    credentials.SERVICE_ACCOUNT_TOKEN,
    credentials.NO_SECRET_IN_ENV,
    network.NO_PUBLIC_SERVICE,
    availability.DISRUPTION_BUDGET,
    availability.SPREAD_ACROSS_NODES,
    network.NETWORK_POLICY,
    RECOMMENDED_LABELS,
    upkeep.CLUSTER_IDENTIFIER,
    upkeep.NO_DEPRECATED_FIELDS,
)

RULES: tuple[Rule, ...] = (*_RULES, opt_outs(_RULES), no_opaque_release())
