"""The values of a platform (examples/platform), through a real Spark to pods that run: nothing of them is lost on the
way, and every client of driver and executors trusts the customer. The customer's values are old ones, which point
variables to the raw chain.
"""

from __future__ import annotations

import json
from pathlib import Path

import application
import pytest
from application import ENTRYPOINT, WORKDIR, Application
from engine import Engine
from kubelet import Cluster, Pod
from on_spark import DRIVER, EXECUTOR, MORE, RAW_CHAIN, Submissions, Submitted
from sources import Sources
from spark import java_options, role, variables

MAIN = {"driver": DRIVER, "executor": EXECUTOR}
# Of a pod's metadata and spec: what Spark adds to, and what it must leave alone.
MERGED = ("labels", "annotations", "nodeSelector")
APPENDED = ("tolerations", "hostAliases", "imagePullSecrets", "volumes")
KEPT = (
    "affinity",
    "topologySpreadConstraints",
    "priorityClassName",
    "terminationGracePeriodSeconds",
    "dnsConfig",
    *MORE,
)


@pytest.fixture(scope="module")
def submitted(submissions: Submissions) -> Submitted:
    return submissions.of("4.3", "platform")


def pods(submitted: Submitted) -> dict[str, dict]:
    return {"driver": submitted.asked.driver, "executor": submitted.asked.executors[0]}


@pytest.mark.parametrize("of", MAIN)
def test_spark_keeps_all_of_it(submitted: Submitted, of: str):
    pod, template = pods(submitted)[of], submitted.release.templates[of]
    assert role(pod) == of
    found, wanted = ({**one["metadata"], **one["spec"]} for one in (pod, template))
    for field in MERGED:
        assert wanted[field].items() <= found[field].items()
    for field in APPENDED:
        assert [one for one in wanted[field] if one not in found[field]] == []
    for field in KEPT:
        assert found.get(field) == wanted.get(field), field
    (container,) = (one for one in pod["spec"]["containers"] if one["name"] == MAIN[of])
    (described,) = template["spec"]["containers"]
    assert container["envFrom"] == described["envFrom"]
    for field in ("env", "volumeMounts"):
        assert [one for one in described[field] if one not in container[field]] == []


def test_the_pods_have_the_service_account_and_the_resources(submitted: Submitted):
    account = submitted.release.one("ServiceAccount")
    assert "eks.amazonaws.com/role-arn" in account["metadata"]["annotations"]
    for one in pods(submitted).values():
        assert one["spec"]["serviceAccountName"] == account["metadata"]["name"]
    driver, executor = (
        one["spec"]["containers"][0]["resources"] for one in pods(submitted).values()
    )
    # 1 GiB and 512 MiB; 4 GiB and 1 GiB.
    assert driver["requests"] == {"cpu": "500m", "memory": "1536Mi"}
    assert driver["limits"] == {"cpu": "1", "memory": "1536Mi"}
    assert executor["requests"] == {"cpu": "1", "memory": "5120Mi"}


@pytest.mark.parametrize("of", MAIN)
def test_every_client_trusts_the_customer_and_what_the_image_trusts(
    engine: Engine,
    image: str,
    main_image: Application,
    submitted: Submitted,
    sources: Sources,
    tmp_path_factory: pytest.TempPathFactory,
    of: str,
):
    cluster = Cluster()
    cluster.upgrade(submitted.release.documents)
    cluster.add(
        *submitted.asked.others,
        config_map("corporate-cas", {"ca.crt": sources.other.read_text()}),
        config_map("reference-data", {"countries.csv": "FR\n"}),
    )
    images = {image: image, application.TAG: main_image.root}
    pod = Pod(engine, tmp_path_factory.mktemp(of), pods(submitted)[of], cluster, images).ready()
    container = pod.main(MAIN[of])
    assert not set(variables(container).values()) & set(RAW_CHAIN.values())
    # The application's entry point is not Spark's, which puts these on the command line.
    options = " ".join(truststore(submitted, container, of, tmp_path_factory.mktemp("properties")))
    done = pod.run(
        {**container, "workingDir": WORKDIR},
        command=ENTRYPOINT,
        env={"JAVA_TOOL_OPTIONS": options},
    )
    assert done.code == 0, done.stderr
    application.trusting(json.loads(done.stdout)["sites"])
    assert (pod.volumes["reference-data"] / "countries.csv").read_text() == "FR\n"


def truststore(submitted: Submitted, container: dict, of: str, home: Path) -> list[str]:
    """The options by which Spark starts the role's JVM with the truststore."""
    words = java_options(container)
    if of == "driver":
        properties = home / "spark.properties"
        properties.write_text(submitted.asked.properties)
        words = submitted.submission.launched(properties)
    found = [word for word in words if word.startswith("-Djavax.net.ssl.")]
    assert found, words
    return found


def config_map(name: str, data: dict[str, str]) -> dict:
    return {"kind": "ConfigMap", "metadata": {"name": name}, "data": data}
