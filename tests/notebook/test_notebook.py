"""The cells of docs/notebook.md, run by Jupyter: they fail before, and work after what the page says."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from desk import PAGE, Desk, Ended, cell, wheel
from support import binary, environment, sites

CLUSTER = "local-cluster[1,1,1024]"
GUIDE = environment.REPOSITORY / "docs" / "customer-guide.md"
SNIPPET = (environment.REPOSITORY / "docs" / "doctor_on_spark.py").read_text()
ASK = "!trust-init doctor login.example.com\n"
FIRST = "import os"
PYTHON, JVM, EXECUTORS = "import requests", "from pyspark.sql import SparkSession", "def call(_):"
# A task that fails, and not only says so.
LOST_TASK = """\
def fail(_):
    import requests

    requests.get(f"{url}v1/orders")


try:
    spark.sparkContext.parallelize([0], 1).map(fail).collect()
except Exception:
    pass
"""
REFUSED, NO_PATH = "CERTIFICATE_VERIFY_FAILED", "PKIX path building failed"
NO_PATH_IN_A_JVM = (
    f"javax.net.ssl.SSLHandshakeException: {NO_PATH}: sun.security.provider.certpath.SunCertPathBuilderException: "
    "unable to find valid certification path to requested target"
)

customer = sites.customer


@pytest.fixture(scope="module")
def desk(customer: sites.Site, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """With the chain next to the notebook, and nothing of ours."""
    setup = environment.SETUP / "notebook.sh"
    done = subprocess.run([setup], stdout=subprocess.PIPE, text=True, check=True)
    programs = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    wheels = wheel(tmp_path_factory.mktemp("wheels"))
    root = tmp_path_factory.mktemp("notebook")
    made = Desk.of(root, Path(programs["venv"]), Path(programs["spark"]), wheels)
    shutil.copy(customer.chain_file, made.home / "client-ca-chain.pem")
    return made


@pytest.fixture(scope="module")
def before(desk: Desk, customer: sites.Site) -> dict[str, Ended]:
    """The first kernel: each process fails, then steps 1 to 3 in the kernel as it is."""
    steps = {
        "python": cell(PYTHON, customer.peer),
        "urllib": "import urllib.request\nsession = requests.Session()\nurllib.request.urlopen(url)",
        "jvm": cell(JVM),
        "executors": cell(EXECUTORS),
        "doctor": cell("%pip install --quiet trust-init", customer.peer),
        "build": cell("!trust-init check client-ca-chain.pem"),
        "variables": cell(FIRST),
        "python again": cell(PYTHON, customer.peer),
        "urllib again": "print(urllib.request.urlopen(url).status, session.get(url).status_code)",
        "jvm again": "spark.stop()\n" + cell(JVM),
        "executors again": cell(EXECUTORS),
        "jvm given": cell("jvm = spark.sparkContext._jvm") + cell(JVM),
        "executors given": cell("spark.sparkContext.environment.update(variables)") + cell(EXECUTORS),
    }
    return dict(zip(steps, desk.run(*steps.values()), strict=True))


def test_each_process_refuses_the_server_at_first(before: dict[str, Ended]):
    assert REFUSED in before["python"].raised
    assert REFUSED in before["urllib"].raised
    assert NO_PATH in before["jvm"].raised
    assert REFUSED in before["executors"].output


def test_doctor_is_installed_by_pip_and_names_the_cause(before: dict[str, Ended]):
    printed = before["doctor"].output
    assert "refused by every client seen here" in printed
    assert "cause[missing-root]" in printed


def test_the_stores_are_built_from_the_file_next_to_the_notebook(before: dict[str, Ended], desk: Desk):
    printed = before["build"].output
    assert "passed: 2 certificates" in printed
    assert "kept 2 of 2 customer certificates" in printed
    assert (desk.home / "trust" / "trust.env").is_file()


def test_without_a_restart_python_trusts_and_the_jvm_does_not(before: dict[str, Ended]):
    before["variables"].output  # noqa: B018 (it raised nothing)
    assert before["python again"].output == "Python: HTTP 200\n"
    assert before["urllib again"].output == "200 200\n"
    assert NO_PATH in before["jvm again"].raised
    assert REFUSED in before["executors again"].output


def test_without_a_restart_the_jvm_can_be_given_the_store(before: dict[str, Ended]):
    assert "JVM: 7 characters\n" in before["jvm given"].output
    assert "Executors: {'HTTP 200'}\n" in before["executors given"].output


@pytest.fixture(scope="module")
def elsewhere(desk: Desk, customer: sites.Site, before: dict[str, Ended]) -> dict[str, Ended]:
    """The kernel is started again. Executors are processes that have none of its variables."""
    steps = {
        "variables": cell(FIRST),
        "python": cell(PYTHON, customer.peer),
        "jvm": cell(JVM),
        "executors": cell(EXECUTORS),
        "lost task": LOST_TASK,
        "stop": "spark.stop()",
        "session": cell("import shutil"),
        "executors given": cell(EXECUTORS),
        "doctor": cell(ASK, customer.peer),
        "snippet": SNIPPET,
        "doctor on Spark": cell("spark.sparkContext.addFile", customer.peer),
    }
    return dict(zip(steps, desk.run(*steps.values(), master=CLUSTER), strict=True))


def test_after_a_restart_the_driver_trusts_and_executors_elsewhere_do_not(elsewhere: dict[str, Ended]):
    assert elsewhere["python"].output == "Python: HTTP 200\n"
    assert "JVM: 7 characters\n" in elsewhere["jvm"].output
    assert REFUSED in elsewhere["executors"].output


def quoted(beginning: str) -> list[re.Pattern]:
    """The lines of a block of the guide. Numbers may be others: they are those of a run, or of a version."""
    (block,) = re.findall(rf"^```text\n({re.escape(beginning)}[^`]*)```", GUIDE.read_text(), re.MULTILINE)
    lines = [line for line in block.splitlines() if line != "[…]"]
    return [re.compile(re.sub(r"\d+", r"\\d+", re.escape(line))) for line in lines]


def test_the_guide_quotes_a_lost_task_as_spark_says_it(elsewhere: dict[str, Ended], customer: sites.Site):
    printed = elsewhere["lost task"].output.replace("host='localhost'", "host='login.example.com'")
    for line in quoted("WARN TaskSetManager: Lost task"):
        assert line.search(printed), printed


def test_the_guide_quotes_a_jvm_that_names_no_server_and_one_that_is_made_to(desk: Desk, customer: sites.Site):
    hosts = desk.home.parent / "hosts"
    names = ["login.example.com", "localhost", socket.gethostname()]
    hosts.write_text("".join(f"127.0.0.1 {name}\n" for name in names))
    options = f"-Djavax.net.debug=ssl:handshake -Djdk.net.hosts.file={hosts}"
    url = f"https://login.example.com:{customer.listener.port}/rates.csv"
    session = "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()"
    (ended,) = desk.run(f"{session}\nspark.sparkContext.addFile({url!r})", java=options)
    for line in quoted(f"{NO_PATH_IN_A_JVM}\n[…]"):
        assert line.search(ended.raised), ended.raised
    assert "login.example.com" not in ended.raised.partition("Py4JJavaError: ")[2]
    for line in quoted("      type=host_name"):
        assert line.search(ended.printed), ended.printed


def test_executors_elsewhere_trust_what_spark_sends_them(elsewhere: dict[str, Ended], customer: sites.Site):
    assert "Executors: {'HTTP 200'}\n" in elsewhere["executors given"].output
    assert "trusted by every client seen here" in elsewhere["doctor"].output
    places = elsewhere["doctor on Spark"].output
    assert f"\n  {customer.peer}: ok\n" in places
    assert re.search(r"^  java: \d+ CAs from trust/java/truststore.p12 ", places, re.MULTILINE), places
    assert re.search(r"^executor 0 on .*: same as the driver$", places, re.MULTILINE), places


def test_a_startup_file_makes_every_kernel_trust(desk: Desk, customer: sites.Site, before: dict[str, Ended]):
    """And with `local` as the master, tasks as well."""
    (written,) = desk.run(cell("%%writefile ~/.ipython/profile_default/startup/00-trust.py"))
    (file,) = (desk.home / ".ipython/profile_default/startup").glob("*.py")
    assert f"Writing {file}" in written.output
    try:
        python, jvm, executors = desk.run(cell(PYTHON, customer.peer), cell(JVM), cell(EXECUTORS))
    finally:
        file.unlink()
    assert python.output == "Python: HTTP 200\n"
    assert "JVM: 7 characters\n" in jvm.output
    assert "Executors: {'HTTP 200'}\n" in executors.output


def test_jupyter_under_exec_needs_no_cell(desk: Desk, customer: sites.Site):
    (given,) = re.findall(r"^trust-init (exec .*) -- jupyter lab$", PAGE.read_text(), re.MULTILINE)
    (without,) = desk.run(cell(PYTHON, customer.peer))
    assert REFUSED in without.raised
    (python,) = desk.run(cell(PYTHON, customer.peer), under=[binary.path(), *given.split(), "--"])
    assert python.output == "Python: HTTP 200\n"
