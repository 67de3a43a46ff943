"""The command of docs/injection.md that lists the pods without trust, run with the real kubectl."""

from __future__ import annotations

import functools
import re
import subprocess
from pathlib import Path

from support import environment, helm, kube_api

PAGE = helm.REPOSITORY / "docs" / "injection.md"
MARK = "<!-- tested: tests/admission/test_listing.py -->"


@functools.cache
def kubectl() -> Path:
    setup = helm.REPOSITORY / "tests" / "setup" / "kubectl.sh"
    done = subprocess.run([setup], stdout=subprocess.PIPE, text=True, check=True)
    return Path(dict(line.split(" ", 1) for line in done.stdout.splitlines())["kubectl"])


def command() -> str:
    (block,) = re.findall(rf"{re.escape(MARK)}\n\n```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return block


def pod(namespace: str, name: str, *init: str, **annotations: str) -> dict:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "annotations": annotations},
        "spec": {
            "initContainers": [{"name": one, "image": "registry.example.com/x"} for one in init],
            "containers": [{"name": "main", "image": "registry.example.com/x"}],
        },
    }


def listed(tmp_path: Path, pods: list[dict], labeled: set[str]) -> list[list[str]]:
    with kube_api.serve() as api:
        for name in {one["metadata"]["namespace"] for one in pods} | labeled:
            labels = {"trust-init/inject": "enabled"} if name in labeled else {}
            metadata = {"name": name, "labels": labels}
            api.keep("/api/v1/namespaces", {"kind": "Namespace", "apiVersion": "v1", "metadata": metadata})
        for one in pods:
            api.keep(f"/api/v1/namespaces/{one['metadata']['namespace']}/pods", one)
        config = tmp_path / "kubeconfig"
        config.write_text(
            "{apiVersion: v1, kind: Config, current-context: test,"
            " contexts: [{name: test, context: {cluster: test, user: test}}],"
            f" clusters: [{{name: test, cluster: {{server: '{api.url}'}}}}],"
            " users: [{name: test, user: {}}]}"
        )
        clean = environment.clean(KUBECONFIG=config, HOME=tmp_path)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command()],
            env=clean | {"PATH": f"{kubectl().parent}:{clean['PATH']}"},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr
    assert "no such" not in done.stderr.lower(), done.stderr
    return [line.split() for line in done.stdout.splitlines()]


def test_what_did_not_get_it_is_listed(tmp_path: Path):
    skipped = "the-pod-has-its-own-volume-trust"
    pods = [
        pod("acme", "injected", "trust-init-install", "trust-init", "fetch"),
        pod("acme", "mozilla", "trust-init"),
        pod("acme", "before"),
        pod("acme", "trust-init-in-its-name", "fetch"),
        pod("acme", "similar", "my-trust-init", "trust-init-2"),
        pod("acme", "skipped", **{"trust-init/skipped": skipped}),
        pod("globex", "elsewhere"),
        pod("initech", "alone"),
    ]
    found = listed(tmp_path, pods, {"acme", "initech", "empty"})
    assert sorted(found) == [
        ["acme", "before", "<none>", "<none>"],
        ["acme", "similar", "my-trust-init,trust-init-2", "<none>"],
        ["acme", "skipped", "<none>", skipped],
        ["acme", "trust-init-in-its-name", "fetch", "<none>"],
        ["initech", "alone", "<none>", "<none>"],
    ]


def test_nothing_is_listed_where_all_have_it(tmp_path: Path):
    assert listed(tmp_path, [pod("acme", "injected", "trust-init")], {"acme"}) == []
