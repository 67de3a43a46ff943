"""Real Sparks: what they ask Kubernetes for, and applications whose executors are processes of their
own.
"""

from __future__ import annotations

import functools
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support import environment, kube_api

# Each as pinned in tests/setup/spark-VERSION.txt.
VERSIONS = ("3.5", "4.0", "4.3")
EXECUTORS = 2
# There is nobody to wait for.
NOTHING_RUNS = {
    "spark.kubernetes.submission.waitAppCompletion": "false",
    "spark.scheduler.maxRegisteredResourcesWaitingTime": "0s",
    "spark.ui.enabled": "false",
}
# What a properties file does not say.
PLAIN = {
    "spark.kubernetes.container.image": "registry.example.com/spark:e2e",
    "spark.executor.instances": EXECUTORS,
}

# Keeps its context until the file is there. Spark asks for executors meanwhile.
APPLICATION = """\
import os, sys, time
from pyspark import SparkContext

with SparkContext():
    while not os.path.exists(sys.argv[1]):
        time.sleep(0.1)
"""


@functools.cache
def home(version: str = VERSIONS[0]) -> Path:
    """Where a Spark is; the set-up script fetches what is missing."""
    setup = environment.SETUP / "spark.sh"
    done = subprocess.run([setup, version], stdout=subprocess.PIPE, text=True, check=True)
    return Path(done.stdout.strip())


@dataclass(frozen=True)
class Asked:
    """What the API was asked for by one Spark application in both modes."""

    driver: dict
    # What cluster mode mounts into the driver's pod.
    properties: str
    executors: list[dict]
    # The ConfigMaps that both modes bring themselves.
    others: list[dict]


@dataclass(frozen=True)
class Submission:
    """A spark-submit, of which nothing of this machine's is seen. `given` are its first words."""

    home: Path
    given: Sequence[str | Path]
    settings: Mapping[str, object] = field(default_factory=dict)

    def asks(self, work: Path) -> Asked:
        """The pods of both modes: the driver's of cluster mode, the executors' of client mode."""
        with kube_api.serve() as api:
            log = work / "cluster.log"
            with self.start(api, log, "cluster") as submitted:
                assert submitted.wait(120) == 0, log.read_text()
            (driver,) = api.recorded("Pod")
            others = api.recorded("ConfigMap")
        (properties,) = (
            one["data"]["spark.properties"]
            for one in others
            if "spark.properties" in (one.get("data") or {})
        )
        with kube_api.serve() as api:
            executors = self.executors(api, work)
            return Asked(driver, properties, executors, others + api.recorded("ConfigMap"))

    def start(
        self,
        api: kube_api.Api,
        log: Path,
        mode: str,
        *application: str | Path,
        settings: Mapping[str, object] | None = None,
    ) -> subprocess.Popen:
        every = {**NOTHING_RUNS, **self.settings, **(settings or {})}
        command = [*map(str, self.given)]
        command += [f"--conf={name}={value}" for name, value in every.items()]
        command += ["--master", f"k8s://{api.url}", "--deploy-mode", mode, "--name", "e2e"]
        command += map(str, application or ["local:///app.py"])
        with log.open("wb") as out:
            return subprocess.Popen(command, env=variables_for(self.home), stdout=out, stderr=out)

    def executors(self, api: kube_api.Api, work: Path) -> list[dict]:
        """The executor pods that a driver asks for, which runs here."""
        application, done, log = work / "app.py", work / "done", work / "client.log"
        application.write_text(APPLICATION)
        limit = time.monotonic() + 120

        def pods() -> list[dict]:
            return [pod for pod in api.recorded("Pod") if role(pod) == "executor"]

        with self.start(api, log, "client", application, done) as running:
            try:
                while len(pods()) < EXECUTORS:
                    assert running.poll() is None and time.monotonic() < limit, log.read_text()
                    time.sleep(0.1)
            finally:
                done.touch()
            assert running.wait(60) == 0, log.read_text()
        return pods()

    def launched(self, properties: Path) -> list[str]:
        """The command line of a driver's JVM, from the properties that are mounted in its pod:
        Spark's launcher says it."""
        # As bin/spark-class calls it, which would then run what it says.
        script = """
            . "$SPARK_HOME/bin/load-spark-env.sh" &&
            exec java -cp "$SPARK_HOME/jars/*" org.apache.spark.launcher.Main "$@"
        """
        submit = ("org.apache.spark.deploy.SparkSubmit", "--deploy-mode", "client")
        given = ("--properties-file", properties, "local:///app.py")
        done = subprocess.run(
            ["bash", "-c", script, "bash", *submit, *given],
            capture_output=True,
            text=True,
            env=variables_for(self.home),
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split("\0")


def variables_for(home: Path) -> dict[str, str]:
    clean = environment.clean(
        SPARK_HOME=home,
        SPARK_LOCAL_IP="127.0.0.1",
        PYSPARK_PYTHON=sys.executable,
        KUBECONFIG="/dev/null",
    )
    return clean | {"PATH": f"{home / 'bin'}:{clean['PATH']}"}


def role(pod: dict) -> str:
    return pod["metadata"]["labels"]["spark-role"]


def variables(container: dict) -> dict[str, str]:
    """A container's variables. Where one is there twice, Kubernetes takes the last."""
    return {one["name"]: one["value"] for one in container["env"] if "value" in one}


def java_options(container: dict) -> list[str]:
    """Every entry point that Spark ships puts SPARK_JAVA_OPT_N on the command line, by number."""
    prefix = "SPARK_JAVA_OPT_"
    numbered = {
        int(name.removeprefix(prefix)): value
        for name, value in variables(container).items()
        if name.startswith(prefix)
    }
    return [numbered[number] for number in sorted(numbered)]
