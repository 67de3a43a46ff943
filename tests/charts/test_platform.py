"""The values of a platform in examples/platform, and the values that a platform's customers have had since before this
chart: for all ways of running, by Helm itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import schemas
import yaml
from cases import GIVEN, PEM, RAW
from pods import env, init, mounts
from support import helm, kube_api
from support.helm_program import VERSIONS, Helm

FILE = helm.REPOSITORY / "examples" / "platform" / "values.yaml"
PLATFORM = yaml.safe_load(FILE.read_text())
RUNS = ("spark-submit", "kubeflow", "apache")
KUBERNETES = (*schemas.KUBERNETES, "1.37")


def platform(trust: dict, run: str = "spark-submit") -> dict:
    """A customer's values over the platform's, as Helm merges them."""
    return PLATFORM | {"run": run, "trust": PLATFORM["trust"] | {"caBundle": GIVEN} | trust}


@pytest.mark.parametrize("run", RUNS)
def test_a_platform_s_values_are_valid_objects(charts: helm.Charts, run: str):
    both = [charts.render(platform({}, run), version=version) for version in helm.VERSIONS]
    assert both[0] == both[1], "Helm 3 and Helm 4 differ"
    for one in both[0]:
        if one["apiVersion"] in schemas.CRDS:
            schemas.custom(one)
        else:
            schemas.kubernetes(one, KUBERNETES)
    for template in helm.pod_templates(both[0]).values():
        schemas.pod_template(template, KUBERNETES)
        schemas.restricted(template)


@pytest.mark.parametrize("run", RUNS)
def test_all_of_a_platform_s_values_are_in_the_pods(charts: helm.Charts, run: str):
    documents = charts.render(platform({}, run))
    account = helm.object_of(documents, "ServiceAccount")["metadata"]
    assert PLATFORM["serviceAccount"]["annotations"].items() <= account["annotations"].items()
    spark = PLATFORM["spark"]
    for role, template in helm.pod_templates(documents).items():
        own, metadata, spec = spark[role], template["metadata"], template["spec"]
        assert (PLATFORM["commonLabels"] | spark["labels"]).items() <= metadata["labels"].items()
        assert PLATFORM["commonAnnotations"].items() <= metadata["annotations"].items()
        assert spark["annotations"].items() <= metadata["annotations"].items()
        assert spec["nodeSelector"] == spark["nodeSelector"] | own["nodeSelector"]
        assert spec["tolerations"] == spark["tolerations"] + own.get("tolerations", [])
        assert spec.get("affinity") == own.get("affinity")
        assert len(spec.get("topologySpreadConstraints", [])) == (role == "executor")
        assert spec["priorityClassName"] == own.get("priorityClassName", spark["priorityClassName"])
        assert spec["imagePullSecrets"] == [{"name": name} for name in spark["pullSecrets"]]
        for field in ("hostAliases", "dnsConfig", "terminationGracePeriodSeconds"):
            assert spec[field] == spark[field]
        (main,) = spec["containers"]
        assert main["envFrom"] == spark["envFrom"]
        assert spark["env"][0] in main["env"]
        for mount in spark["volumeMounts"] + own.get("volumeMounts", []):
            assert mount in main["volumeMounts"]
        for volume in spark["volumes"] + own.get("volumes", []):
            assert volume in spec["volumes"]
        assert "/etc/pki/platform-certs/0" in mounts(init(template)[-1])


# --- the contract that values have had from the first

# Key by key: what is set, and what it does to the pods.
CONTRACT = {
    "enabled": (False, lambda pod: not init(pod) and "SSL_CERT_FILE" not in env(pod)),
    "caBundle.kind": ("Secret", lambda pod: "secret" in volume(pod, "trust-ca")),
    "caBundle.reason": ("their proxy", lambda pod: init(pod)),
    "mountPath": ("/opt/certs", lambda pod: "/opt/certs" in mounts(main(pod))),
    "fileName": (
        "chain.pem",
        lambda pod: volume(pod, "trust-ca")["configMap"]["items"][0]["path"] == "chain.pem",
    ),
    "env.SSL_CERT_FILE": (
        RAW,
        lambda pod: env(pod)["SSL_CERT_FILE"] == "/trust/os/ca-certificates.crt",
    ),
    "env.REQUESTS_CA_BUNDLE": (
        RAW,
        lambda pod: env(pod)["REQUESTS_CA_BUNDLE"] == "/trust/python/cacert.pem",
    ),
    "platform": (
        [{"name": "other-cas", "key": "ca.crt"}],
        lambda pod: volume(pod, "trust-platform-0")["configMap"]["name"] == "other-cas",
    ),
    "base": ("mozilla", lambda pod: len(init(pod)) == 1),
    "updateOsTrust": (False, lambda pod: "/etc/ssl/certs" not in mounts(main(pod))),
    "osLayout": ("rhel", lambda pod: "/etc/pki/ca-trust/extracted" in mounts(main(pod))),
    "updateJavaTrust": (False, lambda pod: "os,python" in init(pod)[-1]["command"]),
    "java.store": ("jks", lambda pod: "jks" in init(pod)[-1]["command"]),
    "java.toolOptions": (True, lambda pod: "trustStore" in env(pod)["JAVA_TOOL_OPTIONS"]),
    "policy.deny": (["weak-key"], lambda pod: "weak-key" in init(pod)[-1]["command"]),
    "image.registry": (
        "r.example.com",
        lambda pod: init(pod)[0]["image"].startswith("r.example.com/"),
    ),
    "image.digest": (f"sha256:{'0' * 64}", lambda pod: init(pod)[0]["image"].endswith("0" * 64)),
    "resources": (
        {"limits": {"cpu": "1"}},
        lambda pod: init(pod)[0]["resources"]["limits"]["cpu"] == "1",
    ),
    "mode": ("wrapper", lambda pod: main(pod)["command"][1] == "exec"),
    "rollOnChange": (True, lambda pod: "caBundleHash" in pod["metadata"]["annotations"]),
    "caBundle.pin": (True, lambda pod: "--expect-sha256" in init(pod)[-1]["command"]),
}


def main(pod: dict) -> dict:
    (container,) = pod["spec"]["containers"]
    return container


def volume(pod: dict, name: str) -> dict:
    return next(one for one in pod["spec"]["volumes"] if one["name"] == name)


def nested(path: str, value: object) -> dict:
    *parents, last = path.split(".")
    values: dict = {last: value}
    for parent in reversed(parents):
        values = {parent: values}
    return values


@pytest.fixture(scope="module")
def untouched(charts: helm.Charts) -> dict[str, dict]:
    return helm.pod_templates(charts.render(platform({})))


@pytest.mark.parametrize("key", CONTRACT)
def test_each_key_of_the_contract_does_what_it_says(
    charts: helm.Charts, untouched: dict[str, dict], key: str
):
    """Driver and executors, in a platform's pods; without the key they are others."""
    value, holds = CONTRACT[key]
    trust = nested(key, value)
    trust["caBundle"] = {**trust.get("caBundle", {}), **GIVEN}
    with_key, without = (helm.pod_templates(charts.render(platform(one))) for one in (trust, {}))
    for role, pod in with_key.items():
        assert holds(pod), role
        if not key.startswith(("env.", "caBundle.reason")):
            assert pod != untouched[role]


# --- by Helm itself, as a user types it


@pytest.fixture(params=VERSIONS)
def installed(
    request: pytest.FixtureRequest, charts: helm.Charts, tmp_path: Path
) -> Iterator[Callable[..., str]]:
    """Asks the API what it would make of an installation; what Helm printed."""
    chain = tmp_path / "client-ca-chain.pem"
    chain.write_text(PEM)
    with kube_api.serve() as api:
        program = Helm.of(request.param, tmp_path, api)

        def install(*options: str | Path) -> str:
            chart = charts.root / "charts/spark-customer"
            words = ["install", "acme", chart, "--namespace", helm.NAMESPACE, "--dry-run=server"]
            return program.run(*words, "--set-file", f"trust.caBundle.pem={chain}", *options)

        yield install


@pytest.mark.parametrize("run", RUNS)
def test_helm_itself_installs_them(installed: Callable[..., str], run: str):
    printed = installed(
        *("--values", FILE, "--set", f"run={run}", "--set", f"trust.env.SSL_CERT_FILE={RAW}"),
        *("--set", "spark.labels.checked=true"),
    )
    assert "trust.env.SSL_CERT_FILE names the raw chain" in printed
    assert printed.count('"checked": "true"') == 2
    assert f'value: "{RAW}"' not in printed


def test_helm_itself_names_the_right_key(installed: Callable[..., str]):
    with pytest.raises(helm.Refused) as refused:
        installed("--set", "images.spark=registry.example.com/spark:4.0.1")
    assert "images.spark: the chart has no such key: use spark.image" in str(refused.value)
