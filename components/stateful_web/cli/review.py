"""What a preview tells a reviewer: one document, from which text, Markdown and the verdict of a gate are made. Pure."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from .forecast import Forecast
from .markdown import bullets, code, escaped, fenced, folded, table
from .verdicts import Verdict

UNWANTED = 10
"""Exit code of a preview whose change does what ``--fail-on`` names."""

GATES: Mapping[str, Callable[[Forecast], bool]] = {
    "restart": lambda found: bool(found.restarts) or GATES["stop"](found),
    "stop": lambda found: bool(found.stops) or found.deletes_claims,
    "replace": lambda found: found.replaces,
}
"""What ``--fail-on`` can name, and whether a forecast does it: a pod that stops does not go on either, so ``restart``
implies ``stop``. ``replace`` stands alone: a set can be replaced while its pods go on."""

COMMENT_MAX = 65_000
"""Characters of Markdown: a comment on GitHub has at most 65536."""
ROWS_MAX = 25
"""Of each table in Markdown; text and JSON have them all."""
MESSAGE_MAX = 1000
UNTOUCHED = "untouched"


@dataclass(frozen=True)
class Change:
    """What the engine plans for a resource that it changes, without any value."""

    urn: str
    type: str
    op: str
    changed: Sequence[str]
    """Paths of the inputs that differ."""
    replacing: Sequence[str]
    """Those of them for which it is replaced."""


@dataclass(frozen=True)
class Review:
    """What a preview found. This is the document of ``--output json``, with the exit code added."""

    stack: str
    engine_exit_code: int
    """Of ``pulumi preview``."""
    finished: bool
    """Whether every resource of the program was looked at."""
    errors: Sequence[str] = ()
    changes: Sequence[Change] = ()
    policy_packs: Mapping[str, str] = field(default_factory=dict)
    """Version by name of the packs that were run."""
    verdicts: Sequence[Verdict] = ()
    """Worst first."""
    forecasts: Sequence[Forecast] = ()
    """Of each provider whose objects are all replaced, then of each StatefulSet, worst first."""
    claims_of_no_set: str = ""
    """How claims change that belong to no StatefulSet of the stack."""
    not_looked_at: Sequence[str] = ()
    """What may hold StatefulSets that a preview does not show, a sentence each."""
    fail_on: Sequence[str] = ()
    """What was asked to be refused."""

    @property
    def sets(self) -> list[Forecast]:
        """The forecasts of StatefulSets."""
        return [found for found in self.forecasts if found.namespace]

    @property
    def denied(self) -> list[Verdict]:
        """The verdicts for which the change is refused."""
        return [verdict for verdict in self.verdicts if verdict.denies]

    @property
    def unwanted(self) -> dict[str, list[Forecast]]:
        """What the change does of that which ``fail_on`` names, and where."""
        hit = {gate: [found for found in self.forecasts if GATES[gate](found)] for gate in self.fail_on}
        return {gate: where for gate, where in hit.items() if where}

    @property
    def exit_code(self) -> int:
        """The engine's where it is not 0; else whether a gate refuses the change."""
        return self.engine_exit_code or (UNWANTED if self.unwanted else 0)

    def where(self, found: Forecast) -> str:
        """Return which StatefulSet or provider a forecast is of, with its provider where the stack has several."""
        if not found.namespace:
            return f"provider {found.name}"
        several = len({one.provider for one in self.sets}) > 1
        return f"{found.namespace}/{found.name}" + (f" (provider {found.provider})" if several else "")


def summary(review: Review) -> str:
    """Say in one line what the change does, worst first."""
    parts = ["fails before its end"] if review.errors or not (review.finished or review.denied) else []
    if rules := len({(verdict.pack, verdict.rule) for verdict in review.denied}):
        parts.append(f"denied by {_count(rules, 'rule')}")
    providers = [found for found in review.forecasts if not found.namespace]
    facts = [
        ("deletes the data of", sum(found.deletes_claims for found in review.sets), "StatefulSet"),
        ("replaces all objects of", len(providers), "provider"),
        ("replaces", sum(found.replaces for found in review.sets), "StatefulSet"),
        ("stops", sum(found.stops for found in review.sets), "pod"),
        ("restarts", sum(found.restarts for found in review.sets), "pod"),
        ("grows", sum(found.grows for found in review.sets), "claim"),
        ("changes", sum(max(found.changes_claims - found.grows, 0) for found in review.sets), "claim"),
        ("creates", sum(found.op == "create" for found in review.sets), "StatefulSet"),
    ]
    parts += [f"{does} {_count(number, what)}" for does, number, what in facts if number]
    if review.claims_of_no_set:
        parts.append(f"{review.claims_of_no_set} of no StatefulSet")
    if not parts:
        return "touches no pod and no claim" if review.sets else "no StatefulSet in this stack, no pod is touched"
    return "; ".join(parts)


def gates(review: Review) -> list[str]:
    """Say which gates refuse the change, and for what."""
    return [
        f"--fail-on {gate}: {', '.join(review.where(found) for found in where)}"
        for gate, where in review.unwanted.items()
    ]


def as_markdown(review: Review, plan: str) -> str:
    """Return a comment for a pull request: what happens to pods and data, what is denied and why; the rest is folded.

    Its first line is a mark that no reader sees, by which a later run finds the comment. ``plan`` is what the engine
    has printed.
    """
    touched = [found for found in review.forecasts if effects(found) != [UNTOUCHED]]
    untouched = [code(review.where(found)) for found in review.forecasts if effects(found) == [UNTOUCHED]]
    blocks = [
        f"{mark(review.stack)}\n### Preview of {code(review.stack)}: {escaped(summary(review))}",
        *(f"**Refused** by {escaped(line)}" for line in gates(review)),
        *_errors(review),
        _table(
            ("StatefulSet", "Effect", "What the change does to pods and data"),
            [(code(review.where(found)), _bold(effects(found)), escaped(found.headline)) for found in touched],
        ),
        f"No pod is touched of: {', '.join(untouched[:ROWS_MAX])}{_more(len(untouched))}" if untouched else "",
        f"Claims of no StatefulSet: {escaped(review.claims_of_no_set)}" if review.claims_of_no_set else "",
        _verdicts("**Denied**", review.denied),
        _not_looked_at(review),
        *_folded(review),
    ]
    made = "\n\n".join(block for block in blocks if block)
    return f"{made}\n\n{_plan(review, plan, COMMENT_MAX - len(made))}\n"


def as_json(review: Review) -> str:
    """Return the document for machines, with the exit code of the command."""
    return json.dumps({**asdict(review), "exit_code": review.exit_code, "refused_by": list(review.unwanted)}, indent=2)


def as_failed(stack: str, sentence: str) -> str:
    """Return the comment of a preview that could not begin."""
    return f"{mark(stack)}\n### Preview of {code(stack)}: did not run\n\n{fenced(sentence)}\n"


def mark(stack: str) -> str:
    """Return the first line of a stack's comment."""
    return f"<!-- stateful-web preview of {stack.replace('-->', '')} -->"


def effects(found: Forecast) -> list[str]:
    """Return what happens to a StatefulSet, a word each, worst first."""
    words = [
        ("data deleted", found.deletes_claims),
        ("stops", bool(found.stops)),
        ("replaced", found.replaces),
        ("restarts", bool(found.restarts)),
        ("grows", bool(found.grows)),
        ("claims change", found.changes_claims > found.grows),
        ("created", found.op == "create"),
        ("deleted", found.op == "delete"),
    ]
    return [word for word, so in words if so] or ["changed" if found.op == "update" else UNTOUCHED]


def _bold(words: Sequence[str]) -> str:
    return ", ".join(f"**{word}**" for word in words)


def _errors(review: Review) -> list[str]:
    return [fenced("\n".join(error[:MESSAGE_MAX] for error in review.errors[:ROWS_MAX]))] if review.errors else []


def _verdicts(title: str, verdicts: Sequence[Verdict]) -> str:
    rows = [
        (code(f"{one.pack}/{one.rule}"), escaped(one.object), escaped(one.message[:MESSAGE_MAX])) for one in verdicts
    ]
    return f"{title}\n\n{_table(('Rule', 'Object', 'Why, and the fix'), rows)}" if rows else ""


def _not_looked_at(review: Review) -> str:
    said = [f"{code(review.where(found))}: {escaped(line)}" for found in review.sets for line in found.not_looked_at]
    said += [escaped(line) for line in review.not_looked_at]
    return f"**Not looked at**\n\n{bullets(said[:ROWS_MAX])}{_more(len(said))}" if said else ""


def _folded(review: Review) -> Iterable[str]:
    known = [
        f"{code(review.where(found))}: {escaped(detail)}" for found in review.forecasts for detail in found.details
    ]
    if known:
        yield folded("What else to know, and how to do it without a stop", bullets(known[:ROWS_MAX]))
    advice = [verdict for verdict in review.verdicts if not verdict.denies]
    if advice:
        yield folded(f"Advice of the policy packs: {_count(len(advice), 'finding')}", _verdicts("", advice).strip())


def _plan(review: Review, plan: str, room: int) -> str:
    ops: dict[str, int] = {}
    for change in review.changes:
        ops[change.op] = ops.get(change.op, 0) + 1
    counted = ", ".join(f"{number} {op}" for op, number in sorted(ops.items())) or "no changes"
    packs = ", ".join(f"{name} {version}" for name, version in review.policy_packs.items()) or "none"
    rest = room - 500
    shown = plan.strip() if len(plan) <= rest else f"…{plan[len(plan) - max(rest, 0) :]}"
    return folded(f"Plan: {counted}; policy packs: {packs}", fenced(shown))


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return f"{table(columns, rows[:ROWS_MAX])}{_more(len(rows))}" if rows else ""


def _more(number: int) -> str:
    return f"\n\n… and {number - ROWS_MAX} more, which the log of the run has" if number > ROWS_MAX else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
