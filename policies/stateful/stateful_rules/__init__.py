"""The rules of pack ``stateful``, in the order in which they are judged."""

from .kit.common import no_opaque_release, opt_outs
from .kit.rule import Rule
from .services import GOVERNING_SERVICE, HEADLESS_SERVICE
from .storage import VOLUME_CLAIM_TEMPLATES_REQUIRED

_RULES: tuple[Rule, ...] = (
    HEADLESS_SERVICE,
    GOVERNING_SERVICE,
    VOLUME_CLAIM_TEMPLATES_REQUIRED,
)

RULES: tuple[Rule, ...] = (*_RULES, opt_outs(_RULES), no_opaque_release())
