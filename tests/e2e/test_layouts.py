"""`os/` mounted in place: what an image's own clients then trust, with nothing set in their
environment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from engine import Engine
from in_container import ACCEPTED
from roots import CACERTS, EXTRACTED, JDK, SUSE_STORES, Roots
from sources import Sources
from support import binary
from support.environment import REPOSITORY

CLIENTS = {"openssl", "curl", "python", "jvm"}
# How each says that it does not know the issuer. Any other failure proves nothing.
UNKNOWN_ISSUER = {
    "openssl": "unable to get local issuer certificate",
    "curl": "unable to get local issuer certificate",
    "python": "unable to get local issuer certificate",
    "jvm": "unable to find valid certification path",
}


@dataclass(frozen=True)
class Image:
    """An image, and how docs/images.md has the stores mounted into it."""

    root: str
    layout: str
    mount: str
    # Its OS bundle, as --base auto finds it.
    bundle: str
    # The files under the mount, for clients that name them.
    stores: tuple[str, ...]


IMAGES = [
    Image(
        "debian",
        "debian",
        "etc/ssl/certs",
        "etc/ssl/certs/ca-certificates.crt",
        ("ca-certificates.crt", "ca-bundle.crt", "."),
    ),
    Image(
        "distroless",
        "debian",
        "etc/ssl/certs",
        "etc/ssl/certs/ca-certificates.crt",
        ("ca-certificates.crt", "ca-bundle.crt", "."),
    ),
    Image(
        "ubi",
        "rhel",
        EXTRACTED,
        "etc/pki/tls/certs/ca-bundle.crt",
        (
            "pem/tls-ca-bundle.pem",
            "pem/directory-hash",
            "pem/directory-hash/ca-certificates.crt",
            "pem/directory-hash/ca-bundle.crt",
            "openssl/ca-bundle.trust.crt",
        ),
    ),
    Image(
        "suse",
        "suse",
        SUSE_STORES,
        "etc/ssl/ca-bundle.pem",
        ("ca-bundle.pem", "pem", "openssl"),
    ),
]


@pytest.fixture(scope="module")
def sites(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the servers in the container load."""
    home = tmp_path_factory.mktemp("sites")
    home.chmod(0o755)  # another uid reads it
    for name, server in sources.servers.items():
        server.write(home / name)
    return home


@pytest.fixture(scope="module")
def ask(engine: Engine, programs: dict[str, str], sites: Path):
    """Starts the servers and every client in a container of a root."""

    def ask(root: Path, *stores: str, volumes: tuple[str, ...] = ()) -> dict:
        fixed = (
            f"{REPOSITORY / 'tests'}:/tests:ro",
            f"{programs['TrustProbe']}:/classes:ro",
            f"{sites}:/sites:ro",
        )
        done = engine.run(
            str(root),
            *("python3", "-m", "e2e.in_container", "/classes", "/sites", *stores),
            volumes=(*fixed, *volumes),
            options=("--rootfs", "--workdir=/tests"),
        )
        return json.loads(done.stdout)

    return ask


@pytest.fixture
def build(shipped: Path, sources: Sources, tmp_path: Path):
    """The stores of an image with the customer added."""

    def build(root: Path, layout: str) -> binary.Tree:
        image = ("--base", "auto", "--root", root, "--os-layout", layout)
        return binary.build(tmp_path / "trust", "--ca", sources.chain, *image)

    return build


def names(image: Image) -> str:
    return image.root


@pytest.mark.parametrize("image", IMAGES, ids=names)
def test_the_image_as_it_is_refuses_the_customer(roots: Roots, ask, image: Image):
    said = ask(roots[image.root])
    assert set(said["sites"]) == {"customer", "public"}
    for client in CLIENTS:
        assert UNKNOWN_ISSUER[client] in said["sites"]["customer"][client], client
    assert said["sites"]["public"] == dict.fromkeys(CLIENTS, ACCEPTED)


@pytest.mark.parametrize("image", IMAGES, ids=names)
def test_what_is_added_to_is_what_the_image_has(roots: Roots, build, image: Image):
    root = roots[image.root]
    sources = build(root, image.layout).manifest["sources"]
    taken = {source["name"]: set(source["stores"]) for source in sources if "foundBy" in source}
    assert taken == {
        str(root / image.bundle): {"os", "python"},
        str(root / JDK / CACERTS): {"java"},
    }


@pytest.mark.parametrize("image", IMAGES, ids=names)
def test_mounted_in_place_every_client_trusts_the_customer_and_the_public(
    roots: Roots, ask, build, image: Image
):
    root = roots[image.root]
    stores = tuple(f"/{image.mount}/{name}" for name in image.stores)
    os = build(root, image.layout) / "os"
    said = ask(root, *stores, volumes=(f"{os}:/{image.mount}:ro",))
    assert set(said["sites"]) == {"customer", "public"}
    for site, answers in said["sites"].items():
        assert answers == dict.fromkeys(CLIENTS | set(stores), ACCEPTED), site
    # Whatever the image has that leads under the mount still leads to a file.
    assert said["dangling"] == ask(root)["dangling"]


def test_the_debian_layout_over_the_link_of_ubi_serves_all_but_its_jvm(roots: Roots, ask, build):
    """/etc/ssl/certs is a link to /etc/pki/tls/certs there, and the mount lands in it."""
    root = roots["ubi"]
    said = ask(root, volumes=(f"{build(root, 'debian') / 'os'}:/etc/ssl/certs:ro",))
    customer = said["sites"]["customer"]
    assert {client for client in CLIENTS if customer[client] == ACCEPTED} == CLIENTS - {"jvm"}
    assert UNKNOWN_ISSUER["jvm"] in customer["jvm"]
    assert said["sites"]["public"] == dict.fromkeys(CLIENTS, ACCEPTED)
    assert said["dangling"] == ask(root)["dangling"]


def test_a_jdk_with_a_store_of_its_own_has_it_mounted_over(roots: Roots, ask, build):
    """As in Temurin's images, whose JDK links to nothing."""
    root = roots["temurin"]
    tree = build(root, "debian")
    os = f"{tree / 'os'}:/etc/ssl/certs:ro"
    said = ask(root, volumes=(os,))
    assert UNKNOWN_ISSUER["jvm"] in said["sites"]["customer"]["jvm"]
    said = ask(root, volumes=(os, f"{tree / 'os/java/cacerts'}:/{JDK}/{CACERTS}:ro"))
    for site, answers in said["sites"].items():
        assert answers == dict.fromkeys(CLIENTS, ACCEPTED), site
