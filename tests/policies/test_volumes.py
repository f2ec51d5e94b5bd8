"""Rules on mounts: claims where the data is, and nothing that goes away."""

from typing import Any

import pytest

from policies.stateful.stateful_rules.manifests import claim_template, container, stateful_set

from .packs import UNKNOWN, judge, resource

DATA = {"name": "www", "mountPath": "/usr/share/nginx/html"}


def pod(*containers: Any, **spec: Any) -> Any:
    return stateful_set(spec={"template": {"spec": {"containers": list(containers), **spec}}})


def mounting(*mounts: Any, **changes: Any) -> Any:
    return container(volumeMounts=list(mounts), **changes)


class TestVolumeMountsResolve:
    rule = "volume-mounts-resolve"

    def test_a_template_that_no_container_mounts_is_denied(self) -> None:
        (message,) = judge(self.rule, pod(mounting()))
        assert 'has claim template "www", which no container mounts' in message

    def test_every_template_is_looked_at(self) -> None:
        web = stateful_set(spec={"volumeClaimTemplates": [claim_template(), claim_template({"name": "logs"})]})
        (message,) = judge(self.rule, web)
        assert '"logs"' in message

    @pytest.mark.parametrize(
        "web",
        [
            pod(mounting(), mounting(DATA, name="sidecar")),
            pod(mounting(), initContainers=[mounting(DATA, restartPolicy="Always")]),
            pod(mounting(), initContainers=[mounting(DATA, restartPolicy=UNKNOWN)]),
            pod(mounting(volumeDevices=[{"name": "www", "devicePath": "/dev/xvda"}])),
            pod(mounting(DATA, {"name": "tmp", "mountPath": "/tmp"}), volumes=[{"name": "tmp", "emptyDir": {}}]),
        ],
    )
    def test_any_container_that_stays_may_mount_it(self, web: Any) -> None:
        assert judge(self.rule, web) == []

    def test_an_init_container_alone_makes_no_use_of_it(self) -> None:
        assert len(judge(self.rule, pod(mounting(), initContainers=[mounting(DATA)]))) == 1

    def test_a_mount_of_nothing_is_denied(self) -> None:
        (message,) = judge(
            self.rule, pod(mounting(DATA, {"name": "tmp", "mountPath": "/tmp"}), volumes=[{"name": "x"}])
        )
        assert 'has container "nginx" that mounts "tmp", which is neither' in message

    def test_a_misspelt_mount_is_denied_twice(self) -> None:
        assert len(judge(self.rule, pod(mounting({**DATA, "name": "WWW"})))) == 2

    @pytest.mark.parametrize(
        ("web", "expected"),
        [
            (pod(mounting({"name": UNKNOWN, "mountPath": "/data"})), 0),
            (pod(mounting(UNKNOWN)), 0),
            (pod(container(volumeMounts=UNKNOWN)), 0),
            (pod(UNKNOWN), 0),
            (stateful_set(spec={"template": {"spec": {"containers": UNKNOWN}}}), 0),
            (pod(mounting(), initContainers=UNKNOWN), 0),
            (pod(mounting(DATA, {"name": "tmp"}), volumes=UNKNOWN), 0),
            (pod(mounting(DATA, {"name": "tmp"}), volumes=[{"name": UNKNOWN}]), 0),
            (pod(mounting(DATA, {"name": "tmp"}), volumes=[UNKNOWN]), 0),
            (pod(mounting(), volumes=UNKNOWN), 1),
            (pod(mounting(DATA, {"name": "tmp", "mountPath": UNKNOWN}, image=UNKNOWN)), 1),
            (stateful_set(spec={"volumeClaimTemplates": UNKNOWN}), 0),
            (stateful_set(spec={"volumeClaimTemplates": [{"metadata": {"name": UNKNOWN}}]}), 0),
        ],
    )
    def test_unknowns(self, web: Any, expected: int) -> None:
        assert len(judge(self.rule, web)) == expected

    def test_what_a_patch_does_not_mention_may_be_there(self) -> None:
        assert judge(self.rule, resource(pod(mounting()), resource_type="kubernetes:apps/v1:StatefulSetPatch")) == []


class TestNoEphemeralDataVolumes:
    rule = "no-ephemeral-data-volumes"

    def with_volume(self, source: dict[str, Any], path: str, **mount: Any) -> Any:
        return pod(mounting(DATA, {"name": "other", "mountPath": path, **mount}), volumes=[{"name": "other", **source}])

    @pytest.mark.parametrize(
        "path",
        [
            "/usr/share/nginx/html",
            "/usr/share/nginx/html/",
            "/usr/share/nginx/html/uploads",
            "//usr/share/nginx/html/uploads",
            "/usr/share/nginx/./html/uploads",
            "/usr/share/nginx/other/../html",
        ],
    )
    @pytest.mark.parametrize(
        ("source", "kind"),
        [
            ({"emptyDir": {}}, "emptyDir"),
            ({"emptyDir": {"medium": "Memory"}}, "emptyDir"),
            ({}, "emptyDir"),
            ({"configMap": None}, "emptyDir"),
            ({"hostPath": {"path": "/srv"}}, "hostPath"),
            ({"ephemeral": {"volumeClaimTemplate": {}}}, "ephemeral"),
        ],
    )
    def test_what_goes_away_may_not_lie_in_the_data(self, path: str, source: Any, kind: str) -> None:
        (message,) = judge(self.rule, self.with_volume(source, path))
        assert f'has container "nginx" with "{path}" on a volume of kind {kind}' in message
        assert '; "/usr/share/nginx/html" holds data.' in message

    @pytest.mark.parametrize(
        ("source", "path", "mount"),
        [
            ({"emptyDir": {}}, "/tmp", {}),
            ({"emptyDir": {}}, "/usr/share/nginx/html-cache", {}),
            ({"emptyDir": {}}, "/usr/share/nginx", {}),
            ({"emptyDir": {}}, "/", {}),
            ({"hostPath": {"path": "/etc/localtime"}}, "/etc/localtime", {"readOnly": True}),
            ({"configMap": {"name": "pages"}}, "/usr/share/nginx/html/static", {}),
            ({"persistentVolumeClaim": {"claimName": "shared"}}, "/usr/share/nginx/html/shared", {}),
            ({"secret": {"secretName": "tls"}}, "/etc/tls", {}),
        ],
    )
    def test_scratch_space_and_configuration_pass(self, source: Any, path: str, mount: Any) -> None:
        assert judge(self.rule, self.with_volume(source, path, **mount)) == []

    @pytest.mark.parametrize("source", [{"hostPath": {"path": "/srv"}}, {"ephemeral": {}}])
    def test_some_go_away_wherever_they_are(self, source: Any) -> None:
        assert len(judge(self.rule, self.with_volume(source, "/srv"))) == 1

    @pytest.mark.parametrize(
        ("source", "expected"), [({"emptyDir": {}}, 1), ({"ephemeral": {}}, 1), ({"hostPath": {"path": "/srv"}}, 0)]
    )
    def test_reading_alone_excuses_a_host_path_alone(self, source: Any, expected: int) -> None:
        web = self.with_volume(source, "/usr/share/nginx/html/uploads", readOnly=True)
        assert len(judge(self.rule, web)) == expected

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ({"path": "/srv/serial", "type": "CharDevice"}, 0),
            ({"path": "/srv/disk", "type": "BlockDevice"}, 0),
            ({"path": "/srv/engine.sock", "type": "Socket"}, 0),
            ({"path": "/dev/kvm"}, 0),
            ({"path": "/dev/serial/by-id/usb", "type": ""}, 0),
            ({"path": "/var/run/docker.sock", "type": "File"}, 0),
            ({"path": "/run/containerd", "type": "Directory"}, 0),
            ({"path": "/etc/localtime"}, 0),
            ({"path": "//etc/./localtime"}, 0),
            ({"path": "/var/lib/kubelet/plugins/csi", "type": "DirectoryOrCreate"}, 0),
            ({"path": "/etc/localtime2"}, 1),
            ({"path": "/srv"}, 1),
            ({"path": "/var/lib/csi-data", "type": "DirectoryOrCreate"}, 1),
            ({"path": "/"}, 1),
            ({"path": "/devices"}, 1),
            ({"path": UNKNOWN}, 0),
            ({"path": "/srv", "type": UNKNOWN}, 0),
            (UNKNOWN, 0),
        ],
    )
    def test_a_device_a_socket_or_a_file_of_the_node_is_no_data(self, source: Any, expected: int) -> None:
        assert len(judge(self.rule, self.with_volume({"hostPath": source}, "/other"))) == expected

    @pytest.mark.parametrize(("kind", "expected"), [("CharDevice", 0), ("Directory", 1)])
    def test_a_folder_of_the_node_where_data_is_mounted_is_data(self, kind: str, expected: int) -> None:
        web = self.with_volume({"hostPath": {"path": "/run/db", "type": kind}}, "/usr/share/nginx/html/db")
        assert len(judge(self.rule, web)) == expected

    @pytest.mark.parametrize("source", [{"emptyDir": {}}, {"hostPath": {"path": "/dev/kvm"}}])
    def test_what_comes_after_a_mount_that_is_fine_is_judged(self, source: Any) -> None:
        mounts = [{"name": "fine", "mountPath": "/fine"}, {"name": "lost", "mountPath": "/lost"}]
        volumes = [{"name": "fine", **source}, {"name": "lost", "hostPath": {"path": "/srv"}}]
        (message,) = judge(self.rule, pod(mounting(DATA, *mounts), volumes=volumes))
        assert '"/lost" on a volume of kind hostPath' in message

    def test_a_mount_that_may_be_read_only_is_left_to_up(self) -> None:
        assert judge(self.rule, self.with_volume({"hostPath": {"path": "/srv"}}, "/srv", readOnly=UNKNOWN)) == []

    def test_the_paths_of_the_node_can_be_configured(self) -> None:
        ours = self.with_volume({"hostPath": {"path": "/var/lib/agent"}}, "/agent")
        device = self.with_volume({"hostPath": {"path": "/dev/kvm"}}, "/dev/kvm")
        for paths, expected in ((["...", "/var/lib/agent"], [0, 0]), (["/var/lib/agent"], [0, 1]), ([], [1, 1])):
            found = [len(judge(self.rule, web, config={"nodePaths": paths})) for web in (ours, device)]
            assert found == expected

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("cache", 0),
            ("Cache/pages", 0),
            ("shop/tmp", 0),
            ("casc_configs", 0),
            ("uploads", 1),
            ("cached", 1),
            ("", 1),
        ],
    )
    def test_scratch_below_a_claim_is_no_data(self, path: str, expected: int) -> None:
        web = self.with_volume({"emptyDir": {}}, f"/usr/share/nginx/html/{path}")
        assert len(judge(self.rule, web)) == expected

    def test_the_names_of_scratch_can_be_configured_and_the_claim_s_own_path_does_not_count(self) -> None:
        uploads = self.with_volume({"emptyDir": {}}, "/usr/share/nginx/html/uploads")
        assert judge(self.rule, uploads, config={"scratchNames": ["...", "uploads"]}) == []
        web = pod(
            mounting({"name": "www", "mountPath": "/var/cache"}, {"name": "x", "mountPath": "/var/cache/uploads"}),
            volumes=[{"name": "x", "emptyDir": {}}],
        )
        assert len(judge(self.rule, web)) == 1

    def test_a_sidecar_that_mounts_the_claim_does_not_excuse_the_others(self) -> None:
        other = mounting({"name": "x", "mountPath": "/usr/share/nginx/html"}, name="other")
        (message,) = judge(self.rule, pod(container(), other, volumes=[{"name": "x", "emptyDir": {}}]))
        assert 'has container "other" with "/usr/share/nginx/html"' in message

    def test_a_claim_template_takes_the_place_of_a_volume_of_its_name(self) -> None:
        assert judge(self.rule, pod(container(), volumes=[{"name": "www", "emptyDir": {}}])) == []

    @pytest.mark.parametrize(
        ("path", "expected"), [("/", 1), ("/var/lib", 1), ("/var/lib/db", 1), ("/var/lib/db/wal", 1), ("/var/log", 0)]
    )
    def test_data_paths_can_be_named(self, path: str, expected: int) -> None:
        web = self.with_volume({"emptyDir": {}}, path)
        assert len(judge(self.rule, web, config={"dataPaths": ["/var/lib/db"]})) == expected

    def test_a_claim_closer_to_a_named_path_is_what_counts(self) -> None:
        web = pod(
            mounting({"name": "www", "mountPath": "/var/lib/db"}, {"name": "x", "mountPath": "/var"}),
            volumes=[{"name": "x", "emptyDir": {}}],
        )
        assert judge(self.rule, web, config={"dataPaths": ["/var/lib/db"]}) == []

    def test_a_path_that_is_not_known_is_not_taken_to_lie_in_the_data(self) -> None:
        web = self.with_volume({"emptyDir": {}}, UNKNOWN)
        assert judge(self.rule, web, config={"dataPaths": ["/"]}) == []

    @pytest.mark.parametrize(
        ("web", "expected"),
        [
            (pod(mounting(DATA, {"name": "x", "mountPath": UNKNOWN}), volumes=[{"name": "x", "emptyDir": {}}]), 0),
            (pod(mounting(DATA, {"name": "x", "mountPath": UNKNOWN}), volumes=[{"name": "x", "hostPath": {}}]), 1),
            (pod(mounting(DATA, {**DATA, "name": "x"}), volumes=[{"name": "x", "emptyDir": UNKNOWN}, UNKNOWN]), 1),
            (pod(mounting(DATA, {**DATA, "name": "x"}), volumes=[{"name": UNKNOWN, "emptyDir": {}}]), 0),
            (pod(mounting(DATA, {**DATA, "name": "x"}, image=UNKNOWN, env=UNKNOWN), volumes=[{"name": "x"}]), 1),
            (pod(mounting(DATA, {**DATA, "name": "x"}), volumes=UNKNOWN), 0),
        ],
    )
    def test_unknowns(self, web: Any, expected: int) -> None:
        assert len(judge(self.rule, web)) == expected
