"""The list of inputs itself: every key is documented, has a default or says that it is required, and has a test."""

import ast
from typing import Any, is_typeddict

import pytest

from components.stateful_web import args
from components.stateful_web.args import KEYS, StatefulWebArgs, derived
from components.stateful_web.findings import camel
from components.stateful_web.schema import keys
from sandbox.paths import ROOT


def names(of: list[tuple[Any, str]]) -> list[str]:
    return [f"{kind.__name__}.{key}" for kind, key in of]


TYPED_DICTS = [value for value in vars(args).values() if is_typeddict(value) and value.__module__ == args.__name__]
EVERY_KEY = [(kind, key) for kind in TYPED_DICTS for key in keys(kind)]
WITH_A_WORD = [
    (kind, key)
    for kind, known in KEYS.items()
    for key, one in known.items()
    if isinstance(one.default, bool | int | str)
]
"""Those whose default is a word or a number."""
TESTED_IN = ("unit", "component", "engine", "cluster", "node")


def documented() -> dict[str, dict[str, str]]:
    """Return the text under every key of every class, as the host for other languages finds it."""
    found: dict[str, dict[str, str]] = {}
    for node in ast.parse((ROOT / "components/stateful_web/args.py").read_text()).body:
        if isinstance(node, ast.ClassDef):
            of_class = found.setdefault(node.name, {})
            for statement, after in zip(node.body, node.body[1:], strict=False):
                is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and is_text:
                    of_class[statement.target.id] = str(after.value.value)  # type: ignore[attr-defined]
    return found


DOCUMENTED = documented()


def words_of_the_tests() -> set[str]:
    """Return the names, strings and keyword arguments of every test file but this one."""
    words: set[str] = set()
    for tier in TESTED_IN:
        for path in (ROOT / "tests" / tier).glob("test_*.py"):
            if path.name == "test_args.py":
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    words.update(part for text in node.value.split() for part in text.replace('"', ".").split("."))
                elif isinstance(node, ast.keyword) and node.arg:
                    words.add(node.arg)
    return {word.strip("',:{}[]()") for word in words}


@pytest.fixture(scope="module")
def tested() -> set[str]:
    return words_of_the_tests()


def test_the_inputs_are_found() -> None:
    assert StatefulWebArgs in TYPED_DICTS
    assert len(EVERY_KEY) > 80
    assert len(WITH_A_WORD) > 25


@pytest.mark.parametrize("kind", TYPED_DICTS, ids=lambda kind: kind.__name__)
def test_the_list_of_rules_has_exactly_the_keys_that_exist(kind: Any) -> None:
    assert list(KEYS[kind]) == list(keys(kind))


def test_no_rule_is_for_inputs_that_do_not_exist() -> None:
    assert set(KEYS) == set(TYPED_DICTS)


@pytest.mark.parametrize(("kind", "key"), EVERY_KEY, ids=names(EVERY_KEY))
def test_every_key_says_what_it_means_and_what_it_is_when_it_is_left_out(kind: Any, key: str) -> None:
    text = DOCUMENTED[kind.__name__].get(key, "")
    assert len(text) > 10, "say what it means"
    assert text.endswith(".")
    assert ("Default" in text) is (key not in kind.__required_keys__), "a default is for keys that may be left out"


@pytest.mark.parametrize(("kind", "key"), WITH_A_WORD, ids=names(WITH_A_WORD))
def test_every_default_that_is_documented_as_a_word_is_the_one_in_the_code(kind: Any, key: str) -> None:
    default = KEYS[kind][key].default
    text = " ".join(DOCUMENTED[kind.__name__][key].split()).rpartition("Default: ")[2]
    if isinstance(default, str):
        assert default in text
    else:
        assert text.startswith(str(default).lower())


@pytest.mark.parametrize("key", sorted({key for _, key in EVERY_KEY}))
def test_every_key_is_named_in_a_test(tested: set[str], key: str) -> None:
    assert {key, camel(key)} & tested, f"no test file names {key}: deploy it, or try it on the API server"


def test_what_is_derived_is_documented_by_its_source() -> None:
    for key in derived("web", {"image": "web:1"}):
        assert "Default:" in DOCUMENTED["StatefulWebArgs"][key]
        assert KEYS[StatefulWebArgs][key].default is None
