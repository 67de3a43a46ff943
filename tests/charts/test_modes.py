"""Modes sidecar and prebuilt: what they put into a pod, held against what the binary itself says."""

from __future__ import annotations

import copy
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

import jsonschema
import kubernetes_validate
import pytest
import schemas
import yaml
from cases import CORPORATE, GIVEN, HASH, PEM, RAW, RUNS, TRUST, chart_of, values_of
from pods import env, init, mounts
from support import binary, helm

EXISTING = {"name": "from-trust-manager", "key": "ca.crt"}


# --- sidecar


@pytest.mark.parametrize("run", RUNS)
def test_the_sidecar_watches_in_the_main_image(pod, run: str):
    template = pod(TRUST["sidecar"], run)
    install, watch = init(template)
    (main,) = template["spec"]["containers"]
    assert install["args"] == ["install", "--ignore-variables", "/trust/bin"]
    assert not {"restartPolicy", "startupProbe"} & set(install), "it ends"
    assert watch["image"] == main["image"]
    words = watch["command"]
    assert words[:3] == ["/trust/bin/trust-init", "watch", "--ignore-variables"]
    assert words[words.index("--ca") + 1] == RAW
    assert watch["restartPolicy"] == "Always"
    # Without it the main container starts before the stores exist.
    probe = ["watch", "--healthy", "--ignore-variables", "--out", "/trust"]
    healthy = ["/trust/bin/trust-init", *probe]
    assert watch["startupProbe"]["exec"]["command"] == healthy


def test_but_for_watching_it_is_mode_init(pod):
    """The same options, mounts, variables, security context and resources."""
    trust = {**TRUST["all"], "caBundle": {**GIVEN, "kind": "Secret"}, "rollOnChange": False}
    sidecar = pod({**trust, "mode": "sidecar"})
    watch = init(sidecar)[-1]
    del watch["restartPolicy"], watch["startupProbe"]
    watch["command"][1] = "build"
    assert sidecar == pod({**trust, "mode": "init"})


@pytest.mark.parametrize("base", ["mozilla", "none"])
def test_other_bases_need_the_sidecar_alone(pod, base: str):
    (watch,) = init(pod({"mode": "sidecar", "caBundle": GIVEN, "base": base}))
    assert watch["image"] == "registry.example.com/trust-init:0.1.0"
    assert watch["args"][0] == "watch" and watch["args"][-1] == "--install"
    # The program of that image: its entry point, for a probe has none.
    dockerfile = (helm.REPOSITORY / "Dockerfile").read_text()
    assert 'ENTRYPOINT ["/trust-init"]' in dockerfile
    probe = watch["startupProbe"]["exec"]["command"]
    options = ["--healthy", "--ignore-variables", "--out", "/trust"]
    assert probe == ["/trust-init", "watch", *options]


def test_the_probe_waits_as_long_as_the_sidecar_does(pod):
    waiting = {"existing": {**EXISTING, "wait": 300}}
    watch = init(pod({"mode": "sidecar", "caBundle": waiting}))[-1]
    probe = watch["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] > 300


@pytest.mark.parametrize("trust", ["sidecar", "sidecar-existing"])
def test_what_is_watched_is_mounted_as_a_directory(pod, trust: str):
    """A kubelet updates no subPath."""
    watch = init(pod(TRUST[trust]))[-1]
    for place, mount in mounts(watch).items():
        assert "subPath" not in mount, place


def test_a_new_chain_rolls_no_pod_unless_asked(pod):
    def annotated(trust: dict) -> bool:
        template = pod({"caBundle": GIVEN, **trust}, "deployment")
        return "caBundleHash" in template["metadata"].get("annotations", {})

    assert annotated({})
    assert not annotated({"mode": "sidecar"})
    assert annotated({"mode": "sidecar", "rollOnChange": True})


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("kubernetes", ["v1.27.16", "v1.28.15", "v1.28.15-gke.100"])
def test_below_1_29_a_sidecar_is_refused(charts: helm.Charts, version: str, kubernetes: str):
    values = {"trust": TRUST["sidecar"]}
    with pytest.raises(helm.Refused) as refused:
        charts.render(values, version=version, kubernetes=kubernetes)
    # Helm 3 names no build.
    plain = kubernetes.partition("-")[0]
    assert f"trust.mode: sidecar needs Kubernetes 1.29, and this is {plain}" in str(refused.value)
    # The others accept both.
    for mode in ("chain", "wrapper", "prebuilt"):
        charts.render({"trust": TRUST[mode]}, version=version, kubernetes=kubernetes)


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("kubernetes", ["v1.29.0", "v1.29.1-eks-508b6b3", "v1.36.0"])
def test_from_1_29_on_it_is_rendered(charts: helm.Charts, version: str, kubernetes: str):
    assert charts.render({"trust": TRUST["sidecar"]}, version=version, kubernetes=kubernetes)


def test_kubernetes_1_27_does_not_know_it(pod):
    """Why it is refused there: such an API server drops the field, and init never ends."""
    template = pod(TRUST["sidecar"])
    schemas.pod_template(template, schemas.SIDECARS)
    with pytest.raises((kubernetes_validate.ValidationError, jsonschema.ValidationError)) as said:
        schemas.pod_template(template, ("1.27",))
    assert "restartPolicy" in str(said.value)


def mount(root: Path, number: int, pem: str) -> None:
    """A ConfigMap's next content, as a kubelet swaps it in."""
    version = root / f"..{number}"
    version.mkdir(parents=True)
    (version / "client-ca-chain.pem").write_text(pem)
    link = root / "..new"
    link.symlink_to(version.name)
    link.rename(root / "..data")
    file = root / "client-ca-chain.pem"
    if not file.is_symlink():
        file.symlink_to("..data/client-ca-chain.pem")


def until(holds, what: str, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def test_the_sidecar_run_as_it_stands_there(pod, shipped, tmp_path):
    """But for the places: the probe fails, passes, and the next content of the ConfigMap is built."""
    source, out = tmp_path / "custom", tmp_path / "trust"
    trust = {"mode": "sidecar", "base": "mozilla", "caBundle": GIVEN, "mountPath": str(source)}
    (watch,) = init(pod(trust))

    def here(words: list[str]) -> list[str]:
        return [str(out) if word == "/trust" else word for word in words]

    def healthy() -> bool:
        return binary.run(*here(watch["startupProbe"]["exec"]["command"][1:])).code == 0

    def bundle() -> str:
        return (out / "os/ca-certificates.crt").read_text()

    first, *_, last = re.findall(r"-----BEGIN [^_]*?-----END CERTIFICATE-----\n", PEM)
    # Of its signature, which no other has.
    body = last.splitlines()[-2]
    assert body not in first
    mount(source, 1, first)
    assert not healthy()
    log = (tmp_path / "log").open("w+")
    process = subprocess.Popen([shipped, *here(watch["args"])], stderr=log)
    try:
        until(healthy, "it never built")
        assert body not in bundle()
        mount(source, 2, PEM)
        until(lambda: body in bundle(), "it did not notice")
        assert healthy()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        log.close()
    assert not healthy(), "nobody keeps these stores now"


# --- prebuilt

CHAIN = str(helm.REPOSITORY / "examples" / "client-ca-chain.pem")
# Without a store in it: which objects there are does not depend on that.
ROOT = f"--root={helm.REPOSITORY}"
# Values below `trust.`, and what render is given for the same.
RENDERED: dict[str, tuple[dict, list[str]]] = {
    "defaults": ({}, []),
    "a Secret": ({"prebuilt": {"kind": "Secret"}}, ["--kind=secret"]),
    "another name": ({"prebuilt": {"name": "customer"}}, ["--name=customer"]),
    "a base each": ({"prebuilt": {"auto": True}}, ["--base=auto", ROOT]),
    "a platform's base": ({"prebuilt": {"platform": True}}, ["--base=mozilla", f"--base={CHAIN}"]),
    "a platform's base and the image's": (
        {"prebuilt": {"auto": True, "platform": True}},
        ["--base=auto", ROOT, f"--base={CHAIN}"],
    ),
    "a base each, rhel": (
        {"prebuilt": {"auto": True}, "osLayout": "rhel"},
        ["--base=auto", ROOT, "--os-layout=rhel"],
    ),
    "without Java": ({"updateJavaTrust": False}, ["--only=os,python"]),
    "no chain": ({"prebuilt": {"chain": False}}, ["--base=mozilla"]),
    **{
        f"{layout}, {store}": (
            {"osLayout": layout, "java": {"store": store}},
            [f"--os-layout={layout}", f"--java-store={store}"],
        )
        for layout in ("debian", "rhel", "suse")
        for store in ("pkcs12", "pkcs12-mac", "pkcs12-encrypted", "jks")
    },
}


def rendered(*args: str) -> dict:
    done = binary.run("render", "--print=pod", "--quiet", *args)
    assert done.code == 0, done.stderr
    return yaml.safe_load(done.stdout)


@pytest.mark.parametrize("how", RENDERED)
def test_the_pod_is_what_render_says_it_must_be(pod, how: str):
    """Volume, mount and variables: one wiring, said by the program that prints the objects."""
    trust, args = RENDERED[how]
    if trust.get("prebuilt", {}).get("chain", True):
        args = [*args, f"--ca={CHAIN}"]
    expected = rendered(*args)
    template = pod({"mode": "prebuilt", **trust}, "deployment")
    (main,) = template["spec"]["containers"]
    assert template["spec"]["volumes"][0] == expected["volumes"][0]
    assert main["volumeMounts"][0] == expected["volumeMounts"][0]
    assert main["env"] == expected["env"]


def test_names_that_a_hash_ends(pod):
    printed = rendered(f"--ca={CHAIN}", "--immutable", "--hash-suffix")
    (volume,) = printed["volumes"]
    java, pem = (one["configMap"]["name"] for one in volume["projected"]["sources"])
    template = pod({"mode": "prebuilt", "prebuilt": {"names": {"java": java, "pem": pem}}})
    assert template["spec"]["volumes"][0] == volume
    assert template["spec"]["volumes"][1]["configMap"]["name"] == pem, "the raw chain's too"


@pytest.mark.parametrize("run", RUNS)
def test_no_container_of_ours_is_there(pod, run: str):
    template = pod(TRUST["prebuilt"], run)
    assert not init(template)
    (main,) = template["spec"]["containers"]
    assert "command" not in main
    assert "/etc/ssl/certs" not in mounts(main), "it would hide the image's hashed directory"
    assert "trust-init:" not in str(template)


@pytest.mark.parametrize("run", RUNS)
def test_the_raw_chain_stands_where_it_always_does(pod, run: str):
    """For values and code that name it."""
    template = pod(TRUST["prebuilt-all"], run)
    (main,) = template["spec"]["containers"]
    assert "subPath" not in mounts(main)["/opt/customer"], "no kubelet would update it"
    (volume,) = (one for one in template["spec"]["volumes"] if one["name"] == "trust-ca")
    item = {"key": "client-ca-chain.pem", "path": "chain.pem"}
    assert volume["secret"] == {"secretName": "stores-os", "items": [item]}
    # In the object that has that key.
    sources = template["spec"]["volumes"][0]["projected"]["sources"]
    (found,) = (one for one in sources if item["key"] in str(one))
    assert found["secret"]["name"] == "stores-os"


def test_over_the_image_s_own_place_if_asked(pod):
    template = pod({"mode": "prebuilt", "prebuilt": {"overImage": True}})
    (main,) = template["spec"]["containers"]
    assert mounts(main)["/etc/ssl/certs"] == {
        "name": "trust",
        "mountPath": "/etc/ssl/certs",
        "subPath": "os",
        "readOnly": True,
    }


def test_older_values_get_the_merged_bundles_here_too(pod):
    variables = env(pod({"mode": "prebuilt", "env": {"SSL_CERT_FILE": RAW}}))
    assert variables["SSL_CERT_FILE"] == "/trust/os/ca-certificates.crt"
    assert RAW not in variables.values()


def test_spark_s_jvms_get_the_truststore(charts: helm.Charts):
    conf = helm.spark_conf(charts.render({"trust": {"mode": "prebuilt"}}))
    options = "-Djavax.net.ssl.trustStore=/trust/java/truststore.p12"
    assert conf["spark.executor.defaultJavaOptions"] == options


@pytest.mark.parametrize("how", ["prebuilt", "prebuilt-all", "prebuilt-least"])
def test_the_command_in_notes_prints_what_the_pod_mounts(
    charts: helm.Charts, pod, how: str, tmp_path: Path
):
    trust = copy.deepcopy(TRUST[how])
    notes = charts.notes({"trust": trust})
    (words,) = (
        shlex.split(found)
        for found in re.findall(r"no pod starts: trust-init (render .*) \| kubectl", notes)
    )
    named = trust.get("fileName", "client-ca-chain.pem")
    words = [CHAIN if word == named else word for word in words]
    there = {"DIR": str(tmp_path), "FILE": CHAIN}
    words = [there.get(word, word) for word in words]
    done = binary.run(*words)
    assert done.code == 0, done.stderr
    objects = {one["metadata"]["name"]: one for one in yaml.safe_load_all(done.stdout)}
    printed = {
        re.sub(r"-[0-9a-f]{10}$", "", name): {
            key for kind in ("data", "binaryData", "stringData") for key in one.get(kind, {})
        }
        for name, one in objects.items()
    }
    (volume,) = (one for one in pod(trust)["spec"]["volumes"] if one["name"] == "trust")
    for source in volume["projected"]["sources"]:
        (one,) = source.values()
        keys = {item["key"] for item in one["items"]}
        assert keys == printed.pop(re.sub(r"-[0-9a-f]{10}$", "", one["name"]))
    assert not printed, "an object that no pod mounts"
    assert {one["metadata"]["namespace"] for one in objects.values()} == {helm.NAMESPACE}


# --- both, and what a platform holds fast


@pytest.mark.parametrize("version", helm.VERSIONS)
def test_prebuilt_passes_over_no_lock(tmp_path: Path, version: str):
    """Policy, base and platform's CAs would be those of whoever renders."""
    charts = helm.Charts(tmp_path)
    file = tmp_path / "charts/spark-customer/trust-locked.yaml"
    try:
        # Even one that holds fast what is the default in any case.
        for text in ("base: image", "policy: {deny: [weak-key]}", "platform: []", "image: {}"):
            file.write_text(text)
            with pytest.raises(helm.Refused, match=r"mode prebuilt would ignore \w+, which trust-locked"):
                charts.render({"trust": {"mode": "prebuilt"}}, version=version)
            charts.render({"trust": {"mode": "sidecar", "caBundle": GIVEN}}, version=version)
        file.write_text("image: {}\nmode: prebuilt\n")
        assert charts.render({}, version=version), "the platform's own choice"
    finally:
        charts.close()


def test_a_platform_that_is_locked_counts_in_a_sidecar(pod):
    words = init(pod({**TRUST["sidecar"], "platform": [CORPORATE]}))[-1]["command"]
    assert "/etc/pki/platform-certs/0/ca.crt" in words


def test_notes_say_what_a_sidecar_does_not_do(charts: helm.Charts):
    notes = charts.notes({"trust": TRUST["sidecar"]})
    assert "built again when ConfigMap acme-trust-ca changes. A JVM reads its truststore only once" in notes
    assert "requests notice at their next call or connection" in notes
    guarded = {"mode": "sidecar", "caBundle": {"existing": {**EXISTING, "sha256": HASH}}}
    assert "The sidecar refuses any other content" in charts.notes({"trust": guarded})


def test_notes_say_what_prebuilt_does_not_do(charts: helm.Charts):
    notes = charts.notes(values_of("spark-submit", TRUST["prebuilt"]))
    assert "mode prebuilt mounts nothing over /etc/ssl/certs" in notes
    assert "/trust/bin" not in notes and "To run doctor, use kubectl debug" in notes
    over = charts.notes(values_of("deployment", TRUST["prebuilt-all"]), chart_of("deployment"))
    assert "is mounted by subPath, which a kubelet never updates" in over
