"""A pod of the chart, run: by podman's `kube play`, and by hand with what that one cannot do."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import application
import pytest
import rendered
from application import ACCEPTED, CLIENTS, ENTRYPOINT, WORKDIR, Application
from engine import UID, Engine
from kubelet import Absent, Cluster, Pod
from on_spark import ELSEWHERE
from rendered import Release
from sources import Sources
from support import binary

EXAMPLE = "examples/deployment"
# Base64 that was cut: a template sees nothing wrong.
MALFORMED = "-----BEGIN CERTIFICATE-----\nMIIDhTCC\n-----END CERTIFICATE-----\n"
RAW = "/etc/pki/custom-certs/client-ca-chain.pem"


@pytest.fixture(scope="module")
def releases(sources: Sources) -> dict[str, Release]:
    """Rendered at once."""
    trusting = rendered.trusting
    trusts = {
        "disabled": trusting(sources.chain, enabled=False),
        "image": trusting(sources.chain),
        # Without what is mounted over the image's own: the variables alone.
        "variables": trusting(sources.chain, updateOsTrust=False),
        # As values had it before there was a merged bundle.
        "raw": trusting(
            sources.chain,
            updateOsTrust=False,
            env={"SSL_CERT_FILE": RAW, "REQUESTS_CA_BUNDLE": RAW},
        ),
        "mozilla": trusting(sources.chain, base="mozilla"),
        "secret": trusting(sources.chain, caBundle={"kind": "Secret"}),
        "wrapper": trusting(
            sources.chain,
            mode="wrapper",
            updateOsTrust=False,
            wrapper={"command": list(ENTRYPOINT)},
        ),
        "sidecar": trusting(sources.chain, mode="sidecar"),
        "prebuilt": {"mode": "prebuilt", "prebuilt": {"auto": True}},
        "malformed": trusting(sources.chain, caBundle={"pem": MALFORMED}),
        # What is wrong in it, no template can see.
        "elsewhere": trusting(sources.chain) | {"caBundle": {"existing": ELSEWHERE}},
    }
    values = [{"image": application.TAG, "trust": trust} for trust in trusts.values()]
    return dict(zip(trusts, rendered.render(*values, chart=EXAMPLE), strict=True))


@pytest.fixture(scope="module")
def start(
    engine: Engine,
    image: str,
    main_image: Application,
    releases: dict[str, Release],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Pod]:
    """The pod of a release, its volumes made."""

    def start(name: str) -> Pod:
        release, cluster = releases[name], Cluster()
        cluster.upgrade(release.documents)
        images = {image: image, application.TAG: main_image.root}
        home = tmp_path_factory.mktemp(name)
        return Pod(engine, home, release.templates["deployment"], cluster, images)

    return start


def calls(pod: Pod) -> dict:
    """What the main container's clients say."""
    container = pod.main()
    command = ENTRYPOINT if "command" not in container else None
    done = pod.run({**container, "workingDir": WORKDIR}, command=command)
    assert done.code == 0, done.stderr
    return json.loads(done.stdout)["sites"]


def test_without_trust_the_customer_is_refused(start: Callable[[str], Pod]):
    pod = start("disabled")
    assert pod.init() == []
    application.untouched(calls(pod))


@pytest.mark.parametrize("release", ["image", "variables", "raw", "secret"])
def test_every_client_trusts_the_customer_and_what_the_image_trusts(
    start: Callable[[str], Pod], release: str
):
    pod = start(release)
    install, build = pod.init()
    assert (install.code, build.code) == (0, 0), (install, build)
    application.trusting(calls(pod))


def test_the_wrapper_does_the_same(start: Callable[[str], Pod]):
    application.trusting(calls(start("wrapper").ready()))


def test_a_sidecar_does_the_same_and_then_follows_the_chain(
    start: Callable[[str], Pod], sources: Sources
):
    pod = start("sidecar")
    (install,) = pod.init()
    try:
        assert install.code == 0, install
        application.trusting(calls(pod))
        bundle = pod.volumes["trust"] / "os/ca-certificates.crt"
        new = sources.other.read_text()
        assert new not in bundle.read_text()
        # As a kubelet does it: another directory, and a link that is turned to it.
        ca = pod.volumes["trust-ca"]
        version = ca / "..next"
        shutil.copytree(ca / "..data/", version)
        (version / "client-ca-chain.pem").write_text(sources.chain.read_text() + new)
        (ca / "..data_tmp").symlink_to(version.name)
        (ca / "..data_tmp").rename(ca / "..data")
        limit = time.monotonic() + 30
        while new.strip() not in bundle.read_text():
            assert time.monotonic() < limit, "the sidecar did not notice"
            time.sleep(0.1)
        application.trusting(calls(pod))
    finally:
        codes = pod.stop()
    assert codes == {"trust-init": 0}


def test_prebuilt_stores_do_the_same_with_no_init_container(
    engine: Engine,
    main_image: Application,
    releases: dict[str, Release],
    sources: Sources,
    tmp_path: Path,
):
    release, cluster = releases["prebuilt"], Cluster()
    printed = binary.run(
        *("render", "--ca", sources.chain, "--base", "auto", "--root", main_image.root)
    )
    assert printed.code == 0, printed.stderr
    cluster.add(*rendered.objects(printed.stdout.decode()))
    images = {application.TAG: main_image.root}
    pod = Pod(engine, tmp_path, release.templates["deployment"], cluster, images)
    assert pod.init() == []
    application.trusting(calls(pod))
    # Without them the pod waits.
    with pytest.raises(Absent):
        Pod(engine, tmp_path, release.templates["deployment"], Cluster(), images)


def test_values_that_name_the_raw_chain_are_told_so(releases: dict[str, Release]):
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        assert name in releases["raw"].notes
        assert name not in releases["variables"].notes


def test_with_mozilla_s_roots_what_the_image_alone_trusts_is_gone(start: Callable[[str], Pod]):
    """One init container, which cannot see the main image's stores: why `image` is the default."""
    pod = start("mozilla")
    (build,) = pod.init()
    assert build.code == 0, build.stderr
    said = calls(pod)
    assert said["customer"] == dict.fromkeys(CLIENTS, ACCEPTED)
    for site in ("public", "house"):
        assert ACCEPTED not in said[site].values(), said[site]


def test_a_private_key_in_the_chain_stops_the_pod_with_the_reason(
    engine: Engine,
    image: str,
    main_image: Application,
    releases: dict[str, Release],
    sources: Sources,
    tmp_path: Path,
):
    release, cluster = releases["elsewhere"], Cluster()
    name, key = ELSEWHERE.values()
    data = {key: sources.with_key.read_text()}
    cluster.upgrade([{"kind": "ConfigMap", "metadata": {"name": name}, "data": data}])
    images = {image: image, application.TAG: main_image.root}
    pod = Pod(engine, tmp_path, release.templates["deployment"], cluster, images)
    install, build = pod.init()
    assert install.code == 0
    assert build.code == 3
    line = sources.with_key.read_text().splitlines().index("-----BEGIN PRIVATE KEY-----") + 1
    assert f"error[private-key]: {RAW}:{line}" in build.message
    assert not any(secret in build.message for secret in sources.key.splitlines()[1:-1])
    # Nothing for a main container to start with.
    assert not (pod.volumes["trust"] / "os").exists()


# ---- the same by kube play


def playable(release: Release, name: str) -> list[dict]:
    """The Deployment's pod as podman 4.3 can play it. What it changes, and why:

    - a Pod of its own that is not started again: of a Deployment podman would start it for ever;
    - a uid, as OpenShift gives one: podman makes an emptyDir the first container's own;
    - no mount of a subPath: podman would mount the whole volume there;
    - a Secret as the ConfigMap that it would be: podman wants one in its own store.
    """
    template = copy.deepcopy(release.templates["deployment"])
    spec = template["spec"]
    spec["restartPolicy"] = "Never"
    spec["securityContext"] |= {"runAsUser": int(UID), "runAsGroup": int(UID)}
    for container in spec["containers"]:
        container["volumeMounts"] = [
            mount for mount in container.get("volumeMounts") or () if "subPath" not in mount
        ]
    bundles = [one for one in release.documents if one["kind"] == "ConfigMap"]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
    return [*bundles, pod]


@pytest.fixture
def play(
    engine: Engine, image: str, played_image: str, releases: dict[str, Release]
) -> Iterator[Callable[[str], subprocess.CompletedProcess[str]]]:
    def play(name: str) -> subprocess.CompletedProcess[str]:
        file = engine.home / f"{name}.yaml"
        # JSON is YAML.
        file.write_text("\n---\n".join(map(json.dumps, playable(releases[name], name))))
        return engine.podman("kube", "play", "--network=none", str(file), check=False)

    yield play
    engine.podman("pod", "rm", "--all", "--force", check=False)
    engine.podman("volume", "rm", "--all", "--force", check=False)


@pytest.fixture(scope="module")
def played_image(
    engine: Engine, main_image: Application, tmp_path_factory: pytest.TempPathFactory
) -> str:
    return main_image.image(engine, tmp_path_factory.mktemp("played"))


@pytest.mark.parametrize("release", ["disabled", "image"])
def test_played(engine: Engine, play, release: str):
    done = play(release)
    assert done.returncode == 0, done.stdout + done.stderr
    name = f"{release}-service"
    code = engine.podman("wait", name).stdout.strip()
    log = engine.podman("logs", name)
    assert code == "0", log.stdout + log.stderr
    said = json.loads(log.stdout)["sites"]
    (application.untouched if release == "disabled" else application.trusting)(said)


def test_played_with_a_bad_chain_the_main_container_never_starts(engine: Engine, play):
    done = play("malformed")
    assert done.returncode != 0
    assert "exited with code 3" in done.stderr, done.stderr
    state = engine.podman(
        "inspect",
        "--format={{.State.Status}} {{.State.StartedAt.Year}}",
        "malformed-service",
        check=False,
    )
    # Never created, or created and never started.
    assert state.returncode != 0 or state.stdout.split() == ["created", "1"], state.stdout
