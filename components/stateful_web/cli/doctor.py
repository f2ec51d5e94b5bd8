"""Why a rollout does not go on, and what frees it. Pure: what the cluster says is handed in."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from ..names import above_partition, claim_name
from ..storage import DEFAULT_CLASS, is_default

Object = Mapping[str, Any]

PULL = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
CONFIG = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
CREATION = ("FailedCreate", "SuccessfulCreate")
SELECTED_NODE = "volume.kubernetes.io/selected-node"
"""Annotation by which the scheduler tells the storage driver to make the volume of a claim that waited for its pod."""
SLACK = timedelta(seconds=30)
"""How long a node may take after the grace period, for unmounting and telling the API server."""


@dataclass(frozen=True)
class Picture:
    """What the cluster says of one StatefulSet, as its API gives it."""

    namespace: str
    name: str
    stateful_set: Object | None
    pods: Sequence[Object]
    """Those that the set owns."""
    claims: Sequence[Object]
    """Those named after its templates and pods."""
    events: Sequence[Object]
    """Of the namespace."""
    classes: Sequence[Object] | None
    """StorageClasses; ``None`` if they can't be listed."""
    now: datetime
    stack: str = "dev"
    kubectl: str = "kubectl"
    """The command that reaches this cluster."""
    cluster_version: str = ""
    """Of the API server, e.g. v1.37.2; empty if it does not say."""
    plugin_version: str = ""
    """Of the kubernetes plugin that made the set, e.g. 4.34.2; empty if the state does not say."""

    def command(self, *words: str) -> str:
        """Return a kubectl command in the set's namespace."""
        return " ".join((self.kubectl, *words, "--namespace", self.namespace))

    def pulumi(self, *words: str) -> str:
        """Return a Pulumi command for the stack."""
        return " ".join(("pulumi", *words, "--stack", self.stack))

    @property
    def spec(self) -> Object:
        """The live set's spec."""
        return self.stateful_set["spec"] if self.stateful_set else {}

    @property
    def ordered(self) -> bool:
        """Whether the controller waits for a pod that is not ready, instead of replacing it."""
        return bool(self.spec.get("podManagementPolicy", "OrderedReady") == "OrderedReady")

    @property
    def strategy(self) -> Object:
        """How pods get to a new template."""
        found: Object = self.spec.get("updateStrategy") or {}
        return found

    @property
    def expected(self) -> list[str]:
        """Names of the pods that the set is to have."""
        start = (self.spec.get("ordinals") or {}).get("start", 0)
        return [f"{self.name}-{ordinal}" for ordinal in range(start, start + self.spec.get("replicas", 1))]

    def is_outdated(self, pod: Object) -> bool:
        """Say whether a pod is to get another revision than it has."""
        newest = (self.stateful_set or {}).get("status", {}).get("updateRevision")
        partition = (self.strategy.get("rollingUpdate") or {}).get("partition", 0)
        has = (pod["metadata"].get("labels") or {}).get("controller-revision-hash")
        return bool(newest) and has != newest and pod["metadata"]["name"] in above_partition(self.expected, partition)

    def newest_event(self, about: Object, *reasons: str) -> Object | None:
        """Return what was said last about an object, of these reasons or of any."""
        uid = about["metadata"].get("uid")
        found = [
            event
            for event in self.events
            if (event.get("involvedObject") or {}).get("uid") == uid and (not reasons or event.get("reason") in reasons)
        ]
        return max(found, key=when, default=None)


@dataclass(frozen=True)
class Finding:
    """One thing that holds the pods up, or can."""

    what: str
    """``pod web-1``, ``claim www-web-1`` or ``StatefulSet web``."""
    reason: str
    """In Kubernetes' words, or in one like them."""
    fix: str
    """What it means, and what to do."""
    commands: tuple[str, ...] = ()
    """What frees it, to be copied; in their order."""
    container: str | None = None
    event: str | None = None
    """What the cluster said last about it."""
    claim: str | None = None
    stateful_set: str = ""
    """That it is about."""
    namespace: str = ""
    cluster: str = ""
    """Address of the API server."""

    def of(self, stateful_set: str, namespace: str, cluster: str, takes: Callable[[str], bool]) -> Self:
        """Return it with the set that it is about, and only the commands that its reader can take."""
        commands = tuple(filter(takes, self.commands))
        return replace(self, stateful_set=stateful_set, namespace=namespace, cluster=cluster, commands=commands)


def summary(picture: Picture) -> str:
    """Say in one sentence how far the set is."""
    at = f"StatefulSet {picture.namespace}/{picture.name}"
    if picture.stateful_set is None:
        return f"{at} is not on the cluster"
    status = picture.stateful_set.get("status", {})
    wanted, ready = len(picture.expected), status.get("readyReplicas", 0)
    outdated = [pod for pod in picture.pods if picture.is_outdated(pod)]
    text = f"{at}: {ready} of {wanted} pods ready"
    if outdated:
        text += f", {len(outdated)} not yet at the newest revision"
    missing = [name for name in picture.expected if name not in _names(picture.pods)]
    return text + (f", not there yet: {', '.join(missing)}" if missing else "")


def diagnose(picture: Picture) -> list[Finding]:
    """Return what holds a StatefulSet's pods up; nothing if nothing does."""
    if picture.stateful_set is None:
        state = picture.pulumi("refresh")
        fix = "The state has it, and somebody deleted it. Let the state see that, then create it again."
        return [Finding(f"StatefulSet {picture.name}", "NotFound", fix, (state, picture.pulumi("up")))]
    claims = [finding for claim in picture.claims for finding in _of_claim(picture, claim)]
    stuck_claims = {finding.claim for finding in claims}
    pods = [
        finding
        for pod in sorted(picture.pods, key=_ordinal)
        for finding in _of_pod(picture, pod, stuck_claims & set(_claims_of(pod)))
    ]
    return [*_rejections(picture), *claims, *pods, *_on_delete(picture)]


def _rejections(picture: Picture) -> Iterator[Finding]:
    """Find pods and claims that the API server does not let the controller create."""
    missing = [name for name in picture.expected if name not in _names(picture.pods)]
    event = picture.newest_event(picture.stateful_set or {}, *CREATION) if missing else None
    if event is None or event["reason"] != "FailedCreate":
        return
    message = str(event.get("message"))
    pod = re.search(r"[Pp]od (\S+) in StatefulSet", message)
    claim = re.search(r"[Cc]laim (\S+) for", message)
    what = f"claim {claim[1]}" if claim else f"pod {pod[1] if pod else missing[0]}"
    reason, fix, commands = _rejection(picture, message)
    yield Finding(what, reason, fix, commands, event=words_of(event), claim=claim[1] if claim else None)


def _rejection(picture: Picture, message: str) -> tuple[str, str, tuple[str, ...]]:
    if quota := re.search(r"exceeded quota: ([^,\s]+)", message):
        describe, edit = (picture.command(verb, "resourcequota", quota[1]) for verb in ("describe", "edit"))
        fix = (
            f"Quota {quota[1]} of the namespace is used up. Free some of it, raise it, or ask for less (replicas, "
            "resources, storage.size). The controller tries again by itself."
        )
        return "QuotaExceeded", fix, (describe, edit)
    if quota := re.search(r"failed quota: ([^:\s]+): must specify", message):
        fix = f"Quota {quota[1]} counts what the pod does not name: set resources.requests and resources.limits."
        return "QuotaExceeded", fix, (picture.command("describe", "resourcequota", quota[1]), picture.pulumi("up"))
    if level := re.search(r'violates PodSecurity "([^":]+)', message):
        if level[1] == "restricted":
            fix = "The namespace admits pods of Pod Security restricted only. Let the pod meet it."
            return "PodSecurity", fix, (picture.pulumi("config", "set", "security", "restricted"), picture.pulumi("up"))
        fix = (
            f"The namespace admits pods of Pod Security {level[1]} only. Take out of podTemplate what the event names."
        )
        return "PodSecurity", fix, (picture.pulumi("up"),)
    fix = "The API server refuses it, as the event says. Mend that; the controller tries again by itself."
    return "FailedCreate", fix, (picture.command("describe", "statefulset", picture.name),)


def _of_claim(picture: Picture, claim: Object) -> Iterator[Finding]:
    name, phase = claim["metadata"]["name"], (claim.get("status") or {}).get("phase", "Pending")
    pod = next((pod for pod in picture.pods if name in _claims_of(pod)), None)
    event = picture.newest_event(claim)
    said = words_of(event) if event else None
    anew = _anew(picture, name, pod)
    if phase == "Lost":
        volume = claim["spec"].get("volumeName")
        fix = (
            f"Its volume {volume} is gone. Restore the volume under that name; or give the data up, and the pod gets a "
            "new, empty claim:"
        )
        yield Finding(f"claim {name}", "Lost", fix, anew, event=said, claim=name)
    elif "deletionTimestamp" in claim["metadata"]:
        fix = "Somebody deleted it: it goes with its data when its pod ends, for good. Save the data first:"
        copy = picture.command("cp", f"{pod['metadata']['name']}:/path", "./copy") if pod else ""
        yield Finding(f"claim {name}", "Terminating", fix, (copy,) if copy else (), event=said, claim=name)
    elif phase == "Pending":
        reason, fix, commands = _pending(picture, claim, pod, anew)
        if reason:
            yield Finding(f"claim {name}", reason, fix, commands, event=said, claim=name)
    elif modified := (claim["status"] or {}).get("modifyVolumeStatus"):
        yield from _of_attributes(picture, name, modified, said)


def _of_attributes(picture: Picture, claim: str, modified: Object, said: str | None) -> Iterator[Finding]:
    """Find a class of volume attributes that a driver does not give to a volume; pods go on meanwhile."""
    wanted = modified.get("targetVolumeAttributesClassName")
    why = {
        "Pending": f"Class {wanted} is not there, or its driver has not looked at it: create it, or set another one.",
        "Infeasible": f"The driver refuses what class {wanted} asks for: set another one.",
    }.get(modified["status"])
    if why:
        choose = picture.pulumi("config", "set", "--path", "storage.volumeAttributesClassName", "NAME")
        fix = f"{why} Its pod goes on with the volume as it is."
        commands = (f"{picture.kubectl} get volumeattributesclasses", choose, picture.pulumi("up"))
        yield Finding(f"claim {claim}", modified["status"], fix, commands, event=said, claim=claim)


def _anew(picture: Picture, claim: str, pod: Object | None) -> tuple[str, ...]:
    """Return commands that let a claim be made again; one that a pod uses goes with the pod."""
    delete = picture.command("delete", "persistentvolumeclaim", claim, "--wait=false")
    return (delete, picture.command("delete", "pod", pod["metadata"]["name"])) if pod else (delete,)


def _pending(
    picture: Picture, claim: Object, pod: Object | None, anew: tuple[str, ...]
) -> tuple[str, str, tuple[str, ...]]:
    wanted = claim["spec"].get("storageClassName")
    choose = picture.pulumi("config", "set", "--path", "storage.storageClassName", "NAME")
    if wanted == "":
        fix = (
            "It takes only a volume that an administrator makes, as storageClassName is empty: make a PersistentVolume "
            "of its size and access modes."
        )
        return "NoVolume", fix, (picture.command("describe", "persistentvolumeclaim", claim["metadata"]["name"]),)
    if picture.classes is None:
        return "Pending", "It waits for a volume.", (f"{picture.kubectl} get storageclasses",)
    there = ", ".join(sorted(found["metadata"]["name"] for found in picture.classes)) or "none at all"
    if wanted is None:
        if any(is_default(found["metadata"].get("annotations")) for found in picture.classes):
            return "", "", ()  # the controller is about to give it that class
        annotate = f"annotate storageclass NAME {DEFAULT_CLASS}=true"
        fix = (
            f"It names no StorageClass, and the cluster has no default one (it has: {there}). Make one the default: "
            "the claim gets it by itself."
        )
        return "NoDefaultClass", fix, (f"{picture.kubectl} {annotate}",)
    found = next((found for found in picture.classes if found["metadata"]["name"] == wanted), None)
    if found is None:
        fix = (
            f'The cluster has no StorageClass "{wanted}" (it has: {there}). Create it, and the claim is bound; or take '
            "another, and let the claim be made anew (it has no data):"
        )
        return "StorageClassNotFound", fix, (choose, picture.pulumi("up"), *anew)
    chosen = (claim["metadata"].get("annotations") or {}).get(SELECTED_NODE)
    if found.get("volumeBindingMode") == "WaitForFirstConsumer" and not chosen:
        if pod is None:
            fix = f"Class {wanted} makes a volume when a pod needs it, and none does yet: nothing to do."
            return "WaitForFirstConsumer", fix, ()
        return "", "", ()  # what keeps the pod from being scheduled is told of the pod
    fix = (
        f"Nobody makes its volume: class {wanted} counts on {found.get('provisioner')}. See that this runs; or take "
        "another class, and let the claim be made anew (it has no data):"
    )
    return "Pending", fix, (choose, picture.pulumi("up"), *anew)


def _of_pod(picture: Picture, pod: Object, stuck_claims: set[str | None]) -> Iterator[Finding]:
    name = pod["metadata"]["name"]
    if "deletionTimestamp" in pod["metadata"]:
        yield from _terminating(picture, pod)
        return
    delete = picture.command("delete", "pod", name)
    lacking = [
        template["metadata"]["name"]
        for template in picture.spec.get("volumeClaimTemplates") or ()
        if claim_name(template["metadata"]["name"], name) not in _claims_of(pod)
    ]
    if lacking:
        fix = f"It was adopted and lacks the volume {', '.join(lacking)}, which a running pod can't get. Delete it:"
        yield Finding(
            f"pod {name}", "MissingVolume", fix, (delete,), event=_last_said(picture, picture.stateful_set or {})
        )
        return
    if is_ready(pod):
        return
    problem = _problem(picture, pod, stuck_claims)
    if picture.is_outdated(pod) and (picture.ordered or picture.strategy.get("type") == "OnDelete"):
        found = problem or Finding(f"pod {name}", "NotReady", "", event=_last_said(picture, pod))
        why = "OrderedReady waits for it to be ready" if picture.ordered else "OnDelete leaves it"
        fix = f"It has an older revision than the set asks for by now, and {why} instead of replacing it. Delete it:"
        yield Finding(found.what, found.reason, fix, (delete,), found.container, found.event, found.claim)
    elif problem:
        # A pod that was never ready is not replaced when the template changes.
        last = (delete,) if picture.ordered and problem.commands[-1:] == (picture.pulumi("up"),) else ()
        then = " Then delete the pod: OrderedReady waits for it instead of replacing it." if last else ""
        yield Finding(
            *(problem.what, problem.reason, problem.fix + then, problem.commands + last),
            *(problem.container, problem.event, problem.claim),
        )


def _terminating(picture: Picture, pod: Object) -> Iterator[Finding]:
    metadata, name = pod["metadata"], pod["metadata"]["name"]
    ends = datetime.fromisoformat(metadata["deletionTimestamp"])
    event = _last_said(picture, pod)
    if metadata.get("finalizers") and picture.now >= ends:
        held = ", ".join(metadata["finalizers"])
        fix = f"It is deleted but for its finalizers ({held}): whoever set them has to take them off. If that is gone:"
        command = picture.command("patch", "pod", name, "--type=merge", '--patch=\'{"metadata":{"finalizers":null}}\'')
        yield Finding(f"pod {name}", "Terminating", fix, (command,), event=event)
    elif picture.now >= ends + SLACK:
        node = pod["spec"].get("nodeName")
        fix = (
            f"Its grace period is over, and node {node} has not said that it ended. Start the node again; only if it "
            "is off for certain (two pods on one volume damage its data), let the pod be made elsewhere:"
        )
        command = picture.command("delete", "pod", name, "--force", "--grace-period=0")
        yield Finding(f"pod {name}", "Terminating", fix, (command,), event=event)


def _problem(picture: Picture, pod: Object, stuck_claims: set[str | None]) -> Finding | None:
    """Return why a pod is not ready; ``None`` if it may still be starting, or a claim's finding tells."""
    status, name = pod.get("status") or {}, pod["metadata"]["name"]
    scheduled: Object = next((c for c in status.get("conditions") or () if c["type"] == "PodScheduled"), {})
    if scheduled.get("status") == "False":
        return None if stuck_claims else _unschedulable(picture, pod, str(scheduled.get("message", "")))
    containers = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    for container in containers:
        found = _container_problem(picture, pod, container)
        if found:
            return found
    event = picture.newest_event(pod)
    if event and event.get("type") == "Warning":
        about = _event_fix(picture, pod, str(event["reason"]))
        claim = next((c for c in _claims_of(pod) if c in str(event.get("message"))), None)
        return Finding(f"pod {name}", str(event["reason"]), *about, event=words_of(event), claim=claim)
    if status.get("phase") == "Running" and _is_not_ready_since(pod, picture.now - SLACK):
        logs = picture.command("logs", name, "--all-containers")
        return Finding(f"pod {name}", "NotReady", "It runs, but is not ready. See what it says:", (logs,))
    return None


def _container_problem(picture: Picture, pod: Object, container: Object) -> Finding | None:
    name, of = pod["metadata"]["name"], str(container["name"])
    state = container.get("state") or {}
    waiting, ended = state.get("waiting") or {}, state.get("terminated") or {}
    reason = str(waiting.get("reason") or "")
    failed = picture.newest_event(pod, "Failed", "FailedToRetrieveImagePullSecret", "InspectFailed")
    event = words_of(failed) if failed else waiting.get("message") or _last_said(picture, pod)
    if reason in PULL:
        fix = f'Image "{_image(pod, of)}" can\'t be pulled. Name one that exists, or give the pod access to it.'
        first = pod["spec"]["containers"][0]["name"] == of
        change = (picture.pulumi("config", "set", "image", "IMAGE"),) if first else ()
        return Finding(f"pod {name}", reason, fix, (*change, picture.pulumi("up")), of, event)
    if reason in CONFIG:
        fix = "The container can't be made, mostly for a Secret, ConfigMap, command or mount that is not there."
        describe = picture.command("describe", "pod", name)
        return Finding(
            f"pod {name}", reason, fix, (describe, picture.pulumi("up")), of, waiting.get("message") or event
        )
    last = ended or (container.get("lastState") or {}).get("terminated") or {}
    if reason != "CrashLoopBackOff" and not ended.get("exitCode"):
        return None
    how = f"{last.get('reason', 'Error')}, exit code {last['exitCode']}" if "exitCode" in last else "no exit code known"
    logs = picture.command("logs", name, "--container", of, "--previous")
    if last.get("reason") == "OOMKilled":
        raise_it = picture.pulumi("config", "set", "--path", "resources.limits.memory", "SIZE")
        fix = f"It took more memory than its limit ({how}). Raise the limit."
        return Finding(f"pod {name}", "OOMKilled", fix, (raise_it, picture.pulumi("up")), of, event)
    fix = f"It starts and ends again and again ({how}). Its last words tell why; mend that."
    return Finding(f"pod {name}", reason or "Error", fix, (logs, picture.pulumi("up")), of, event)


def _unschedulable(picture: Picture, pod: Object, message: str) -> Finding:
    hints = (
        ("Insufficient", "No node has that much to spare: ask for less (resources.requests), or add a node."),
        ("didn't match Pod's node", "No node has the labels that it asks for: change the selector in podTemplate."),
        ("taint", "Every node that would do is tainted: add a toleration to podTemplate, or take the taint off."),
        ("volume node affinity", "Its volume is tied to a node or zone that can't take it: bring that node back."),
        ("anti-affinity", "Other pods keep it away from every node: add a node, or change podTemplate."),
        ("unbound immediate", "A claim of it is not bound yet."),
        ("persistentvolumeclaim", "A claim of it is missing or being deleted."),
    )
    fix = next((sentence for words, sentence in hints if words in message), "No node takes it, as the event says.")
    event = picture.newest_event(pod, "FailedScheduling")
    claim = next((name for name in _claims_of(pod) if name in message), None)
    said = words_of(event) if event else message
    commands = (f"{picture.kubectl} describe nodes", picture.pulumi("up"))
    return Finding(f"pod {pod['metadata']['name']}", "Unschedulable", fix, commands, event=said, claim=claim)


def _event_fix(picture: Picture, pod: Object, reason: str) -> tuple[str, tuple[str, ...]]:
    name = pod["metadata"]["name"]
    if reason == "Unhealthy":
        return "It runs, but a probe fails. See what it says:", (picture.command("logs", name, "--all-containers"),)
    if reason == "FailedAttachVolume":
        fix = "Its volume is still attached to another node. It comes when that node lets go; see which one has it:"
        return fix, (f"{picture.kubectl} get volumeattachments",)
    if reason == "FailedMount":
        fix = "A volume can't be mounted: a Secret or ConfigMap that is not there, or the storage driver's trouble."
        return fix, (picture.command("describe", "pod", name),)
    return "It can't start, as the event says.", (picture.command("describe", "pod", name),)


def _on_delete(picture: Picture) -> Iterator[Finding]:
    waiting = [pod for pod in picture.pods if picture.is_outdated(pod) and is_ready(pod)]
    if picture.strategy.get("type") == "OnDelete" and waiting:
        names = " ".join(pod["metadata"]["name"] for pod in sorted(waiting, key=_ordinal, reverse=True))
        fix = f"{len(waiting)} pods run with an older template until somebody deletes them:"
        yield Finding(f"StatefulSet {picture.name}", "OnDelete", fix, (picture.command("delete", "pod", names),))


def is_ready(pod: Object) -> bool:
    """Say whether a pod's probes pass."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _is_not_ready_since(pod: Object, when: datetime) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    since = next((c.get("lastTransitionTime") for c in conditions if c["type"] == "Ready"), None)
    since = since or pod["metadata"].get("creationTimestamp")
    return since is None or datetime.fromisoformat(since) <= when


def _image(pod: Object, container: str) -> str:
    every = [*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]]
    return str(next((found.get("image") for found in every if found["name"] == container), None))


def _claims_of(pod: Object) -> list[str]:
    volumes = pod["spec"].get("volumes") or ()
    return [v["persistentVolumeClaim"]["claimName"] for v in volumes if v.get("persistentVolumeClaim")]


def _names(objects: Sequence[Object]) -> set[str]:
    return {found["metadata"]["name"] for found in objects}


def _ordinal(pod: Object) -> int:
    return int(pod["metadata"]["name"].rpartition("-")[2])


def when(event: Object) -> str:
    """Return the time of an event, for comparison; empty if it has none."""
    series = event.get("series") or {}
    return str(event.get("lastTimestamp") or series.get("lastObservedTime") or event.get("eventTime") or "")


def words_of(event: Object) -> str:
    """Return what an event says, in a line."""
    return f"{event['reason']}: {event.get('message')}"


def _last_said(picture: Picture, about: Object) -> str | None:
    event = picture.newest_event(about) if about else None
    return words_of(event) if event else None
