"""Rules on the claims of a StatefulSet: each pod has disks of its own, of the right kind, and keeps them."""

from collections.abc import Iterator

from .kit.model import STATEFUL_SET, Object
from .kit.rule import Config, Finding, Rule, each
from .manifests import stateful_set


def _claim_templates_required(web: Object, _: Config) -> Iterator[Finding]:
    templates = web.get("spec", "volumeClaimTemplates")
    if templates or (templates is None and web.patch):
        return
    yield Finding(
        web,
        "has no spec.volumeClaimTemplates: without one, what its pods write is lost with the pod",
        "add a claim template and mount it; for a set without data use a Deployment",
    )


VOLUME_CLAIM_TEMPLATES_REQUIRED = Rule(
    name="volume-claim-templates-required",
    display_name="Every pod has a disk of its own",
    description="A StatefulSet must have volumeClaimTemplates, so that each pod keeps a volume of its own.",
    remediation="Add an entry to spec.volumeClaimTemplates and a volumeMount of the same name. A running StatefulSet "
    "is replaced by this, as claim templates can not be changed.",
    severity="critical",
    level="mandatory",
    kinds=(STATEFUL_SET,),
    check=each(_claim_templates_required),
    passing=(stateful_set(),),
    failing=(stateful_set(spec={"volumeClaimTemplates": []}),),
)
