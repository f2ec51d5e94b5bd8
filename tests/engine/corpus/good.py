"""Programs that are in order, however they say it: several shaped after public databases, queues and caches."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components.stateful_web import StatefulWeb

from .bad import ALLOW, autoscaler, mounts, under
from .cases import Case, Cases, app, claim, container, dashed, headless, labels, service, stateful_set

_cases = Cases()
passing = _cases.breaking()


@passing
def an_application_that_keeps_every_rule(name: str, namespace: str) -> None:
    app(name, namespace)


@passing
def the_component_of_this_repository(name: str, namespace: str) -> None:
    StatefulWeb(
        name,
        {
            "image": "registry.k8s.io/nginx-slim:0.27",
            "namespace": namespace,
            "replicas": 3,
            "storage": {"size": "1Gi", "storage_class_name": "standard"},
        },
    )


@passing
def snake_case_inputs_in_order(name: str, namespace: str) -> None:
    k8s.core.v1.Service(
        f"{name}.service",
        metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=namespace),
        spec=k8s.core.v1.ServiceSpecArgs(
            cluster_ip="None", selector=labels(name), ports=[k8s.core.v1.ServicePortArgs(port=80)]
        ),
    )
    spec: Any = stateful_set(name, namespace)["spec"]
    k8s.apps.v1.StatefulSet(
        name,
        metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=namespace),
        spec=k8s.apps.v1.StatefulSetSpecArgs(
            service_name=name,
            selector=spec["selector"],
            template=spec["template"],
            volume_claim_templates=[
                k8s.core.v1.PersistentVolumeClaimArgs(
                    metadata=k8s.meta.v1.ObjectMetaArgs(name="data"),
                    spec=k8s.core.v1.PersistentVolumeClaimSpecArgs(
                        access_modes=["ReadWriteOnce"],
                        storage_class_name="standard",
                        resources=k8s.core.v1.VolumeResourceRequirementsArgs(requests={"storage": "1Gi"}),
                    ),
                )
            ],
        ),
    )


@passing
def secrets_everywhere(name: str, namespace: str) -> None:
    app(name, namespace, governing={"clusterIP": pulumi.Output.secret("None")}, wrap=pulumi.Output.secret)


@passing
def values_that_a_preview_can_not_know(name: str, namespace: str) -> None:
    settings = k8s.core.v1.ConfigMap(f"{name}.settings", metadata={"name": name, "namespace": "not-there-yet"})
    later = settings.id
    pod = {"terminationGracePeriodSeconds": later.apply(lambda _: 0), "nodeName": later}
    app(name, namespace, pod=pod, volumeClaimTemplates=later.apply(lambda _: []))


@passing
def a_service_by_another_name_that_the_program_passes_on(name: str, namespace: str) -> None:
    made = headless(f"{name}.service", namespace, {"selector": labels(name)})
    k8s.apps.v1.StatefulSet(name, **stateful_set(name, namespace, serviceName=made.metadata["name"]))


@passing
def a_namespace_from_the_provider(name: str, namespace: str) -> None:
    opts = pulumi.ResourceOptions(provider=k8s.Provider(f"{name}.provider", namespace=namespace))
    without = {"metadata": {"name": name}}
    k8s.core.v1.Service(f"{name}.service", **service(name, namespace))
    k8s.apps.v1.StatefulSet(name, opts=opts, **{**stateful_set(name, namespace), **without})


@passing
def children_of_someone_else_s_component(name: str, namespace: str) -> None:
    app(name, namespace, opts=under("acme:index:Database", name))


@passing
def a_transform_that_puts_it_right(name: str, namespace: str) -> None:
    def wait(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
        if args.type_ == "kubernetes:apps/v1:StatefulSet":
            args.props["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 60
        return pulumi.ResourceTransformResult(args.props, args.opts)

    app(name, namespace, pod={"terminationGracePeriodSeconds": 0}, opts=pulumi.ResourceOptions(transforms=[wait]))


@passing
def another_service_with_an_address_for_clients(name: str, namespace: str) -> None:
    app(name, namespace)
    headless(f"{name}.clients", namespace, {"clusterIP": None, "type": "LoadBalancer", "selector": labels(name)})


@passing
def a_deployment_and_its_service(name: str, namespace: str) -> None:
    headless(f"{name}.service", namespace, {"clusterIP": None})
    pod = {"containers": [{"name": "app", "image": "app"}], "terminationGracePeriodSeconds": 0}
    k8s.apps.v1.Deployment(
        name,
        metadata={"namespace": namespace},
        spec={
            "selector": {"matchLabels": labels(name)},
            "template": {"metadata": {"labels": labels(name)}, "spec": pod},
        },
    )


@passing
def a_patch_of_something_else(name: str, namespace: str) -> None:
    app(name, namespace)
    k8s.apps.v1.StatefulSetPatch(
        f"{name}.patch",
        metadata={"name": name, "namespace": namespace, "annotations": {"example.com/owner": "shop"}},
        spec={"minReadySeconds": 5},
    )


@passing
def a_count_that_the_autoscaler_owns(name: str, namespace: str) -> None:
    app(name, namespace, replicas=None)
    autoscaler(name, namespace)


@passing
def a_count_that_the_program_ignores(name: str, namespace: str) -> None:
    app(name, namespace, opts=pulumi.ResourceOptions(ignore_changes=["spec.replicas"]))
    autoscaler(name, namespace)


@passing
def a_very_large_spec(name: str, namespace: str) -> None:
    crowd = [container(f"c{n}", env=[{"name": f"V{i}", "value": "x" * 40} for i in range(20)]) for n in range(150)]
    app(name, namespace, pod={"containers": crowd})


@passing
def two_sets_of_one_service(name: str, namespace: str) -> None:
    app(name, namespace)
    k8s.apps.v1.StatefulSet(
        f"{name}.2",
        **stateful_set(
            f"{name}.2",
            namespace,
            serviceName=name,
            selector={"matchLabels": {"app": None, "shard": "2"}},
            template={"metadata": {"labels": {**labels(name), "shard": "2"}}},
        ),
    )


@passing
def a_volume_of_the_name_of_a_claim(name: str, namespace: str) -> None:
    # The claim takes the volume's place.
    app(name, namespace, pod={"volumes": [{"name": "data", "emptyDir": {}}]})


@passing
def a_replicated_database(name: str, namespace: str) -> None:
    written = mounts(data="/var/lib/database", run="/run/database")
    pod = {
        "terminationGracePeriodSeconds": 1800,
        "initContainers": [
            container("settings", volumeMounts=mounts(run="/run/database")),
            container("permissions", volumeMounts=mounts(data="/var/lib/database")),
        ],
        "containers": [
            container("database", volumeMounts=[*written, {"name": "settings", "mountPath": "/etc/database"}]),
            container("exporter", volumeMounts=[]),
        ],
        "volumes": [{"name": "run", "emptyDir": {}}, {"name": "settings", "configMap": {"name": "settings"}}],
    }
    app(name, namespace, pod=pod, governing={"publishNotReadyAddresses": True}, podManagementPolicy="Parallel")


@passing
def a_queue_with_its_log_on_a_disk_of_its_own(name: str, namespace: str) -> None:
    pod = {
        "containers": [
            container("queue", volumeMounts=[*mounts(data="/queue", log="/queue/log"), *mounts(zone="/etc/localtime")])
        ],
        "volumes": [{"name": "zone", "secret": {"secretName": "zone"}}],
    }
    app(name, namespace, pod=pod, volumeClaimTemplates=[claim(), claim("log", "2Gi", accessModes=["ReadWriteOncePod"])])


@passing
def a_cache_on_a_block_device(name: str, namespace: str) -> None:
    holder = container("cache", volumeMounts=None, volumeDevices=[{"name": "data", "devicePath": "/dev/cache"}])
    app(name, namespace, pod={"containers": [holder]}, volumeClaimTemplates=[claim(volumeMode="Block")])


@passing
def a_search_engine_selected_by_expressions(name: str, namespace: str) -> None:
    wanted = {"key": "app", "operator": "In", "values": [name, "search"]}
    selector = {"matchLabels": None, "matchExpressions": [wanted, {"key": "old", "operator": "DoesNotExist"}]}
    host = {"name": "host", "mountPath": "/host", "readOnly": True}
    pod = {
        "containers": [container("search"), container("metrics", volumeMounts=[host])],
        "volumes": [{"name": "host", "hostPath": {"path": "/proc"}}],
    }
    app(name, namespace, pod=pod, selector=selector)


EXCUSED = "opt-outs"
"""The rule that reports an excuse: advice, which denies nothing."""


@_cases.breaking(EXCUSED)
def a_service_that_another_program_looks_after(name: str, namespace: str) -> None:
    inputs = stateful_set(name, namespace, serviceName="shared")
    annotations = {f"{ALLOW}governing-service": "Service shared belongs to the platform"}
    k8s.apps.v1.StatefulSet(
        name, metadata={**inputs["metadata"], "name": dashed(name), "annotations": annotations}, spec=inputs["spec"]
    )


CASES: tuple[Case, ...] = tuple(_cases.found)
