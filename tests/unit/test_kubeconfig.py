"""Which kubeconfig is read, what of it is used, and what is said of one that can't be used: never what is in it."""

import base64
import json
import os
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.stateful_web import loading
from components.stateful_web.kubeconfig import ClusterAccess, ClusterUnavailable, client, namespace
from components.stateful_web.loading import Chosen, Cluster, Unusable, User, choose

CANARY = "canary-6d1f"
CONFIG: dict[str, Any] = {
    "current-context": "gone",
    "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
    "clusters": [{"name": "here", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "me", "user": {"token": CANARY}}],
}
SET_IT = "Set kubernetes:kubeconfig to the path of a kubeconfig, and kubernetes:context to one of its contexts."


def config(name: str = "here", **of_context: Any) -> dict[str, Any]:
    """Return a kubeconfig whose entries all have one name."""
    return {
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, **of_context}}],
        "clusters": [{"name": name, "cluster": {"server": f"https://{name}.example"}}],
        "users": [{"name": name, "user": {"token": f"of-{name}"}}],
    }


def said_of(kubeconfig: str, **access: str) -> str:
    with pytest.raises(ClusterUnavailable) as unavailable:
        client(ClusterAccess(kubeconfig, **access))
    return str(unavailable.value)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of nobody's, outside of any pod."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("KUBECONFIG", "POD_NAMESPACE", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(loading, "SERVICE_ACCOUNT", tmp_path / "serviceaccount")
    (tmp_path / "home" / ".kube").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def pod(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a pod has of its service account."""
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    loading.SERVICE_ACCOUNT.mkdir()
    for name, content in (("token", "of-the-pod"), ("namespace", "of-the-pod\n"), ("ca.crt", "")):
        (loading.SERVICE_ACCOUNT / name).write_text(content)
    return loading.SERVICE_ACCOUNT


def write(path: Path, given: Any) -> str:
    path.write_text(given if isinstance(given, str) else json.dumps(given))
    return str(path)


@pytest.mark.parametrize(
    "text",
    [
        yaml.safe_dump(CONFIG),
        json.dumps(CONFIG),
        json.dumps(CONFIG).replace("https:", '"'),
        f"users:\n- token: {CANARY}: {CANARY}\n",
        f"token {CANARY}\n",
        base64.b64encode(yaml.safe_dump(CONFIG).encode()).decode(),
        base64.b64encode(200 * yaml.safe_dump(CONFIG).encode()).decode(),
        f"users: [{{name: me, user: {{token: {CANARY}}}}}]",
        json.dumps({**CONFIG, "users": [{"name": "me", "user": {"token": [CANARY]}}]}),
    ],
    ids=[
        *("as YAML", "as JSON", "as JSON with a slip", "as YAML with a slip", "as something else", "in base64"),
        *("in base64, long", "in one line", "with a list for a text"),
    ],
)
def test_the_text_of_a_kubeconfig_is_not_repeated(text: str) -> None:
    said = said_of(text)
    assert CANARY not in said
    assert text not in said
    assert len(said) < 400
    assert said.startswith("The cluster of kubernetes:kubeconfig (a kubeconfig given as text) can not be used (")


def test_the_path_of_a_kubeconfig_is_named_and_what_is_in_it_is_not(tmp_path: Path) -> None:
    path = write(tmp_path / "kubeconfig", f"users:\n- token: {CANARY}: {CANARY}\n")
    said = said_of(path)
    assert f"({path})" in said
    assert "not YAML: line 2" in said
    assert CANARY not in said


def test_a_path_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    assert f"can not be used ({tmp_path} can not be read: Is a directory). {SET_IT}" in said_of(str(tmp_path))


def test_a_date_that_is_none_is_no_yaml() -> None:
    assert "it is not YAML: line 1" in said_of("current-context: 2026-99-99")


@pytest.mark.parametrize("variable", [None, "", ":", "::", "gone", "gone:also/gone"])
def test_without_a_file_in_kubeconfig_the_sentence_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None
) -> None:
    if variable is not None:
        monkeypatch.setenv("KUBECONFIG", variable)
    for access in (ClusterAccess(), ClusterAccess("", "", "")):
        with pytest.raises(ClusterUnavailable) as unavailable:
            client(access)
        assert str(unavailable.value) == (
            "The cluster of KUBECONFIG or ~/.kube/config can not be used (no such file is there, and this runs in no "
            f"pod). {SET_IT}"
        )


@pytest.mark.parametrize(("variable", "found"), [(None, True), ("", True), (":", False), ("gone", False)])
def test_the_home_folder_is_read_where_kubeconfig_is_empty_and_only_then(
    home: Path, variable: str | None, found: bool
) -> None:
    write(home / ".kube" / "config", config("home"))
    environment = {"HOME": str(home)} | ({} if variable is None else {"KUBECONFIG": variable})
    if found:
        assert choose("", None, None, environment).context == "home"
    else:
        with pytest.raises(loading.NothingChosen):
            choose(None, None, None, environment)


def test_without_a_home_folder_nothing_is_found_and_nothing_breaks(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setenv("USER", "nobody-of-this-name")
    monkeypatch.chdir(home)
    with pytest.raises(loading.NothingChosen):
        choose(None, None, None)
    assert "neither a file nor the text" in said_of("~nobody-of-this-name/config")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("users:\n- token: a: b\n", ": it is not YAML: line 2"),
        ({"kind": "Deployment"}, ": it is not a Config of v1"),
        ({"clusters": {}}, ": it is not what a kubeconfig may say: Expected `array | null`, got `object`"),
        ({"users": [*CONFIG["users"], *CONFIG["users"]]}, ': its users have the name "me" twice'),
        (None, " can not be read: Is a directory"),
    ],
)
def test_a_file_of_kubeconfig_that_can_not_be_used_is_named_also_beside_a_good_one(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: Any, why: str
) -> None:
    bad = tmp_path / "bad"
    if given is None:
        bad.mkdir()
    else:
        write(bad, given)
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join([write(tmp_path / "good", config()), str(bad)]))
    with pytest.raises(ClusterUnavailable) as unavailable:
        client(ClusterAccess())
    assert f"can not be used ({bad}{why}" in str(unavailable.value)


@given(data=st.data())
def test_the_first_file_that_sets_a_value_wins(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("kubeconfigs")
    names = st.sampled_from(["a", "b"])
    drawn = data.draw(st.lists(st.tuples(st.sets(names), st.sampled_from(["a", "b", "", None])), max_size=4))
    paths = []
    for number, (has, current) in enumerate(drawn):
        users = [{"name": name, "user": {"token": f"{name}-{number}"}} for name in sorted(has)]
        contexts = [{"name": name, "context": {"cluster": "c", "user": name}} for name in "ab"]
        clusters = [{"name": "c", "cluster": {"server": f"https://{number}"}}]
        content = {"current-context": current, "users": users or None, "contexts": contexts, "clusters": clusters}
        paths.append(write(folder / str(number), content))
    environment = {"KUBECONFIG": os.pathsep.join([*paths, str(folder / "gone")])}
    current = next((current for _, current in drawn if current), None)
    if current is None:
        with pytest.raises(loading.NothingChosen):
            choose(None, None, None, environment)
        return
    token = next((f"{current}-{number}" for number, (has, _) in enumerate(drawn) if current in has), None)
    chosen = choose(None, None, None, environment)
    assert (chosen.context, chosen.cluster.server, chosen.user.token) == (current, "https://0", token)


@pytest.mark.parametrize("absent", [None, "", "left out"])
@pytest.mark.parametrize("kind", ["user", "cluster"])
def test_null_and_empty_are_as_if_nothing_were_given(kind: str, absent: str | None) -> None:
    """``user: null`` is nobody; a context whose cluster is null has none."""
    given = config()
    entry = given[f"{kind}s"][0]
    entry[kind] = {} if absent == "" else None
    if absent == "left out":
        del entry[kind]
    text = json.dumps(given)
    if kind == "user":
        assert choose(text, None, None).user == User()
    else:
        with pytest.raises(Unusable, match='its context "here" names no cluster that it has: "here"'):
            choose(text, None, None)


FIELDS = {
    "cluster": ["certificate-authority", "certificate-authority-data", "proxy-url", "tls-server-name", "extensions"],
    "user": [
        *("client-certificate", "client-certificate-data", "client-key", "client-key-data", "token", "tokenFile"),
        *("username", "password", "as", "as-uid", "as-groups", "as-user-extra", "exec"),
    ],
}


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, fields in FIELDS.items() for field in fields])
def test_a_field_that_is_null_or_empty_has_no_problems(kind: str, field: str) -> None:
    empty: Any = {"as-groups": [], "as-user-extra": {}, "extensions": [], "exec": None}.get(field, "")
    for value in (None, empty):
        given = config()
        given[f"{kind}s"][0][kind].pop("token", None)
        given[f"{kind}s"][0][kind][field] = value
        chosen = choose(json.dumps(given), None, None)
        assert [*chosen.cluster.problems(), *chosen.user.problems()] == []


@pytest.mark.parametrize("lists", ["contexts", "users", "clusters"])
def test_a_list_that_is_null_is_empty(lists: str, tmp_path: Path) -> None:
    first = write(tmp_path / "first", {**config(), lists: None})
    second = write(tmp_path / "second", config())
    chosen = choose(None, None, None, {"KUBECONFIG": os.pathsep.join([first, second])})
    assert (chosen.context, chosen.user.token) == ("here", "of-here")


@pytest.mark.parametrize(
    ("access", "context", "server", "token"),
    [
        ({}, "a", "https://a.example", "of-a"),
        ({"context": "b"}, "b", "https://b.example", "of-b"),
        ({"cluster": "b"}, "a", "https://b.example", "of-a"),
        ({"context": "b", "cluster": "a"}, "b", "https://a.example", "of-b"),
        ({"context": "", "cluster": ""}, "a", "https://a.example", "of-a"),
    ],
)
def test_context_and_cluster_of_the_provider_go_before_the_kubeconfigs(
    access: dict[str, str], context: str, server: str, token: str
) -> None:
    a, b = config("a"), config("b")
    both = {key: a[key] if key == "current-context" else a[key] + b[key] for key in a}
    chosen = choose(json.dumps(both), access.get("context"), access.get("cluster"))
    assert (chosen.context, chosen.cluster.server, chosen.user.token) == (context, server, token)


@pytest.mark.parametrize(
    ("change", "access", "why"),
    [
        ({"current-context": "gone"}, {}, 'it has no context "gone"'),
        ({}, {"context": "gone"}, 'it has no context "gone"'),
        ({}, {"cluster": "gone"}, 'it has no cluster "gone"'),
        ({"current-context": None}, {}, "it has no current context"),
        ({"clusters": None}, {}, 'its context "here" names no cluster that it has: "here"'),
        ({"contexts": [{"name": "here"}]}, {}, 'its context "here" names no cluster that it has'),
    ],
)
def test_a_name_that_leads_nowhere_is_named(change: dict[str, Any], access: dict[str, str], why: str) -> None:
    said = said_of(json.dumps(config() | change), **access)
    assert f" can not be used ({why}). {SET_IT}" in said


def test_a_user_whom_the_kubeconfig_does_not_have_is_nobody() -> None:
    assert choose(json.dumps({**config(), "users": None}), None, None).user == User()


def test_paths_are_relative_to_the_file_that_kubeconfig_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = config()
    made["clusters"][0]["cluster"]["certificate-authority"] = "sub/ca"
    login = {"command": "./login"}
    made["users"][0]["user"] = {"client-certificate": "c", "client-key": "/k", "tokenFile": "../t", "exec": login}
    write(tmp_path / "config", made)
    monkeypatch.chdir(tmp_path.parent)
    path = f"{tmp_path.name}/config"
    chosen = choose(None, None, None, {"KUBECONFIG": path})
    assert chosen.cluster.certificate_authority == f"{tmp_path}/sub/ca"
    assert (chosen.user.client_certificate, chosen.user.client_key) == (f"{tmp_path}/c", "/k")
    assert chosen.user.token_file == f"{tmp_path}/../t"
    assert chosen.user.exec
    assert chosen.user.exec.command == f"{tmp_path}/login"


@pytest.mark.parametrize("given", ["a path", "a text"])
def test_paths_in_the_kubeconfig_of_the_provider_are_relative_to_the_programs_folder_as_for_the_plugin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    made = config()
    made["users"][0]["user"] = {"tokenFile": "token", "exec": {"command": "aws"}}
    path = write(tmp_path / "config", made)
    monkeypatch.chdir(tmp_path.parent)
    chosen = choose(path if given == "a path" else json.dumps(made), None, None)
    assert chosen.user.token_file == f"{tmp_path.parent}/token"
    assert chosen.user.exec
    assert chosen.user.exec.command == "aws", "looked for on PATH"


def test_a_kubeconfig_may_be_a_map_as_some_clusters_give_it() -> None:
    access = ClusterAccess.of({"kubeconfig": config(), "context": "here"})
    assert access.context == "here"
    assert choose(access.kubeconfig, access.context, access.cluster).user.token == "of-here"
    assert access.described == 'The cluster of kubernetes:kubeconfig (a kubeconfig given as text), context "here",'


def test_in_a_pod_without_a_kubeconfig_its_service_account_asks(pod: Path) -> None:
    cluster = Cluster(server="https://[fd00::1]:443", certificate_authority=str(pod / "ca.crt"))
    expected = Chosen("", "of-the-pod", cluster, User(token_file=str(pod / "token")))
    assert choose(None, None, None) == expected
    (pod / "ca.crt").unlink()
    assert choose("", None, None).cluster.certificate_authority is None


@pytest.mark.parametrize("missing", ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "token"])
def test_a_pod_without_its_credentials_is_none(pod: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    if missing == "token":
        (pod / "token").unlink()
    else:
        monkeypatch.delenv(missing)
    with pytest.raises(loading.NothingChosen):
        choose(None, None, None)


SOURCES: dict[str, Callable[[Path, Any], ClusterAccess]] = {
    "a path": lambda folder, given: ClusterAccess(write(folder / "config", given)),
    "a text": lambda _, given: ClusterAccess(json.dumps(given)),
    "KUBECONFIG": lambda _folder, _given: ClusterAccess(),
}


@pytest.mark.parametrize(
    ("source", "in_pod", "named"), [*product(SOURCES, [False, True], [None, "", "shop", "default"])]
)
def test_the_namespace_is_that_of_the_context_then_that_of_the_pod(
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    source: str,
    in_pod: bool,
    named: str | None,
) -> None:
    if in_pod:
        request.getfixturevalue("pod")
    monkeypatch.setenv("KUBECONFIG", write(tmp_path / "of-environment", config(namespace=named)))
    access = SOURCES[source](tmp_path, config(namespace=named))
    # The plugin looks for a pod only where it has no kubeconfig of its own.
    of_pod = "of-the-pod" if in_pod and source == "KUBECONFIG" else None
    assert namespace(access) == (named or of_pod)


def test_the_namespace_is_that_of_the_context_that_the_provider_names() -> None:
    a, b = config("a", namespace="of-a"), config("b", namespace="of-b")
    both = json.dumps({key: a[key] if key == "current-context" else a[key] + b[key] for key in a})
    assert namespace(ClusterAccess(both)) == "of-a"
    assert namespace(ClusterAccess(both, context="b")) == "of-b"
    assert namespace(ClusterAccess(both, cluster="b")) == "of-a"


def test_the_namespace_in_a_pod_is_what_its_variable_says_before_that_of_its_service_account(
    pod: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert namespace(ClusterAccess()) == "of-the-pod"
    monkeypatch.setenv("POD_NAMESPACE", "of-the-variable")
    assert namespace(ClusterAccess()) == "of-the-variable"
    monkeypatch.delenv("POD_NAMESPACE")
    (pod / "namespace").write_text(" \n")
    assert namespace(ClusterAccess()) is None
    (pod / "namespace").unlink()
    assert namespace(ClusterAccess()) is None


def test_nothing_names_a_namespace_where_no_kubeconfig_names_a_cluster(home: Path) -> None:
    assert namespace(ClusterAccess()) is None
    assert namespace(ClusterAccess(json.dumps({**config(namespace="shop"), "current-context": ""}))) is None


def test_the_namespace_of_a_context_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClusterUnavailable, match='it has no context "elsewhere"'):
        namespace(ClusterAccess(json.dumps(config()), context="elsewhere"))
    with pytest.raises(ClusterUnavailable, match="it is neither a file nor the text of a kubeconfig"):
        namespace(ClusterAccess("/no/such/kubeconfig"))


def test_the_namespace_is_known_without_a_login(tmp_path: Path) -> None:
    made = config(namespace="shop")
    login = {"apiVersion": "client.authentication.k8s.io/v1", "command": "touch", "args": [str(tmp_path / "ran")]}
    made["users"][0]["user"] = {"exec": {**login, "interactiveMode": "Never"}}
    assert namespace(ClusterAccess(json.dumps(made))) == "shop"
    assert not (tmp_path / "ran").exists()
