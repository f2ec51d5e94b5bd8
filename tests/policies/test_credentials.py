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

    @pytest.mark.parametrize(
        "name",
        [
            "NEO4J_AUTH",
            "REDISCLI_AUTH",
            "RABBITMQ_ERLANG_COOKIE",
            "SECRET_KEY_BASE",
            "AIRFLOW__CORE__FERNET_KEY",
            "MEILI_MASTER_KEY",
            "WORDPRESS_SECURE_AUTH_KEY",
            "wordpress.logged-in-salt",
            "KAFKA_CLIENT_PASSWORDS",
            "LDAP_BIND_PW",
            "NEW_RELIC_LICENSE_KEY",
        ],
    )
    def test_well_known_names(self, name: str) -> None:
        assert judge(self.rule, with_env(variable(name, "canary")))
        assert judge(self.rule, with_env(variable(name, "canary")), config={"secretNames": []}) == []

    @pytest.mark.parametrize("name", ["OAUTH_KEYS", "MONKEY_AUTH", "HAPP_KEY", "COOKIE", "AUTH", "KEY"])
    def test_names_that_are_like_well_known_ones(self, name: str) -> None:
        assert judge(self.rule, with_env(variable(name, "canary"))) == []

    @pytest.mark.parametrize(
        "name",
        [
            "MYSQL_ALLOW_EMPTY_PASSWORD",
            "ALLOW_EMPTY_PASSWORD",
            "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
            "MYSQL_RANDOM_ROOT_PASSWORD",
            "MYSQL_ONETIME_PASSWORD",
        ],
    )
    @pytest.mark.parametrize("value", ["yes", "1", "anything", UNKNOWN])
    def test_a_switch_is_no_secret_whatever_it_says(self, name: str, value: str) -> None:
        assert judge(self.rule, with_env(variable(name, value))) == []

    def test_a_switch_can_be_configured_and_does_not_hide_what_tells_by_itself(self) -> None:
        web = with_env(variable("ROTATE_TOKEN", "weekly"))
        assert judge(self.rule, web)
        assert judge(self.rule, web, config={"switchNames": ["...", "ROTATE_TOKEN"]}) == []
        telling = with_env(variable("MYSQL_RANDOM_ROOT_PASSWORD", "ghp_" + "a1B2" * 9))
        assert judge(self.rule, telling)

    @pytest.mark.parametrize(
        "value",
        ["true", "False", "YES", "no", "on", "off", "enabled", "disable", "none", "0", "1", "3600", "-1", "0.5", "15m"],
    )
    def test_a_boolean_or_a_number_is_no_secret(self, value: str) -> None:
        for name in ("REQUIRE_TOKEN", "SESSION_SECRET", "NEO4J_AUTH"):
            assert judge(self.rule, with_env(variable(name, f" {value} "))) == []

    @pytest.mark.parametrize("value", ["truest", "1a", "12 34", "15 m x", "y", "t", "1.2.3"])
    def test_what_is_like_a_boolean_or_a_number_may_be_one(self, value: str) -> None:
        assert judge(self.rule, with_env(variable("DB_PASSWORD", value)))

    @pytest.mark.parametrize(
        "value",
        [
            "/var/run/secrets/google/key.json",
            "/run/secrets/db",
            "/vault/secrets/token",
            "file:///etc/token",
            "vault:secret/data/db#password",
            "op://shop/db/password",
            "ref+awssecrets://db",
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db",
        ],
    )
    def test_where_a_secret_is_is_none(self, value: str) -> None:
        for name in ("GOOGLE_APPLICATION_CREDENTIALS", "DB_PASSWORD"):
            assert judge(self.rule, with_env(variable(name, value))) == []

    @pytest.mark.parametrize("value", ["/3fQ+x/7", "/", "varnish/", "vaulted", "profile:x"])
    def test_what_is_like_a_place_may_be_one(self, value: str) -> None:
        assert judge(self.rule, with_env(variable("DB_PASSWORD", value)))
        assert judge(self.rule, with_env(variable("DB_PASSWORD", value)), config={"references": [value]}) == []

    @pytest.mark.parametrize(
        "value",
        [
            "Server=db;User=shop;Password=canary;",
            "pwd = canary; server=db",
            "jdbc:postgresql://db/shop?user=shop&password=canary",
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=" + "Ab1+" * 8 + "==",
            "https://a.blob.core.windows.net/b?sv=1&sig=" + "Ab1%2F" * 6,
            "AIza" + "Sy0_-" * 7,
            '{"type": "service_account", "private_key": "x"}',
            "GOCSPX-" + "aB3_" * 7,
            "sk_live_" + "aB3d" * 6,
            "github_pat_" + "aB3_" * 20,
            "glrt-" + "a1B2" * 5,
            "https://hooks.slack.com/services/T0AB/B0CD/" + "aB3d" * 6,
            "https://discord.com/api/webhooks/123456789012345678/" + "aB3-" * 17,
            "npm_" + "aB3d" * 9,
            "pypi-AgEIcHlwaS5vcmcC" + "aB3d" * 5,
            "dckr_pat_" + "aB3-" * 7,
            "SG." + "aB3_" * 5 + "." + "aB3-" * 10,
            "hvs." + "aB3_" * 6,
            "sk-proj-" + "aB3-" * 12,
            "sk-ant-" + "api03-" + "aB3-" * 8,
            "hf_" + "aB3d" * 9,
            "dapi" + "0a1b" * 8,
            "dop_v1_" + "0a1b" * 16,
            "glsa_" + "aB3d" * 8 + "_0a1b2c3d",
            "shpat_" + "0a1b" * 8,
            "123456789:AA" + "aB3-" * 8 + "x",
            "AGE-SECRET-KEY-1" + "QPZRY" * 11,
            "xapp-1-A0BCDEFGH1-1",
        ],
    )
    def test_well_known_forms(self, value: str) -> None:
        (message,) = judge(self.rule, with_env(variable("SETTING", value)))
        assert "env SETTING:" in message
        assert value not in message
        assert judge(self.rule, with_env(variable("SETTING", value)), config={"valuePatterns": []}) == []

    @pytest.mark.parametrize(
        "value",
        [
            "Server=db;User=shop;PasswordFile=/run/x",
            "https://db/?password=$(PASSWORD)",
            "https://hooks.slack.com/services/",
            "sk-",
            "npm_config_cache",
            "hf_transfer",
            "pk_live_" + "aB3d" * 6,
            "sig=abc",
        ],
    )
    def test_what_is_like_a_well_known_form(self, value: str) -> None:
        assert judge(self.rule, with_env(variable("SETTING", value))) == []

    def test_forms_can_be_added(self) -> None:
        web = with_env(variable("SETTING", "corp-1234"), variable("OTHER", "ghp_" + "a1B2" * 9))
        (message,) = judge(self.rule, web, config={"valuePatterns": ["...", r"\bcorp-\d{4}\b"]})
        assert "env SETTING, OTHER:" in message

    @pytest.mark.parametrize("key", ["namePattern", "valuePatterns"])
    def test_a_pattern_that_is_none_is_one_sentence(self, key: str) -> None:
        given = "(" if key == "namePattern" else ["("]
        with pytest.raises(ValueError, match=f'property {key} of rule no-secret-in-env has "\\(", which is no regular'):
            judge(self.rule, stateful_set(), config={key: given})

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
