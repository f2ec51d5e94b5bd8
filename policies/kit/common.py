"""Rules that every pack has: what it was asked not to judge, and what it can not see into."""

from collections.abc import Iterator, Sequence

from .model import Object, get
from .rule import OPT_OUT, Config, Finding, Rule, each, opt_out_reason

HELM_RELEASE = "Release.helm.sh"


def opt_outs(rules: Sequence[Rule]) -> Rule:
    """Return the rule that reports who asks to be excused from one of ``rules``."""

    def check(obj: Object, _: Config) -> Iterator[Finding]:
        for rule in rules:
            reason = opt_out_reason(obj, rule.name)
            if isinstance(reason, str) and reason and obj.kind in rule.kinds:
                yield Finding(
                    obj,
                    f"asks to be excused from {rule.name}: {reason}",
                    f"when the reason is gone, remove annotation {OPT_OUT}{rule.name}",
                )

    annotations = {f"{OPT_OUT}{rules[0].name}": "the cache may be lost"}
    return Rule(
        name="opt-outs",
        display_name="Opt-outs are reported",
        description="Objects that ask to be excused from a rule of this pack are reported with their reason.",
        remediation=f"Remove the annotation {OPT_OUT}<rule> once the object keeps the rule.",
        severity="low",
        level="advisory",
        kinds=tuple(dict.fromkeys(kind for rule in rules for kind in rule.kinds)),
        check=each(check),
        passing=rules[0].passing,
        failing=tuple(
            {**manifest, "metadata": {**manifest["metadata"], "annotations": annotations}}
            for manifest in rules[0].passing[:1]
        ),
    )


def no_opaque_release() -> Rule:
    """Return the rule that reports Helm Releases, whose objects no policy sees."""

    def check(release: Object, _: Config) -> Iterator[Finding]:
        chart = get(release.data, "chart")
        of_chart = f" of chart {chart}" if isinstance(chart, str) else ""
        yield Finding(
            release,
            f"installs objects{of_chart} that no policy can see: this pack has not judged them",
            "use kubernetes.helm.v4.Chart, whose objects are resources, or judge the chart's rendered objects in CI",
        )

    return Rule(
        name="no-opaque-release",
        display_name="No Helm Release that cannot be inspected",
        description="A Helm Release hides its objects from policies; it is reported, as nothing in it is judged.",
        remediation="Install the chart with kubernetes.helm.v4.Chart: its objects become resources that rules see.",
        severity="medium",
        level="advisory",
        kinds=(HELM_RELEASE,),
        check=each(check),
        passing=({"apiVersion": "helm.sh/v4", "kind": "Chart", "name": "db", "chart": "postgresql"},),
        failing=({"apiVersion": "helm.sh/v3", "kind": "Release", "name": "db", "chart": "postgresql"},),
    )
