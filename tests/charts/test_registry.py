"""The charts as a release packages them, through an OCI registry whose CA only `trust-init exec` makes Helm trust."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml
from cases import GIVEN, PEM
from support import checkout, helm, kube_api, kubectl, pki, registry
from support.helm_program import VERSIONS, Helm

CHARTS = ("trust-init", "spark-customer", "trust-inject")
RELEASE = helm.REPOSITORY / "release" / "charts"
VERSION = yaml.safe_load((helm.REPOSITORY / "charts/trust-init/Chart.yaml").read_text())["version"]
every_helm = pytest.mark.parametrize("version", VERSIONS)


def package(folder: Path) -> dict[str, Path]:
    """What release/charts makes, by chart."""
    subprocess.run([RELEASE], env=release_environment(folder), check=True, capture_output=True)
    return {name: folder / f"{name}-{VERSION}.tgz" for name in CHARTS}


def release_environment(folder: Path, program: Path | None = None) -> dict[str, str]:
    return checkout.git_environment(DIST=folder, HELM=program or kubectl.programs()["helm"])


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return package(tmp_path_factory.mktemp("dist"))


@dataclass(frozen=True)
class Registry:
    host: str
    ca: Path
    # What release/charts printed.
    pushed: list[str]

    def chart(self, name: str) -> str:
        return f"oci://{self.host}/charts/{name}"


@pytest.fixture(scope="module")
def store(packages: dict[str, Path], shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry to which the charts were pushed as the workflow does it."""
    work = tmp_path_factory.mktemp("registry")
    authority = pki.root("Registry CA")
    ca = work / "ca.pem"
    ca.write_bytes(authority.pem)
    with registry.serve(work / "run", authority.server()) as host:
        pushed = push(host, packages, trusting(kubectl.programs()["helm"], ca, work, shipped))
        yield Registry(host, ca, pushed)


def trusting(program: Path, ca: Path, work: Path, shipped: Path) -> Path:
    """A program of the same name and arguments, which trusts the CA."""
    script = work / f"trusting-{program.name}"
    script.write_text(f'#!/bin/sh\nexec "{shipped}" exec --quiet --ca "{ca}" -- "{program}" "$@"\n')
    script.chmod(0o755)
    return script


def push(host: str, packages: dict[str, Path], program: Path) -> list[str]:
    (folder,) = {path.parent for path in packages.values()}
    command = [RELEASE, "push", f"oci://{host}/charts"]
    env = release_environment(folder, program)
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()


@pytest.fixture
def user(request: pytest.FixtureRequest, store: Registry, shipped: Path, tmp_path: Path) -> Helm:
    """Helm in a home of its own, under `trust-init exec`."""
    one = Helm.of(request.getfixturevalue("version"), tmp_path)
    return replace(one, program=trusting(one.program, store.ca, tmp_path, shipped))


def test_the_same_commit_gives_the_same_packages(packages: dict[str, Path], tmp_path: Path):
    again = package(tmp_path)
    for name, archive in packages.items():
        assert archive.read_bytes() == again[name].read_bytes(), name


def test_a_package_has_the_library_the_licenses_and_links_that_lead_out(packages: dict[str, Path]):
    for name, path in packages.items():
        with tarfile.open(path) as archive:
            names = {one.removeprefix(f"{name}/") for one in archive.getnames()}
            readme = archive.extractfile(f"{name}/README.md").read().decode()
        assert {"LICENSE-APACHE", "LICENSE-MIT"} <= names
        assert ("charts/trust-init/Chart.yaml" in names) == (name != "trust-init")
        links = re.findall(r"\]\(([^)#\s]+)", readme)
        assert links and not [link for link in links if link.startswith("..")]
        pages = f"https://github.com/example/trust-init/blob/v{VERSION}/"
        for link in (one.removeprefix(pages) for one in links if one.startswith(pages)):
            assert (helm.REPOSITORY / link).exists(), link


def test_the_registry_has_what_was_packaged(store: Registry, packages: dict[str, Path], shipped: Path, tmp_path: Path):
    """cosign signs the digest of the manifest, which names the package's own."""
    assert [one.partition("@")[0] for one in store.pushed] == [f"{store.host}/charts/{name}" for name in CHARTS]
    blobs = store.ca.parent / "run" / "data" / "docker/registry/v2/blobs/sha256"
    for one, archive in zip(store.pushed, packages.values(), strict=True):
        digest = one.partition("@sha256:")[2]
        manifest = json.loads((blobs / digest[:2] / digest / "data").read_bytes())
        (layer,) = manifest["layers"]
        assert layer["digest"] == f"sha256:{hashlib.sha256(archive.read_bytes()).hexdigest()}"
    # A second push, of files whose times were lost on the way, is the same again.
    for archive in packages.values():
        os.utime(archive, (1, 1))
    program = trusting(kubectl.programs()["helm"], store.ca, tmp_path, shipped)
    assert push(store.host, packages, program) == store.pushed


@every_helm
def test_helm_alone_does_not_trust_that_registry(store: Registry, version: str, tmp_path: Path):
    with pytest.raises(helm.Refused, match="certificate signed by unknown authority"):
        Helm.of(version, tmp_path).run("show", "chart", store.chart("spark-customer"))


@every_helm
def test_what_is_pulled_is_what_was_packaged(
    store: Registry, packages: dict[str, Path], user: Helm, version: str, tmp_path: Path
):
    for name, archive in packages.items():
        user.run("pull", store.chart(name), "--version", VERSION, "--destination", tmp_path)
        assert (tmp_path / archive.name).read_bytes() == archive.read_bytes()


@every_helm
def test_it_renders_as_the_checkout_does(charts: helm.Charts, store: Registry, user: Helm, version: str):
    values = {"trust": {"caBundle": GIVEN}, "test": {"hosts": ["api.example.com"]}}
    from_registry = user.template(store.chart("spark-customer"), values)
    assert from_registry == user.template(charts.root / "charts/spark-customer", values)
    assert "kind: Pod\n" in from_registry


@every_helm
def test_it_is_installed_from_there(store: Registry, user: Helm, version: str, tmp_path: Path):
    chain = tmp_path / "client-ca-chain.pem"
    chain.write_text(PEM)
    with kube_api.serve() as api:
        cluster = replace(user, env=kubectl.clean(api, tmp_path))
        command = ["upgrade", "--install", "acme", store.chart("spark-customer"), "--version", VERSION]
        command += ["--namespace", helm.NAMESPACE, "--create-namespace", "--set-file", f"trust.caBundle.pem={chain}"]
        assert "caBundleHash" in cluster.run(*command)
        (made,) = [one for one in api.recorded("ConfigMap") if one["metadata"]["name"] == "acme-trust-ca"]
        assert made["data"]["client-ca-chain.pem"] == PEM


@every_helm
def test_a_chart_of_one_s_own_takes_the_library_from_there(
    charts: helm.Charts, store: Registry, user: Helm, version: str, tmp_path: Path
):
    """The dependency as the library's README has it, but for the name of the registry."""
    chart = tmp_path / "own"
    shutil.copytree(charts.root / "examples/deployment", chart, ignore=shutil.ignore_patterns("charts", "Chart.lock"))
    readme = (helm.REPOSITORY / "charts/trust-init/README.md").read_text()
    (dependency,) = re.findall(r"^ +dependencies:\n((?: +.*\n)+?) +```", readme, re.MULTILINE)
    metadata = yaml.safe_load((chart / "Chart.yaml").read_text())
    metadata["dependencies"] = yaml.safe_load(dependency.replace("registry.example.com", store.host))
    (chart / "Chart.yaml").write_text(yaml.safe_dump(metadata))
    user.run("dependency", "update", chart)
    values = {"trust": {"caBundle": GIVEN}}
    assert user.template(chart, values) == user.template(charts.root / "examples/deployment", values)
