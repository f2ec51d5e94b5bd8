"""The provider's settings: which cluster it talks to, and what it does when that does not answer."""

import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime.rpc import UNKNOWN

from tests.standin.harness import NOWHERE, Json, Plugin, Refused, StartPlugin
from tests.standin.inputs import config_map

CLASS, CONFIG_MAP = "storage.k8s.io/v1:StorageClass", "core/v1:ConfigMap"


@pytest.fixture
def config(kubeconfig: Path) -> Json:
    """The cluster's kubeconfig, with a second context of another namespace and one that leads nowhere."""
    loaded: Json = yaml.safe_load(kubeconfig.read_text())
    context = loaded["contexts"][0]["context"]
    loaded["contexts"] += [
        {"name": "elsewhere", "context": {**context, "namespace": "elsewhere"}},
        {"name": "nowhere", "context": {**context, "cluster": "nowhere"}},
    ]
    loaded["clusters"].append({"name": "nowhere", "cluster": {"server": f"https://{NOWHERE}"}})
    return loaded


def reaches_the_cluster(plugin: Plugin) -> bool:
    resource = plugin.resource(CLASS)
    resource.id = "rook-ceph-block"
    try:
        return resource.refresh()
    except Refused:
        return False


def namespace_of(plugin: Plugin) -> str:
    checked = plugin.resource(CONFIG_MAP).check({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
    return str(checked["metadata"]["namespace"])


def test_the_kubeconfig_setting_may_be_a_path_or_the_text(
    start_plugin: StartPlugin, kubeconfig: Path, tmp_path: Path
) -> None:
    nowhere = tmp_path / "nowhere"
    assert reaches_the_cluster(start_plugin(KUBECONFIG=str(nowhere)).configure(kubeconfig=str(kubeconfig)))
    assert reaches_the_cluster(start_plugin(KUBECONFIG=str(nowhere)).configure(kubeconfig=kubeconfig.read_text()))
    as_json = json.dumps(yaml.safe_load(kubeconfig.read_text()))
    assert reaches_the_cluster(start_plugin().configure(kubeconfig=as_json))


def test_the_kubeconfig_setting_beats_the_environment(
    start_plugin: StartPlugin, kubeconfig: Path, at_nowhere: str
) -> None:
    assert not reaches_the_cluster(start_plugin(KUBECONFIG=str(kubeconfig)).configure(kubeconfig=at_nowhere))


def test_the_files_of_kubeconfig_are_merged_and_the_first_wins(
    start_plugin: StartPlugin, config: Json, tmp_path: Path
) -> None:
    parts = {"users": tmp_path / "users", "rest": tmp_path / "rest", "other": tmp_path / "other"}
    parts["users"].write_text(yaml.safe_dump({"users": config["users"], "current-context": "elsewhere"}))
    parts["rest"].write_text(yaml.safe_dump({**config, "users": [], "current-context": "nowhere"}))
    wrong = [{**entry, "cluster": {"server": f"https://{NOWHERE}"}} for entry in config["clusters"]]
    parts["other"].write_text(yaml.safe_dump({"clusters": wrong}))
    files = ":".join(map(str, [tmp_path / "missing", *parts.values()]))
    plugin = start_plugin(KUBECONFIG=files).configure()
    assert reaches_the_cluster(plugin)
    assert namespace_of(plugin) == "elsewhere"


def test_files_named_by_a_kubeconfig_are_relative_to_it(
    start_plugin: StartPlugin, config: Json, tmp_path: Path
) -> None:
    for entries, kind, keys in (
        ("clusters", "cluster", ("certificate-authority",)),
        ("users", "user", ("client-certificate", "client-key")),
    ):
        body: dict[str, Any] = config[entries][0][kind]
        for key in keys:
            if key in body:
                (tmp_path / key).write_bytes(Path(body[key]).read_bytes())
                body[key] = key
    (tmp_path / "config").write_text(yaml.safe_dump(config))
    assert reaches_the_cluster(start_plugin(KUBECONFIG=str(tmp_path / "config")).configure())


def test_a_login_command_in_a_folder_is_relative_to_the_kubeconfig(
    start_plugin: StartPlugin, config: Json, tmp_path: Path
) -> None:
    login = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "./login"}
    config["users"][0]["user"] = {"exec": login}
    (tmp_path / "config").write_text(yaml.safe_dump(config))
    (tmp_path / "login").write_text("""#!/bin/sh\ntouch "$0-was-run"; echo '{"status": {"token": "unknown"}}'\n""")
    (tmp_path / "login").chmod(0o700)
    assert not reaches_the_cluster(start_plugin(KUBECONFIG=str(tmp_path / "config")).configure())
    assert (tmp_path / "login-was-run").exists()


def test_without_kubeconfig_the_file_in_the_home_folder_counts(
    start_plugin: StartPlugin, kubeconfig: Path, tmp_path: Path
) -> None:
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").write_text(kubeconfig.read_text())
    assert reaches_the_cluster(start_plugin(HOME=str(tmp_path)).configure())


def test_context_cluster_and_namespace_override_the_kubeconfig(start_plugin: StartPlugin, config: Json) -> None:
    text = yaml.safe_dump(config)
    assert namespace_of(start_plugin().configure(kubeconfig=text)) == "default"
    assert namespace_of(start_plugin().configure(kubeconfig=text, context="elsewhere")) == "elsewhere"
    assert namespace_of(start_plugin().configure(kubeconfig=text, context="elsewhere", namespace="mine")) == "mine"
    assert not reaches_the_cluster(start_plugin().configure(kubeconfig=text, context="nowhere"))
    cluster = config["clusters"][0]["name"]
    assert reaches_the_cluster(start_plugin().configure(kubeconfig=text, context="nowhere", cluster=cluster))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (lambda _: {"kubeconfig": "/no/such/file"}, "neither a kubeconfig nor the path of one"),
        (lambda config: {"kubeconfig": json.dumps(config), "context": "gone"}, 'context "gone" does not exist'),
        (lambda config: {"kubeconfig": json.dumps(config), "cluster": "gone"}, 'cluster "gone" does not exist'),
        (lambda config: {"kubeconfig": json.dumps(config), "context": "nowhere"}, f"no answer from https://{NOWHERE}"),
        (lambda _: {}, "no configuration has been provided"),
        (
            lambda config: {"kubeconfig": json.dumps({**config, "users": [{**config["users"][0], "user": {}}]})},
            "unable to load schema information from the API server",
        ),
    ],
)
def test_an_unreachable_cluster_is_one_clear_sentence_when_something_is_to_be_done(
    start_plugin: StartPlugin, config: Json, settings: Callable[[Json], dict[str, str]], sentence: str
) -> None:
    plugin = start_plugin().configure(**settings(config))
    with pytest.raises(Refused) as refused:
        plugin.resource(CONFIG_MAP).create(config_map("default"))
    assert str(refused.value).startswith("configured Kubernetes cluster is unreachable: ")
    assert sentence in str(refused.value)


def test_a_preview_goes_on_without_the_cluster(start_plugin: StartPlugin, at_nowhere: str) -> None:
    plugin = start_plugin().configure(kubeconfig=at_nowhere)
    inputs = config_map("default", key="value")
    resource = plugin.resource(CONFIG_MAP)
    assert resource.preview(inputs) == inputs


def unreachable(plugin: Plugin, start_plugin: StartPlugin, at_nowhere: str, namespace: str, **flags: str) -> Any:
    resource = plugin.resource(CONFIG_MAP).create(config_map(namespace, key="value"))
    resource.plugin = start_plugin().configure(kubeconfig=at_nowhere, **flags)
    return resource


def test_what_an_unreachable_cluster_holds_is_neither_read_nor_deleted(
    plugin: Plugin, start_plugin: StartPlugin, at_nowhere: str, namespace: str
) -> None:
    resource = unreachable(plugin, start_plugin, at_nowhere, namespace)
    with pytest.raises(Refused, match="failed to read resource state due to unreachable cluster"):
        resource.refresh()
    with pytest.raises(Refused, match='PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"'):
        resource.delete()


def test_delete_unreachable_forgets_it(
    plugin: Plugin, start_plugin: StartPlugin, at_nowhere: str, namespace: str
) -> None:
    resource = unreachable(plugin, start_plugin, at_nowhere, namespace, deleteUnreachable="true")
    resource.delete()
    assert not resource.refresh()


def test_skip_update_unreachable_leaves_it_as_it_was(
    plugin: Plugin, start_plugin: StartPlugin, at_nowhere: str, namespace: str
) -> None:
    resource = unreachable(plugin, start_plugin, at_nowhere, namespace, skipUpdateUnreachable="true")
    assert resource.check(config_map(namespace, key="other")) == resource.inputs
    state = resource.state
    assert resource.refresh()
    assert resource.state == state


@pytest.mark.parametrize(
    "settings", [{"renderYamlToDirectory": "out"}, {"strictMode": True}, {"enableServerSideApply": False}]
)
def test_settings_that_are_left_out_are_refused(plugin: Plugin, settings: Json) -> None:
    (problem,) = plugin.check_config(**settings)
    assert f"{next(iter(settings))} = " in problem
    assert "needs the official plugin" in problem


def test_other_settings_are_accepted(plugin: Plugin) -> None:
    assert plugin.check_config(namespace="a", enableServerSideApply=True, suppressHelmHookWarnings=True) == []


def test_another_cluster_replaces_the_provider_and_another_spelling_of_the_same_does_not(
    plugin: Plugin, kubeconfig: Path, at_nowhere: str, config: Json
) -> None:
    here = {"kubeconfig": str(kubeconfig)}
    assert plugin.diff_config(here, {"kubeconfig": kubeconfig.read_text()}) == []
    assert plugin.diff_config(here, {"kubeconfig": at_nowhere}) == ["kubeconfig"]
    text = json.dumps(config)
    assert plugin.diff_config({"kubeconfig": text}, {"kubeconfig": text, "context": "elsewhere"}) == []
    assert plugin.diff_config({"kubeconfig": text}, {"kubeconfig": text, "context": "nowhere"}) == ["context"]
    assert plugin.diff_config({"kubeconfig": text}, {"kubeconfig": text, "cluster": "nowhere"}) == ["cluster"]


@pytest.mark.parametrize("change", [{"proxy-url": "http://proxy"}, {"tls-server-name": "a"}, {"server": "https://a"}])
def test_any_word_on_the_cluster_that_differs_makes_it_another_one(
    plugin: Plugin, config: Json, change: dict[str, str]
) -> None:
    before = {"kubeconfig": json.dumps(config)}
    config["users"] = []
    assert plugin.diff_config(before, {"kubeconfig": json.dumps(config)}) == []
    config["clusters"][0]["cluster"] |= change
    assert plugin.diff_config(before, {"kubeconfig": json.dumps(config)}) == ["kubeconfig"]


def test_a_cluster_identifier_that_stays_keeps_the_provider(plugin: Plugin, kubeconfig: Path, at_nowhere: str) -> None:
    here, there, unknown = ({"kubeconfig": given} for given in (str(kubeconfig), at_nowhere, UNKNOWN))
    one, two = {"clusterIdentifier": "one"}, {"clusterIdentifier": "two"}
    assert plugin.diff_config(here, here | one) == []
    assert plugin.diff_config(here | one, there | one) == []
    assert plugin.diff_config(here | one, unknown | one) == []
    assert plugin.diff_config(here | one, here | two) == ["clusterIdentifier"]
    assert plugin.diff_config(here | one, there | two) == ["clusterIdentifier", "kubeconfig"]
    assert plugin.diff_config(here, there | one) == ["kubeconfig"]
    assert plugin.diff_config(here | one, there) == ["kubeconfig"]
    assert plugin.diff_config(here, unknown) == ["kubeconfig"]


def test_a_cluster_that_a_kubeconfig_does_not_tell_of_is_no_other_one(
    start_plugin: StartPlugin, kubeconfig: Path, at_nowhere: str, config: Json
) -> None:
    plugin = start_plugin(KUBECONFIG=str(kubeconfig))
    text = {"kubeconfig": json.dumps(config)}
    assert plugin.diff_config({}, {"kubeconfig": at_nowhere}) == []
    assert plugin.diff_config({"kubeconfig": at_nowhere}, {}) == []
    assert plugin.diff_config(text, {**text, "context": "gone"}) == []
    assert plugin.diff_config(text, {**text, "cluster": "gone"}) == []
    with pytest.raises(Refused, match="failed to parse kubeconfig"):
        plugin.diff_config(text, {"kubeconfig": "/no/such/file"})


def test_the_version_is_that_of_the_installed_sdk(plugin: Plugin) -> None:
    assert plugin.call("GetPluginInfo", empty_pb2.Empty()).version == version("pulumi_kubernetes")
