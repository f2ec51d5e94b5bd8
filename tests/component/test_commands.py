"""``status``, ``doctor`` and ``claims`` in anybody's project, and without: what they show, and what is in the way."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from components.stateful_web.cli import pulumi_cli
from components.stateful_web.cli.commands import stateful_web
from components.stateful_web.cli.pulumi_cli import STATEFUL_SET
from tests.support.fake_api_server import FakeApiServer, fake_api_server
from tests.support.live_sets import claim, everything, pod, stateful_set

Run = Callable[..., Result]


@pytest.fixture
def here() -> Iterator[FakeApiServer]:
    with fake_api_server() as made:
        yield made


@pytest.fixture
def there() -> Iterator[FakeApiServer]:
    with fake_api_server() as made:
        yield made


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder, whose stack has these sets, each on a cluster; without any, there is no CLI."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("PULUMI_STACK", raising=False)

    def run(*args: str, sets: Mapping[Any, Any] | None = None) -> Result:
        if sets is not None:
            answers = {"whoami": {"user": "me", "url": "file://"}, "config": {}, "stack": _state(sets)}

            def pulumi(*asked: str, given: str = "") -> str:
                return "shop\n" if "--show-name" in asked else json.dumps(answers[asked[0]])

            monkeypatch.setattr(pulumi_cli, "pulumi", pulumi)
            monkeypatch.setattr("components.stateful_web.cli.targets.pulumi", pulumi)
        return CliRunner().invoke(stateful_web, args)

    return run


def _state(sets: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a state of sets: ``namespace/name`` leads to a cluster, or to a kubeconfig."""
    resources: list[dict[str, Any]] = []
    for n, (name, cluster) in enumerate(sets.items()):
        provider = f"urn:pulumi:shop::p::pulumi:providers:kubernetes::p{n}"
        kubeconfig = cluster if isinstance(cluster, str) else cluster.kubeconfig
        resources.append({"urn": provider, "type": "pulumi:providers:kubernetes", "inputs": {"kubeconfig": kubeconfig}})
        resources.append({
            "urn": f"urn:pulumi:shop::p::{STATEFUL_SET}::s{n}", "type": STATEFUL_SET, "id": name,
            "inputs": {"metadata": {"name": name.rpartition("/")[2]}, "spec": {}}, "provider": f"{provider}::id",
        })  # fmt: skip
    return {"deployment": {"resources": resources}}


def test_sets_of_several_namespaces_are_shown_in_one_run(run: Run, here: FakeApiServer) -> None:
    here.add(*everything(stateful_set("web")), *everything(stateful_set("db", namespace="data")))
    sets = {"shop/web": here, "data/db": here}
    said = run("status", "--output", "json", sets=sets)
    assert [(one["namespace"], one["name"], one["ready"]) for one in json.loads(said.stdout)] == [
        ("shop", "web", 2), ("data", "db", 2),
    ]  # fmt: skip


def test_sets_of_several_clusters_are_shown_each_with_its_own(
    run: Run, here: FakeApiServer, there: FakeApiServer
) -> None:
    here.add(*everything(stateful_set("web")))
    there.add(*everything(stateful_set("api", 3)))
    said = run("status", sets={"shop/web": here, "shop/api": there})
    assert said.exit_code == 0, said.output
    for cluster, headline in ((here, "shop/web: 2 of 2"), (there, "shop/api: 3 of 3")):
        assert f"{headline} pods ready" in said.stdout
        assert f"Cluster http://127.0.0.1:{cluster.port}" in said.stdout


@pytest.mark.parametrize("command", ["status", "doctor", "claims"])
def test_a_cluster_that_refuses_hides_its_own_sets_alone_and_the_command_ends_with_1(
    run: Run, here: FakeApiServer, there: FakeApiServer, command: str
) -> None:
    here.add(*everything(stateful_set("web")))
    there.forbid("list pods")
    said = run(command, sets={"shop/web": here, "shop/api": there})
    assert said.exit_code == 1
    assert "web" in said.stdout
    assert "api" not in said.stdout
    (sentence,) = said.stderr.splitlines()
    assert sentence.startswith(f"The API server at http://127.0.0.1:{there.port} refused (pods is forbidden")
    assert sentence.endswith("StatefulSet shop/api is not shown.")


def test_a_cluster_that_is_gone_hides_its_own_sets_alone(run: Run, here: FakeApiServer) -> None:
    here.add(*everything(stateful_set("web")))
    with fake_api_server() as gone:
        sets = {"shop/api": gone.kubeconfig, "shop/web": here}
    said = run("status", sets=sets)
    assert said.exit_code == 1
    assert "shop/web: 2 of 2 pods ready" in said.stdout
    assert "does not answer at" in said.stderr
    assert "StatefulSet shop/api is not shown. See that kubectl reaches it." in said.stderr


def test_a_state_of_another_machine_names_a_kubeconfig_that_is_not_here(run: Run) -> None:
    said = run("status", sets={"shop/web": "/home/other/.kube/config"})
    assert said.exit_code == 1
    assert said.stdout == ""
    assert said.stderr == (
        "The stack's state names the kubeconfig /home/other/.kube/config, which is not on this machine: StatefulSet "
        "shop/web is not shown. Put one there, or look at the namespace by itself: --namespace shop --context NAME\n"
    )


def test_a_set_that_is_not_on_the_cluster_is_told_and_the_others_are_shown(run: Run, here: FakeApiServer) -> None:
    here.add(*everything(stateful_set("web")))
    said = run("status", sets={"shop/web": here, "shop/gone": here})
    assert said.exit_code == 1
    assert "shop/web: 2 of 2 pods ready" in said.stdout
    assert said.stderr.startswith("StatefulSet shop/gone is not on the cluster: it is being created, or")
    said = run("doctor", "-o", "json", sets={"shop/web": here, "shop/gone": here})
    assert said.exit_code == 0
    assert [(one["stateful_set"], one["reason"]) for one in json.loads(said.stdout)] == [("gone", "NotFound")]


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        ("status", "Services of namespace shop, Events of namespace shop"),
        ("doctor", "Events of namespace shop, StorageClasses"),
        ("claims", "PersistentVolumes"),
    ],
)
def test_an_account_of_few_rights_is_told_what_was_not_looked_at(
    run: Run, here: FakeApiServer, command: str, refused: str
) -> None:
    here.add(*everything(stateful_set("web")))
    here.forbid("list services", "list events", "list storageclasses", "list persistentvolumes")
    said = run(command, sets={"shop/web": here})
    assert said.exit_code == 0, said.output
    assert said.stderr == f"Not looked at, as this account may not list them: {refused}.\n"
    assert "web" in said.stdout
    assert "there is no such Service" not in said.stdout


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("status", "Stack shop has no StatefulSet: nothing is deployed.\n"),
        ("doctor", "Stack shop has no StatefulSet: nothing is deployed.\n"),
        ("claims", "Stack shop has no claims, and left none.\n"),
    ],
)
def test_a_stack_without_a_set_says_so(run: Run, command: str, says: str) -> None:
    said = run(command, sets={})
    assert (said.exit_code, said.stdout, said.stderr) == (0, says, "")
    assert json.loads(run(command, "-o", "json", sets={}).stdout) == []


class TestNamespace:
    @pytest.fixture(autouse=True)
    def kubeconfig(self, here: FakeApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "kubeconfig").write_text(here.kubeconfig)
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))

    def test_every_set_of_it_is_shown_without_pulumi(self, run: Run, here: FakeApiServer) -> None:
        here.add(*everything(stateful_set("web")), *everything(stateful_set("db", 1)))
        for context in ((), ("--context", "fake")):
            said = run("status", "--namespace", "shop", *context)
            assert said.exit_code == 0, said.output
            assert "shop/db: 1 of 1 pods ready" in said.stdout
            assert "shop/web: 2 of 2 pods ready" in said.stdout

    def test_its_claims_have_commands_that_reach_the_same_context(self, run: Run, here: FakeApiServer) -> None:
        web = stateful_set("web", 1)
        here.add(*everything(web), claim(web, 1))
        said = run("claims", "-n", "shop", "--context", "fake")
        assert "left by web-1, scaled down" in said.stdout
        assert "  kubectl --context fake delete persistentvolumeclaim data-web-1 --namespace shop" in said.stdout

    def test_doctor_gives_no_command_of_pulumi(self, run: Run, here: FakeApiServer) -> None:
        web = stateful_set("web", 1, ready=0)
        waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}
        container = {"name": "nginx", "image": "", "imageID": "", "ready": False, "restartCount": 0, "state": waiting}
        here.add(*everything(web), pod(web, 0, is_ready=False, containerStatuses=[container]))
        said = run("doctor", "-n", "shop", "-o", "json")
        (finding,) = json.loads(said.stdout)
        assert (finding["reason"], finding["namespace"], finding["stateful_set"]) == ("ImagePullBackOff", "shop", "web")
        assert not any("pulumi" in command for command in finding["commands"])

    def test_a_context_that_is_not_there_is_named(self, run: Run) -> None:
        said = run("status", "-n", "shop", "--context", "prod")
        assert said.exit_code == 1
        assert 'it has no context "prod"' in said.stderr

    def test_one_without_sets_says_so(self, run: Run) -> None:
        said = run("status", "-n", "shop")
        assert (said.exit_code, said.stdout) == (0, "Namespace shop has no StatefulSet.\n")

    @pytest.mark.parametrize(
        ("args", "says"),
        [
            (("-n", "shop", "-s", "dev"), "--namespace looks without Pulumi, and --stack by it: give one of them."),
            (("--context", "prod"), "--context goes with --namespace: a stack's state says which clusters it is on."),
        ],
    )
    @pytest.mark.parametrize("command", ["status", "doctor", "claims"])
    def test_what_does_not_go_together_is_refused_in_a_sentence(
        self, run: Run, command: str, args: tuple[str, ...], says: str
    ) -> None:
        said = run(command, *args)
        assert (said.exit_code, said.stdout, said.stderr) == (2, "", f"Error: {says}\n")

    def test_verbose_names_cluster_and_context_first(self, run: Run, here: FakeApiServer) -> None:
        said = run("status", "-n", "shop", "-v")
        assert said.stderr == f"Cluster: http://127.0.0.1:{here.port}\nContext: fake\n"


def test_another_program_is_not_told_that_its_config_is_not_read(run: Run, here: FakeApiServer, tmp_path: Path) -> None:
    here.add(*everything(stateful_set("web")))
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "__main__.py").write_text("")
    (tmp_path / "Pulumi.shop.yaml").write_text("config: {shop:image: 'nginx:1.29'}\n")
    quiet, verbose = (run("claims", *more, sets={"shop/web": here}) for more in ((), ("-v",)))
    assert quiet.stderr == ""
    assert "config is the program's own" in verbose.stderr
    assert quiet.stdout == verbose.stdout


def test_verbose_names_backend_and_every_cluster(run: Run, here: FakeApiServer, there: FakeApiServer) -> None:
    said = run("status", "-v", sets={"shop/web": here, "shop/api": there})
    assert said.stderr.splitlines()[:5] == [
        "Backend: file:// (me)",
        f"Cluster: http://127.0.0.1:{here.port}",
        "Context: fake",
        f"Cluster: http://127.0.0.1:{there.port}",
        "Context: fake",
    ]
