"""What spark-submit itself fetches, before any driver exists, and each way to make it trust the server.

A real spark-submit against a customer's Maven repository; docs/submitter.md says what is seen here.
"""

from __future__ import annotations

import base64
import contextlib
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import rendered
import repository
import spark
from on_spark import Submissions
from repository import RESOLVED, Repository
from sources import Sources
from spark import NOTHING_RUNS, PLAIN
from support import binary, environment, kube_api

EXAMPLES = environment.REPOSITORY / "examples"
REFUSED = "PKIX path building failed"
# Where the chart's properties have the driver's store: on this machine there is none.
OF_THE_POD = {
    "spark.driver.defaultJavaOptions": "-Djavax.net.ssl.trustStore=/trust/java/truststore.p12"
}
FILES = {"/extra.jar", "/data.txt", "/module.py", "/archive.zip"}


@dataclass(frozen=True)
class Way:
    """How a process gets the trust: a command in front of spark-submit, and variables."""

    command: tuple[str, ...] = ()
    variables: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    # What was fetched meanwhile.
    asked: list[str]
    drivers: list[dict]
    properties: str

    def refused(self) -> None:
        assert self.code != 0 and REFUSED in self.out, self.out
        assert not self.asked and not self.drivers

    def passed(self) -> None:
        assert self.code == 0, self.out
        assert REFUSED not in self.out


@pytest.fixture(scope="module")
def repo(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    home = tmp_path_factory.mktemp("repository") / "server"
    with repository.serve(sources.servers["customer"], home) as repo:
        yield repo


@pytest.fixture(scope="module")
def trust(sources: Sources, shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> binary.Tree:
    return binary.build(tmp_path_factory.mktemp("stores") / "trust", "--ca", sources.chain)


@pytest.fixture(scope="module")
def ways(sources: Sources, trust: binary.Tree, tmp_path_factory) -> dict[str, Way]:
    program, place = str(binary.path()), trust.root
    store = f"-Djavax.net.ssl.trustStore={trust / 'java/truststore.p12'}"
    evaluated = f'eval "$({program} env --mounted-at {place})" && exec "$@"'
    return {
        "nothing": Way(),
        "exec": Way((program, "exec", "--ca", str(sources.chain), "--")),
        "env": Way(("sh", "-c", evaluated, "sh")),
        "SPARK_SUBMIT_OPTS": Way(variables={"SPARK_SUBMIT_OPTS": store}),
        "kubeflow": Way(variables=_operator(sources.chain, tmp_path_factory.mktemp("operator"))),
    }


def _values(name: str) -> dict:
    (values,) = rendered.objects((EXAMPLES / "operators" / f"{name}-values.yaml").read_text())
    return values


def _operator(chain: Path, home: Path) -> dict[str, str]:
    """The variables of the operator's container, with the volume of its values at `home`."""
    controller = _values("kubeflow")["controller"]
    (volume,) = (one for one in controller["volumes"] if one["name"] == "trust")
    (mount,) = (one for one in controller["volumeMounts"] if one["name"] == "trust")
    printed = binary.run("render", "--ca", chain, "--only", "java", "--namespace", "spark-operator")
    assert printed.code == 0, printed.stderr
    made = {one["metadata"]["name"]: one for one in rendered.objects(printed.stdout.decode())}
    for source in volume["projected"]["sources"]:
        content = made[source["configMap"]["name"]]["binaryData"]
        for item in source["configMap"]["items"]:
            file = home / item["path"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(base64.b64decode(content[item["key"]]))
    given = {one["name"]: one["value"] for one in controller["env"]}
    place = mount["mountPath"] + "/"
    assert any(place in value for value in given.values())
    return {name: value.replace(place, f"{home}/") for name, value in given.items()}


class Submitter:
    def __init__(self, version: str, repo: Repository, ways: dict[str, Way], work: Path):
        self.home = spark.home(version)
        self.repo, self.ways, self.work = repo, ways, work

    def cluster(
        self, way: str, settings: Mapping[str, object], api: kube_api.Api | None = None
    ) -> Run:
        with contextlib.ExitStack() as stack:
            api = api or stack.enter_context(kube_api.serve())
            options = ("--master", f"k8s://{_address(api)}", "--deploy-mode", "cluster")
            return self._run(way, settings, api, *options, "local:///application.py")

    def client(self, way: str, settings: Mapping[str, object]) -> Run:
        with kube_api.serve() as api:
            options = ("--master", f"k8s://{api.url}", "--deploy-mode", "client")
            return self._run(way, settings, api, *options, f"{self.repo.url}/application.py")

    def driver(self, way: str, properties: str, pod: dict) -> Run:
        """What the entry point in a driver's pod starts, with the properties that are mounted there."""
        file = self.work / "spark.properties"
        file.write_text(properties)
        with kube_api.serve() as api:
            api.keep("/api/v1/namespaces/default/pods", pod)
            # As in a pod, where these names have addresses.
            here = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
            here |= {"spark.kubernetes.driver.master": api.url}
            options = ("--master", f"k8s://{api.url}", "--deploy-mode", "client")
            options += ("--properties-file", str(file))
            return self._run(way, here, api, *options, f"{self.repo.url}/application.py")

    def variables(self) -> dict[str, str]:
        # In place of Maven Central, which is asked first.
        return spark.variables_for(self.home) | {"DEFAULT_ARTIFACT_REPOSITORY": self.repo.maven}

    def _run(self, way: str, settings: Mapping, api: kube_api.Api, *words: str) -> Run:
        self.repo.asked.clear()
        one = self.ways[way]
        variables = self.variables() | dict(one.variables or {})
        every = {**NOTHING_RUNS, **PLAIN, **settings}
        done = subprocess.run(
            [*one.command, "spark-submit", *(f"--conf={n}={v}" for n, v in every.items()), *words],
            env=variables,
            cwd=self.work,
            capture_output=True,
            text=True,
            timeout=180,
        )
        maps = (one.get("data") or {} for one in api.recorded("ConfigMap"))
        properties = [one["spark.properties"] for one in maps if "spark.properties" in one]
        return Run(
            done.returncode,
            done.stdout + done.stderr,
            list(self.repo.asked),
            [pod for pod in api.recorded("Pod") if spark.role(pod) == "driver"],
            "".join(properties),
        )


def _address(api: kube_api.Api) -> str:
    if isinstance(api.socket, ssl.SSLSocket):
        return f"https://localhost:{api.server_address[1]}"
    return api.url


@pytest.fixture(scope="module")
def newest(repo, ways, tmp_path_factory) -> Submitter:
    return Submitter("4.3", repo, ways, tmp_path_factory.mktemp("newest"))


@pytest.fixture(scope="module")
def oldest(repo, ways, tmp_path_factory) -> Submitter:
    return Submitter("3.5", repo, ways, tmp_path_factory.mktemp("oldest"))


@pytest.fixture
def api_under_tls(sources: Sources, tmp_path: Path) -> Iterator[kube_api.Api]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sources.servers["customer"].write(tmp_path / "server"))
    with kube_api.serve() as api:
        api.socket = context.wrap_socket(api.socket, server_side=True)
        yield api


# --- what the submitter fetches


@pytest.fixture
def of_the_driver(trust: binary.Tree) -> dict[str, str]:
    """The right store, where spark-submit itself does not look for it."""
    store = trust / "java/truststore.p12"
    return {"spark.driver.extraJavaOptions": f"-Djavax.net.ssl.trustStore={store}"}


def test_packages_with_the_oldest_spark(
    oldest: Submitter, repo: Repository, tmp_path: Path, of_the_driver: dict[str, str]
):
    settings = repo.packages(tmp_path / "ivy")
    oldest.cluster("nothing", settings | of_the_driver).refused()
    trusting = oldest.cluster("exec", settings)
    trusting.passed()
    assert set(trusting.asked) == RESOLVED
    assert len(trusting.drivers) == 1


def test_without_trust_nothing_is_fetched_and_no_pod_is_made(
    newest: Submitter,
    repo: Repository,
    api_under_tls: kube_api.Api,
    tmp_path: Path,
    of_the_driver: dict[str, str],
):
    newest.cluster("nothing", repo.packages(tmp_path / "ivy") | of_the_driver).refused()
    template = {"spark.kubernetes.driver.podTemplateFile": repo.url + repository.TEMPLATE}
    newest.cluster("nothing", template).refused()
    newest.cluster("nothing", {}, api_under_tls).refused()


def test_the_driver_fetches_packages_again_and_every_url_for_the_first_time(
    newest: Submitter, repo: Repository, api_under_tls: kube_api.Api, tmp_path: Path
):
    settings = repo.packages(tmp_path / "ivy") | repo.files()
    settings["spark.kubernetes.driver.podTemplateFile"] = repo.url + repository.TEMPLATE
    submitted = newest.cluster("exec", settings, api_under_tls)
    submitted.passed()
    # None of the files.
    assert set(submitted.asked) == RESOLVED | {repository.TEMPLATE}
    (pod,) = submitted.drivers
    # The pod has a place of its own for Ivy.
    ours, its = str(tmp_path / "ivy"), str(tmp_path / "ivy-of-the-pod")
    properties = submitted.properties.replace(ours, its)
    refused = newest.driver("nothing", properties, pod)
    assert refused.code != 0 and REFUSED in refused.out, refused.out
    assert not refused.asked
    trusting = newest.driver("env", properties, pod)
    trusting.passed()
    assert set(trusting.asked) == RESOLVED | FILES | {"/application.py"}
    assert from_where(trusting) == {"spark"}


def from_where(run: Run) -> set[str]:
    """The schemes of what the application says that executors fetch."""
    said = [line.split() for line in run.out.splitlines() if line.startswith("executors fetch ")]
    return {word.partition(":")[0] for words in said for word in words[2:]}


# --- every other way


@pytest.mark.parametrize("way", ["SPARK_SUBMIT_OPTS", "kubeflow"])
def test_packages_by_every_other_way(newest: Submitter, repo: Repository, tmp_path: Path, way: str):
    trusting = newest.cluster(way, repo.packages(tmp_path / "ivy"))
    trusting.passed()
    assert set(trusting.asked) == RESOLVED


# --- client mode: the submitter is the driver


def test_in_client_mode_the_chart_s_property_hides_exec_s_store(
    newest: Submitter, repo: Repository
):
    settings = OF_THE_POD | repo.files()
    newest.client("exec", settings).refused()
    trusting = newest.client("exec", settings | {"spark.driver.defaultJavaOptions": ""})
    trusting.passed()
    assert set(trusting.asked) == FILES | {"/application.py"}
    # Here the executors need trust for these servers, too.
    assert from_where(trusting) == {"https"}


# --- the jobs of CI


def jobs() -> dict[str, str]:
    """What each example runs."""
    ci = EXAMPLES / "ci"
    (github,) = rendered.objects((ci / "github.yaml").read_text())
    (gitlab,) = rendered.objects((ci / "gitlab-ci.yml").read_text())
    (step,) = (one["run"] for one in github["jobs"]["submit"]["steps"] if "run" in one)
    (line,) = gitlab["submit"]["script"]
    return {"github": step, "gitlab": line}


def test_the_job_of_ci(
    newest: Submitter, repo: Repository, submissions: Submissions, sources: Sources, tmp_path: Path
):
    step, line = jobs().values()
    assert step == line
    submissions.releases["own"].write(tmp_path)
    (tmp_path / "client-ca-chain.pem").write_bytes(sources.chain.read_bytes())
    (tmp_path / "trust-init").symlink_to(binary.path())
    variables = newest.variables()
    variables["PATH"] += f":{tmp_path}"
    # There is no kubelet to wait for, and Ivy would remember the package in this user's home.
    here = "--conf spark.kubernetes.submission.waitAppCompletion=false"
    here += f" --conf spark.jars.ivy={tmp_path / 'ivy'}"
    variables |= {"PACKAGE": repository.PACKAGE, "REPOSITORY": repo.maven}
    repo.asked.clear()
    with kube_api.serve() as api:
        done = subprocess.run(
            ["bash", "-ec", step.replace("spark-submit", f"spark-submit {here}", 1)],
            env=variables | {"KUBERNETES_API": api.url},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        (driver,) = api.recorded("Pod")
    assert RESOLVED <= set(repo.asked)
    names = [one["name"] for one in driver["spec"]["initContainers"]]
    assert names == ["trust-init-install", "trust-init"]
    assert driver["metadata"]["name"].startswith("acme-")


# --- the values for operators


def test_the_operators_values_are_what_render_prints(sources: Sources):
    printed = binary.run("render", "--ca", sources.chain, "--only", "java", "--print", "pod")
    assert printed.code == 0, printed.stderr
    (pod,) = rendered.objects(printed.stdout.decode())
    (volume,), (mount,) = pod["volumes"], pod["volumeMounts"]
    (made,) = volume["projected"]["sources"]
    # The operators run nothing that reads the other files.
    items = [one for one in made["configMap"]["items"] if one["path"].startswith("java/")]
    volume["projected"]["sources"] = [{"configMap": made["configMap"] | {"items": items}}]
    variable = next(one for one in pod["env"] if one["name"] == "JAVA_TOOL_OPTIONS")
    controller = _values("kubeflow")["controller"]
    operator = _values("apache")["operatorDeployment"]["operatorPod"]
    for volumes, container in (
        (controller["volumes"], controller),
        (operator["volumes"], operator["operatorContainer"]),
    ):
        assert volume in volumes
        assert mount in container["volumeMounts"]
        assert variable in container["env"]
