"""From live objects to the config of a stack that has them, and what it can't have. Pure.

Each guess at an input is kept only if the component, given it, makes nothing that the live objects do not have, and
more of what they have. So the config is right by what the builders make of it, and what is still lacking is known.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...findings import Finding
from ...live import Live, Unanswered, Why
from ...plan import Plan, plan
from ...replacement import REPLACING, replacing_changes
from ...stack_config import COMPONENT, inputs_of, spelling
from ...validation import validate
from . import guesses
from .difference import Place, excess, patch_to
from .guesses import Found
from .hidden import Hidden, without_secrets
from .server_defaults import without_defaults

Object = Mapping[str, Any]
Config = dict[str, Any]
Objects = Mapping[tuple[str, str], Mapping[str, Any]]
"""Objects by kind and name."""

HARMLESS = (("metadata", "labels"), ("metadata", "annotations"))
"""What may come to an object beside its pods: it restarts nothing, and nobody selects by it unknown to us."""


@dataclass(frozen=True)
class Adoption:
    """What is to be adopted, and how."""

    config: Config
    """Of the stack, without the namespace of its keys."""
    objects: tuple[Object, ...]
    """The live objects that the stack takes over."""
    changes: tuple[str, ...]
    """What ``up`` changes about them beside the pods."""
    left: tuple[str, ...]
    """What the stack can't have, each with the reason."""
    secrets: tuple[Hidden, ...]
    """What looks like a secret, and is left out."""
    obstacles: tuple[str, ...]
    """Why the promise can't be kept: no pod restarted, nothing replaced, no claim touched."""
    ports: Mapping[str, Sequence[Object]] = field(default_factory=dict)
    """What ports a stack has, by the name of each Service of which every ``up`` would else find them changed."""


def adoption(found: Found, namespace: str, defaults: Mapping[str, Any]) -> Adoption:
    """Return how a live set comes under a stack of a program whose config keys are those of a namespace.

    ``defaults`` are the values that a key has where the stack says nothing.
    """
    shown, secrets = without_secrets(found.stateful_set)
    stateful_set = without_defaults(shown)
    obstacles = list(guesses.unlike_ours(stateful_set, found.services))
    if obstacles:
        return Adoption({}, (), (), (), (), tuple(obstacles))
    trial = _Trial(stateful_set, found, namespace, defaults)
    base = guesses.base(stateful_set, guesses.governing(stateful_set, found.services))
    config = next((one for one in base if not trial.findings(one)), base[-1])
    if guesses.is_autoscaled(stateful_set, found.others):
        config["autoscaled"] = True
    if findings := trial.findings(config):
        return Adoption({}, (), (), (), (), tuple(finding.sentence(trial.spell) for finding in findings))
    for guess in guesses.of_the_set(stateful_set, found):
        config = trial.kept(config, guess)
    left: list[str] = []
    further_ports = list(guesses.further_ports(stateful_set, found))
    config = trial.with_whole(config, guesses.of_clients(stateful_set, found), left)
    for guess in further_ports:
        config = trial.kept(config, guess)
    config = trial.with_whole(config, guesses.of_others(stateful_set, found), left)
    config = trial.with_pod_template(config, left)
    for guess in further_ports:  # of containers that podTemplate has
        config = trial.kept(config, guess)
    if "ports" in config:
        service = guesses.governing(stateful_set, found.services)
        config = {**config, "ports": guesses.in_order(config["ports"], service)}
    if "autoscale" in config:
        del config["autoscaled"]  # which it implies
    left += trial.left(config)
    return Adoption(
        config,
        tuple(one for key, one in trial.sources.items() if key in trial.rendered(config)),
        tuple(trial.changes(config)),
        tuple(left),
        secrets,
        tuple(trial.obstacles(config)),
        dict(trial.ports(config)),
    )


class _Trial:
    """What the component makes of a config, held against what is live."""

    def __init__(self, stateful_set: Object, found: Found, namespace: str, defaults: Mapping[str, Any]) -> None:
        self.found = found
        self.defaults = defaults
        self.spell = spelling(namespace)
        self.plans: dict[str, Plan | list[Finding]] = {}
        everything = (stateful_set, *found.services, *found.others)
        containers = stateful_set["spec"]["template"]["spec"]["containers"]
        ports = [port for container in containers for port in container.get("ports") or () if "name" in port]
        self.numbers = {port["name"]: port["containerPort"] for port in ports}
        self.sources = {(one["kind"], one["metadata"]["name"]): one for one in everything}
        self.live: Objects = {key: _comparable(one, self.numbers) for key, one in self.sources.items()}
        self.leaves = {key: _leaves(one) for key, one in self.live.items()}
        self.set_key = ("StatefulSet", stateful_set["metadata"]["name"])

    def plan(self, config: Config) -> Plan | list[Finding]:
        """Return what the program would do with a config, or what it finds wrong with it."""
        key = repr(config)
        if key not in self.plans:
            self.plans[key] = self._planned(config)
        return self.plans[key]

    def _planned(self, config: Config) -> Plan | list[Finding]:
        inputs, findings = inputs_of({**self.defaults, **config})
        if not findings:
            inputs, findings = validate(COMPONENT, inputs)
        if findings:
            return findings
        classes = Unanswered(Why.NOT_ASKED) if self.found.classes is None else self.found.classes
        return plan(inputs, Live(self.found.stateful_set, self.found.claims, classes))

    def findings(self, config: Config) -> list[Finding]:
        """Return what is wrong with a config."""
        planned = self.plan(config)
        return list(planned.findings) if isinstance(planned, Plan) else planned

    def rendered(self, config: Config) -> Objects:
        """Return the objects of a config that can be used; none of one that can't."""
        planned = self.plan(config)
        if not isinstance(planned, Plan):
            return {}
        made = (child.manifest for child in planned.children)
        return {(one["kind"], one["metadata"]["name"]): _comparable(one, self.numbers) for one in made}

    def kept(self, config: Config, guess: Config) -> Config:
        """Return the config with a guess, if all that it adds is there; else without."""
        with_it = _with(config, guess)
        if with_it == config:
            return config
        rendered = self.rendered(with_it)
        if not rendered or self.findings(with_it):
            return config
        before = self.rendered(config)
        adds_nothing_else = self._wrong(rendered) <= self._wrong(before)
        says_more = self._lacking(rendered) < self._lacking(before)
        return with_it if adds_nothing_else and says_more else config

    def with_whole(
        self, config: Config, others: Iterable[tuple[tuple[str, str], list[Config]]], left: list[str]
    ) -> Config:
        """Return the config with all that comes under the stack as it is; tell what is ``left``, and why."""
        for about, alternatives in others:
            fitting = (with_it for guess in alternatives if (with_it := self.whole(config, guess, about)))
            taken = next(fitting, None)
            if taken is None:
                left.append(f"{about[0]} {about[1]}: {self.why_not(config, alternatives, about)} It stays as it is.")
            config = taken or config
        return config

    def whole(self, config: Config, guess: Config, about: tuple[str, str]) -> Config | None:
        """Return the config with a guess by which an object comes under the stack as it is."""
        with_it = _with(config, guess)
        before, rendered = self.rendered(config), self.rendered(with_it)
        if about not in rendered or not before.keys() <= rendered.keys() or self.findings(with_it):
            return None
        if not self._wrong(rendered) <= self._wrong(before):
            return None
        spec, live = ({"spec": self._of(one, about)} for one in (rendered, self.live))
        return None if [*excess(live, spec)] else with_it

    def _of(self, objects: Objects, about: tuple[str, str]) -> Any:
        return {key: value for key, value in objects[about].items() if key != "metadata"}

    def why_not(self, config: Config, alternatives: Sequence[Config], about: tuple[str, str]) -> str:
        """Say why an object can't come under the stack, by the guess that was nearest."""
        for guess in alternatives:
            with_it = _with(config, guess)
            rendered, findings = self.rendered(with_it), self.findings(with_it)
            if findings:
                reason = findings[0].sentence(self.spell)
            elif about in rendered:
                places = [*excess(self._of(self.live, about), self._of(rendered, about))]
                places += excess(self._of(rendered, about), self._of(self.live, about))
                names = ", ".join(dict.fromkeys(".".join(place) for place in places)) or "what comes with it"
                reason = f"no inputs give it as it is ({names})."
            else:
                continue
            return reason
        return guesses.NO_INPUT.get(about[0], "there is no input for it.")

    def with_pod_template(self, config: Config, left: list[str]) -> Config:
        """Return the config with all that the live pods have besides; tell what can't be taken, and why."""
        wanted = self.live[self.set_key]["spec"]["template"]
        patch = patch_to(wanted, self.rendered(config)[self.set_key]["spec"]["template"])
        while patch:
            findings = self.findings({**config, "podTemplate": patch})
            if not findings:
                return {**config, "podTemplate": patch}
            left.append(findings[0].sentence(self.spell))
            patch = _without(patch, findings[0].path[1:]) if findings[0].path[:1] == ("pod_template",) else {}
        return config

    def left(self, config: Config) -> Iterator[str]:
        """Tell what the live objects have and the stack does not."""
        rendered = self.rendered(config)
        for key in rendered:
            places = [*excess(self.live.get(key, {}), rendered[key])]
            for place in places:
                if place[-1] != "order":
                    yield f"{key[0]} {key[1]}: {'.'.join(place)} {guesses.why_left(key[0], place)}"

    def changes(self, config: Config) -> Iterator[str]:
        """Tell what ``up`` makes or changes, beside the pods."""
        rendered = self.rendered(config)
        for key, made in rendered.items():
            if key not in self.live:
                yield f"{key[0]} {key[1]} is made."
                continue
            for place in excess(made, self.live[key]):
                if place[:2] != ("spec", "template"):
                    yield f"{key[0]} {key[1]}: {'.'.join(place)} is set."

    def ports(self, config: Config) -> Iterator[tuple[str, Sequence[Object]]]:
        """Yield the name and ports of each Service whose live ports will not begin with those of the stack.

        The API server appends ports that are new, and the kubernetes plugin compares them by their places.
        """
        planned = self.plan(config)
        for child in planned.children if isinstance(planned, Plan) else ():
            key = child.manifest["kind"], child.manifest["metadata"]["name"]
            if key[0] == "Service" and key in self.live:
                ours = [*self.rendered(config)[key]["spec"]["ports"]]
                merged = [*dict.fromkeys([*self.live[key]["spec"]["ports"], *ours])]
                if merged[: len(ours)] != ours:
                    yield key[1], child.manifest["spec"]["ports"]

    def obstacles(self, config: Config) -> Iterator[str]:
        """Tell what would restart pods, replace the set or touch claims."""
        planned = self.plan(config)
        if not isinstance(planned, Plan):
            yield from (finding.sentence(self.spell) for finding in planned)
            return
        yield from (finding.sentence(self.spell) for finding in planned.findings)
        (wanted,) = (child.manifest for child in planned.children if child.suffix == "set")
        for changed in replacing_changes(self.found.stateful_set["spec"], wanted["spec"]):
            by = REPLACING[changed][0][0]
            yield f"{changed} would change, which replaces the StatefulSet: the input {by} can't express it."
        yield from self._names_twice(config)
        for patch in planned.patches:
            yield f"Claim {patch.claim} would be patched to {patch.size}."
        made = self.rendered(config)[self.set_key]["spec"]["template"]
        for place in excess(made, self.live[self.set_key]["spec"]["template"]):
            yield f"Pods would be restarted, for spec.template.{'.'.join(place)} can't be expressed as it is."

    def _names_twice(self, config: Config) -> Iterator[str]:
        """Tell of a port of a Service that has the name of another one which is there, and stays there."""
        for (kind, name), made in self.rendered(config).items():
            if kind == "Service" and (live := self.live.get((kind, name))):
                ours = {port["name"]: place for place, port in made["spec"]["ports"].items()}
                for place, port in live["spec"]["ports"].items():
                    if (own := ours.get(port.get("name"), place)) != place:
                        yield (
                            f"Service {name} has port {place} named {port['name']} for port {own} of the pods: a stack "
                            "has one number for both. Remove that port from the Service first; DNS names need none."
                        )

    def _wrong(self, rendered: Objects) -> frozenset[tuple[str, ...]]:
        """Return where rendered objects have something that the live ones do not, and that matters."""
        found = set()
        for key, made in rendered.items():
            for place in excess(made, self.live.get(key, {})) if key in self.live else [()]:
                if place[:2] not in HARMLESS and place[:1] != ("apiVersion",):
                    found.add((*key, *place))
        return frozenset(found)

    def _lacking(self, rendered: Objects) -> frozenset[tuple[str, ...]]:
        """Return where live objects have something that rendered ones do not."""
        lacking: set[tuple[str, ...]] = set()
        for key, leaves in self.leaves.items():
            lacking.update((*key, *leaf) for leaf in leaves - _leaves(rendered.get(key, {})))
        return frozenset(lacking)


def _comparable(found: Object, numbers: Mapping[str, int]) -> dict[str, Any]:
    """Return what of an object is compared: what somebody asked for. ``numbers`` are those of the pods' named ports."""
    asked = without_defaults(found)
    metadata = asked["metadata"]
    kept = {
        "labels": metadata.get("labels") or {},
        "annotations": guesses.of_users(metadata.get("annotations") or {}),
    }
    if asked["kind"] == "Service":  # Its ports are told apart in another way than a container's.
        ports = {f"{port['port']}/{port.get('protocol', 'TCP')}": dict(port) for port in asked["spec"]["ports"]}
        for port in ports.values():
            target = port.get("targetPort")
            if numbers.get(str(target), target) in (port["port"], None):
                port.pop("targetPort", None)
        asked["spec"] = {**asked["spec"], "ports": ports}
    body = {key: value for key, value in asked.items() if key not in ("metadata", "apiVersion", "kind")}
    return {"metadata": {key: value for key, value in kept.items() if value}, **body}


def _leaves(value: Any, at: Place = ()) -> frozenset[tuple[str, ...]]:
    """Return each place of an object with its value."""
    if isinstance(value, Mapping) and value:
        return frozenset(leaf for key, item in value.items() for leaf in _leaves(item, (*at, key)))
    if isinstance(value, list) and all(isinstance(item, Mapping) and "name" in item for item in value):
        return frozenset(leaf for item in value for leaf in _leaves(item, (*at, str(item["name"]))))
    return frozenset([(*at, repr(value))])


def _with(config: Config, guess: Config) -> Config:
    """Return a config with the keys of a guess, which may lie deep in it; lists get further entries."""

    def both(one: Any, other: Any) -> Any:
        if isinstance(one, dict) and isinstance(other, dict):
            return _with(one, other)
        return [*one, *other] if isinstance(one, list) and isinstance(other, list) else other

    return {**config, **{key: both(config.get(key), value) for key, value in guess.items()}}


def _without(patch: Any, path: Sequence[Any]) -> Any:
    """Return a patch without what lies at a path, or as near to it as there is something."""
    if not path:
        return None
    first, *rest = path
    if isinstance(patch, list) and isinstance(first, int) and first < len(patch):
        inner = _without(patch[first], rest) if len(rest) > 1 else None  # an entry is nothing without its name
        return [*patch[:first], *([inner] if inner else []), *patch[first + 1 :]] or None
    if isinstance(patch, Mapping) and first in patch:
        inner = _without(patch[first], rest) if rest else None
        kept = {key: value for key, value in patch.items() if key != first}
        return ({**kept, first: inner} if inner else kept) or None
    return None
