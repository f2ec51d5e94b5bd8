"""Programs that a platform team does not want: plain mistakes, and ways to get around the rules."""

import pulumi
import pulumi_kubernetes as k8s

from .cases import Case, Cases, app, claim, container, dashed, headless, labels, service, stateful_set

_cases = Cases()
breaking = _cases.breaking

ALLOW = "policy.stateful-web.dev/allow-"


def mounts(**paths: str) -> list[dict[str, str]]:
    return [{"name": name, "mountPath": path} for name, path in paths.items()]


class Group(pulumi.ComponentResource):
    """A component of someone else's."""

    def __init__(self, token: str, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(token, name, opts=opts)


def under(token: str, name: str) -> pulumi.ResourceOptions:
    """Return the options of a child of such a component."""
    return pulumi.ResourceOptions(parent=Group(token, f"{name}.group"))


# Disks


@breaking("volume-claim-templates-required")
def an_empty_dir_in_place_of_claims(name: str, namespace: str) -> None:
    app(name, namespace, pod={"volumes": [{"name": "data", "emptyDir": {}}]}, volumeClaimTemplates=None)


@breaking("volume-claim-templates-required")
def an_empty_list_of_claims(name: str, namespace: str) -> None:
    app(name, namespace, pod={"containers": [container("app", volumeMounts=None)]}, volumeClaimTemplates=[])


@breaking("volume-claim-templates-required")
def one_shared_claim_for_all_pods(name: str, namespace: str) -> None:
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "shared"}}]
    app(name, namespace, pod={"volumes": volumes}, volumeClaimTemplates=None)


@breaking("volume-claim-templates-required", "no-ephemeral-data-volumes")
def a_generic_ephemeral_volume_that_looks_like_a_claim(name: str, namespace: str) -> None:
    ephemeral = {"volumeClaimTemplate": {"spec": claim()["spec"]}}
    app(name, namespace, pod={"volumes": [{"name": "data", "ephemeral": ephemeral}]}, volumeClaimTemplates=None)


@breaking("volume-claim-templates-required", "no-ephemeral-data-volumes")
def a_disk_of_the_node(name: str, namespace: str) -> None:
    volumes = [{"name": "data", "hostPath": {"path": "/var/lib/data", "type": "DirectoryOrCreate"}}]
    app(name, namespace, pod={"volumes": volumes}, volumeClaimTemplates=None)


@breaking("volume-mounts-resolve")
def a_claim_that_nothing_mounts(name: str, namespace: str) -> None:
    app(name, namespace, pod={"containers": [container("app", volumeMounts=[])]})


@breaking("volume-mounts-resolve")
def a_claim_mounted_by_an_init_container_alone(name: str, namespace: str) -> None:
    pod = {"initContainers": [container("prepare")], "containers": [container("app", volumeMounts=[])]}
    app(name, namespace, pod=pod)


@breaking("volume-mounts-resolve")
def a_mount_in_capital_letters(name: str, namespace: str) -> None:
    app(name, namespace, pod={"containers": [container("app", volumeMounts=mounts(Data="/data"))]})


@breaking("volume-mounts-resolve")
def one_unmounted_claim_of_many(name: str, namespace: str) -> None:
    app(name, namespace, volumeClaimTemplates=[claim(), claim("wal")])


@breaking("volume-mounts-resolve")
def a_lost_mount_at_the_end_of_a_very_large_spec(name: str, namespace: str) -> None:
    crowd = [
        container(f"c{n}", env=[{"name": f"V{i}", "value": "x" * 40} for i in range(20)], args=["--n", str(n)])
        for n in range(150)
    ]
    app(name, namespace, pod={"containers": [*crowd, container("last", volumeMounts=mounts(lost="/data"))]})


@breaking("no-ephemeral-data-volumes")
def an_empty_dir_under_the_mount_path(name: str, namespace: str) -> None:
    pod = {
        "containers": [container("app", volumeMounts=mounts(data="/data", scratch="/data/uploads"))],
        "volumes": [{"name": "scratch", "emptyDir": {}}],
    }
    app(name, namespace, pod=pod)


@breaking("no-ephemeral-data-volumes")
def an_empty_dir_under_the_mount_path_by_a_detour(name: str, namespace: str) -> None:
    pod = {
        "containers": [container("app", volumeMounts=mounts(data="/data/", scratch="/tmp/..//data/./wal/"))],
        "volumes": [{"name": "scratch", "emptyDir": {"medium": "Memory"}}],
    }
    app(name, namespace, pod=pod)


@breaking("no-ephemeral-data-volumes")
def a_volume_without_a_source_under_the_mount_path(name: str, namespace: str) -> None:
    pod = {
        "containers": [container("app", volumeMounts=mounts(data="/data", bare="/data/wal"))],
        "volumes": [{"name": "bare"}],
    }
    app(name, namespace, pod=pod)


@breaking("no-ephemeral-data-volumes")
def a_writable_host_path_beside_the_claim(name: str, namespace: str) -> None:
    pod = {
        "containers": [container("app", volumeMounts=mounts(data="/data", host="/var/lib/app"))],
        "volumes": [{"name": "host", "hostPath": {"path": "/srv"}}],
    }
    app(name, namespace, pod=pod)


@breaking("no-ephemeral-data-volumes")
def a_sidecar_that_sees_an_empty_dir_where_the_data_is(name: str, namespace: str) -> None:
    pod = {
        "containers": [container("app"), container("backup", volumeMounts=mounts(empty="/data"))],
        "volumes": [{"name": "empty", "emptyDir": {}}],
    }
    app(name, namespace, pod=pod)


@breaking("storage-class-allowed")
def a_class_that_is_not_allowed(name: str, namespace: str) -> None:
    app(name, namespace, volumeClaimTemplates=[claim(storageClassName="fast")])


@breaking("storage-class-allowed")
def an_empty_class(name: str, namespace: str) -> None:
    app(name, namespace, volumeClaimTemplates=[claim(storageClassName="")])


@breaking("storage-class-allowed")
def the_cluster_s_default_class(name: str, namespace: str) -> None:
    app(name, namespace, volumeClaimTemplates=[claim(storageClassName=None)])


@breaking("storage-class-allowed")
def a_class_in_capital_letters(name: str, namespace: str) -> None:
    app(name, namespace, volumeClaimTemplates=[claim(storageClassName="Standard")])


@breaking("storage-class-allowed")
def the_annotation_of_old_that_comes_before_the_class(name: str, namespace: str) -> None:
    template = claim()
    template["metadata"]["annotations"] = {"volume.beta.kubernetes.io/storage-class": "fast"}
    app(name, namespace, volumeClaimTemplates=[template])


@breaking("storage-size-bounds")
def a_size_without_a_unit(name: str, namespace: str) -> None:
    app(name, namespace, volumeClaimTemplates=[claim(size="10")])


@breaking("storage-size-bounds")
def a_size_in_thousandths(name: str, namespace: str) -> None:
    app(name, namespace, volumeClaimTemplates=[claim(size="10000m")])


@breaking("storage-size-bounds")
def a_size_beyond_all_disks(name: str, namespace: str) -> None:
    app(name, namespace, volumeClaimTemplates=[claim(size="1e15")])


@breaking("storage-size-bounds")
def a_limit_in_place_of_a_request(name: str, namespace: str) -> None:
    app(
        name,
        namespace,
        volumeClaimTemplates=[claim(resources={"requests": {"storage": None}, "limits": {"storage": "10Gi"}})],
    )


@breaking("storage-size-bounds")
def a_lone_claim_that_is_too_small(name: str, namespace: str) -> None:
    k8s.core.v1.PersistentVolumeClaim(
        name, metadata={"name": name, "namespace": namespace}, spec=claim(size="1Ki")["spec"]
    )


@breaking("access-modes-allowed")
def a_disk_that_all_pods_write(name: str, namespace: str) -> None:
    app(name, namespace, volumeClaimTemplates=[claim(accessModes=["ReadWriteOnce", "ReadWriteMany"])])


@breaking("access-modes-allowed")
def no_access_mode(name: str, namespace: str) -> None:
    app(name, namespace, volumeClaimTemplates=[claim(accessModes=[])])


@breaking("claim-retention")
def data_that_goes_with_the_set(name: str, namespace: str) -> None:
    app(name, namespace, persistentVolumeClaimRetentionPolicy={"whenDeleted": "Delete"})


@breaking("claim-retention")
def data_that_goes_on_scaling_down(name: str, namespace: str) -> None:
    app(name, namespace, persistentVolumeClaimRetentionPolicy={"whenDeleted": "Retain", "whenScaled": "Delete"})


# Pods


@breaking("graceful-termination")
def no_grace(name: str, namespace: str) -> None:
    app(name, namespace, pod={"terminationGracePeriodSeconds": 0})


@breaking("graceful-termination")
def no_grace_kept_secret(name: str, namespace: str) -> None:
    app(name, namespace, pod={"terminationGracePeriodSeconds": pulumi.Output.secret(0)})


@breaking("graceful-termination", "claim-retention")
def a_whole_spec_kept_secret(name: str, namespace: str) -> None:
    app(
        name,
        namespace,
        pod={"terminationGracePeriodSeconds": 0},
        wrap=pulumi.Output.secret,
        persistentVolumeClaimRetentionPolicy={"whenDeleted": "Delete"},
    )


@breaking("selector-matches-template")
def a_selector_that_matches_no_pod(name: str, namespace: str) -> None:
    app(name, namespace, selector={"matchLabels": {"app": f"{name}-old"}})


@breaking("selector-matches-template")
def an_empty_selector(name: str, namespace: str) -> None:
    app(name, namespace, selector={"matchLabels": None})


@breaking("selector-matches-template")
def an_expression_that_excludes_the_pods(name: str, namespace: str) -> None:
    expression = {"key": "app", "operator": "NotIn", "values": [name]}
    app(name, namespace, selector={"matchLabels": None, "matchExpressions": [expression]})


@breaking("stable-labels")
def a_version_in_the_selector(name: str, namespace: str) -> None:
    release = {"app": name, "app.kubernetes.io/Version": "two"}
    app(name, namespace, selector={"matchLabels": release}, template={"metadata": {"labels": release}})


@breaking("stable-labels")
def the_image_s_tag_in_the_selector_under_an_innocent_name(name: str, namespace: str) -> None:
    release = {"app": name, "team": "1.4.2"}
    app(name, namespace, selector={"matchLabels": release}, template={"metadata": {"labels": release}})


@breaking("stable-labels")
def a_chart_s_label_on_the_claims(name: str, namespace: str) -> None:
    template = claim()
    template["metadata"]["labels"] = {"helm.sh/chart": "db-1.2.3"}
    app(name, namespace, volumeClaimTemplates=[template])


@breaking("no-skip-await")
def nobody_waits(name: str, namespace: str) -> None:
    app(name, namespace, metadata={"annotations": {"pulumi.com/skipAwait": "True"}})


# Other ways to say the same


@breaking("graceful-termination", "storage-class-allowed")
def snake_case_inputs(name: str, namespace: str) -> None:
    headless(name, namespace)
    k8s.apps.v1.StatefulSet(
        name,
        metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=namespace),
        spec=k8s.apps.v1.StatefulSetSpecArgs(
            service_name=name,
            selector=k8s.meta.v1.LabelSelectorArgs(match_labels=labels(name)),
            template=k8s.core.v1.PodTemplateSpecArgs(
                metadata=k8s.meta.v1.ObjectMetaArgs(labels=labels(name)),
                spec=k8s.core.v1.PodSpecArgs(
                    termination_grace_period_seconds=0,
                    containers=[
                        k8s.core.v1.ContainerArgs(
                            name="app",
                            image="registry.example/app:1.4.2",
                            volume_mounts=[k8s.core.v1.VolumeMountArgs(name="data", mount_path="/data")],
                        )
                    ],
                ),
            ),
            volume_claim_templates=[
                k8s.core.v1.PersistentVolumeClaimArgs(
                    metadata=k8s.meta.v1.ObjectMetaArgs(name="data"),
                    spec=k8s.core.v1.PersistentVolumeClaimSpecArgs(
                        access_modes=["ReadWriteOnce"],
                        storage_class_name="fast",
                        resources=k8s.core.v1.VolumeResourceRequirementsArgs(requests={"storage": "1Gi"}),
                    ),
                )
            ],
        ),
    )


@breaking("graceful-termination")
def a_transform_that_takes_the_grace_away(name: str, namespace: str) -> None:
    def hasten(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
        if args.type_ == "kubernetes:apps/v1:StatefulSet":
            args.props["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 0
        return pulumi.ResourceTransformResult(args.props, args.opts)

    app(name, namespace, opts=pulumi.ResourceOptions(transforms=[hasten]))


@breaking("volume-claim-templates-required", "volume-mounts-resolve")
def a_transform_of_a_parent_that_takes_the_claims_away(name: str, namespace: str) -> None:
    def strip(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
        spec = args.props.get("spec", {})
        return pulumi.ResourceTransformResult(
            {**args.props, "spec": {key: value for key, value in spec.items() if key != "volumeClaimTemplates"}},
            args.opts,
        )

    group = Group("acme:index:Database", f"{name}.group", pulumi.ResourceOptions(transforms=[strip]))
    app(name, namespace, opts=pulumi.ResourceOptions(parent=group))


@breaking("graceful-termination")
def a_child_of_a_chart(name: str, namespace: str) -> None:
    opts = under("kubernetes:helm.sh/v4:Chart", name)
    app(name, namespace, pod={"terminationGracePeriodSeconds": 0}, opts=opts)


@breaking("claim-retention")
def a_child_of_a_yaml_group(name: str, namespace: str) -> None:
    opts = under("kubernetes:yaml/v2:ConfigGroup", name)
    app(name, namespace, opts=opts, persistentVolumeClaimRetentionPolicy={"whenScaled": "Delete"})


@breaking("graceful-termination")
def a_version_of_the_api_that_is_long_gone(name: str, namespace: str) -> None:
    headless(name, namespace)
    k8s.apps.v1beta2.StatefulSet(name, **stateful_set(name, namespace, {"terminationGracePeriodSeconds": 0}))


@breaking("graceful-termination")
def a_custom_resource_that_is_none(name: str, namespace: str) -> None:
    headless(name, namespace)
    k8s.apiextensions.CustomResource(
        name,
        api_version="apps/v1",
        kind="StatefulSet",
        **stateful_set(name, namespace, {"terminationGracePeriodSeconds": 0}),
    )


@breaking("graceful-termination", "claim-retention")
def a_patch_that_adds_what_the_program_left_out(name: str, namespace: str) -> None:
    app(name, namespace)
    k8s.apps.v1.StatefulSetPatch(
        f"{name}.patch",
        metadata={"name": name, "namespace": namespace},
        spec={
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"},
            "template": {"spec": {"terminationGracePeriodSeconds": 0}},
        },
    )


@breaking("graceful-termination")
def an_excuse_without_a_reason(name: str, namespace: str) -> None:
    metadata = {"annotations": {f"{ALLOW}graceful-termination": " "}}
    app(name, namespace, pod={"terminationGracePeriodSeconds": 0}, metadata=metadata)


@breaking("graceful-termination")
def an_excuse_on_the_pod_in_place_of_the_set(name: str, namespace: str) -> None:
    template = {"metadata": {"annotations": {f"{ALLOW}graceful-termination": "it is only a cache"}}}
    app(name, namespace, pod={"terminationGracePeriodSeconds": 0}, template=template)


# Services


@breaking("headless-service")
def no_cluster_ip(name: str, namespace: str) -> None:
    app(name, namespace, governing={"clusterIP": None})


@breaking("headless-service")
def an_empty_string_for_none(name: str, namespace: str) -> None:
    app(name, namespace, governing={"clusterIP": ""})


@breaking("headless-service")
def none_as_null(name: str, namespace: str) -> None:
    inputs = service(name, namespace)
    inputs["spec"]["clusterIP"] = None
    k8s.core.v1.Service(f"{name}.service", **inputs)
    k8s.apps.v1.StatefulSet(name, **stateful_set(name, namespace))


@breaking("headless-service")
def the_list_of_addresses_alone(name: str, namespace: str) -> None:
    # The API server takes this, and gives the Service an address of its own choice.
    app(name, namespace, governing={"clusterIP": None, "clusterIPs": []})


@breaking("headless-service")
def a_load_balancer(name: str, namespace: str) -> None:
    app(name, namespace, governing={"clusterIP": None, "type": "LoadBalancer"})


@breaking("headless-service")
def a_node_port(name: str, namespace: str) -> None:
    app(name, namespace, governing={"clusterIP": None, "type": "NodePort"})


@breaking("headless-service")
def an_external_name(name: str, namespace: str) -> None:
    app(name, namespace, governing={"clusterIP": None, "type": "ExternalName", "externalName": "db.example"})


@breaking("headless-service")
def an_address_in_snake_case_kept_secret(name: str, namespace: str) -> None:
    k8s.core.v1.Service(
        f"{name}.service",
        metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=namespace),
        spec=k8s.core.v1.ServiceSpecArgs(
            cluster_ip=pulumi.Output.secret(""),
            selector=labels(name),
            ports=[k8s.core.v1.ServicePortArgs(port=80)],
        ),
    )
    k8s.apps.v1.StatefulSet(name, **stateful_set(name, namespace))


@breaking("headless-service")
def a_headless_service_beside_the_one_that_is_named(name: str, namespace: str) -> None:
    headless(f"{name}.headless", namespace, {"selector": labels(name)})
    app(name, namespace, governing={"clusterIP": None})


@breaking("headless-service")
def a_transform_that_gives_the_service_an_address(name: str, namespace: str) -> None:
    def balance(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
        if args.type_ == "kubernetes:core/v1:Service":
            args.props["spec"].pop("clusterIP")
            args.props["spec"]["type"] = "LoadBalancer"
        return pulumi.ResourceTransformResult(args.props, args.opts)

    app(name, namespace, opts=pulumi.ResourceOptions(transforms=[balance]))


@breaking("headless-service")
def a_service_in_a_component_and_a_set_outside(name: str, namespace: str) -> None:
    opts = under("acme:index:Network", name)
    headless(f"{name}.service", namespace, {"selector": labels(name), "clusterIP": None}, opts)
    k8s.apps.v1.StatefulSet(name, **stateful_set(name, namespace, serviceName=dashed(f"{name}.service")))


@breaking("governing-service")
def no_service_at_all(name: str, namespace: str) -> None:
    k8s.apps.v1.StatefulSet(name, **stateful_set(name, namespace))


@breaking("governing-service")
def an_empty_service_name(name: str, namespace: str) -> None:
    app(name, namespace, serviceName="")


@breaking("governing-service")
def no_service_name(name: str, namespace: str) -> None:
    app(name, namespace, serviceName=None)


@breaking("governing-service")
def a_service_name_that_is_nearly_right(name: str, namespace: str) -> None:
    app(name, namespace, serviceName=f"{name}-headless")


@breaking("governing-service")
def a_service_in_another_namespace(name: str, namespace: str) -> None:
    headless(f"{name}.service", "default", {"selector": labels(name)})
    k8s.apps.v1.StatefulSet(name, **stateful_set(name, namespace, serviceName=dashed(f"{name}.service")))


@breaking("governing-service")
def a_service_that_a_provider_moves_to_another_namespace(name: str, namespace: str) -> None:
    elsewhere = pulumi.ResourceOptions(provider=k8s.Provider(f"{name}.provider", namespace="default"))
    inputs = service(name, namespace)
    del inputs["metadata"]["namespace"]
    k8s.core.v1.Service(f"{name}.service", opts=elsewhere, **inputs)
    k8s.apps.v1.StatefulSet(name, **stateful_set(name, namespace))


@breaking("governing-service")
def a_service_of_other_pods(name: str, namespace: str) -> None:
    app(name, namespace, governing={"selector": {"app": f"{name}-old"}})


@breaking("governing-service")
def a_service_that_selects_in_capital_letters(name: str, namespace: str) -> None:
    app(name, namespace, governing={"selector": {"app": None, "App": name}})


@breaking("governing-service")
def a_service_that_selects_nothing(name: str, namespace: str) -> None:
    app(name, namespace, governing={"selector": None})


@breaking("governing-service", "opt-outs")
def an_excuse_from_another_rule(name: str, namespace: str) -> None:
    annotations = {f"{ALLOW}headless-service": "the Service is looked after elsewhere"}
    inputs = stateful_set(name, namespace)
    k8s.apps.v1.StatefulSet(name, metadata={**inputs["metadata"], "annotations": annotations}, spec=inputs["spec"])


@breaking("headless-service", "governing-service")
def a_load_balancer_of_other_pods(name: str, namespace: str) -> None:
    app(name, namespace, governing={"clusterIP": None, "type": "LoadBalancer", "selector": {"app": "others"}})


# Names and counts


@breaking("no-autonaming")
def a_set_that_pulumi_names(name: str, namespace: str) -> None:
    app(name, namespace, metadata={"name": None})


@breaking("no-autonaming")
def a_service_that_pulumi_names(name: str, namespace: str) -> None:
    inputs = service(name, namespace)
    del inputs["metadata"]["name"]
    made = k8s.core.v1.Service(name, **inputs)
    k8s.apps.v1.StatefulSet(name, **stateful_set(name, namespace, serviceName=made.metadata["name"]))


def autoscaler(name: str, namespace: str) -> None:
    k8s.autoscaling.v2.HorizontalPodAutoscaler(
        f"{name}.autoscaler",
        metadata={"name": name, "namespace": namespace},
        spec={
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": name},
            "minReplicas": 2,
            "maxReplicas": 5,
        },
    )


@breaking("autoscaler-owns-replicas")
def two_owners_of_the_count(name: str, namespace: str) -> None:
    app(name, namespace)
    autoscaler(name, namespace)


@breaking("autoscaler-owns-replicas")
def a_secret_count(name: str, namespace: str) -> None:
    app(name, namespace, replicas=pulumi.Output.secret(3))
    autoscaler(name, namespace)


@breaking("autoscaler-owns-replicas")
def an_autoscaler_by_events(name: str, namespace: str) -> None:
    app(name, namespace)
    k8s.apiextensions.CustomResource(
        f"{name}.autoscaler",
        api_version="keda.sh/v1alpha1",
        kind="ScaledObject",
        metadata={"name": name, "namespace": namespace},
        spec={"scaleTargetRef": {"kind": "StatefulSet", "name": name}, "triggers": []},
    )


CASES: tuple[Case, ...] = tuple(_cases.found)
