"""What a component depends on, and whether a preview has still to create some of it."""

from collections.abc import Iterator
from typing import Any

import pulumi


async def still_to_come(depends_on: Any) -> str:
    """Return the name of a resource that is not there yet; empty if all are.

    What another program made, or a provider of components, may hold more than can be seen here: a preview can't tell.
    """
    if depends_on is None or not pulumi.runtime.is_dry_run():
        return ""
    given: Any = await pulumi.Output.from_input(depends_on).future()
    for resource in given if isinstance(given, list | tuple) else [given]:
        for found in _with_children(resource):
            await found.urn.future()
            if isinstance(found, pulumi.CustomResource):
                is_there = await found.id.is_known()
            else:
                is_there = isinstance(found, pulumi.ComponentResource) and not found._remote
            if not is_there:
                return str(found.pulumi_resource_name)
    return ""


def _with_children(resource: pulumi.Resource) -> Iterator[pulumi.Resource]:
    yield resource
    for child in resource._childResources:
        yield from _with_children(child)
