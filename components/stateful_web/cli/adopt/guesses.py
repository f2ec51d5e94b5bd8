"""Which inputs may stand for what a live set has: guesses, in the keys of the stack's config. Pure.

A guess may be wrong, or name an input that does not exist: the component's own builders decide.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...storage import StorageClass
from .difference import Place

Object = Mapping[str, Any]
Config = dict[str, Any]
About = tuple[str, str]
"""Kind and name of an object."""
Numbered = tuple[int | None, str]
"""Number and protocol of a port, which together are one's own."""

OWNERS_MARKS = ("kubectl.kubernetes.io/last-applied", "meta.helm.sh/", "pulumi.com/", "stateful-web.dev/")
"""How annotations of objects begin that belong to who made them."""

NO_INPUT: Mapping[str, str] = {
    "Service": "a stack makes one Service for clients, and its selector is that of the StatefulSet.",
    "ServiceAccount": "the stack uses it, and does not make it.",
}
"""Why an object of a kind has no place in a stack."""


@dataclass(frozen=True)
class Found:
    """A live StatefulSet, and what of its namespace may be about its pods."""

    stateful_set: Object
    services: Sequence[Object] = ()
    others: Sequence[Object] = ()
    """PodDisruptionBudgets, NetworkPolicies, HorizontalPodAutoscalers and ServiceAccounts."""
    claims: Mapping[str, Object] = field(default_factory=dict)
    """Claims of the namespace, by name."""
    classes: Sequence[StorageClass] | None = None
    """Those of the cluster; ``None`` where they may not be listed."""


def unlike_ours(stateful_set: Object, services: Sequence[Object]) -> Iterator[str]:
    """Say in which way a set is none that the component could make."""
    metadata, spec = stateful_set["metadata"], stateful_set["spec"]
    for owner in metadata.get("ownerReferences") or ():
        if owner.get("controller"):
            yield (
                f"It is made by {owner['kind']} {owner['name']}, whose operator would undo every change. Take the set "
                "from that operator first."
            )
    if spec["selector"].get("matchExpressions"):
        yield "Its selector has matchExpressions, which can't be changed, and inputs have labels alone."
    templates = spec.get("volumeClaimTemplates") or ()
    if not templates:
        yield "It has no volumeClaimTemplates, and every pod of this component has a claim."
        return
    if _web(stateful_set) is None:
        yield f"No container mounts {templates[0]['metadata']['name']}, the volume of its first claim template."
    if not spec.get("serviceName"):
        yield "It names no serviceName, which can't be changed, so its pods have no DNS names."
        return
    service = governing(stateful_set, services)
    if service and service["spec"].get("clusterIP") != "None":
        yield (
            f"Its Service {spec['serviceName']} has an address, which can't be taken away: make it anew as a headless "
            "one (clusterIP: None) first."
        )


def governing(stateful_set: Object, services: Sequence[Object]) -> Object | None:
    """Return the Service that gives the pods their names, if it is there."""
    name = stateful_set["spec"].get("serviceName")
    return next((one for one in services if one["metadata"]["name"] == name), None)


def base(stateful_set: Object, service: Object | None) -> list[Config]:
    """Return what every config of the set has; the first one that can be used is taken."""
    metadata, spec = stateful_set["metadata"], stateful_set["spec"]
    web, of_service = _web(stateful_set) or {}, _ports(service)
    port = _main_port(web, of_service)
    number = port.get("containerPort") or next((number for number, _ in of_service), 80)
    same: Object = of_service.get((number, "TCP")) or {}
    first, *rest = spec["volumeClaimTemplates"]
    config: Config = {
        "name": metadata["name"],
        "namespace": metadata["namespace"],
        "adopt": True,
        "image": web["image"],
        "replicas": spec.get("replicas", 1),
        "serviceName": spec["serviceName"],
        "containerName": web["name"],
        "port": number,
        "portName": port.get("name") or same.get("name") or "web",
        "selectorLabels": spec["selector"]["matchLabels"],
        "recommendedLabels": False,
        "storage": {**_storage(first), **_device(web, first)},
        **_place(web, first),
    }
    if rest:
        config["volumes"] = [{**_storage(each), **_device(web, each), **_place(web, each)} for each in rest]
    unverified = {**config, "storage": {**config["storage"], "verify": False}}
    if rest:
        unverified["volumes"] = [{**each, "verify": False} for each in config["volumes"]]
    return [config, unverified]


def of_the_set(stateful_set: Object, found: Found) -> Iterator[Config]:
    """Yield guesses at what the set, its pods and its Service have."""
    spec, template = stateful_set["spec"], stateful_set["spec"]["template"]
    pod, web = template["spec"], _web(stateful_set) or {}
    yield from _same_names(spec, "podManagementPolicy", "minReadySeconds", "revisionHistoryLimit")
    if start := (spec.get("ordinals") or {}).get("start"):
        yield {"ordinalsStart": start}
    if retention := spec.get("persistentVolumeClaimRetentionPolicy"):
        yield {"retention": retention}
    strategy = spec.get("updateStrategy") or {}
    rolling = strategy.get("rollingUpdate") or {}
    yield {"update": {"type": strategy.get("type", "RollingUpdate")}}
    for key in ("partition", "maxUnavailable"):
        if rolling.get(key):
            yield {"update": {key: rolling[key]}}
    service = governing(stateful_set, found.services)
    yield {"publishNotReadyAddresses": True}
    yield from _metadata(stateful_set, template, service)
    yield from _of_pod(pod)
    yield from _of_container(web)
    if sub_path := (_mount(web, spec["volumeClaimTemplates"][0]) or {}).get("subPath"):
        yield {"storage": {"subPath": sub_path}}
    yield from _of_service(service, web)


def further_ports(stateful_set: Object, found: Found) -> Iterator[Config]:
    """Yield guesses at each port beside the main one, of any container that runs."""
    for port in _further(stateful_set, governing(stateful_set, found.services)):
        yield {"ports": [port]}


def in_order(ports: Sequence[Config], service: Object | None) -> list[Config]:
    """Return further ports in the order of the live Service, whichever container has them."""
    places = [*_ports(service)]
    return sorted(ports, key=lambda port: places.index(_numbered(port)) if _numbered(port) in places else len(places))


def of_clients(stateful_set: Object, found: Found) -> Iterator[tuple[About, list[Config]]]:
    """Yield each Service for clients of the set's pods, with guesses at the inputs that make it; the best first."""
    template = stateful_set["spec"]["template"]
    labels = template["metadata"].get("labels") or {}
    for service in found.services:
        chosen = service["spec"].get("selector") or {}
        is_other = service["metadata"]["name"] != stateful_set["spec"]["serviceName"]
        if is_other and chosen and chosen.items() <= labels.items():
            yield ("Service", service["metadata"]["name"]), list(_client(service, stateful_set, found))


def of_others(stateful_set: Object, found: Found) -> Iterator[tuple[About, list[Config]]]:
    """Yield each other object that is about the set's pods, with guesses at the inputs that make it."""
    name, template = stateful_set["metadata"]["name"], stateful_set["spec"]["template"]
    labels = template["metadata"].get("labels") or {}
    for other in found.others:
        kind, other_name, spec = other["kind"], other["metadata"]["name"], other.get("spec") or {}
        about = (kind, other_name)
        chosen = (spec.get("podSelector" if kind == "NetworkPolicy" else "selector") or {}).get("matchLabels") or {}
        selects = bool(chosen) and chosen.items() <= labels.items()
        if kind == "PodDisruptionBudget" and selects:
            limit = {key: spec[key] for key in ("minAvailable", "maxUnavailable") if key in spec}
            yield about, _named("disruptionBudget", limit, other_name, name)
        elif kind == "NetworkPolicy" and selects:
            peers = ((spec.get("ingress") or [{}])[0] or {}).get("from") or []
            yield about, _named("networkPolicy", {"allowFrom": peers}, other_name, name)
        elif kind == "HorizontalPodAutoscaler" and _scales(spec, name):
            yield about, _named("autoscale", _autoscale(spec), other_name, name)
        elif kind == "ServiceAccount" and other_name == template["spec"].get("serviceAccountName"):
            yield about, [{"serviceAccount": {"name": other_name, "create": True}}]


def is_autoscaled(stateful_set: Object, others: Sequence[Object]) -> bool:
    """Say whether somebody else owns the number of pods."""
    name = stateful_set["metadata"]["name"]
    return any(
        other["kind"] == "HorizontalPodAutoscaler" and _scales(other.get("spec") or {}, name) for other in others
    )


def why_left(kind: str, place: Place) -> str:
    """Say why a live object has something that a stack has no place for."""
    if place[:2] == ("metadata", "labels"):
        return "is not in the stack: the input labels is for every object and the pods."
    if place[:2] == ("metadata", "annotations"):
        return "is not in the stack: the input annotations is for every object."
    if kind == "Service" and place[:2] == ("spec", "ports"):
        reason = "no container has that port" if len(place) == 3 else "there is no input for it"
        return f"is not in the stack: {reason}."
    return "is not in the stack: it is left as it is, until its old owner or a later update takes it away."


def _same_names(given: Object, *keys: str) -> Iterator[Config]:
    for key in keys:
        if given.get(key) not in (None, "", [], {}):
            yield {key: given[key]}


def _metadata(stateful_set: Object, template: Object, service: Object | None) -> Iterator[Config]:
    objects = [stateful_set, *([service] if service else [])]
    own = [one["metadata"] for one in objects]
    pods = template.get("metadata") or {}
    selector = stateful_set["spec"]["selector"]["matchLabels"]
    labels = _shared("labels", [*own, pods])
    yield {"labels": {key: value for key, value in labels.items() if key not in selector}}
    of_pods = {k: v for k, v in (pods.get("labels") or {}).items() if k not in labels and k not in selector}
    yield {"podLabels": of_pods}
    yield {"podAnnotations": pods.get("annotations") or {}}
    yield {"annotations": of_users(_shared("annotations", own))}
    if service:
        shared = _shared("annotations", own)
        rest = {k: v for k, v in (service["metadata"].get("annotations") or {}).items() if k not in shared}
        yield {"serviceAnnotations": of_users(rest)}


def _shared(key: str, metadata: Sequence[Object]) -> dict[str, str]:
    first, *rest = [one.get(key) or {} for one in metadata]
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in rest)}


def of_users(annotations: Mapping[str, str]) -> dict[str, str]:
    """Return an object's annotations without the marks of tools that made it."""
    return {key: value for key, value in annotations.items() if not key.startswith(OWNERS_MARKS)}


def _of_pod(pod: Object) -> Iterator[Config]:
    yield from _same_names(pod, "terminationGracePeriodSeconds")
    yield {"security": "restricted"}
    if account := pod.get("serviceAccountName"):
        yield {"serviceAccount": {"name": account, "create": False}}
    context = pod.get("securityContext") or {}
    yield from _same_names(context, "runAsUser", "runAsGroup", "fsGroup")
    yield from _same_names(pod, "nodeSelector", "tolerations", "affinity", "priorityClassName")
    if spread := pod.get("topologySpreadConstraints"):
        yield {"topologySpread": True}
        keys = [constraint["topologyKey"] for constraint in spread]
        is_required = all(constraint["whenUnsatisfiable"] == "DoNotSchedule" for constraint in spread)
        more = {"topologySpreadRequired": True} if is_required else {}
        yield {"topologySpread": True, "topologyKeys": keys, **more}
    yield {"imagePullSecrets": [secret.get("name") for secret in pod.get("imagePullSecrets") or ()]}
    inits = pod.get("initContainers") or ()
    yield {"initContainers": [one for one in inits if one.get("restartPolicy") != "Always"]}
    sidecars = [one for one in inits if one.get("restartPolicy") == "Always"]
    yield {"sidecars": [{k: v for k, v in one.items() if k != "restartPolicy"} for one in sidecars]}
    yield {"sidecars": sidecars}


def _of_container(web: Object) -> Iterator[Config]:
    yield from _same_names(web, "command", "args", "workingDir", "imagePullPolicy")
    variables = web.get("env") or ()
    values = {one["name"]: _value(one) for one in variables}
    yield {"env": {name: value for name, value in values.items() if value is not None}}
    yield {"env": {name: value for name, value in values.items() if isinstance(value, str)}}
    yield {"envFrom": [_source(one) for one in web.get("envFrom") or ()]}
    resources = web.get("resources") or {}
    yield {"resources": {key: resources[key] for key in ("requests", "limits") if resources.get(key)}}
    for kind in ("startup", "readiness", "liveness"):
        if probe := web.get(f"{kind}Probe"):
            for guess in _probe(probe):
                yield {"probes": {kind: guess}}


def _ports(service: Object | None) -> dict[Numbered, Object]:
    return {_numbered(port): port for port in (service or {"spec": {}})["spec"].get("ports") or ()}


def _numbered(port: Object) -> Numbered:
    return port.get("containerPort", port.get("port")), port.get("protocol", "TCP")


def _main_port(web: Object, of_service: Mapping[Numbered, Object]) -> Object:
    """Return the port that the set is about: the first one on TCP that its Service has, too."""
    ports: Sequence[Object] = web.get("ports") or [{}]
    on_tcp = [port for port in ports if _numbered(port)[1] == "TCP"] or ports
    return next((port for port in on_tcp if _numbered(port) in of_service), on_tcp[0])


def _further(stateful_set: Object, service: Object | None) -> Iterator[Config]:
    of_service, web = _ports(service), _web(stateful_set) or {}
    main, pod = _main_port(web, of_service), stateful_set["spec"]["template"]["spec"]
    for container in (*pod["containers"], *(pod.get("initContainers") or ())):
        elsewhere = {} if container["name"] == web.get("name") else {"containerName": container["name"]}
        for port in container.get("ports") or ():
            if port != main:
                other = {"protocol": port["protocol"]} if port.get("protocol", "TCP") != "TCP" else {}
                told = (of_service.get(_numbered(port)) or {}).get("appProtocol")
                hint = {"appProtocol": told} if told else {}
                yield {"name": port.get("name"), "port": port["containerPort"], **other, **hint, **elsewhere}


def _of_service(service: Object | None, web: Object) -> Iterator[Config]:
    of_service = _ports(service)
    main = _main_port(web, of_service).get("containerPort")
    if protocol := (of_service.get((main, "TCP")) or {}).get("appProtocol"):
        yield {"appProtocol": protocol}
    if service:
        spec = service["spec"]
        if spec.get("ipFamilyPolicy", "SingleStack") != "SingleStack":
            yield {"ipFamilyPolicy": spec["ipFamilyPolicy"]}
            yield {"ipFamilyPolicy": spec["ipFamilyPolicy"], "ipFamilies": spec.get("ipFamilies") or []}


def _client(service: Object, stateful_set: Object, found: Found) -> Iterator[Config]:
    spec, name = service["spec"], service["metadata"]["name"]
    if spec.get("selector") != stateful_set["spec"]["selector"]["matchLabels"]:
        return
    headless = governing(stateful_set, found.services)
    main = _main_port(_web(stateful_set) or {}, _ports(headless))
    own = (main.get("containerPort"), main.get("name"))
    number = next((port["port"] for port in spec.get("ports") or () if port.get("targetPort") in own), own[0])
    further = [
        {**port, "client": True}
        for port in _further(stateful_set, headless)
        if _numbered(port) in _ports(service) and _numbered(port) != (number, "TCP")
    ]
    plain = {"name": name, "type": spec.get("type", "ClusterIP"), "port": number}
    extras = {
        key: spec[key]
        for key in ("loadBalancerClass", "loadBalancerSourceRanges", "trafficDistribution")
        if spec.get(key)
    }
    usual = {"externalTrafficPolicy": "Cluster", "internalTrafficPolicy": "Cluster", "sessionAffinity": "None"}
    extras |= {key: spec[key] for key, value in usual.items() if spec.get(key, value) != value}
    if annotations := of_users(service["metadata"].get("annotations") or {}):
        extras["annotations"] = annotations
    # A preStop pause may be there already; else there must be none.
    for pause in ({"drainSeconds": _pause(stateful_set)}, {}):
        for more in (extras, {}):
            if further:
                yield {"clientService": {**plain, **pause, **more}, "ports": further}
            yield {"clientService": {**plain, **pause, **more}}


def _pause(stateful_set: Object) -> int:
    hook = ((_web(stateful_set) or {}).get("lifecycle") or {}).get("preStop") or {}
    return int((hook.get("sleep") or {}).get("seconds", 0))


def _named(key: str, given: Config, name: str, own: str) -> list[Config]:
    """Return an object's input, with its name where that is not the set's."""
    return [{key: {**given, "name": name}}] if name != own else [{key: given}]


def _scales(spec: Object, name: str) -> bool:
    target = spec.get("scaleTargetRef") or {}
    return bool(target.get("kind") == "StatefulSet" and target.get("name") == name)


def _autoscale(spec: Object) -> Config:
    given: Config = {key: spec[key] for key in ("minReplicas", "maxReplicas", "behavior") if key in spec}
    for metric in spec.get("metrics") or ():
        resource = metric.get("resource") or {}
        if share := (resource.get("target") or {}).get("averageUtilization"):
            given[str(resource.get("name"))] = share
    return given


def _web(stateful_set: Object) -> Object | None:
    """Return the container that serves: the first one with ports that mounts the first claim template."""
    template = stateful_set["spec"]["volumeClaimTemplates"][0]
    mounting = [one for one in stateful_set["spec"]["template"]["spec"]["containers"] if _mount(one, template)]
    serving = [one for one in mounting if one.get("ports")]
    return next(iter([*serving, *mounting]), None)


def _mount(container: Object, template: Object) -> Object | None:
    mounts = (*(container.get("volumeMounts") or ()), *(container.get("volumeDevices") or ()))
    return next((mount for mount in mounts if mount["name"] == template["metadata"]["name"]), None)


def _storage(template: Object) -> Config:
    metadata, spec = template["metadata"], template["spec"]
    given = {"volumeName": metadata["name"], "size": spec["resources"]["requests"]["storage"]}
    for key in ("accessModes", "storageClassName"):
        if key in spec:
            given[key] = spec[key]
    if source := spec.get("dataSource"):
        given["dataSource"] = {"kind": source["kind"], "name": source["name"]}
    if spec.get("volumeMode", "Filesystem") != "Filesystem":
        given["volumeMode"] = spec["volumeMode"]
    return given


def _place(web: Object, template: Object) -> Config:
    mount = _mount(web, template) or {}
    return {"mountPath": mount["mountPath"]} if "mountPath" in mount else {}


def _device(web: Object, template: Object) -> Config:
    mount = _mount(web, template) or {}
    return {"devicePath": mount["devicePath"]} if "devicePath" in mount else {}


def _value(variable: Object) -> Any:
    """Return a variable's value as the input ``env`` has it; ``None`` for one that it has no words for."""
    if "valueFrom" not in variable:
        return variable.get("value", "")
    source = variable["valueFrom"]
    for key, name in (("secretKeyRef", "secretName"), ("configMapKeyRef", "configMapName")):
        if key in source:
            return {name: source[key].get("name"), "key": source[key]["key"]}
    if "fieldRef" in source:
        return {"fieldPath": source["fieldRef"]["fieldPath"]}
    return None


def _source(source: Object) -> Config:
    of = {
        name: source[key].get("name")
        for key, name in (("configMapRef", "configMapName"), ("secretRef", "secretName"))
        if key in source
    }
    return {**({"prefix": source["prefix"]} if source.get("prefix") else {}), **of}


def _probe(probe: Object) -> Iterator[Config]:
    times = {
        key: probe[key]
        for key in ("initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold", "successThreshold")
        if key in probe and not (key == "successThreshold" and probe[key] == 1)
    }
    get = probe.get("httpGet") or {}
    how: Config = {}
    if "httpGet" in probe:
        how = {"path": get.get("path", "/")}
        if get.get("scheme", "HTTP") != "HTTP":
            how["scheme"] = get["scheme"]
        if get.get("httpHeaders"):
            how["headers"] = {header["name"]: header["value"] for header in get["httpHeaders"]}
    elif "tcpSocket" in probe:
        how = {"tcp": True}
    elif "exec" in probe:
        how = {"command": probe["exec"]["command"]}
    elif "grpc" in probe:
        how = {"grpc": probe["grpc"].get("service", "")}
    yield {**how, **times}
    port = next((probe[key].get("port") for key in ("httpGet", "tcpSocket", "grpc") if key in probe), None)
    if port is not None:
        yield {**how, **times, "port": port}
