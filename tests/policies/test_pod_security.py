"""Rule pod-security-restricted: one breach of each control of the Pod Security Standards, and what is no breach."""

from typing import Any

import pytest

from policies.hardening.hardening_rules.manifests import stateful_set, with_container, with_pod
from policies.kit.examples import merged

from .packs import UNKNOWN, judge, resource

RULE = "pod-security-restricted"

BASELINE = [
    ("windows host processes", with_pod(securityContext={"windowsOptions": {"hostProcess": True}})),
    ("windows host processes", with_container(securityContext={"windowsOptions": {"hostProcess": True}})),
    ("host namespaces", with_pod(hostNetwork=True)),
    ("host namespaces", with_pod(hostPID=True)),
    ("host namespaces", with_pod(hostIPC=True)),
    ("privileged containers", with_container(securityContext={"privileged": True})),
    ("capabilities", with_container(securityContext={"capabilities": {"add": ["SYS_ADMIN"]}})),
    ("capabilities", with_container(securityContext={"capabilities": {"add": ["NET_RAW"]}})),
    ("volume kinds", with_pod(volumes=[{"name": "x", "hostPath": {"path": "/"}}])),
    ("host ports", with_container(ports=[{"containerPort": 80, "hostPort": 80}])),
    ("hosts of probes", with_container(livenessProbe={"httpGet": {"host": "169.254.169.254"}})),
    ("hosts of probes", with_container(startupProbe={"tcpSocket": {"host": "example.com"}})),
    ("hosts of probes", with_container(lifecycle={"preStop": {"httpGet": {"host": "example.com"}}})),
    ("AppArmor", with_pod(securityContext={"appArmorProfile": {"type": "Unconfined"}})),
    ("AppArmor", with_container(securityContext={"appArmorProfile": {"type": "Unconfined"}})),
    (
        "AppArmor",
        with_pod({"annotations": {"container.apparmor.security.beta.kubernetes.io/web": "unconfined"}}),
    ),
    ("SELinux", with_pod(securityContext={"seLinuxOptions": {"type": "spc_t"}})),
    ("SELinux", with_container(securityContext={"seLinuxOptions": {"user": "root"}})),
    ("SELinux", with_container(securityContext={"seLinuxOptions": {"role": "sysadm_r"}})),
    ("procMount", with_container(securityContext={"procMount": "Unmasked"})),
    ("seccomp", with_pod(securityContext={"seccompProfile": {"type": "Unconfined"}})),
    ("seccomp", with_container(securityContext={"seccompProfile": {"type": "Unconfined"}})),
    ("sysctls", with_pod(securityContext={"sysctls": [{"name": "kernel.msgmax", "value": "1"}]})),
]

RESTRICTED = [
    ("volume kinds", with_pod(volumes=[{"name": "x", "nfs": {"server": "nas"}}])),
    ("procMount", with_pod(hostUsers=False, containers=[{"name": "x", "securityContext": {"procMount": "Unmasked"}}])),
    ("privilege escalation", with_container(securityContext={"allowPrivilegeEscalation": None})),
    ("privilege escalation", with_container(securityContext={"allowPrivilegeEscalation": True})),
    ("running as root", with_pod(securityContext={"runAsNonRoot": None})),
    ("running as root", with_pod(securityContext={"runAsNonRoot": False})),
    ("running as root", with_container(securityContext={"runAsNonRoot": False})),
    ("running as root", with_pod(securityContext={"runAsUser": 0})),
    ("running as root", with_container(securityContext={"runAsUser": 0.0})),
    ("seccomp", with_pod(securityContext={"seccompProfile": None})),
    ("capabilities", with_container(securityContext={"capabilities": {"drop": ["NET_RAW"]}})),
    ("capabilities", with_container(securityContext={"capabilities": {"drop": None}})),
    ("capabilities", with_container(securityContext={"capabilities": {"drop": ["all"]}})),
    ("capabilities", with_container(securityContext={"capabilities": {"add": ["CHOWN"]}})),
    ("capabilities", with_container(securityContext={"capabilities": None})),
]

ALLOWED = [
    stateful_set(),
    with_pod(hostNetwork=False, hostPID=False, volumes=[{"name": "x"}, {"name": "y", "emptyDir": {}}]),
    with_pod(
        volumes=[{"name": "x", "image": {"reference": "models:1"}}, {"name": "y", "hostPath": None, "secret": {}}]
    ),
    with_container(securityContext={"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}),
    with_container(securityContext={"privileged": False, "runAsUser": 1000, "procMount": "Default"}),
    with_container(ports=[{"containerPort": 80, "hostPort": 0}], livenessProbe={"httpGet": {"host": ""}}),
    with_pod(securityContext={"seLinuxOptions": {"type": "container_t", "level": "s0", "user": ""}}),
    with_pod(securityContext={"appArmorProfile": {"type": "RuntimeDefault"}, "runAsUser": 1000}),
    with_pod(securityContext={"sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}]}),
    with_pod(securityContext={"sysctls": [{"name": "net.ipv4.tcp_notsent_lowat", "value": "16384"}]}),
    with_pod({"annotations": {"container.apparmor.security.beta.kubernetes.io/web": "runtime/default"}}),
    with_pod({"annotations": {"container.apparmor.security.beta.kubernetes.io/web": "localhost/web"}}),
    with_pod(hostUsers=False, securityContext={"runAsNonRoot": None, "runAsUser": 0}),
]


@pytest.mark.parametrize(("control", "web"), BASELINE)
@pytest.mark.parametrize("profile", ["baseline", "restricted"])
def test_a_breach_of_baseline_is_reported_under_both_profiles(control: str, web: Any, profile: str) -> None:
    messages = judge(RULE, web, config={"profile": profile})
    assert len(messages) == 1, messages
    assert f"is not {profile} as to {control}: " in messages[0]


@pytest.mark.parametrize(("control", "web"), RESTRICTED)
def test_a_breach_of_restricted_is_reported_under_it_alone(control: str, web: Any) -> None:
    assert f"is not restricted as to {control}: " in "\n".join(judge(RULE, web))
    assert judge(RULE, web, config={"profile": "baseline"}) == []


@pytest.mark.parametrize("web", ALLOWED)
def test_what_the_standard_allows_passes(web: Any) -> None:
    assert judge(RULE, web) == []


def test_a_user_namespace_that_may_be_is_left_to_up() -> None:
    for own, expected in ((False, 0), (UNKNOWN, 0), (True, 2), (None, 2)):
        web = with_pod(hostUsers=own, securityContext={"runAsNonRoot": False})
        web["spec"]["template"]["spec"]["containers"][0]["securityContext"]["runAsUser"] = 0
        assert sum("running as root" in message for message in judge(RULE, web)) == (expected > 0)


def test_user_namespaces_relax_proc_mount_in_baseline() -> None:
    web = merged(with_container(securityContext={"procMount": "Unmasked"}), {"spec": {"template": {"spec": {}}}})
    web["spec"]["template"]["spec"]["hostUsers"] = False
    assert judge(RULE, web, config={"profile": "baseline"}) == []


def test_a_container_may_do_what_the_pod_does_not() -> None:
    own = {"runAsNonRoot": True, "seccompProfile": {"type": "Localhost"}}
    web = with_container(securityContext=own)
    web["spec"]["template"]["spec"]["securityContext"] = {}
    assert judge(RULE, web) == []


@pytest.mark.parametrize(("system", "expected"), [("windows", 0), (UNKNOWN, 0), ("linux", 3)])
def test_windows_pods_have_no_linux_settings(system: str, expected: int) -> None:
    web = stateful_set()
    web["spec"]["template"]["spec"] = {
        "os": {"name": system},
        "securityContext": {"runAsNonRoot": True},
        "containers": [{"name": "web"}],
    }
    assert len(judge(RULE, web)) == expected


def test_init_containers_are_judged() -> None:
    messages = judge(RULE, with_pod(initContainers=[{"name": "init", "securityContext": {"privileged": True}}]))
    assert all('container "init"' in message for message in messages)
    assert len(messages) == 3


def test_the_message_lists_the_first_breaches_and_counts_the_others() -> None:
    web = with_pod(containers=[{"name": f"c{index}"} for index in range(5)])
    escalation = next(message for message in judge(RULE, web) if "privilege escalation" in message)
    assert 'container "c0" has no securityContext.allowPrivilegeEscalation' in escalation
    assert escalation.count("container ") == 3
    assert "and 2 more" in escalation


def test_a_patch_is_judged_by_what_it_sets() -> None:
    token = "kubernetes:apps/v1:StatefulSetPatch"
    web = stateful_set()
    web["spec"]["template"]["spec"] = {"containers": [{"name": "web", "image": "x"}]}
    assert judge(RULE, resource(web, resource_type=token)) == []
    web["spec"]["template"]["spec"]["containers"][0]["securityContext"] = {"allowPrivilegeEscalation": True}
    assert len(judge(RULE, resource(web, resource_type=token))) == 1


@pytest.mark.parametrize(
    ("web", "expected"),
    [
        (with_pod(securityContext=UNKNOWN), 0),
        (with_pod(securityContext={"runAsNonRoot": UNKNOWN, "seccompProfile": UNKNOWN}), 0),
        (with_container(securityContext=UNKNOWN), 0),
        (with_container(securityContext={"capabilities": {"drop": UNKNOWN}}), 0),
        (with_container(securityContext={"capabilities": {"drop": [UNKNOWN]}}), 0),
        (with_container(securityContext={"capabilities": {"drop": [UNKNOWN], "add": [UNKNOWN, "SYS_ADMIN"]}}), 1),
        (with_container(securityContext={"privileged": True, "runAsUser": UNKNOWN}, image=UNKNOWN), 1),
        (with_pod(volumes=UNKNOWN, hostNetwork=True), 1),
        (with_pod(volumes=[UNKNOWN, {"name": UNKNOWN, "hostPath": UNKNOWN}]), 1),
        (with_pod({"annotations": UNKNOWN}, hostIPC=True), 1),
        (with_pod(containers=UNKNOWN, hostPID=True), 1),
    ],
)
def test_unknowns(web: Any, expected: int) -> None:
    assert len(judge(RULE, web)) == expected
