"""The rules of pack ``stateful``, in the order in which they are judged."""

from policies.kit.common import no_opaque_release, opt_outs
from policies.kit.rule import Rule

from . import identity, rollout, services, storage, volumes

_RULES: tuple[Rule, ...] = (
    services.HEADLESS_SERVICE,
    services.GOVERNING_SERVICE,
    storage.VOLUME_CLAIM_TEMPLATES_REQUIRED,
    storage.STORAGE_CLASS_ALLOWED,
    storage.STORAGE_SIZE_BOUNDS,
    storage.ACCESS_MODES_ALLOWED,
    volumes.VOLUME_MOUNTS_RESOLVE,
    volumes.NO_EPHEMERAL_DATA_VOLUMES,
    storage.CLAIM_RETENTION,
    rollout.GRACEFUL_TERMINATION,
    identity.SELECTOR_MATCHES_TEMPLATE,
    identity.STABLE_LABELS,
    identity.NO_AUTONAMING,
    rollout.AUTOSCALER_OWNS_REPLICAS,
    rollout.NO_SKIP_AWAIT,
)

RULES: tuple[Rule, ...] = (*_RULES, opt_outs(_RULES), no_opaque_release())
