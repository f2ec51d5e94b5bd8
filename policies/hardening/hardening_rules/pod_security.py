"""The Pod Security Standards, as the API server's own admission plugin judges them at version 1.37.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from policies.kit.model import UNKNOWN, Object, entries, get, is_complete, listed, mapping, quote
from policies.kit.pods import containers, template
from policies.kit.rule import Config, Finding, Rule, each

from .containers import WORKLOADS
from .manifests import stateful_set, with_pod


@dataclass(frozen=True)
class _Pod:
    """A pod's description, with what several controls ask of it."""

    spec: Any
    annotations: Any
    containers: tuple[Mapping[str, Any], ...]
    patch: bool

    @property
    def holders(self) -> list[tuple[str, Any]]:
        """Return the pod and its containers, with how to call them."""
        return [("the pod", self.spec), *self.of_containers]

    @property
    def of_containers(self) -> list[tuple[str, Any]]:
        return [(f"container {quote(container.get('name'))}", container) for container in self.containers]

    @property
    def is_windows(self) -> bool:
        """Say whether the pod is, or may be, one for Windows, of which some controls ask nothing."""
        return get(self.spec, "os", "name") in ("windows", UNKNOWN)

    @property
    def has_users_of_its_own(self) -> bool:
        """Say whether the pod has, or may have, a user namespace of its own, in which root is nobody outside."""
        return get(self.spec, "hostUsers") in (False, UNKNOWN)


Check = Callable[[_Pod], Iterable[str]]


def _refused(holders: Iterable[tuple[str, Any]], path: str, allowed: Callable[[Any], bool]) -> Iterator[str]:
    """Name who sets ``path`` to a value that is not allowed; what is absent or unknown is not refused."""
    for who, holder in holders:
        value = get(holder, *path.split("."))
        if value is not None and value is not UNKNOWN and not allowed(value):
            yield f"{who} has {path} {quote(value)}"


def _required(pod: _Pod, path: str, allowed: Callable[[Any], bool], inherited: bool = False) -> Iterator[str]:
    """Name the containers that do not have an allowed value at ``path``, their own or the pod's."""
    for who, container in pod.of_containers:
        value = get(container, *path.split("."))
        if value is None and inherited:
            value = get(pod.spec, *path.split("."))
        if value is None and not pod.patch:
            yield f"{who} has no {path}"
        elif value is not None and value is not UNKNOWN and not allowed(value):
            yield f"{who} has {path} {quote(value)}"


def _is_not_true(value: Any) -> bool:
    return value is not True


def _is_empty(value: Any) -> bool:
    return value in ("", 0)


def _one_of(*allowed: str) -> Callable[[Any], bool]:
    return lambda value: value in allowed


def _host_namespaces(pod: _Pod) -> Iterator[str]:
    for path in ("hostNetwork", "hostPID", "hostIPC"):
        yield from _refused([("the pod", pod.spec)], path, _is_not_true)


def _added_capabilities(*allowed: str) -> Check:
    def check(pod: _Pod) -> Iterator[str]:
        for who, container in pod.of_containers:
            added = entries(get(container, "securityContext", "capabilities", "add"))
            refused = [name for name in added if name not in allowed]
            if refused:
                yield f"{who} adds {listed(map(quote, refused))}"

    return check


def _volumes(is_refused: Callable[[list[str]], bool]) -> Check:
    def check(pod: _Pod) -> Iterator[str]:
        for volume in entries(get(pod.spec, "volumes")):
            if isinstance(volume, Mapping):
                sources = [key for key, source in volume.items() if key != "name" and source is not None]
                if is_refused(sources):
                    yield f"volume {quote(volume.get('name'))} is of kind {listed(sources)}"

    return check


def _host_ports(pod: _Pod) -> Iterator[str]:
    for who, container in pod.of_containers:
        yield from _refused(((who, port) for port in entries(get(container, "ports"))), "hostPort", _is_empty)


def _hosts_of_probes(pod: _Pod) -> Iterator[str]:
    for who, container in pod.of_containers:
        for path in ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"):
            for handler in ("httpGet", "tcpSocket"):
                yield from _refused([(who, container)], f"{path}.{handler}.host", _is_empty)


def _app_armor(pod: _Pod) -> Iterator[str]:
    yield from _refused(pod.holders, "securityContext.appArmorProfile.type", _one_of("RuntimeDefault", "Localhost"))
    for key, value in mapping(pod.annotations).items():
        of_app_armor = key.startswith("container.apparmor.security.beta.kubernetes.io/") and isinstance(value, str)
        if of_app_armor and value not in ("", "runtime/default") and not value.startswith("localhost/"):
            yield f"the pod has annotation {quote(key)}"


def _se_linux(pod: _Pod) -> Iterator[str]:
    types = _one_of("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
    yield from _refused(pod.holders, "securityContext.seLinuxOptions.type", types)
    for key in ("user", "role"):
        yield from _refused(pod.holders, f"securityContext.seLinuxOptions.{key}", _is_empty)


def _proc_mount(pod: _Pod) -> Iterator[str]:
    yield from _refused(pod.of_containers, "securityContext.procMount", _one_of("Default"))


def _sysctls(pod: _Pod) -> Iterator[str]:
    settings = (("the pod", setting) for setting in entries(get(pod.spec, "securityContext", "sysctls")))
    yield from _refused(settings, "name", _one_of(*_SAFE_SYSCTLS))


def _privilege_escalation(pod: _Pod) -> Iterator[str]:
    if not pod.is_windows:
        yield from _required(pod, "securityContext.allowPrivilegeEscalation", lambda value: value is False)


def _non_root(pod: _Pod) -> Iterator[str]:
    if not pod.has_users_of_its_own:
        yield from _refused([("the pod", pod.spec)], "securityContext.runAsNonRoot", lambda value: value is True)
        yield from _required(pod, "securityContext.runAsNonRoot", lambda value: value is True, inherited=True)
        yield from _refused(pod.holders, "securityContext.runAsUser", lambda value: value != 0)


def _seccomp_set(pod: _Pod) -> Iterator[str]:
    if not pod.is_windows:
        yield from _required(pod, "securityContext.seccompProfile.type", _one_of(*_SECCOMP), inherited=True)


def _capabilities_dropped(pod: _Pod) -> Iterator[str]:
    if pod.is_windows:
        return
    for who, container in pod.of_containers:
        dropped = get(container, "securityContext", "capabilities", "drop")
        may_be_elsewhere = not is_complete(dropped) or (dropped is None and pod.patch)
        if "ALL" not in entries(dropped) and not may_be_elsewhere:
            yield f"{who} does not drop ALL"
    yield from _added_capabilities("NET_BIND_SERVICE")(pod)


_SECCOMP: Final = ("RuntimeDefault", "Localhost")
_SAFE_SYSCTLS: Final = (
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_notsent_lowat",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_slow_start_after_idle",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
)
_RESTRICTED_VOLUMES: Final = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
}

_BASELINE: Final[Mapping[str, tuple[str, Check]]] = {
    "windows host processes": (
        "remove windowsOptions.hostProcess",
        lambda pod: _refused(pod.holders, "securityContext.windowsOptions.hostProcess", _is_not_true),
    ),
    "host namespaces": ("remove hostNetwork, hostPID and hostIPC", _host_namespaces),
    "privileged containers": (
        "remove privileged",
        lambda pod: _refused(pod.of_containers, "securityContext.privileged", _is_not_true),
    ),
    "capabilities": (
        "add no more than the container runtime's default set",
        _added_capabilities(
            "AUDIT_WRITE",
            "CHOWN",
            "DAC_OVERRIDE",
            "FOWNER",
            "FSETID",
            "KILL",
            "MKNOD",
            "NET_BIND_SERVICE",
            "SETFCAP",
            "SETGID",
            "SETPCAP",
            "SETUID",
            "SYS_CHROOT",
        ),
    ),
    "volume kinds": ("mount a claim instead of a hostPath", _volumes(lambda sources: "hostPath" in sources)),
    "host ports": ("remove hostPort", _host_ports),
    "hosts of probes": ("remove host: a probe asks its own pod", _hosts_of_probes),
    "AppArmor": ("use RuntimeDefault or Localhost", _app_armor),
    "SELinux": ("set no user or role, and a container type", _se_linux),
    "procMount": ("use Default", lambda pod: () if pod.has_users_of_its_own else _proc_mount(pod)),
    "seccomp": (
        "use RuntimeDefault or Localhost",
        lambda pod: _refused(pod.holders, "securityContext.seccompProfile.type", _one_of(*_SECCOMP)),
    ),
    "sysctls": ("set only sysctls that are namespaced and safe", _sysctls),
}

_RESTRICTED: Final[Mapping[str, tuple[str, Check]]] = {
    "volume kinds": (
        "mount a claim, or one of configMap, secret, projected, downwardAPI, emptyDir, ephemeral, csi, image",
        _volumes(lambda sources: bool(sources) and not _RESTRICTED_VOLUMES.intersection(sources)),
    ),
    "procMount": ("use Default", _proc_mount),
    "privilege escalation": ("set securityContext.allowPrivilegeEscalation to false", _privilege_escalation),
    "running as root": ("set securityContext.runAsNonRoot to true and a runAsUser other than 0", _non_root),
    "seccomp": ("set securityContext.seccompProfile.type of the pod to RuntimeDefault", _seccomp_set),
    "capabilities": (
        'set securityContext.capabilities.drop to ["ALL"] and add only NET_BIND_SERVICE',
        _capabilities_dropped,
    ),
}


def _pod_security(workload: Object, config: Config) -> Iterator[Finding]:
    pod = _Pod(
        get(template(workload), "spec"),
        get(template(workload), "metadata", "annotations"),
        tuple(containers(workload)),
        workload.patch,
    )
    # As in the API server, what restricted asks replaces what baseline asks of the same thing.
    controls = {**_BASELINE, **_RESTRICTED} if config["profile"] == "restricted" else _BASELINE
    for control, (fix, check) in controls.items():
        breaches = list(dict.fromkeys(check(pod)))
        if breaches:
            yield Finding(workload, f"is not {config['profile']} as to {control}: {listed(breaches, limit=3)}", fix)


POD_SECURITY_RESTRICTED = Rule(
    name="pod-security-restricted",
    display_name="Pods meet the restricted standard",
    description="Pods must keep the Pod Security Standard restricted, or baseline where that is configured.",
    remediation="Set on the pod securityContext {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, and on "
    'each container securityContext {allowPrivilegeEscalation: false, capabilities: {drop: ["ALL"]}}.',
    severity="high",
    level="advisory",
    kinds=WORKLOADS,
    check=each(_pod_security),
    properties={
        "profile": {
            "type": "string",
            "enum": ["restricted", "baseline"],
            "default": "restricted",
            "description": "The standard to keep.",
        }
    },
    passing=(stateful_set(),),
    failing=(with_pod(hostNetwork=True),),
)
