"""What Spark makes of the printed wiring: the pods that a real spark-submit asks Kubernetes for."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import binary, environment, kube_api

MOUNT = "/trust"
EXECUTORS = 2
# Of the user's own, in every run: they come after, so that they win.
OWN = "-Dexample.own=1"

# Keeps its context until the file is there. Spark asks for executors meanwhile.
APPLICATION = """\
import os, sys, time
from pyspark import SparkContext

with SparkContext():
    while not os.path.exists(sys.argv[1]):
        time.sleep(0.1)
"""


@dataclass(frozen=True)
class Wiring:
    """How the wiring is printed and handed over, and for which stores."""

    format: str
    stores: tuple[str, ...] = ()

    def command(self, format: str) -> list[str]:
        args = ("env", f"--format={format}", f"--mounted-at={MOUNT}", *self.stores)
        return [str(binary.path()), *args]

    def printed(self, format: str) -> str:
        said = binary.run(*self.command(format)[1:])
        assert said.code == 0, said.stderr
        return said.stdout.decode()

    def expected(self) -> tuple[dict[str, str], list[str]]:
        """Every variable, and the options of the JVM, as `dotenv` has them."""
        lines = shlex.split(self.printed("dotenv"))
        variables = dict(line.split("=", 1) for line in lines)
        return variables, variables.pop("JAVA_TOOL_OPTIONS").split()


WIRINGS = [
    Wiring("spark-submit"),
    # Two options, and so a space in a value.
    Wiring("spark-submit", ("--java-store=pkcs12-encrypted",)),
    Wiring("spark-defaults", ("--java-store=pkcs12-encrypted",)),
]


@dataclass(frozen=True)
class Asked:
    """What the API was asked for by one Spark application in both modes."""

    driver: dict
    properties: str
    executors: list[dict]


@pytest.fixture(scope="module")
def spark(programs: dict[str, str]) -> Path:
    return Path(programs["spark"])


@pytest.fixture(scope="module", params=WIRINGS, ids=lambda one: "-".join((one.format, *one.stores)))
def wiring(request: pytest.FixtureRequest) -> Wiring:
    return request.param


@pytest.fixture(scope="module")
def asked(
    wiring: Wiring, spark: Path, shipped: Path, tmp_path_factory: pytest.TempPathFactory
) -> Asked:
    work = tmp_path_factory.mktemp("spark")
    given = _given(wiring, work)
    with kube_api.serve() as api:
        with _submit(api, given, spark, work / "cluster.log", "cluster") as submitted:
            assert submitted.wait(120) == 0, (work / "cluster.log").read_text()
        (driver,) = api.recorded("Pod")
        (properties,) = (
            one["data"]["spark.properties"]
            for one in api.recorded("ConfigMap")
            if "spark.properties" in one["data"]
        )
    with kube_api.serve() as api:
        executors = _executors(api, given, spark, work)
    return Asked(driver, properties, executors)


def _given(wiring: Wiring, work: Path) -> list[str]:
    """spark-submit with what trust-init prints: in a shell as docs/exec.md has it, or in a file."""
    if wiring.format == "spark-submit":
        printed = f"$({shlex.join(wiring.command(wiring.format))})"
        plain = f'exec spark-submit {printed} "$@"'
        spaces = f'eval "exec spark-submit {printed} \\"\\$@\\""'
        return ["sh", "-c", spaces if wiring.stores else plain, "sh"]
    file = work / "spark-defaults.conf"
    file.write_text(wiring.printed(wiring.format))
    return ["spark-submit", f"--properties-file={file}"]


def _submit(
    api: kube_api.Api,
    given: list[str],
    spark: Path,
    log: Path,
    mode: str,
    *application: str | Path,
) -> subprocess.Popen:
    settings = {
        "spark.kubernetes.container.image": "localhost/spark:e2e",
        "spark.kubernetes.submission.waitAppCompletion": "false",
        "spark.executor.instances": EXECUTORS,
        # None of them will ever come.
        "spark.scheduler.maxRegisteredResourcesWaitingTime": "0s",
        "spark.ui.enabled": "false",
        "spark.driver.extraJavaOptions": OWN,
        "spark.executor.extraJavaOptions": OWN,
    }
    command = [*given, *(f"--conf={name}={value}" for name, value in settings.items())]
    command += ["--master", f"k8s://{api.url}", "--deploy-mode", mode, "--name", "e2e"]
    command += map(str, application or ["local:///app.py"])
    with log.open("wb") as out:
        return subprocess.Popen(command, env=_environment(spark), stdout=out, stderr=out)


def _executors(api: kube_api.Api, given: list[str], spark: Path, work: Path) -> list[dict]:
    """The executor pods that a driver asks for, which runs here."""
    application, done, log = work / "app.py", work / "done", work / "client.log"
    application.write_text(APPLICATION)
    limit = time.monotonic() + 120

    def pods() -> list[dict]:
        return [pod for pod in api.recorded("Pod") if _role(pod) == "executor"]

    with _submit(api, given, spark, log, "client", application, done) as running:
        try:
            while len(pods()) < EXECUTORS:
                assert running.poll() is None and time.monotonic() < limit, log.read_text()
                time.sleep(0.1)
        finally:
            done.touch()
        assert running.wait(60) == 0, log.read_text()
    return pods()


def _environment(spark: Path) -> dict[str, str]:
    clean = environment.clean(
        SPARK_HOME=spark,
        SPARK_LOCAL_IP="127.0.0.1",
        PYSPARK_PYTHON=sys.executable,
        KUBECONFIG="/dev/null",
    )
    return clean | {"PATH": f"{spark / 'bin'}:{clean['PATH']}"}


def _role(pod: dict) -> str:
    return pod["metadata"]["labels"]["spark-role"]


def _variables(pod: dict) -> dict[str, str]:
    (container,) = pod["spec"]["containers"]
    named = [one for one in container["env"] if "value" in one]
    variables = {one["name"]: one["value"] for one in named}
    assert len(variables) == len(named), "a variable is there twice"
    return variables


def test_the_driver_pod_has_every_variable(asked: Asked, wiring: Wiring):
    expected, _ = wiring.expected()
    assert "SSL_CERT_FILE" in expected
    assert _role(asked.driver) == "driver"
    variables = _variables(asked.driver)
    assert {name: variables.get(name) for name in expected} == expected
    assert "JAVA_TOOL_OPTIONS" not in variables


def test_the_executor_pods_have_every_variable(asked: Asked, wiring: Wiring):
    _have_every_variable(asked.executors, wiring)


def _have_every_variable(executors: list[dict], wiring: Wiring) -> None:
    expected, _ = wiring.expected()
    assert len(executors) == EXECUTORS
    for pod in executors:
        variables = _variables(pod)
        assert {name: variables.get(name) for name in expected} == expected
        assert "JAVA_TOOL_OPTIONS" not in variables


def test_the_driver_s_jvm_has_the_options_and_the_user_s_own_after_them(
    asked: Asked, wiring: Wiring, spark: Path, tmp_path: Path
):
    """Spark's launcher says how the driver's container starts its JVM, from the properties that
    are mounted there."""
    _, options = wiring.expected()
    (container,) = asked.driver["spec"]["containers"]
    mounted = container["args"][container["args"].index("--properties-file") + 1]
    assert Path(mounted).name == "spark.properties"
    properties = tmp_path / "spark.properties"
    properties.write_text(asked.properties)
    # As bin/spark-class calls it, which would then run what it says.
    script = """
        . "$SPARK_HOME/bin/load-spark-env.sh" &&
        exec java -cp "$SPARK_HOME/jars/*" org.apache.spark.launcher.Main "$@"
    """
    submit = ("org.apache.spark.deploy.SparkSubmit", "--deploy-mode", "client")
    done = subprocess.run(
        ["bash", "-c", script, "bash", *submit, "--properties-file", properties, "local:///app.py"],
        capture_output=True,
        text=True,
        env=_environment(spark),
    )
    assert done.returncode == 0, done.stderr
    _holds_in_order(done.stdout.split("\0"), options)


def test_the_executors_jvms_have_the_options_and_the_user_s_own_after_them(
    asked: Asked, wiring: Wiring
):
    _have_the_options(asked.executors, wiring)


def _have_the_options(executors: list[dict], wiring: Wiring) -> None:
    """Every entry point that Spark ships puts SPARK_JAVA_OPT_N on the command line, by number."""
    _, options = wiring.expected()
    for pod in executors:
        prefix = "SPARK_JAVA_OPT_"
        numbered = {
            int(name.removeprefix(prefix)): value
            for name, value in _variables(pod).items()
            if name.startswith(prefix)
        }
        _holds_in_order([numbered[number] for number in sorted(numbered)], options)


@pytest.mark.parametrize("wiring", WIRINGS[-1:], ids=["properties"], indirect=True)
def test_the_driver_in_its_pod_asks_for_the_same_executors(
    asked: Asked, wiring: Wiring, spark: Path, tmp_path: Path
):
    """From nothing but the properties that cluster mode mounted there."""
    properties = tmp_path / "spark.properties"
    properties.write_text(asked.properties)
    with kube_api.serve() as api:
        api.keep("/api/v1/namespaces/default/pods", asked.driver)
        # What is there on the pod's network alone.
        network = {
            "spark.kubernetes.driver.master": api.url,
            "spark.driver.host": "127.0.0.1",
            "spark.driver.port": 0,
            "spark.driver.blockManager.port": 0,
        }
        given = ["spark-submit", f"--properties-file={properties}"]
        given += [f"--conf={name}={value}" for name, value in network.items()]
        executors = _executors(api, given, spark, tmp_path)
    _have_every_variable(executors, wiring)
    _have_the_options(executors, wiring)


def _holds_in_order(command: list[str], options: list[str]) -> None:
    assert f"-Djavax.net.ssl.trustStore={MOUNT}/java/truststore.p12" in options
    places = [command.index(option) for option in [*options, OWN]]
    assert places == sorted(places), command
