"""What changed between two pictures of StatefulSets, as lines. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..names import claim_ordinal
from .doctor import when, words_of
from .live_objects import Object, Seen
from .status import ClaimStatus, PodStatus, StatefulSetStatus, statuses


@dataclass(frozen=True)
class Told:
    """An event about a StatefulSet, a pod or a claim of it."""

    uid: str
    about: str
    """In words: ``shop/web: pod web-1``."""
    words: str
    count: int
    """How often it was said."""


@dataclass(frozen=True)
class Moment:
    """What there is of StatefulSets at one moment."""

    sets: Sequence[StatefulSetStatus] = ()
    events: Sequence[Told] = ()

    def names(self, found: StatefulSetStatus) -> str:
        """Return how lines name a set: with its cluster where there are several."""
        name = f"{found.namespace}/{found.name}"
        return f"{found.cluster} {name}" if len({one.cluster for one in self.sets}) > 1 else name


def moment(seen: Iterable[Seen]) -> Moment:
    """Return what was seen of the sets that are asked about, and what the clusters said of them, oldest first."""
    places = list(seen)
    found = Moment([found for one in places for found in statuses(one)])
    return replace(found, events=[told for one in places for told in _told(one, found)])


def changes(before: Moment, after: Moment) -> list[str]:
    """Return a line for each change: pods in order, then claims, then the set as a whole; last, new events."""
    had = {_key(found): found for found in before.sets}
    lines = [line for found in after.sets for line in _of_set(after.names(found), had.get(_key(found)), found)]
    has = {_key(found) for found in after.sets}
    lines += [f"{before.names(found)}: is gone" for key, found in had.items() if key not in has]
    heard = {told.uid: told.count for told in before.events}
    lines += [f"{told.about}: {told.words}" for told in after.events if told.count > heard.get(told.uid, 0)]
    return lines


def _of_set(name: str, before: StatefulSetStatus | None, after: StatefulSetStatus) -> Iterator[str]:
    yield from _of_parts(f"{name}: pod", _pods(before), _pods(after))
    yield from _of_parts(f"{name}: claim", _claims(before), _claims(after))
    if before is None or before.headline != after.headline:
        yield f"{name}: {after.headline}"


def _of_parts(kind: str, before: Mapping[str, tuple[str, str]], after: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """Return lines on pods or claims, of each of which a name leads to who it is and what there is to say."""
    for name in before:
        if name not in after:
            yield f"{kind} {name} is gone"
    for name, (uid, words) in after.items():
        was, said = before.get(name, (uid, ""))
        if was != uid:
            yield f"{kind} {name} is a new one: {words}"
        elif said != words:
            yield f"{kind} {name}: {words}"


def _pods(of: StatefulSetStatus | None) -> dict[str, tuple[str, str]]:
    return {pod.name: (pod.uid, _of_pod(pod)) for pod in of.pods} if of else {}


def _of_pod(pod: PodStatus) -> str:
    words = [pod.status, "ready" if pod.ready else "not ready"]
    words += [f"restarts: {pod.restarts}"] if pod.restarts else []
    words += [f"on {pod.node}"] if pod.node else []
    return ", ".join(words + (["older revision"] if pod.outdated else []))


def _claims(of: StatefulSetStatus | None) -> dict[str, tuple[str, str]]:
    return {claim.name: ("", _of_claim(claim)) for claim in of.claims} if of else {}


def _of_claim(claim: ClaimStatus) -> str:
    return f"{claim.phase}, {claim.sizes}"


def _told(seen: Seen, at: Moment) -> Iterator[Told]:
    sets = [(at.names(found), seen.live[found.name]) for found in statuses(seen)]
    for event in sorted(seen.all("Event"), key=when):
        about = event.get("involvedObject") or {}
        if name := next((name for name, live in sets if _is_about(about, live)), None):
            kind = {"PersistentVolumeClaim": "claim", "Pod": "pod"}.get(about["kind"])
            of = f"{name}: {kind} {about['name']}" if kind else name
            series = event.get("series") or {}
            count = max(event.get("count") or 1, series.get("count") or 1)
            yield Told(event["metadata"].get("uid", ""), of, words_of(event), count)


def _is_about(about: Object, live: Object) -> bool:
    """Say whether an event is about a set, or what is named after it: it may be gone by now."""
    kind, name, of = about.get("kind"), str(about.get("name", "")), live["metadata"]["name"]
    if kind == "Pod":
        return claim_ordinal(f"x-{name}", ["x"], of) is not None
    if kind == "PersistentVolumeClaim":
        templates = [template["metadata"]["name"] for template in live["spec"].get("volumeClaimTemplates") or ()]
        return claim_ordinal(name, templates, of) is not None
    return bool(kind == "StatefulSet" and name == of)


def _key(found: StatefulSetStatus) -> tuple[str, str, str]:
    return found.cluster, found.namespace, found.name
