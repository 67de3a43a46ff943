"""A customer's chain is refused, and what of that an engineer reads who has nothing but Spark.

The init containers of the pods that Spark asks for run over a chain with a private key in it; their
end is reported to Spark as a kubelet does. docs/customer-guide.md quotes what Spark then prints: it
never prints the reason, which is in the pod's status.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import application
import pytest
from application import Application
from engine import Engine
from kubelet import Cluster, Pod
from on_spark import ELSEWHERE, Submissions
from sources import Sources
from spark import APPLICATION, Submission, role
from support import kube_api

VERSIONS = ("3.5", "4.3")
REASON = "error[private-key]"
LIMIT = 90


class Failing:
    """A cluster in which every pod's init container fails."""

    def __init__(self, engine: Engine, images: dict, sources: Sources, home: Path):
        self.engine, self.images, self.home = engine, images, home
        self.cluster = Cluster()
        name, key = ELSEWHERE.values()
        data = {key: sources.with_key.read_text()}
        self.cluster.add({"kind": "ConfigMap", "metadata": {"name": name}, "data": data})
        self.messages: list[str] = []

    def until(
        self, api: kube_api.Api, which: str, running: subprocess.Popen, log: Path, words: str
    ):
        """Reports on the pods of a role until Spark has said something, or has ended."""
        limit, seen = time.monotonic() + LIMIT, set()
        while running.poll() is None and words not in log.read_text():
            assert time.monotonic() < limit, log.read_text()
            for pod in api.recorded("Pod"):
                if role(pod) == which and pod["metadata"]["name"] not in seen:
                    seen.add(pod["metadata"]["name"])
                    api.report(pod, self._status(pod, api))
            time.sleep(0.1)

    def _status(self, pod: dict, api: kube_api.Api) -> dict:
        limit = time.monotonic() + 10
        named = {
            one["configMap"]["name"] for one in pod["spec"]["volumes"] if "configMap" in one
        } - {ELSEWHERE["name"]}
        # Spark makes the pod first and its ConfigMaps after it, and a kubelet waits for them.
        while not named <= {one["metadata"]["name"] for one in api.recorded("ConfigMap")}:
            assert time.monotonic() < limit, named
            time.sleep(0.05)
        self.cluster.add(*api.recorded("ConfigMap"))
        here = Pod(self.engine, self.home, pod, self.cluster, self.images)
        ended = here.init()
        self.messages.append(ended[-1].message)
        return here.status(ended)


@pytest.fixture
def failing(
    engine: Engine, image: str, main_image: Application, sources: Sources, tmp_path: Path
) -> Failing:
    images = {image: image, application.TAG: main_image.root}
    return Failing(engine, images, sources, tmp_path)


@pytest.fixture(params=VERSIONS)
def submission(request: pytest.FixtureRequest, submissions: Submissions) -> Submission:
    return submissions.submission(request.param, "elsewhere")


def test_spark_submit_says_that_the_driver_failed_and_ends_well(
    submission: Submission, failing: Failing, tmp_path: Path
):
    log = tmp_path / "cluster.log"
    wait = {"spark.kubernetes.submission.waitAppCompletion": "true"}
    with kube_api.serve() as api, submission.start(api, log, "cluster", settings=wait) as running:
        failing.until(api, "driver", running, log, "Container final statuses")
        code = running.wait(LIMIT)
    printed = log.read_text()
    assert "phase: Failed" in printed
    assert "container name: spark-kubernetes-driver" in printed
    assert "pending reason: PodInitializing" in printed
    assert REASON in failing.messages[0]
    assert REASON not in printed
    # Nothing that a script could tell it from a success by.
    assert code == 0


def test_the_driver_s_log_says_that_executors_fail_until_it_gives_up(
    submission: Submission, failing: Failing, tmp_path: Path
):
    log, app = tmp_path / "client.log", tmp_path / "app.py"
    app.write_text(APPLICATION)
    few = {"spark.executor.maxNumFailures": 2}
    never = tmp_path / "never"
    gives_up = "Max number of executor failures (2) reached"
    with (
        kube_api.serve() as api,
        submission.start(api, log, "client", app, never, settings=few) as running,
    ):
        try:
            failing.until(api, "executor", running, log, gives_up)
        finally:
            # It would end with 11, after it waited 20 seconds for itself.
            running.kill()
    printed = log.read_text()
    assert "new failed executors." in printed
    assert gives_up in printed
    assert len(failing.messages) > 2
    assert all(REASON in message for message in failing.messages)
    assert REASON not in printed
