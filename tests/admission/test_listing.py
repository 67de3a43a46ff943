"""The commands that list the pods without trust, from the pages and NOTES, run with the real kubectl."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from support import helm, kube_api, kubectl

ALL = "docs/injection.md"
ONE = "charts/trust-inject/README.md"
MARK = "<!-- tested: tests/admission/test_listing.py -->"


def command(page: str) -> str:
    text = (helm.REPOSITORY / page).read_text()
    (block,) = re.findall(rf"{re.escape(MARK)}\n```sh\n(.*?)```", text, re.DOTALL)
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


def listed(tmp_path: Path, page: str, pods: list[dict], labeled: set[str]) -> list[list[str]]:
    with kube_api.serve() as api:
        for name in {one["metadata"]["namespace"] for one in pods} | labeled:
            labels = {"trust-init/inject": "enabled"} if name in labeled else {}
            metadata = {"name": name, "labels": labels}
            api.keep("/api/v1/namespaces", {"kind": "Namespace", "apiVersion": "v1", "metadata": metadata})
        for one in pods:
            api.keep(f"/api/v1/namespaces/{one['metadata']['namespace']}/pods", one)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command(page)],
            env=kubectl.clean(api, tmp_path),
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


PODS = [
    pod("customer-acme", "injected", "trust-init-install", "trust-init", "fetch"),
    pod("customer-acme", "mozilla", "trust-init"),
    pod("customer-acme", "before"),
    pod("customer-acme", "trust-init-in-its-name", "fetch"),
    pod("customer-acme", "similar", "my-trust-init", "trust-init-2"),
    pod("customer-acme", "skipped", **{"trust-init/skipped": "its-own-volume-trust"}),
    pod("globex", "elsewhere"),
    pod("initech", "alone"),
]


def test_what_did_not_get_it_is_listed(tmp_path: Path):
    assert sorted(listed(tmp_path, ALL, PODS, {"customer-acme", "initech", "empty"})) == [
        ["customer-acme", "before", "<none>", "<none>"],
        ["customer-acme", "similar", "my-trust-init,trust-init-2", "<none>"],
        ["customer-acme", "skipped", "<none>", "its-own-volume-trust"],
        ["customer-acme", "trust-init-in-its-name", "fetch", "<none>"],
        ["initech", "alone", "<none>", "<none>"],
    ]


def test_the_same_of_one_namespace(tmp_path: Path):
    assert sorted(listed(tmp_path, ONE, PODS, {"customer-acme"})) == [
        ["before"],
        ["similar"],
        ["skipped"],
        ["trust-init-in-its-name"],
    ]


@pytest.mark.parametrize("page", [ALL, ONE])
def test_nothing_is_listed_where_all_have_it(tmp_path: Path, page: str):
    injected = [pod("customer-acme", "injected", "trust-init")]
    assert listed(tmp_path, page, injected, {"customer-acme"}) == []


def test_notes_have_the_command_of_the_page(charts: helm.Charts):
    notes = charts.notes({}, "charts/trust-inject")
    assert command(ONE).strip().replace("customer-acme", "NAMESPACE") in notes
