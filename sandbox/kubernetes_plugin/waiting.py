"""Waiting until an object is ready, or gone."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.kubernetes_plugin import objects, pods
from sandbox.kubernetes_plugin.api import Api
from sandbox.kubernetes_plugin.errors import ApiError, Object, Unfinished, Unreachable
from sandbox.kubernetes_plugin.readiness import BY_KIND, Verdict, service
from sandbox.kubernetes_plugin.wait_for import asked_for

TIMEOUT_SECONDS, POLLED_TIMEOUT_SECONDS = 600, 300
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 1.0
# Their annotation skipAwait counts for the deletion as well.
_SKIPS_DELETION = {
    *("v1/Namespace", "v1/Pod", "v1/ReplicationController", "batch/v1/Job"),
    *("apps/v1/DaemonSet", "apps/v1/Deployment", "apps/v1/StatefulSet"),
}


@dataclass(frozen=True)
class Waiter:
    """Waits on behalf of one resource's operation."""

    api: Api
    cancelled: threading.Event
    say: Callable[[str], None]
    """Shows a line of progress."""
    custom_timeout: float
    """The resource option's seconds; 0 without one. It beats the annotation."""

    def ready(self, inputs: Object, accepted: Object, *, is_update: bool) -> Object:
        """Wait until the accepted object is ready; return its latest state.

        Raises Unfinished when time is up or the engine cancels, PluginError for an annotation that cannot be read.
        """
        if objects.is_true(inputs, "skipAwait"):
            return accepted
        asked, kind = asked_for(accepted), BY_KIND.get(_kind(accepted))
        if asked is None and kind is None:
            return accepted
        timeout = POLLED_TIMEOUT_SECONDS if asked is None and kind and kind.polled else self._timeout(inputs)
        judge = asked
        live, verdict = accepted, Verdict(False)

        def is_ready() -> bool:
            nonlocal judge, live, verdict
            if judge is None and kind is not None:
                judge = kind.judge(self.api, accepted, is_update)
            found = self.api.find(accepted)
            if judge is None or found is None:
                return False
            live, verdict = found, judge(found)
            self.say("" if verdict.ready else verdict.waits_for)
            return verdict.ready

        if self._until(is_ready, timeout) or verdict.will_do:
            return live
        if asked is not None:
            why = "context canceled" if self.cancelled.is_set() else "timed out waiting for the condition"
            raise Unfinished(why, live, [])
        missing = list(verdict.missing)
        if kind and kind.has_pods:
            missing += pods.troubles_below(self.api, live)
        message = f"'{objects.name(live)}' timed out waiting to be Ready"
        if self.cancelled.is_set():
            message = f'Resource operation was cancelled for "{objects.name(live)}"'
        raise Unfinished(message, live, missing)

    def gone(self, inputs: Object, live: Object) -> None:
        """Wait until a deleted object is gone, or another has taken its name.

        Raises Unfinished, with the finalizers that may hold it, when time is up or the engine cancels.
        """
        if objects.is_true(inputs, "skipAwait") and _kind(live) in _SKIPS_DELETION:
            return
        last = live
        uid = objects.metadata(live).get("uid")

        def is_gone() -> bool:
            nonlocal last
            found = self.api.find(live)
            if found is None or (uid and objects.metadata(found).get("uid") != uid):
                return True
            last = found
            return False

        if self._until(is_gone, self._timeout(inputs)):
            return
        finalizers = ", ".join(objects.metadata(last).get("finalizers") or [])
        why = "was cancelled" if self.cancelled.is_set() else "timed out waiting for the condition"
        raise Unfinished(
            f"the deletion of '{objects.name(last)}' {why}",
            last,
            [f"finalizers might be preventing deletion ({finalizers})"] if finalizers else [],
        )

    def _timeout(self, inputs: Object) -> float:
        asked = objects.annotation(inputs, "timeoutSeconds")
        return self.custom_timeout or (float(asked) if asked.isdigit() else TIMEOUT_SECONDS)

    def _until(self, is_done: Callable[[], bool], timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        pause = FIRST_PAUSE_SECONDS
        while not self._tried(is_done):
            left = deadline - time.monotonic()
            if left <= 0 or self.cancelled.wait(min(pause, left)):
                return False
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
        return True

    def _tried(self, is_done: Callable[[], bool]) -> bool:
        """Ask once; an API server that does not answer now may do so later, and the object is there already."""
        try:
            return is_done()
        except (ApiError, Unreachable) as error:
            self.say(str(error))
            return False


def unready(api: Api, inputs: Object, live: Object) -> Unfinished | None:
    """Judge an object that a refresh has read, at once; return what is missing, or None if it is ready."""
    kind = BY_KIND.get(_kind(live))
    if kind is None or not kind.on_refresh or objects.is_true(inputs, "skipAwait"):
        return None
    judge = service(api, live, True, settle=0) if kind.judge is service else kind.judge(api, live, True)
    verdict = judge(live)
    if verdict.ready:
        return None
    missing = [*verdict.missing, *(pods.troubles_below(api, live) if kind.has_pods else [])]
    return Unfinished(f"Resource '{objects.name(live)}' was created but failed to initialize", live, missing)


def _kind(obj: Object) -> str:
    return f"{obj.get('apiVersion')}/{obj.get('kind')}"
