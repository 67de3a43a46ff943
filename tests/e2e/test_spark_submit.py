"""What Spark makes of the printed wiring: the pods that a real spark-submit asks Kubernetes for."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
import spark
from spark import EXECUTORS, PLAIN, Asked, Submission, java_options, role, variables
from support import binary, kube_api

MOUNT = "/trust"
# Of the user's own, in every run: they come after, so that they win.
OWN = "-Dexample.own=1"
SETTINGS = PLAIN | {"spark.driver.extraJavaOptions": OWN, "spark.executor.extraJavaOptions": OWN}


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


@pytest.fixture(scope="module", params=WIRINGS, ids=lambda one: "-".join((one.format, *one.stores)))
def wiring(request: pytest.FixtureRequest) -> Wiring:
    return request.param


@pytest.fixture(scope="module")
def submission(
    wiring: Wiring, shipped: Path, tmp_path_factory: pytest.TempPathFactory
) -> Submission:
    return Submission(spark.home(), _given(wiring, tmp_path_factory.mktemp("given")), SETTINGS)


@pytest.fixture(scope="module")
def asked(submission: Submission, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    return submission.asks(tmp_path_factory.mktemp("spark"))


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


def _variables(pod: dict) -> dict[str, str]:
    (container,) = pod["spec"]["containers"]
    found = variables(container)
    assert len(found) == len([one for one in container["env"] if "value" in one]), (
        "one is there twice"
    )
    return found


def test_the_driver_pod_has_every_variable(asked: Asked, wiring: Wiring):
    expected, _ = wiring.expected()
    assert "SSL_CERT_FILE" in expected
    assert role(asked.driver) == "driver"
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
    asked: Asked, submission: Submission, wiring: Wiring, tmp_path: Path
):
    _, options = wiring.expected()
    (container,) = asked.driver["spec"]["containers"]
    mounted = container["args"][container["args"].index("--properties-file") + 1]
    assert Path(mounted).name == "spark.properties"
    properties = tmp_path / "spark.properties"
    properties.write_text(asked.properties)
    _holds_in_order(submission.launched(properties), options)


def test_the_executors_jvms_have_the_options_and_the_user_s_own_after_them(
    asked: Asked, wiring: Wiring
):
    _have_the_options(asked.executors, wiring)


def _have_the_options(executors: list[dict], wiring: Wiring) -> None:
    _, options = wiring.expected()
    for pod in executors:
        (container,) = pod["spec"]["containers"]
        _holds_in_order(java_options(container), options)


@pytest.mark.parametrize("wiring", WIRINGS[-1:], ids=["properties"], indirect=True)
def test_the_driver_in_its_pod_asks_for_the_same_executors(
    asked: Asked, wiring: Wiring, tmp_path: Path
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
        submission = Submission(spark.home(), given, SETTINGS | network)
        executors = submission.executors(api, tmp_path)
    _have_every_variable(executors, wiring)
    _have_the_options(executors, wiring)


def _holds_in_order(command: list[str], options: list[str]) -> None:
    assert f"-Djavax.net.ssl.trustStore={MOUNT}/java/truststore.p12" in options
    places = [command.index(option) for option in [*options, OWN]]
    assert places == sorted(places), command
