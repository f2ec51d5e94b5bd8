"""A cluster that can't be asked: said in one sentence, and nothing is half made."""

import socket

import yaml

from tests.support.projects import Project


def test_a_kubeconfig_that_points_nowhere_is_named(project: Project) -> None:
    project.configure({"kubernetes:kubeconfig": "/no/such/kubeconfig"})
    failed = project.preview(check=False)
    assert failed.code != 0
    assert "The cluster of kubernetes:kubeconfig (/no/such/kubeconfig) can not be used" in failed.output
    assert "Traceback" not in failed.output
    project.configure({"kubernetes:kubeconfig": ".sandbox/kubeconfig"})


def test_a_context_that_is_not_in_the_kubeconfig_is_named(project: Project) -> None:
    project.configure({"kubernetes:context": "elsewhere"})
    failed = project.preview(check=False)
    assert failed.code != 0
    assert "elsewhere" in failed.output
    assert "Traceback" not in failed.output
    project.configure({"kubernetes:context": "kwok-sandbox"})


def test_an_api_server_that_is_down_is_named_at_preview(project: Project) -> None:
    original = yaml.safe_load((project.folder / ".sandbox" / "kubeconfig").read_text())
    with socket.socket() as reserved:  # bound and not listening: connections are refused
        reserved.bind(("127.0.0.1", 0))
        server = f"https://127.0.0.1:{reserved.getsockname()[1]}"
        original["clusters"][0]["cluster"]["server"] = server
        (project.folder / "kubeconfig").write_text(yaml.safe_dump(original))
        project.configure({"kubernetes:kubeconfig": "kubeconfig"})
        failed = project.preview(check=False)
    assert failed.code != 0
    assert f"does not answer at {server}" in failed.output
    assert "Traceback" not in failed.output
    project.configure({"kubernetes:kubeconfig": ".sandbox/kubeconfig"})
    project.up()
