"""A plan that has to wait for outputs, and what of it the objects need, as outputs.

All children are registered meanwhile, with plain names and structure: only values wait.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import pulumi

from . import storage
from .args import StatefulWebArgs
from .live import NOT_YET
from .plan import Decisions, Plan
from .provider import ProviderFacts


class Later:
    """What is decided once all that decides is known; what refuses the plan fails each of its outputs."""

    def __init__(self, deciding: Awaitable[tuple[ProviderFacts, Plan]]) -> None:
        self._decided = asyncio.ensure_future(deciding)
        self.plan: pulumi.Output[Plan] = self._output(lambda _, plan: plan)

    def after(self, value: Any) -> "pulumi.Output[Any]":
        """Return an output of a value that is there once nothing has been refused."""
        return self.plan.apply(lambda _: value)

    def namespace(self) -> "pulumi.Output[str]":
        """Return the namespace of objects that name none."""
        return self._output(lambda facts, _: facts.namespace)

    def decisions(self, inputs: StatefulWebArgs) -> Decisions:
        """Return what of the objects depends on what is live."""
        volumes = [template["volume_name"] for template in storage.templates(inputs)]
        return Decisions(
            {t["volume_name"]: self._size(t["volume_name"], t["size"]) for t in storage.templates(inputs)},
            self.plan.apply(lambda plan: plan.decisions.adopted) if inputs["adopt"] else None,
            not inputs["autoscaled"] and self.plan.apply(lambda plan: plan.decisions.released),
            {volume: self._kept(volume) for volume in volumes},
        )

    def _size(self, volume: str, asked: Any) -> "pulumi.Output[str]":
        return self._output(lambda _, plan: plan.decisions.sizes[volume], asked)

    def _kept(self, volume: str) -> "pulumi.Output[Any]":
        return self._output(lambda _, plan: plan.decisions.kept.get(volume))

    def _output(self, pick: Callable[[ProviderFacts, Plan], Any], like: Any = None) -> "pulumi.Output[Any]":
        """Return an output of a part; secret, and after the same resources, as the value that it stands for."""
        stands_for = like if isinstance(like, pulumi.Output) else pulumi.Output.from_input(None)

        async def part() -> Any:
            return pick(*await self._decided)

        found = asyncio.ensure_future(part())

        async def value() -> Any:
            return None if await found is NOT_YET else await found

        async def is_known() -> bool:
            return await found is not NOT_YET

        return pulumi.Output(stands_for.resources(), value(), _Lazily(is_known), _Lazily(stands_for.is_secret))


class _Lazily:
    """Begins what it stands for when it is awaited: of an output that fails, the rest never is."""

    def __init__(self, begin: Callable[[], Awaitable[bool]]) -> None:
        self._begin = begin

    def __await__(self) -> Generator[Any, None, bool]:
        return self._begin().__await__()
