"""The pods that real Sparks ask Kubernetes for, with the templates and properties of the chart."""

from __future__ import annotations

from pathlib import Path

import pytest
import rendered
import spark
from on_spark import (
    DRIVER,
    EXECUTOR,
    OWN,
    OWN_DEFAULT,
    OWN_SECRET,
    OWN_TOOL,
    Submissions,
    Submitted,
)
from spark import EXECUTORS, Submission, java_options, role, variables
from support import kube_api

SUBMITTED = [(version, "own") for version in spark.VERSIONS]
SUBMITTED += [("3.5", "encrypted"), ("4.3", "wrapper")]
# The client that Spark 3.5 has knows no restartPolicy of an init container, and must pass it on.
SUBMITTED += [("3.5", "sidecar"), ("4.3", "sidecar"), ("4.0", "prebuilt")]
# What `trust-init render` brings, and the chart does not.
PREBUILT = {("ConfigMap", "trust-java"), ("ConfigMap", "trust-pem")}
MAIN = {"driver": DRIVER, "executor": EXECUTOR}
STORE = {
    **dict.fromkeys(
        ("own", "sidecar", "prebuilt"), ["-Djavax.net.ssl.trustStore=/trust/java/truststore.p12"]
    ),
    "encrypted": [
        "-Djavax.net.ssl.trustStore=/trust/java/truststore.p12",
        "-Djavax.net.ssl.trustStorePassword=changeit",
    ],
}


@pytest.fixture(scope="module", params=SUBMITTED, ids="-".join)
def submitted(request: pytest.FixtureRequest, submissions: Submissions) -> Submitted:
    return submissions.of(*request.param)


@pytest.fixture
def case(request: pytest.FixtureRequest) -> str:
    return request.node.callspec.params["submitted"][1]


def pods(submitted: Submitted) -> list[dict]:
    asked = submitted.asked
    assert role(asked.driver) == "driver"
    assert [role(pod) for pod in asked.executors] == ["executor"] * EXECUTORS
    return [asked.driver, *asked.executors]


def main(pod: dict) -> dict:
    (container,) = pod["spec"]["containers"]
    assert container["name"] == MAIN[role(pod)]
    return container


def test_what_the_template_says_is_in_the_pod(submitted: Submitted):
    for pod in pods(submitted):
        holds(pod, submitted.release.templates[role(pod)])


def holds(pod: dict, template: dict) -> None:
    spec, wanted = pod["spec"], template["spec"]
    (container,) = wanted["containers"]
    assert wanted.get("initContainers", []) == spec.get("initContainers", [])
    for volume in wanted["volumes"]:
        assert volume in spec["volumes"]
    for mount in container["volumeMounts"]:
        assert mount in main(pod)["volumeMounts"]
    for variable in container.get("env", []):
        assert variable in main(pod)["env"]
    assert container.get("command") == main(pod).get("command")
    assert main(pod)["args"][0] == role(pod)
    assert container["securityContext"] == main(pod)["securityContext"]
    assert wanted["securityContext"] == spec["securityContext"]
    for kind in ("labels", "annotations"):
        asked = template["metadata"].get(kind) or {}
        assert asked.items() <= (pod["metadata"].get(kind) or {}).items()


def test_kubernetes_would_take_the_pod(submitted: Submitted, case: str):
    """Each mount has its volume, each path one mount, and each object that is named is there."""
    rendered.valid(pods(submitted), case)
    there = {("Secret", OWN_SECRET)} | (PREBUILT if case == "prebuilt" else set())
    there |= {
        (one["kind"], one["metadata"]["name"])
        for one in (*submitted.release.documents, *submitted.asked.others)
    }
    for pod in pods(submitted):
        spec = pod["spec"]
        volumes = [one["name"] for one in spec["volumes"]]
        assert len(volumes) == len(set(volumes))
        for volume in spec["volumes"]:
            if name := volume.get("configMap", {}).get("name"):
                assert ("ConfigMap", name) in there
            if name := volume.get("secret", {}).get("secretName"):
                assert ("Secret", name) in there
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            paths = [one["mountPath"] for one in container["volumeMounts"]]
            assert len(paths) == len(set(paths)), paths
            assert {one["name"] for one in container["volumeMounts"]} <= set(volumes)
            names = [one["name"] for one in container.get("env", [])]
            assert len(names) == len(set(names)), names


def test_the_variables_lead_to_the_merged_bundles(submitted: Submitted, case: str):
    for pod in pods(submitted):
        found = variables(main(pod))
        if case == "wrapper":  # exec sets them
            assert not {name for name in found if name.endswith(("_BUNDLE", "_CERT_FILE"))}
            continue
        assert found["SSL_CERT_FILE"] == "/trust/os/ca-certificates.crt"
        assert found["REQUESTS_CA_BUNDLE"] == "/trust/python/cacert.pem"
        assert found["NODE_EXTRA_CA_CERTS"] == "/trust/custom/client-ca-chain.pem"


def test_the_jvms_have_the_truststore_and_the_user_s_own_after_it(
    submitted: Submitted, case: str, tmp_path: Path
):
    properties = tmp_path / "spark.properties"
    properties.write_text(submitted.asked.properties)
    driver = submitted.submission.launched(properties)
    executors = [java_options(main(pod)) for pod in submitted.asked.executors]
    own = [OWN_DEFAULT, OWN] if case == "own" else []
    for command in (driver, *executors):
        if case == "wrapper":  # exec sets it
            assert not [word for word in command if "trustStore" in word]
            continue
        places = [command.index(option) for option in [*STORE[case], *own]]
        assert places == sorted(places), command


@pytest.mark.parametrize(
    "submitted", [one for one in SUBMITTED if one[1] == "own"], indirect=True, ids="-".join
)
def test_nothing_of_the_user_s_own_is_lost(submitted: Submitted):
    for pod in pods(submitted):
        container, found = main(pod), variables(main(pod))
        assert found["EXAMPLE"] == role(pod)
        assert found["FROM_VALUES"] == "1"
        assert found["JAVA_TOOL_OPTIONS"] == OWN_TOOL
        assert pod["metadata"]["labels"]["example.com/team"] == "analysts"
        assert pod["metadata"]["annotations"]["example.com/cost"] == "42"
        mounts = {one["mountPath"]: one["name"] for one in container["volumeMounts"]}
        volumes = {one["name"]: one for one in pod["spec"]["volumes"]}
        assert volumes[mounts["/etc/database"]]["secret"]["secretName"] == OWN_SECRET
        assert "emptyDir" in volumes[mounts["/scratch"]]


def test_with_java_tool_options_every_jvm_of_the_pod_has_the_truststore(submissions: Submissions):
    submitted = submissions.of("3.5", "encrypted")
    for pod in pods(submitted):
        assert variables(main(pod))["JAVA_TOOL_OPTIONS"].split() == STORE["encrypted"]


def test_the_driver_in_its_pod_asks_for_the_same_executors(
    submissions: Submissions, tmp_path: Path
):
    """Cluster mode hands its driver the executors' template in a ConfigMap of its own."""
    submitted = submissions.of("4.3", "own")
    (text,) = (
        one["data"]["podspec-configmap-key"]
        for one in submitted.asked.others
        if "podspec-configmap-key" in one["data"]
    )
    template, properties = tmp_path / "template.yaml", tmp_path / "spark.properties"
    template.write_text(text)
    properties.write_text(submitted.asked.properties)
    with kube_api.serve() as api:
        driver = submitted.asked.driver
        namespace = driver["metadata"]["namespace"]
        api.keep(f"/api/v1/namespaces/{namespace}/pods", driver)
        # What is there in the pod alone.
        here = {
            "spark.kubernetes.executor.podTemplateFile": template,
            "spark.kubernetes.driver.master": api.url,
            "spark.driver.host": "127.0.0.1",
            "spark.driver.port": 0,
            "spark.driver.blockManager.port": 0,
        }
        given = ["spark-submit", f"--properties-file={properties}"]
        submission = Submission(submitted.submission.home, given, here)
        executors = submission.executors(api, tmp_path)
    assert len(executors) == EXECUTORS
    for pod in executors:
        holds(pod, submitted.release.templates["executor"])
        assert _but_addresses(pod) == _but_addresses(submitted.asked.executors[0])


def _but_addresses(pod: dict) -> list[str]:
    """The JVM's options without where the driver listens."""
    options = [one for one in java_options(main(pod)) if not one.startswith("-Dspark.driver.")]
    assert OWN in options
    return options
