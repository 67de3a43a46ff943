"""The pod of `helm test`: what the driver's pods get, with doctor in place of Spark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import schemas
import yaml
from cases import GIVEN, PEM, TRUST
from support import helm
from support.helm_program import VERSIONS, Helm

HOSTS = ["api.example.com", "jdbc:postgresql://db.example.com/x"]
Render = Callable[..., list[dict]]


@pytest.fixture
def render(charts: helm.Charts, tmp_path: Path) -> Render:
    """Every object, hooks among them."""

    def render(values: dict, version: str = "helm") -> list[dict]:
        text = Helm.of(version, tmp_path).template(charts.root / "charts/spark-customer", values)
        return [one for one in yaml.safe_load_all(text) if one]

    return render


def doctor(render: Render, trust: dict, hosts: list = HOSTS, **more) -> dict:
    return helm.object_of(render({"trust": trust, "test": {"hosts": hosts}, **more}), "Pod")


@pytest.mark.parametrize("name", [name for name in TRUST if name != "off"])
def test_it_is_a_valid_pod_that_differs_from_the_driver_s_in_its_command(render: Render, name: str):
    trust = TRUST[name]
    documents = render({"trust": trust, "test": {"hosts": HOSTS}})
    pod = helm.object_of(documents, "Pod", "acme-doctor")
    schemas.kubernetes(pod, schemas.versions(trust))
    schemas.pod_template({"metadata": pod["metadata"], "spec": pod["spec"]}, schemas.versions(trust))
    schemas.restricted(pod)
    assert pod["spec"]["restartPolicy"] == "Never"
    driver = helm.pod_templates(documents)["driver"]["spec"]
    added = {"trust-doctor", "trust-init-install"} if trust.get("mode") == "prebuilt" else set()
    for what in ("initContainers", "volumes"):
        had = [one for one in pod["spec"].get(what, []) if one["name"] not in added]
        assert had == driver.get(what, []) or added
        assert added or len(had) == len(driver.get(what, []))
    (main,), (drivers,) = pod["spec"]["containers"], driver["containers"]
    assert main["image"] == drivers["image"]
    assert main["securityContext"] == drivers["securityContext"]
    assert [m for m in main["volumeMounts"] if m["name"] not in added] == drivers.get("volumeMounts", [])
    variables = {one["name"]: one for one in main.get("env", [])}
    assert {one["name"] for one in drivers.get("env", [])} <= set(variables)
    for one in drivers.get("env", []):
        assert variables[one["name"]] == one or one["name"] == "JAVA_TOOL_OPTIONS"
    assert main["command"][-len(HOSTS) - 2 :] == ["doctor", "--", *HOSTS]


def test_it_runs_where_a_platform_lets_the_driver_run(render: Render):
    """With what admission, scheduling and network policies of a platform ask for."""
    values = yaml.safe_load((helm.REPOSITORY / "examples/platform/values.yaml").read_text())
    documents = render({**values, "trust": {**values.get("trust", {}), "caBundle": GIVEN}, "test": {"hosts": HOSTS}})
    pod = helm.object_of(documents, "Pod")
    driver = helm.pod_templates(documents)["driver"]
    schemas.kubernetes(pod)
    for key in driver["spec"].keys() - {"containers"}:
        assert pod["spec"][key] == driver["spec"][key], key
    assert {"tolerations", "nodeSelector", "priorityClassName", "imagePullSecrets"} <= pod["spec"].keys()
    assert driver["metadata"]["annotations"].items() <= pod["metadata"]["annotations"].items()
    differ = driver["metadata"]["labels"].items() - pod["metadata"]["labels"].items()
    assert differ == {("app.kubernetes.io/component", "driver")}


def test_every_helm_renders_the_same(render: Render):
    values = {"trust": TRUST["all"], "test": {"hosts": HOSTS}}
    first, *others = (render(values, version) for version in VERSIONS)
    assert others == [first]


@pytest.mark.parametrize("name", ["chain", "platform", "sidecar", "mozilla", "prebuilt"])
def test_doctor_sees_the_truststore_of_the_driver_s_jvm(render: Render, name: str):
    """Spark's JVM gets it from a property, which no program but Spark reads."""
    trust = TRUST[name]
    conf = helm.spark_conf(render({"trust": trust}))
    (main,) = doctor(render, trust)["spec"]["containers"]
    variables = {one["name"]: one["value"] for one in main["env"]}
    assert variables["JAVA_TOOL_OPTIONS"] == conf["spark.driver.defaultJavaOptions"]
    own = [{"name": "JAVA_TOOL_OPTIONS", "value": "-Xss2m"}]
    (main,) = doctor(render, trust, spark={"env": own})["spec"]["containers"]
    variables = {one["name"]: one["value"] for one in main["env"]}
    assert variables["JAVA_TOOL_OPTIONS"] == f"-Xss2m {conf['spark.driver.defaultJavaOptions']}"


def test_with_the_wrapper_doctor_runs_in_what_exec_makes(render: Render):
    command = doctor(render, TRUST["wrapper"])["spec"]["containers"][0]["command"]
    end = command.index("--")
    assert command[:2] == ["/trust/bin/trust-init", "exec"]
    assert command[end + 1 : end + 3] == ["/trust/bin/trust-init", "doctor"]
    command = doctor(render, TRUST["wrapper-in-image"])["spec"]["containers"][0]["command"]
    end = command.index("--")
    assert command[0] == command[end + 1] == "/usr/local/bin/trust-init"
    assert "--x y" not in command


def test_stores_that_were_rendered_get_the_program_for_the_test(render: Render):
    spec = doctor(render, TRUST["prebuilt"])["spec"]
    (install,) = spec["initContainers"]
    assert install["args"] == ["install", "/trust-doctor"]
    assert spec["containers"][0]["command"][0] == "/trust-doctor/trust-init"


def test_it_is_a_hook_and_no_driver(render: Render):
    metadata = doctor(render, TRUST["chain"])["metadata"]
    assert metadata["annotations"]["helm.sh/hook"] == "test"
    assert metadata["annotations"]["helm.sh/hook-delete-policy"] == "before-hook-creation"
    assert metadata["labels"]["app.kubernetes.io/component"] == "test"


@pytest.mark.parametrize(
    "values", [{"trust": {"enabled": False}, "test": {"hosts": HOSTS}}, {"trust": {"caBundle": GIVEN}}]
)
def test_there_is_none_without_trust_or_without_hosts(render: Render, values: dict):
    assert "Pod" not in {one["kind"] for one in render(values)}


def test_a_host_stays_one_argument(render: Render):
    hosts = ["--report=/x", 'a"b\n---\nkind: Secret', "{{ .Values }}"]
    assert doctor(render, TRUST["chain"], hosts=hosts)["spec"]["containers"][0]["command"][-3:] == hosts
    with pytest.raises(helm.Refused, match="test.hosts|test/hosts"):
        doctor(render, TRUST["chain"], hosts=[443])


def test_a_chain_with_a_key_is_refused_here_too(render: Render):
    with pytest.raises(helm.Refused, match="private key"):
        doctor(render, {"caBundle": {"pem": PEM + "-----BEGIN PRIVATE KEY-----\nMAA=\n"}})
