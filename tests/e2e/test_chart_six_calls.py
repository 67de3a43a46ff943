"""A real application on two executors, processes of their own: the driver and the executors call a
server under the customer's CA, each through Python and through its JVM.

Spark runs in the driver's pod as spark-submit asked for it: its init containers, its volumes, its
variables, its properties. What a cluster alone has is replaced:

- local-cluster stands for Kubernetes, so `spark.master` and the driver's address are others;
- local-cluster starts an executor with the driver's variables. Here it gets those of the executor
  pod that Spark asked for, and no other of the driver's pod;
- one `/trust` serves both: the executors' init containers are the driver's, as
  test_chart_on_spark.py has it.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import application
import pytest
from application import ACCEPTED, NO_PATH, SELF_SIGNED, Application
from engine import Engine
from kubelet import Cluster, Pod
from on_spark import DRIVER, EXECUTOR, OWN_SECRET, Submissions, Submitted
from spark import variables

VERSIONS = ("3.5", "4.3")
PLACES = ("driver", "executor 0", "executor 1")
PACKAGE, HOME, JVM = "/opt/spark-package", "/opt/spark", "/opt/executors-jvm"
EXECUTORS_JAVA = """\
#!/bin/sh
# The JVM of an executor has the variables of its pod; that of the driver keeps its own.
case " $* " in *" --executor-id "*)
    unset {drivers}
    export {executors}
esac
exec /usr/bin/java "$@"
"""
SETTINGS = {
    "spark.master": "local-cluster[2,1,1024]",
    "spark.submit.deployMode": "client",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "512m",
    "spark.executor.memory": "512m",
    # Both executors are there before the first call.
    "spark.scheduler.minRegisteredResourcesRatio": "1.0",
    "spark.scheduler.maxRegisteredResourcesWaitingTime": "120s",
    # Fetch.class
    "spark.driver.extraClassPath": "/classes",
    "spark.executor.extraClassPath": "/classes",
}


class Run:
    def __init__(
        self, engine: Engine, image: str, main_image: Application, submitted: Submitted, home: Path
    ):
        self.submitted = submitted
        self.home = home
        cluster = Cluster()
        cluster.upgrade(submitted.release.documents)
        cluster.add(
            *submitted.asked.others,
            {"kind": "Secret", "metadata": {"name": OWN_SECRET}, "stringData": {"password": "x"}},
        )
        images = {image: image, application.TAG: main_image.root}
        self.pod = Pod(engine, home, submitted.asked.driver, cluster, images).ready()

    def calls(self) -> dict[str, dict[str, str]]:
        """What each call to each server came to."""
        container = self.pod.main(DRIVER)
        command = [f"{HOME}/bin/spark-submit", "--properties-file", self._properties(container)]
        command += [f"--conf={name}={value}" for name, value in SETTINGS.items()]
        done = self.pod.run(
            container,
            command=[*command, "/tests/e2e/spark_job.py", "/sites"],
            volumes=(
                f"{self.submitted.submission.home}:{PACKAGE}:ro",
                f"{self._home()}:{HOME}",
                f"{self._executors_jvm(container)}:{JVM}:ro",
            ),
            env={
                "SPARK_HOME": HOME,
                "SPARK_LOCAL_IP": "127.0.0.1",
                "JAVA_HOME": JVM,
                "PYSPARK_PYTHON": "python3",
                "PYSPARK_DRIVER_PYTHON": "python3",
                "PYTHONPATH": "/tests",
            },
            timeout=300,
        )
        assert done.code == 0, done.stderr
        (line,) = [line for line in done.stdout.splitlines() if line.startswith("calls: ")]
        return json.loads(line.removeprefix("calls: "))

    @staticmethod
    def _properties(container: dict) -> str:
        """Where the driver's own command has them."""
        return container["args"][container["args"].index("--properties-file") + 1]

    def _home(self) -> Path:
        """Spark's home by links: its workers keep their files there."""
        home = self.home / "spark"
        home.mkdir()
        home.chmod(0o777)
        for entry in self.submitted.submission.home.iterdir():
            (home / entry.name).symlink_to(f"{PACKAGE}/{entry.name}")
        return home

    def _executors_jvm(self, driver: dict) -> Path:
        (executor,) = self.submitted.asked.executors[0]["spec"]["containers"]
        assert executor["name"] == EXECUTOR
        drivers = {
            name for name in variables(driver) if not name.startswith(("SPARK_", "PYSPARK_"))
        }
        executors = {
            name: value
            for name, value in variables(executor).items()
            if not name.startswith(("SPARK_", "PYSPARK_"))
        }
        java = self.home / "jvm" / "bin" / "java"
        java.parent.mkdir(parents=True)
        exports = " ".join(f"{name}={shlex.quote(value)}" for name, value in executors.items())
        java.write_text(
            EXECUTORS_JAVA.format(drivers=" ".join(sorted(drivers)) or "_", executors=exports)
        )
        java.chmod(0o755)
        return java.parents[1]


@pytest.fixture
def calls(
    request: pytest.FixtureRequest,
    engine: Engine,
    image: str,
    main_image: Application,
    submissions: Submissions,
    tmp_path: Path,
) -> dict[str, dict[str, str]]:
    submitted = submissions.of(*request.param)
    return Run(engine, image, main_image, submitted, tmp_path).calls()


def _both(case: str):
    every = [(version, case) for version in VERSIONS]
    return pytest.mark.parametrize("calls", every, indirect=True, ids="-".join)


@_both("disabled")
def test_without_trust_all_six_calls_fail_with_the_two_well_known_errors(calls):
    customer = calls["customer"]
    assert set(customer) == {
        f"{place} {client}" for place in PLACES for client in ("python", "jvm")
    }
    for place in PLACES:
        said = customer[f"{place} python"]
        assert "CERTIFICATE_VERIFY_FAILED" in said
        assert any(words in said for words in SELF_SIGNED), said
        assert NO_PATH in customer[f"{place} jvm"]
    # What fails is the trust and nothing else.
    assert set(calls["public"].values()) == {ACCEPTED}


@_both("own")
def test_as_rendered_all_six_calls_pass(calls):
    six = {f"{place} {client}": ACCEPTED for place in PLACES for client in ("python", "jvm")}
    assert calls["customer"] == six
    assert calls["public"] == six
    assert {calls["house"][f"{place} jvm"] for place in PLACES} == {ACCEPTED}
