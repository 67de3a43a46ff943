"""What render prints, in the hands of a YAML parser, Kubernetes' schemas, and the clients of a pod that
mounts it."""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support import binary, environment, jvm

KINDS = ["ConfigMap", "Secret"]
# Client-side apply and Argo CD.
ANNOTATION = 250_000
CHARTS = environment.REPOSITORY / "tests" / "charts" / "setup.sh"


def parsed(yaml: bytes) -> list[dict]:
    """Every document, by a parser of YAML: PyYAML, in Debian's yq."""
    done = subprocess.run(
        ["yq", "-c", "."], input=yaml, capture_output=True, timeout=60, env=environment.clean()
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def values(one: dict) -> dict[str, bytes]:
    """What an object holds, as Kubernetes stores it."""
    texts, encoded = ("data", "binaryData") if one["kind"] == "ConfigMap" else ("stringData", "data")
    held = {key: text.encode() for key, text in one.get(texts, {}).items()}
    # validate: Kubernetes' own decoder takes nothing else.
    held |= {key: base64.b64decode(text, validate=True) for key, text in one.get(encoded, {}).items()}
    return held


def mount(pod: dict, objects: list[dict], root: Path) -> Path:
    """The volume, as a kubelet writes it."""
    (volume,) = pod["volumes"]
    (mounted,) = pod["volumeMounts"]
    assert volume["name"] == mounted["name"] and mounted["readOnly"] is True
    by_name = {(one["kind"].lower(), one["metadata"]["name"]): values(one) for one in objects}
    for source in volume["projected"]["sources"]:
        ((kind, content),) = source.items()
        held = by_name[kind.lower(), content["name"]]
        for item in content["items"]:
            path = root / item["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            assert not path.exists(), f"{item['path']} twice"
            path.write_bytes(held[item["key"]])
    return root


class Rendered:
    def __init__(self, *options: str | Path, at: Path):
        self.at = at
        self.done = binary.run("render", *options, "--mounted-at", at)
        assert self.done.code == 0, self.done.stderr
        self.objects = parsed(self.done.stdout)
        pod = binary.run("render", *options, "--mounted-at", at, "--print", "pod")
        (self.pod,) = parsed(pod.stdout)
        self.env = {one["name"]: one["value"] for one in self.pod["env"]}
        mount(self.pod, self.objects, at)


@pytest.fixture(scope="module")
def options(customer, public):
    base = public.directory / "render-base.pem"
    base.write_bytes(public.root.pem)
    return ["--ca", customer.chain_file, "--base", "mozilla", "--base", base]


@pytest.fixture(scope="module")
def rendered(options, tmp_path_factory):
    where = tmp_path_factory.mktemp("render")
    return {kind: Rendered(*options, "--kind", kind, at=where / kind) for kind in KINDS}


@pytest.fixture(scope="module")
def built(options, tmp_path_factory):
    return binary.build(tmp_path_factory.mktemp("render") / "built", *options)


@pytest.mark.parametrize("kind", KINDS)
def test_the_mount_is_the_tree_of_a_build(kind, rendered, built):
    mounted = binary.Tree(rendered[kind].at)
    files = {str(path.relative_to(mounted.root)) for path in mounted.root.rglob("*") if path.is_file()}
    whole = {str(path.relative_to(built.root)) for path in built.root.rglob("*") if path.is_file()}
    assert files <= whole
    missing = {path for path in whole - files if not re.fullmatch(r"os/[0-9a-f]{8}\.0", path)}
    assert missing == {"manifest.json"}
    for path in files - {"python/cacert.pem", "trust.env"}:
        assert (mounted / path).read_bytes() == (built / path).read_bytes(), path
    here = (mounted / "trust.env").read_text().replace(str(mounted.root), str(built.root))
    assert here == (built / "trust.env").read_text()
    # Without its comments.
    bundle = (built / "python" / "cacert.pem").read_bytes()
    fingerprints = binary.pem_fingerprints((mounted / "python" / "cacert.pem").read_bytes())
    assert fingerprints == binary.pem_fingerprints(bundle)


@pytest.mark.parametrize("kind", KINDS)
def test_annotations_have_the_hashes_of_the_manifest(kind, rendered, built):
    hashes = {name: built.manifest[name] for name in ("caBundleHash", "trustAnchorsHash")}
    for one in rendered[kind].objects:
        assert one["metadata"]["annotations"] == hashes


@pytest.mark.parametrize("kind", KINDS)
def test_sizes_are_those_of_the_annotation(kind, rendered):
    """kubectl keeps the object as compact JSON."""
    told = re.findall(r"rendered (\w+) (\S+), (\d+) bytes as JSON", rendered[kind].done.stderr)
    sizes = {name: int(size) for _, name, size in told}
    for one in rendered[kind].objects:
        size = len(json.dumps(one, separators=(",", ":"), ensure_ascii=False).encode())
        assert sizes.pop(one["metadata"]["name"]) == size <= ANNOTATION
    assert not sizes


@pytest.mark.parametrize("version", jvm.names())
def test_every_jvm_trusts_by_the_objects(version, rendered, built, customer, public):
    one = rendered["ConfigMap"]
    trust = jvm.get(version).trust(customer.peer, public.peer, env=environment.clean(**one.env))
    assert trust.failure is None
    assert trust.anchors == built.fingerprints("java")
    assert set(trust.handshakes.values()) == {"passed"}


@pytest.mark.parametrize("form", ["pkcs12-mac", "pkcs12-encrypted", "jks"])
def test_a_jvm_trusts_by_every_form(form, options, built, customer, tmp_path):
    one = Rendered(*options, "--java-store", form, "--only", "java", at=tmp_path / "trust")
    trust = jvm.get(jvm.names()[-1]).trust(customer.peer, env=environment.clean(**one.env))
    assert trust.failure is None
    assert trust.anchors == built.fingerprints("java")
    assert set(trust.handshakes.values()) == {"passed"}


@pytest.mark.parametrize(
    "client",
    [
        [sys.executable, "-c", "import sys, urllib.request as u; u.urlopen(sys.argv[1])"],
        [sys.executable, "-c", "import sys, requests as r; r.get(sys.argv[1])"],
        ["curl", "-sS", "-o", "/dev/null"],
    ],
    ids=["ssl", "requests", "curl"],
)
@pytest.mark.parametrize("kind", KINDS)
def test_other_clients_trust_by_the_objects(client, kind, rendered, customer, public):
    for site in (customer, public):
        done = subprocess.run(
            [*client, site.url], capture_output=True, text=True, timeout=60,
            env=environment.clean(**rendered[kind].env),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def test_openssl_trusts_by_the_objects(rendered, customer):
    done = subprocess.run(
        ["openssl", "verify", "-no-CApath", customer.server_file],
        capture_output=True, text=True, timeout=60,
        env=environment.clean(**rendered["ConfigMap"].env),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_texts_stay_texts(customer, tmp_path):
    """Names and paths that YAML would take for something else."""
    for name in ("on", "null", "1e3", "0x1f", "2026-11-21", "12"):
        done = binary.run("render", "--ca", customer.chain_file, "--base", "none", "--name", name,
                          "--namespace", name)  # fmt: skip
        for one in parsed(done.stdout):
            assert one["metadata"]["namespace"] == name
            assert one["metadata"]["labels"]["app.kubernetes.io/instance"] == name
    path = "/mnt/é #1: {a}, [b] & <c> *d !e %f @g"
    done = binary.run("render", "--ca", customer.chain_file, "--base", "none", "--print", "pod",
                      "--mounted-at", path.replace(":", ""))  # fmt: skip
    (pod,) = parsed(done.stdout)
    assert pod["volumeMounts"][0]["mountPath"] == path.replace(":", "")


VALIDATE = """
import json, sys
import kubernetes_validate
for one in json.load(sys.stdin):
    for version in ("1.27", "1.30", "1.33", "1.36"):
        kubernetes_validate.validate(one, version, strict=True)
"""


@pytest.mark.parametrize("kind", KINDS)
def test_kubernetes_takes_them(kind, options, rendered, tmp_path):
    named = Rendered(
        *options, "--kind", kind, "--namespace", "customer", "--immutable", "--hash-suffix",
        at=tmp_path / "trust",
    )  # fmt: skip
    objects = [*rendered[kind].objects, *named.objects]
    for one in (rendered[kind], named):
        container = {"name": "main", "image": "main"}
        container |= {key: one.pod[key] for key in ("volumeMounts", "env")}
        objects.append({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "main"},
            "spec": {"volumes": one.pod["volumes"], "containers": [container]},
        })  # fmt: skip
    printed = subprocess.run([CHARTS], stdout=subprocess.PIPE, text=True, check=True).stdout
    programs = dict(line.split(" ", 1) for line in printed.splitlines())
    done = subprocess.run(
        [programs["python"], "-c", VALIDATE], input=json.dumps(objects),
        capture_output=True, text=True, timeout=120, env=environment.clean(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
