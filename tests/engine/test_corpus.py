"""The API server takes what the stacks of the corpus make, and the sets themselves."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.corpus import EXPRESSED, SETS, objects_of, rendered
from tests.support.oracle import PLACES, Oracle

Refusals = dict[str, str]


def refused(oracle: Oracle, of_set: str, objects: Sequence[dict[str, Any]]) -> Refusals:
    """Return why objects would not be created, by set and kind; those of kinds that are not built in are left out."""
    said = {f"{of_set} {of['kind']}": oracle.refuses(in_the_namespace(of)) for of in objects if of["kind"] in PLACES}
    return {what: problem for what, problem in said.items() if problem}


def in_the_namespace(of: dict[str, Any]) -> dict[str, Any]:
    return {**of, "metadata": {"namespace": "", **of["metadata"]}}


def test_the_api_server_takes_every_object_that_a_stack_of_the_corpus_makes(oracle: Oracle) -> None:
    found: Refusals = {}
    for name in EXPRESSED:
        found |= refused(oracle, name, rendered(name))
    assert not found


@pytest.mark.extended
def test_the_sets_of_the_corpus_are_what_an_api_server_takes(oracle: Oracle) -> None:
    found: Refusals = {}
    for name in SETS:
        found |= refused(oracle, name, objects_of(name))
    assert not found
