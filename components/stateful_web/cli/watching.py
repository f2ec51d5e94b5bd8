"""Follows StatefulSets by watches of the API servers, which go on after a cut connection."""

import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, NoReturn

from ..api_server import shown
from ..kubeconfig import ClusterUnavailable
from .changes import Moment, changes, moment
from .errors import CliError
from .live_objects import NEEDED, Object, Place, Seen, connected, refusal, resource
from .status import KINDS

if TYPE_CHECKING:
    from lightkube import Client

WATCHED = (*NEEDED, *KINDS)
WATCH_SECONDS = 60
"""After which the API server ends a watch, and another one goes on from there."""
GRACE_SECONDS = 15
"""For which a watch may be silent beyond that, before its connection is taken for cut."""
PAUSE_SECONDS = 1
"""Before a cluster that has cut a watch, or does not answer, is asked again."""
REFUSED_SECONDS = 5
"""Before one that refuses is: to an account that may list and not watch, this is how often it is listed."""
LAST_LINES = 8
"""Of what happened, in a terminal."""

Show = Callable[[str, Moment], None]
"""Shows a line, and the moment that it is of."""


@dataclass(frozen=True)
class News:
    """What a watch has to tell."""

    place: int
    kind: str
    objects: Sequence[Object] | None
    """All that there are now; ``None`` if they can't be listed."""
    problem: str = ""
    """Why not."""
    is_final: bool = True
    """Whether that stays so: this account may not list them."""


def follow(places: Sequence[Place]) -> NoReturn:
    """Show what happens, until Ctrl-C; raises ``CliError`` if no place can be looked at."""
    _make_decoders()
    news: SimpleQueue[News | None] = SimpleQueue()
    seen: dict[int, Seen] = {}
    problems = []
    for n, place in enumerate(places):
        try:
            api = connected(place)
        except (CliError, ClusterUnavailable) as error:
            problems.append(str(error))
            continue
        api._client._watch_timeout.read = WATCH_SECONDS + GRACE_SECONDS  # by default it waits without end
        seen[n] = Seen(place, shown(api.config.cluster.server), {})
        for kind in WATCHED:
            Thread(target=_watch, args=(api, place, kind, news.put, partial(News, n, kind)), daemon=True).start()
    with _screen() as show, _interrupted_between(news):
        for problem in problems:
            show(problem, Moment())
        _show_all(seen, news, show)
    raise CliError("Nothing is left to look at.")


def _make_decoders() -> None:
    """Let msgspec look at the types that are read: Python dies where two threads do so at once, for the first time."""
    import msgspec
    from lightkube.core.decoders import ListMetadata, WatchEvent
    from lightkube.models.meta_v1 import Status

    for of in (ListMetadata, WatchEvent, Status, *map(resource, WATCHED)):
        msgspec.json.Decoder(of)


def _show_all(seen: dict[int, Seen], news: "SimpleQueue[News | None]", show: Show) -> None:
    """Show what watches tell, for as long as there is a place that can be looked at."""
    before, complete = Moment(), set[int]()
    troubled: dict[int, dict[str, str]] = {n: {} for n in seen}
    while seen:
        told = news.get()
        if told is None:
            raise KeyboardInterrupt
        n = told.place
        if told.objects is None and told.is_final and told.kind in NEEDED:
            seen.pop(n, None)
        if told.problem and (told.kind in NEEDED or not told.is_final):
            if told.problem not in troubled[n].values():
                show(told.problem, before)
            troubled[n][told.kind] = told.problem
            continue
        if n not in seen:
            continue
        troubled[n].pop(told.kind, None)  # another kind may still be in trouble, which has been told
        seen[n] = replace(seen[n], objects={**seen[n].objects, told.kind: told.objects})
        if len(seen[n].objects) < len(WATCHED):
            continue
        after = moment(one for one in seen.values() if len(one.objects) == len(WATCHED))
        if n not in complete:
            complete.add(n)
            before = replace(before, events=after.events)  # those of before are no news
            if refused := seen[n].not_looked_at:
                show(f"Not looked at, as this account may not list them: {', '.join(refused)}.", after)
        for line in changes(before, after):
            show(line, after)
        before = after


def _watch(api: "Client", place: Place, kind: str, put: Callable[[News], None], made: Callable[..., News]) -> None:
    """Tell what there is of a kind, whenever it changes; after a cut it is listed anew, so nothing is missed."""
    import httpx2
    from lightkube.core.exceptions import ApiError

    of = resource(kind)
    while True:
        objects: dict[str, Any] | None = None
        try:
            listed = api.list(of, namespace=place.namespace)
            objects = {item.metadata.uid: item.to_dict() for item in listed}
            put(made(list(objects.values())))
            how: Any = {"resource_version": listed.resourceVersion, "server_timeout": WATCH_SECONDS}
            for operation, item in api.watch(of, namespace=place.namespace, **how):
                if operation == "DELETED":
                    objects.pop(item.metadata.uid, None)
                else:
                    objects[item.metadata.uid] = item.to_dict()
                put(made(list(objects.values())))
        except httpx2.HTTPError as error:
            pause = REFUSED_SECONDS if isinstance(error, httpx2.HTTPStatusError) else PAUSE_SECONDS
            if objects is None:
                is_final = isinstance(error, ApiError) and error.status.code == 403
                put(made(None, refusal(place, api, error), is_final))
                if is_final:
                    return
            time.sleep(pause)


@contextmanager
def _interrupted_between(news: "SimpleQueue[News | None]") -> Iterator[None]:
    """Let Ctrl-C come as the last news: in the middle of a drawing it would leave a part of it."""
    before = signal.signal(signal.SIGINT, lambda *_: news.put(None))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _screen() -> Iterator[Show]:
    """Show a picture that is drawn anew in its place, or lines with their time where there is no terminal."""
    if not sys.stdout.isatty():
        yield lambda line, _: print(time.strftime("%H:%M:%S"), line, flush=True)
        return
    from rich.live import Live

    from .tables import console, picture

    last: deque[str] = deque(maxlen=LAST_LINES)
    where = console()
    with Live(console=where, auto_refresh=False) as live:

        def show(line: str, of: Moment) -> None:
            last.append(f"{time.strftime('%H:%M:%S')} {line}")
            live.update(picture(of.sets, last, where), refresh=True)

        yield show
