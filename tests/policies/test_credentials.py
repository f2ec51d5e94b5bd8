"""Rules on what a pod is trusted with, and the canary: no message ever shows a value that may be secret."""

from typing import Any

import pytest

from policies.hardening.hardening_rules.manifests import stateful_set, with_container, with_pod
from policies.kit.examples import merged

from .packs import PACKS, UNKNOWN, judge, judge_all, resource


def with_env(*variables: Any) -> Any:
    return with_container(env=list(variables))


def variable(name: Any, value: Any) -> Any:
    return {"name": name, "value": value}


class TestServiceAccountToken:
    rule = "service-account-token"

    @pytest.mark.parametrize(("mounted", "expected"), [(False, 0), (True, 1), (None, 1), (UNKNOWN, 0), ("false", 1)])
    def test_mounting(self, mounted: Any, expected: int) -> None:
        assert len(judge(self.rule, with_pod(automountServiceAccountToken=mounted))) == expected

    @pytest.mark.parametrize(("mounted", "expected"), [(None, 0), (True, 1)])
    def test_a_patch_is_judged_by_what_it_sets(self, mounted: Any, expected: int) -> None:
        web = with_pod(automountServiceAccountToken=mounted)
        assert len(judge(self.rule, resource(web, resource_type="kubernetes:apps/v1:StatefulSetPatch"))) == expected


class TestNoSecretInEnv:
    rule = "no-secret-in-env"

    @pytest.mark.parametrize(
        "name",
        [
            "PASSWORD",
            "DB_PASSWORD",
            "PGPASSWORD",
            "MYSQL_PWD",
            "SMTP_PASS",
            "db.passwd",
            "GITHUB_TOKEN",
            "accessToken",
            "CLIENT_SECRET",
            "API_KEY",
            "stripeApiKey",
            "AWS_SECRET_ACCESS_KEY",
            "private-key",
            "REDIS_PASSWORD_2",
            "DB_CREDENTIALS",
            "PASSPHRASE",
        ],
    )
    def test_names_that_tell(self, name: str) -> None:
        (message,) = judge(self.rule, with_env(variable(name, "canary")))
        assert f"env {name}:" in message
        assert "canary" not in message

    @pytest.mark.parametrize(
        "name",
        [
            "PORT",
            "DB_PASSWORD_FILE",
            "TOKEN_TTL",
            "SECRET_NAME",
            "COMPASS",
            "KEYBOARD",
            "PASSENGERS",
            "MAX_TOKENS",
            "PUBLIC_KEY",
        ],
    )
    def test_names_that_do_not(self, name: str) -> None:
        assert judge(self.rule, with_env(variable(name, "canary"))) == []

    @pytest.mark.parametrize(
        "value",
        [
            "-----BEGIN PRIVATE KEY-----\nMIIE",
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            "AKIA" + "A1B2" * 4,
            "ghp_" + "a1B2" * 9,
            "glpat-" + "a1B2" * 5,
            "xoxb-" + "1234567890",
            "pul-" + "0a" * 20,
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln",
            "postgres://shop:canary@db:5432/shop",
            "redis://:canary@cache",
        ],
    )
    def test_values_that_tell(self, value: str) -> None:
        (message,) = judge(self.rule, with_env(variable("SETTING", value)))
        assert "env SETTING:" in message
        assert value not in message
        assert "canary" not in message

    @pytest.mark.parametrize(
        "value",
        ["", " ", "plain", "https://example.com/a@b", "postgres://$(USER):$(PASS)@db", "eyJub3Rhand0", "AKIA"],
    )
    def test_values_that_do_not(self, value: str) -> None:
        assert judge(self.rule, with_env(variable("SETTING", value))) == []

    @pytest.mark.parametrize("value", [None, "", "$(OTHER)", "$(A)$(B)"])
    def test_references_are_no_secrets(self, value: Any) -> None:
        assert judge(self.rule, with_env(variable("PASSWORD", value))) == []

    def test_a_reference_to_a_secret_is_what_is_wanted(self) -> None:
        taken = {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}
        assert judge(self.rule, with_env(taken)) == []

    def test_all_names_of_a_container_are_in_one_message(self) -> None:
        (message,) = judge(
            self.rule, with_env(variable("TOKEN", "x"), variable("PORT", "80"), variable("API_KEY", "y"))
        )
        assert "env TOKEN, API_KEY:" in message

    def test_init_containers_count(self) -> None:
        assert judge(self.rule, with_pod(initContainers=[{"name": "init", "env": [variable("TOKEN", "x")]}]))

    def test_configuration(self) -> None:
        web = with_env(variable("TOKEN", "x"))
        assert judge(self.rule, web, config={"allowedNames": ["TOKEN"]}) == []
        assert judge(self.rule, web, config={"namePattern": "^LICENCE$"}) == []
        assert judge(self.rule, with_env(variable("licence", "x")), config={"namePattern": "^LICENCE$"})

    @pytest.mark.parametrize(
        ("web", "expected"),
        [
            (with_env(variable("PASSWORD", UNKNOWN)), 1),  # whatever it will be, it is written out
            (with_env(variable("SETTING", UNKNOWN)), 0),
            (with_env(variable(UNKNOWN, "x")), 0),
            (with_env({"name": "PASSWORD", "valueFrom": UNKNOWN}), 0),
            (with_env(UNKNOWN, variable("PASSWORD", "x")), 1),
            (with_container(env=UNKNOWN), 0),
        ],
    )
    def test_unknowns(self, web: Any, expected: int) -> None:
        assert len(judge(self.rule, web)) == expected


CANARY = "canary-5f1c"


@pytest.mark.parametrize("pack", PACKS)
def test_no_message_shows_what_may_be_secret(pack: str) -> None:
    """Values of env, commands, arguments, files and the provider's kubeconfig, on objects that break many rules."""
    container = {
        "name": "web",
        "image": "nginx",
        "command": ["sh", "-c", f"echo {CANARY}"],
        "args": [f"--password={CANARY}"],
        "env": [{"name": "PASSWORD", "value": CANARY}, {"name": "URL", "value": f"x://u:{CANARY}@h"}],
        "lifecycle": {"preStop": {"exec": {"command": [CANARY]}}},
        "livenessProbe": {
            "exec": {"command": [CANARY]},
            "httpGet": {"host": "h", "httpHeaders": [{"name": "x", "value": CANARY}]},
        },
        "volumeMounts": [{"name": "gone", "mountPath": "/x"}],
    }
    web = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "web", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": CANARY}},
        "spec": {
            "replicas": 3,
            "template": {"metadata": {"annotations": {"token": CANARY}}, "spec": {"containers": [container]}},
        },
    }
    release = resource(
        {"chart": "db", "values": {"password": CANARY}, "repositoryOpts": {"password": CANARY}},
        name="db",
        resource_type="kubernetes:helm.sh/v3:Release",
    )
    said = judge_all(PACKS[pack], web, merged(stateful_set(), {"metadata": {"labels": None}}), release)
    assert len(said) > 3
    assert CANARY not in str(said)
