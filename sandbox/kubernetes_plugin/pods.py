"""What is wrong with pods that should be ready."""

from sandbox.kubernetes_plugin import objects
from sandbox.kubernetes_plugin.api import Api
from sandbox.kubernetes_plugin.errors import ApiError, Object, Unreachable


def troubles(of: Object) -> list[str]:
    """Say what is wrong with a pod that should be ready, one line for each condition that its node reports."""
    scheduled, initialized, ready = (objects.condition(of, kind) for kind in ("PodScheduled", "Initialized", "Ready"))
    if scheduled.get("status") != "True":
        return []
    condition = ready if initialized.get("status") == "True" else initialized
    if not condition or condition.get("status") == "True" or objects.at(of, "status", "phase") == "Succeeded":
        return []
    said_of_containers = [
        trouble
        for status in objects.at(of, "status", "containerStatuses") or []
        if not status.get("ready") and (trouble := _container_trouble(status))
    ]
    said = condition.get("message", "") if condition.get("reason") else ""
    space = objects.namespace(of)
    name = objects.name(of) if space == "default" else objects.resource_id(of)
    return [f"[Pod {name}]: {said}" + "\n".join(said_of_containers)] if said or said_of_containers else []


def _container_trouble(status: Object) -> str:
    said = []
    waiting = objects.at(status, "state", "waiting") or {}
    if waiting and waiting.get("reason") != "ContainerCreating":
        said.append(f"[{waiting.get('reason')}] {waiting.get('message', '')}")
    terminated = objects.at(status, "state", "terminated") or {}
    if terminated.get("reason"):
        message = terminated.get("message")
        exited = f'container "{status.get("name")}" completed with exit code {terminated.get("exitCode")}'
        said.append(f"[{terminated['reason']}] {message}" if message else exited)
    last = objects.at(status, "lastState", "terminated") or {}
    if last:
        said.append(
            f'container "{status.get("name")}" terminated at {last.get("finishedAt")} '
            f"({last.get('reason')}: exit code {last.get('exitCode')})"
        )
    return "\n".join(said)


def troubles_below(api: Api, owner: Object) -> list[str]:
    """Collect the troubles of the pods that an object's selector chooses; none if they cannot be listed."""
    labels = objects.at(owner, "spec", "selector", "matchLabels") or {}
    try:
        pods = api.all_of("v1", "Pod", objects.namespace(owner))
    except (ApiError, Unreachable):
        return []
    own = [item for item in pods if labels.items() <= (objects.metadata(item).get("labels") or {}).items()]
    return [trouble for item in own for trouble in troubles(item)]
