"""The commands by which docs/injection.md sets up a customer and a pod: the objects that the real kubectl makes
from them, and what Kubernetes' plugins do with these."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import injection
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from support import admission, helm, kube_api, kubectl

PAGE = (helm.REPOSITORY / "docs" / "injection.md").read_text()
KEY = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"


def command(start: str) -> list[str]:
    """The one command of the page that begins like this."""
    (line,) = re.findall(rf"^ *({re.escape(start)} .*)$", PAGE, re.MULTILINE)
    return shlex.split(line)[1:]


def made_by(words: list[str], folder: Path) -> dict:
    """The object that kubectl would have sent."""
    with kube_api.serve() as api:
        done = subprocess.run(
            ["kubectl", *words, "--dry-run=client", "--output=json"],
            cwd=folder,
            env=kubectl.clean(api, folder),
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def parameter(folder: Path, content: bytes) -> dict:
    (folder / "client-ca-chain.pem").write_bytes(content)
    return made_by(command("kubectl -n customer-acme create configmap trust-init"), folder)


@pytest.fixture
def namespace(tmp_path: Path) -> dict:
    made = made_by(command("kubectl create namespace"), tmp_path)
    name = made["metadata"]["name"]
    _, _, labeled, label = command("kubectl label namespace")
    assert labeled == name
    return admission.namespace(name, dict([label.split("=")]))


@pytest.mark.parametrize("encoding", ["PEM", "DER"])
def test_the_pod_of_the_page_is_injected(
    server: admission.Server, charts: helm.Charts, tmp_path: Path, namespace: dict, encoding: str
):
    content = injection.PEM.encode()
    if encoding == "DER":
        content = x509.load_pem_x509_certificates(content)[0].public_bytes(Encoding.DER)
    chain = parameter(tmp_path, content)
    assert ("binaryData" in chain) == (encoding == "DER")
    policies = injection.policies(charts)
    assert server.admit(chain, [*policies, namespace]).denied is None
    pod = made_by(command("kubectl -n customer-acme run try"), tmp_path)
    admitted = server.admit(pod, [*policies, namespace, chain])
    assert admitted.denied is None
    assert admitted.warnings == []
    assert admitted.object["metadata"]["annotations"].keys() == {"trust-init/injected"}
    assert [one["name"] for one in admitted.object["spec"]["initContainers"]][1:] == ["trust-init"]


def test_a_file_with_a_key_is_refused_when_the_configmap_is_made(
    server: admission.Server, charts: helm.Charts, tmp_path: Path, namespace: dict
):
    chain = parameter(tmp_path, injection.PEM.encode() + KEY.encode())
    denied = server.admit(chain, [*injection.policies(charts), namespace]).denied
    assert "found a private key" in denied.message
