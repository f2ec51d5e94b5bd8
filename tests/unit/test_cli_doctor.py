"""Each trouble of pods and claims, as the API tells it, and what doctor makes of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.stateful_web.cli.doctor import Finding, Picture, diagnose, summary

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATELY, LONG_AGO = "2026-05-01T11:59:55Z", "2026-05-01T11:00:00Z"
NEW, OLD = "web-new", "web-old"
AT = "--namespace default"
CLASSES = [
    {"metadata": {"name": "slow"}, "provisioner": "example.com/disks", "volumeBindingMode": "Immediate"},
    {"metadata": {"name": "late"}, "provisioner": "example.com/disks", "volumeBindingMode": "WaitForFirstConsumer"},
]
DEFAULT = {
    "metadata": {"name": "std", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    "provisioner": "example.com/disks",
}


def stateful_set(**spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "web", "namespace": "default", "uid": "set"},
        "spec": {"replicas": 1, "volumeClaimTemplates": [{"metadata": {"name": "www"}}], **spec},
        "status": {"updateRevision": NEW, "readyReplicas": 0},
    }


def pod(
    name: str = "web-0", *, revision: str = NEW, ready: bool = False, status: Any = None, **metadata: Any
) -> dict[str, Any]:
    condition = {"type": "Ready", "status": str(ready), "lastTransitionTime": LATELY}
    return {
        "metadata": {
            "name": name,
            "uid": name,
            "labels": {"controller-revision-hash": revision},
            "creationTimestamp": LATELY,
            **metadata,
        },
        "spec": {
            "nodeName": "node-7",
            "containers": [{"name": "nginx", "image": "nginx:typo"}, {"name": "side", "image": "side:1"}],
            "volumes": [{"name": "www", "persistentVolumeClaim": {"claimName": f"www-{name}"}}],
        },
        "status": {"phase": "Pending", "conditions": [condition], **(status or {})},
    }


def container(state: Any, name: str = "nginx", **more: Any) -> dict[str, Any]:
    return {"containerStatuses": [{"name": name, "state": state, **more}]}


def waits(reason: str, message: str = "so it is", **more: Any) -> dict[str, Any]:
    return container({"waiting": {"reason": reason, "message": message}}, **more)


def not_scheduled(message: str) -> dict[str, Any]:
    return {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}]}


def claim(phase: str = "Pending", storage_class: str | None = "slow", **metadata: Any) -> dict[str, Any]:
    named = {} if storage_class is None else {"storageClassName": storage_class}
    return {
        "metadata": {"name": "www-web-0", "uid": "claim", **metadata},
        "spec": {"volumeName": "pv-7", **named},
        "status": {"phase": phase},
    }


def event(uid: str, reason: str, message: str, at: str = LATELY, kind: str = "Warning") -> dict[str, Any]:
    return {
        "involvedObject": {"uid": uid},
        "reason": reason,
        "message": message,
        "type": kind,
        "lastTimestamp": at,
    }


def diagnosed(
    *pods: Any, claims: Any = (), events: Any = (), classes: Any = CLASSES, live: Any = None, **spec: Any
) -> list[Finding]:
    return diagnose(
        Picture(
            namespace="default",
            name="web",
            stateful_set=live or stateful_set(**spec),
            pods=pods,
            claims=claims,
            events=events,
            classes=classes,
            now=NOW,
        )
    )


@pytest.mark.parametrize(
    ("status", "reason", "fix", "first_command"),
    [
        (waits("ErrImagePull"), "ErrImagePull", 'Image "nginx:typo" can\'t be pulled', "pulumi config set image IMAGE"),
        (waits("ImagePullBackOff"), "ImagePullBackOff", "Then delete the pod", "pulumi config set image IMAGE"),
        (waits("InvalidImageName"), "InvalidImageName", "can't be pulled", "pulumi config set image IMAGE"),
        (
            waits("CrashLoopBackOff", lastState={"terminated": {"exitCode": 2, "reason": "Error"}}),
            "CrashLoopBackOff",
            "(Error, exit code 2)",
            f"kubectl logs web-0 --container nginx --previous {AT}",
        ),
        (
            waits("CrashLoopBackOff", lastState={"terminated": {"exitCode": 137, "reason": "OOMKilled"}}),
            "OOMKilled",
            "Raise the limit",
            "pulumi config set --path resources.limits.memory SIZE",
        ),
        (
            container({"terminated": {"exitCode": 1, "reason": "Error"}}),
            "Error",
            "(Error, exit code 1)",
            f"kubectl logs web-0 --container nginx --previous {AT}",
        ),
        (
            waits("CreateContainerConfigError", 'secret "s" not found'),
            "CreateContainerConfigError",
            "a Secret, ConfigMap",
            f"kubectl describe pod web-0 {AT}",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isalpha() else "",
)
def test_a_container_that_does_not_start_is_named_with_reason_and_command(
    status: Any, reason: str, fix: str, first_command: str
) -> None:
    (found,) = diagnosed(pod(status=status))
    assert (found.what, found.container, found.reason) == ("pod web-0", "nginx", reason)
    assert fix in found.fix
    assert found.commands[0].startswith(first_command)


def test_the_container_that_is_named_is_the_one_in_trouble_and_an_init_container_too() -> None:
    (found,) = diagnosed(pod(status=waits("ErrImagePull", name="side")))
    assert (found.container, 'Image "side:1"' in found.fix) == ("side", True)
    assert found.commands[0] == "pulumi up --stack dev", "the config key image is that of the first container"
    first = {"initContainerStatuses": waits("CrashLoopBackOff", name="init")["containerStatuses"]}
    (found,) = diagnosed(pod(status=first))
    assert found.container == "init"


def test_the_event_that_tells_most_is_shown() -> None:
    events = [
        event("web-0", "Failed", "Failed to pull image: not found", LONG_AGO),
        event("web-0", "BackOff", "Back-off pulling image", LATELY),
        event("another life of web-0", "Failed", "something else", LATELY),
    ]
    (found,) = diagnosed(pod(status=waits("ImagePullBackOff")), events=events)
    assert found.event == "Failed: Failed to pull image: not found"


def test_under_ordered_ready_the_pod_has_to_be_deleted_after_the_mending_and_under_parallel_not() -> None:
    (found,) = diagnosed(pod(status=waits("ErrImagePull")))
    assert found.commands[-1] == f"kubectl delete pod web-0 {AT}"
    (found,) = diagnosed(pod(status=waits("ErrImagePull")), podManagementPolicy="Parallel")
    assert found.commands[-1] == "pulumi up --stack dev"


def test_a_pod_of_an_older_revision_that_is_not_ready_has_to_be_deleted() -> None:
    (found,) = diagnosed(pod(revision=OLD, status=waits("ErrImagePull")))
    assert found.fix == (
        "It has an older revision than the set asks for by now, and OrderedReady waits for it to be ready instead of "
        "replacing it. Delete it:"
    )
    assert found.commands == (f"kubectl delete pod web-0 {AT}",)
    (found,) = diagnosed(pod(revision=OLD))
    assert (found.reason, found.commands) == ("NotReady", (f"kubectl delete pod web-0 {AT}",))


def test_a_ready_pod_of_an_older_revision_is_a_rollout_under_way() -> None:
    assert diagnosed(pod(revision=OLD, ready=True)) == []


def test_a_pod_below_the_partition_is_not_outdated() -> None:
    below = {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}}
    (found,) = diagnosed(pod(revision=OLD, status=waits("ErrImagePull")), **below)
    assert "older revision" not in found.fix


def test_a_partition_counts_from_the_first_ordinal() -> None:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    live = stateful_set(replicas=2, ordinals={"start": 3}, updateStrategy=rolling)
    pods = [pod(name, revision=OLD, ready=True) for name in ("web-3", "web-4")]
    seen = Picture("default", "web", live, pods, (), (), CLASSES, NOW)
    assert summary(seen).endswith("1 not yet at the newest revision"), "web-3 is held back"


def test_a_rollout_under_on_delete_waits_for_somebody() -> None:
    pods = [pod(f"web-{ordinal}", revision=OLD, ready=True) for ordinal in (0, 1)]
    (found,) = diagnosed(*pods, replicas=2, updateStrategy={"type": "OnDelete"})
    assert (found.what, found.reason) == ("StatefulSet web", "OnDelete")
    assert found.commands == (f"kubectl delete pod web-1 web-0 {AT}",)


@pytest.mark.parametrize(
    ("message", "fix"),
    [
        ("0/3 nodes are available: 3 Insufficient cpu.", "No node has that much to spare"),
        ("0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.", "No node has the labels"),
        (
            "0/3 nodes are available: 3 node(s) had untolerated taint {gpu: only}.",
            "Every node that would do is tainted",
        ),
        ("0/3 nodes are available: 3 node(s) had volume node affinity conflict.", "Its volume is tied"),
        ("0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.", "Other pods keep it away"),
        ("something new", "No node takes it, as the event says."),
    ],
)
def test_a_pod_that_is_not_scheduled_is_told_by_the_schedulers_words(message: str, fix: str) -> None:
    (found,) = diagnosed(pod(status=not_scheduled(message)))
    assert (found.reason, found.event) == ("Unschedulable", message)
    assert found.fix.startswith(fix)


@pytest.mark.parametrize(
    ("status", "fix"),
    [
        ("Pending", "Class fast is not there, or its driver has not looked at it: create it, or set another one."),
        ("Infeasible", "The driver refuses what class fast asks for: set another one."),
        ("InProgress", None),
    ],
)
def test_a_class_that_a_driver_does_not_give_to_a_volume_is_told_in_its_words(status: str, fix: str | None) -> None:
    bound = claim("Bound")
    bound["status"]["modifyVolumeStatus"] = {"status": status, "targetVolumeAttributesClassName": "fast"}
    found = diagnosed(pod(ready=True), claims=[bound])
    assert [(one.what, one.reason, one.fix) for one in found] == (
        [("claim www-web-0", status, f"{fix} Its pod goes on with the volume as it is.")] if fix else []
    )
    for one in found:
        assert one.commands[1] == "pulumi config set --path storage.volumeAttributesClassName NAME --stack dev"


def test_a_pod_that_waits_for_its_claim_is_the_claims_trouble() -> None:
    waiting = pod(status=not_scheduled("pod has unbound immediate PersistentVolumeClaims"))
    (found,) = diagnosed(waiting, claims=[claim()])
    assert found.what == "claim www-web-0"
    assert found.claim == "www-web-0"


@pytest.mark.parametrize(
    ("of", "classes", "reason", "fix", "command"),
    [
        (
            claim(storage_class="gone"),
            CLASSES,
            "StorageClassNotFound",
            'The cluster has no StorageClass "gone" (it has: late, slow).',
            f"kubectl delete persistentvolumeclaim www-web-0 --wait=false {AT}",
        ),
        (
            claim(storage_class=None),
            CLASSES,
            "NoDefaultClass",
            "the cluster has no default one (it has: late, slow)",
            "kubectl annotate storageclass NAME storageclass.kubernetes.io/is-default-class=true",
        ),
        (
            claim(storage_class=""),
            CLASSES,
            "NoVolume",
            "only a volume that an administrator makes",
            f"kubectl describe persistentvolumeclaim www-web-0 {AT}",
        ),
        (
            claim(),
            CLASSES,
            "Pending",
            "class slow counts on example.com/disks",
            f"kubectl delete pod web-0 {AT}",
        ),
        (claim(), None, "Pending", "It waits for a volume.", "kubectl get storageclasses"),
        (
            claim(storage_class="late", annotations={"volume.kubernetes.io/selected-node": "node-7"}),
            CLASSES,
            "Pending",
            "class late counts on example.com/disks",
            f"kubectl delete pod web-0 {AT}",
        ),
        (
            claim("Lost"),
            CLASSES,
            "Lost",
            "Its volume pv-7 is gone.",
            f"kubectl delete persistentvolumeclaim www-web-0 --wait=false {AT}",
        ),
        (
            claim("Bound", deletionTimestamp=LATELY),
            CLASSES,
            "Terminating",
            "it goes with its data when its pod ends",
            f"kubectl cp web-0:/path ./copy {AT}",
        ),
    ],
)
def test_a_claim_without_a_volume_is_told_with_the_reason_and_the_way_out(
    of: Any, classes: Any, reason: str, fix: str, command: str
) -> None:
    told = event("claim", "ProvisioningFailed", "no disks left")
    (found,) = diagnosed(pod(ready=True), claims=[of], classes=classes, events=[told])
    assert (found.what, found.reason) == ("claim www-web-0", reason)
    assert found.event == "ProvisioningFailed: no disks left"
    assert fix in found.fix
    assert command in found.commands


def test_a_claim_that_waits_for_its_first_pod_is_no_trouble_of_its_own() -> None:
    (found,) = diagnosed(claims=[claim(storage_class="late")])
    assert (found.reason, found.commands) == ("WaitForFirstConsumer", ())
    assert diagnosed(pod(ready=True), claims=[claim(storage_class="late")]) == []


@pytest.mark.parametrize("annotation", ["storageclass.kubernetes.io", "storageclass.beta.kubernetes.io"])
def test_a_claim_that_is_about_to_get_the_default_class_is_no_trouble(annotation: str) -> None:
    metadata = {"name": "std", "annotations": {f"{annotation}/is-default-class": "true"}}
    default = {**DEFAULT, "metadata": metadata}
    assert diagnosed(pod(ready=True), claims=[claim(storage_class=None)], classes=[*CLASSES, default]) == []


@pytest.mark.parametrize(
    ("message", "what", "reason", "command"),
    [
        (
            'create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: exceeded quota: small, '
            "requested: pods=1, used: pods=1, limited: pods=1",
            "pod web-0",
            "QuotaExceeded",
            f"kubectl describe resourcequota small {AT}",
        ),
        (
            "create Claim www-web-0 for Pod web-0 in StatefulSet web failed error: failed to create PVC www-web-0: "
            'persistentvolumeclaims "www-web-0" is forbidden: exceeded quota: disks, requested: requests.storage=1Gi',
            "claim www-web-0",
            "QuotaExceeded",
            f"kubectl edit resourcequota disks {AT}",
        ),
        (
            'create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: failed quota: cpu: must '
            "specify requests.cpu for: nginx",
            "pod web-0",
            "QuotaExceeded",
            f"kubectl describe resourcequota cpu {AT}",
        ),
        (
            'create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: violates PodSecurity '
            '"restricted:latest": runAsNonRoot != true',
            "pod web-0",
            "PodSecurity",
            "pulumi config set security restricted --stack dev",
        ),
        (
            'create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: violates PodSecurity '
            '"baseline:latest": host namespaces',
            "pod web-0",
            "PodSecurity",
            "pulumi up --stack dev",
        ),
        (
            'create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: no serviceaccount "x"',
            "pod web-0",
            "FailedCreate",
            f"kubectl describe statefulset web {AT}",
        ),
    ],
)
def test_what_the_api_server_refuses_is_told_by_its_event(message: str, what: str, reason: str, command: str) -> None:
    (found,) = diagnosed(events=[event("set", "FailedCreate", message)])
    assert (found.what, found.reason, found.event) == (what, reason, f"FailedCreate: {message}")
    assert command in found.commands


def test_a_refusal_that_is_over_is_no_finding() -> None:
    refused = event("set", "FailedCreate", "create Pod web-0 in StatefulSet web failed", LONG_AGO)
    assert diagnosed(pod(ready=True), events=[refused]) == []
    assert diagnosed(events=[refused, event("set", "SuccessfulCreate", "create Pod web-0", LATELY, "Normal")]) == []


def test_a_pod_that_does_not_go_away_is_told_with_its_node_or_finalizer() -> None:
    ends = (NOW - timedelta(minutes=1)).isoformat()
    (found,) = diagnosed(pod(deletionTimestamp=ends))
    assert found.reason == "Terminating"
    assert "node node-7" in found.fix
    assert found.commands == (f"kubectl delete pod web-0 --force --grace-period=0 {AT}",)
    (found,) = diagnosed(pod(deletionTimestamp=ends, finalizers=["example.com/held"]))
    assert "example.com/held" in found.fix
    assert found.commands == (
        f'kubectl patch pod web-0 --type=merge --patch=\'{{"metadata":{{"finalizers":null}}}}\' {AT}',
    )
    assert diagnosed(pod(deletionTimestamp=(NOW + timedelta(seconds=5)).isoformat())) == []


def test_an_adopted_pod_that_lacks_a_volume_has_to_be_made_anew() -> None:
    templates = [{"metadata": {"name": name}} for name in ("www", "logs")]
    (found,) = diagnosed(pod(ready=True), volumeClaimTemplates=templates)
    assert (found.reason, found.commands) == ("MissingVolume", (f"kubectl delete pod web-0 {AT}",))
    assert "lacks the volume logs" in found.fix


@pytest.mark.parametrize(
    ("reason", "message", "command"),
    [
        ("Unhealthy", "Readiness probe failed: 500", f"kubectl logs web-0 --all-containers {AT}"),
        ("FailedAttachVolume", 'Multi-Attach error for volume "pv-7"', "kubectl get volumeattachments"),
        ("FailedMount", 'configmap "c" not found', f"kubectl describe pod web-0 {AT}"),
    ],
)
def test_a_pod_whose_newest_event_is_a_warning_is_told_by_it(reason: str, message: str, command: str) -> None:
    (found,) = diagnosed(pod(), events=[event("web-0", reason, message)])
    assert (found.reason, found.event, found.commands) == (reason, f"{reason}: {message}", (command,))


def test_a_pod_that_is_only_starting_is_no_finding() -> None:
    assert diagnosed(pod(status=waits("ContainerCreating"))) == []
    assert diagnosed(pod(status={"phase": "Running"})) == []


def test_a_pod_that_has_run_for_long_and_is_not_ready_is_one() -> None:
    slow = pod(
        status={
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": LONG_AGO}],
        }
    )
    (found,) = diagnosed(slow)
    assert (found.reason, found.commands) == ("NotReady", (f"kubectl logs web-0 --all-containers {AT}",))


def test_the_summary_counts_ready_outdated_and_missing_pods() -> None:
    live = stateful_set(replicas=3)
    live["status"]["readyReplicas"] = 1
    seen = Picture("default", "web", live, [pod(revision=OLD, ready=True)], (), (), CLASSES, NOW)
    assert summary(seen) == (
        "StatefulSet default/web: 1 of 3 pods ready, 1 not yet at the newest revision, not there yet: web-1, web-2"
    )


def test_commands_reach_the_cluster_and_stack_that_were_looked_at() -> None:
    seen = Picture(
        "default", "web", stateful_set(), [pod(status=waits("ErrImagePull"))], (), (), CLASSES, NOW,
        stack="prod", kubectl="kubectl --context eu",
    )  # fmt: skip
    (found,) = diagnose(seen)
    assert found.commands == (
        "pulumi config set image IMAGE --stack prod",
        "pulumi up --stack prod",
        "kubectl --context eu delete pod web-0 --namespace default",
    )
