"""The wheel's idea of a secret is that of pack hardening, which it does not have."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.stateful_web.cli.adopt import looks
from policies.hardening.hardening_rules.credentials import NO_SECRET_IN_ENV, Looks
from sandbox.paths import ROOT

PACK = Looks.by_default()
NAMES = ("", "A", "DB_PASSWORD", "TOKEN_FILE", *looks.SECRET_NAMES, *looks.SWITCH_NAMES)
VALUES = ("", "$(OTHER)", "x$(OTHER)", "true", "5m", "correct-horse", "AKIAIOSFODNN7EXAMPLE", *looks.REFERENCES)


def test_its_tables_are_those_of_the_pack() -> None:
    settings = NO_SECRET_IN_ENV.settings({})
    for key in ("secretNames", "switchNames", "valuePatterns", "references"):
        name = "".join(f"_{letter}" if letter.isupper() else letter for letter in key).upper()
        assert list(getattr(looks, name)) == list(settings[key]), key
    assert settings["namePattern"] == looks.NAME_PATTERN


@pytest.mark.parametrize("name", NAMES)
def test_it_judges_names_as_the_pack_does(name: str) -> None:
    for value in VALUES:
        assert looks.looks_secret(name, value) == PACK.secret(name, value), (name, value)


@given(st.sampled_from(NAMES) | st.text(max_size=20), st.sampled_from(VALUES) | st.text(max_size=40) | st.none())
def test_it_judges_anything_as_the_pack_does(name: str, value: str | None) -> None:
    assert looks.looks_secret(name, value) == PACK.secret(name, value)


def test_nothing_in_the_distribution_imports_what_it_does_not_have() -> None:
    for path in (ROOT / "components/stateful_web").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [str(node.module)]
            assert not {n.split(".")[0] for n in names} & {"policies", "sandbox", "tests", "tools", "components"}, path
