"""docs/doctor_on_spark.py in a real application whose executors are processes of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import binary, environment, pki, tls_server

SNIPPET = environment.REPOSITORY / "docs" / "doctor_on_spark.py"
# As a notebook has it: pasted, and called in the next cell.
CALL = """

import sys
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
if len(sys.argv) > 2:
    spark.sparkContext.addFile(sys.argv[2])
doctor_on_spark(spark, sys.argv[1])
"""
# Starts a JVM as Spark asks; that of one executor with another environment.
JAVA = """\
#!/bin/sh
case " $* " in *" --executor-id {executor} "*) export {variable} ;; esac
exec {java} "$@"
"""
PASSWORD = "example-password"
TOKEN = "example-token"


@dataclass(frozen=True)
class Place:
    """A driver's or an executor's part of what is printed: its first line, and what it says by
    its name."""

    heading: str
    facts: dict[str, list[str]]


@dataclass(frozen=True)
class Application:
    """A server under a customer's CA, stores that know it, and Spark."""

    spark: Path
    peer: str
    trust: Path
    work: Path

    def run(self, *settings: str, executor_jvm: Path | None = None, **variables: str | Path) -> str:
        """What the snippet prints in an application of two executors."""
        script, arguments = self.work / "cell.py", [self.peer]
        script.write_text(SNIPPET.read_text() + CALL)
        path = environment.clean()["PATH"]
        if executor_jvm:
            settings += (f"spark.executorEnv.JAVA_HOME={executor_jvm}",)
            (self.work / "bin").mkdir()
            (self.work / "bin" / "trust-init").symlink_to(binary.path())
            path = f"{self.work / 'bin'}:{path}"
        else:
            arguments.append(str(binary.path()))
        home = self._home()
        settings += ("spark.ui.enabled=false", "spark.executor.memory=512m")
        command = ["spark-submit", "--master=local-cluster[2,1,1024]", "--driver-memory=512m"]
        command += [f"--conf={setting}" for setting in settings]
        env = environment.clean(
            SPARK_HOME=home,
            SPARK_LOCAL_IP="127.0.0.1",
            PYSPARK_PYTHON=sys.executable,
            SSL_CERT_FILE=self.trust / "os" / "ca-certificates.crt",
            REQUESTS_CA_BUNDLE=self.trust / "python" / "cacert.pem",
            EXAMPLE_TOKEN=TOKEN,
            **variables,
        )
        env["PATH"] = f"{home / 'bin'}:{path}"
        done = subprocess.run(
            [*command, script, *arguments], env=env, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _home(self) -> Path:
        """Spark's home by links: the workers keep their files there."""
        home = self.work / "spark"
        home.mkdir()
        for entry in self.spark.iterdir():
            (home / entry.name).symlink_to(entry)
        return home


@pytest.fixture(scope="module")
def customer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[pki.Authority, str]]:
    """The CA, and its server's place."""
    issuing = pki.root("Example Customer Root CA").issue("Example Customer Issuing CA")
    files = issuing.server().write(tmp_path_factory.mktemp("customer") / "server")
    with tls_server.serve(*files) as listener:
        yield issuing, f"localhost:{listener.port}"


@pytest.fixture
def application(
    customer: tuple[pki.Authority, str], programs: dict[str, str], shipped: Path, tmp_path: Path
) -> Application:
    issuing, peer = customer
    chain, password, trust = tmp_path / "chain.pem", tmp_path / "password", tmp_path / "trust"
    chain.write_bytes(issuing.chain)
    password.write_text(PASSWORD)
    options = ("--java-store=pkcs12-encrypted", f"--java-password-file={password}")
    binary.build(trust, "--ca", chain, "--mounted-at", trust, *options)
    return Application(Path(programs["spark"]), peer, trust, tmp_path)


def _options(store: Path) -> str:
    """As Spark gets them from `trust-init env`: on the command line of each JVM."""
    names = {"trustStore": store, "trustStorePassword": PASSWORD}
    return " ".join(f"-Djavax.net.ssl.{name}={value}" for name, value in names.items())


def _places(printed: str) -> dict[str, Place]:
    """By the driver's or the executor's name: `driver`, `executor 0`."""
    places: dict[str, Place] = {}
    for line in printed.splitlines():
        if not line.startswith(" "):
            name = line.split(" on ")[0]
            facts = places.setdefault(name, Place(line, {})).facts
        elif not line.startswith("    "):
            fact, _, said = line.strip().partition(": ")
            facts[fact] = [said]
        else:
            facts[fact].append(line.strip())
    return places


def _has_no_secret(printed: str) -> None:
    assert PASSWORD not in printed
    assert TOKEN not in printed


def test_an_executor_whose_variable_differs_is_named_with_it(application: Application):
    java = shutil.which("java")
    assert java
    home, missing = application.work / "jvm", application.work / "missing.pem"
    (home / "bin").mkdir(parents=True)
    wrapper = home / "bin" / "java"
    variable = f"REQUESTS_CA_BUNDLE={missing}"
    wrapper.write_text(JAVA.format(executor=1, variable=variable, java=Path(java).resolve()))
    wrapper.chmod(0o755)
    store = application.trust / "java" / "truststore.p12"
    printed = application.run(
        f"spark.driver.defaultJavaOptions={_options(store)}",
        f"spark.executor.defaultJavaOptions={_options(store)}",
        executor_jvm=home,
    )
    places = _places(printed)
    assert places.keys() == {"driver", "executor 0", "executor 1"}, printed
    driver, same, other = places.values()
    right = application.trust / "python" / "cacert.pem"
    assert driver.facts[application.peer] == ["ok"], printed
    assert f"{right} (REQUESTS_CA_BUNDLE)" in driver.facts["python"][0]
    assert f"{store} (command line of the JVM)" in driver.facts["java"][0]
    assert same.heading.endswith(": same as the driver")
    assert not same.facts
    assert other.heading.endswith(": differs")
    # Nothing else of it differs.
    assert other.facts.keys() == {"python", application.peer}, printed
    here, at_the_driver = other.facts["python"]
    assert f"0 CAs from {missing} (REQUESTS_CA_BUNDLE)" in here
    assert f"REQUESTS_CA_BUNDLE: {missing}: no such file" in here
    assert at_the_driver == f"driver: {driver.facts['python'][0]}"
    here, at_the_driver = other.facts[application.peer]
    assert here.startswith(f"cause[broken-store]: REQUESTS_CA_BUNDLE: {missing}")
    assert at_the_driver == "driver: ok"
    _has_no_secret(printed)


def test_executors_whose_jvm_has_another_store_are_named_with_it(application: Application):
    """The program comes with the application's files: there is none in the image."""
    store = application.trust / "java" / "truststore.p12"
    missing = application.work / "missing.p12"
    printed = application.run(
        f"spark.executor.defaultJavaOptions={_options(missing)}",
        JAVA_TOOL_OPTIONS=_options(store),
    )
    places = _places(printed)
    assert places.keys() == {"driver", "executor 0", "executor 1"}, printed
    driver, *executors = places.values()
    assert driver.facts[application.peer] == ["ok"], printed
    assert f"{store} (JAVA_TOOL_OPTIONS)" in driver.facts["java"][0]
    for executor in executors:
        assert executor.heading.endswith(": differs")
        assert executor.facts.keys() == {"java", application.peer}, printed
        here, at_the_driver = executor.facts["java"]
        assert f"command line of the JVM: {missing}: no such file" in here
        assert at_the_driver == f"driver: {driver.facts['java'][0]}"
        assert executor.facts[application.peer][0].startswith("cause[")
    _has_no_secret(printed)
