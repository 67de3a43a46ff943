"""The charts as Helm renders them, for tests that run what comes out."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from support import environment

CHART = "charts/spark-customer"
NAMESPACE = "customer-acme"


@dataclass(frozen=True)
class Release:
    """What one installation brings into the cluster."""

    documents: list[dict]
    notes: str
    # metadata and spec by role: driver and executor, or deployment.
    templates: dict[str, dict]
    # Spark's properties.
    conf: dict[str, str]

    def one(self, kind: str, name: str | None = None) -> dict:
        found = [
            one
            for one in self.documents
            if one["kind"] == kind and name in (None, one["metadata"]["name"])
        ]
        assert len(found) == 1, [(one["kind"], one["metadata"]["name"]) for one in self.documents]
        return found[0]

    @property
    def bundle(self) -> dict:
        """The ConfigMap or the Secret that holds the customer's chain."""
        (found,) = (
            one
            for one in self.documents
            if one["kind"] in {"ConfigMap", "Secret"}
            and one["metadata"]["name"].startswith("acme-trust-ca")
        )
        return found

    def write(self, folder: Path) -> Path:
        """The files that spark-submit is given, as they are; returns the properties."""
        data = self.one("ConfigMap", "acme-spark")["data"]
        assert set(data) == {"driver.yaml", "executor.yaml", "spark.properties"}
        for name, text in data.items():
            (folder / name).write_text(text)
        return folder / "spark.properties"


def render(*values: dict, chart: str = CHART) -> list[Release]:
    """One release for each; starting Helm is what takes the time."""
    asked = [{"chart": chart, "values": one} for one in values]
    return [Release(**one) for one in json.loads(_python("tests/support/helm.py", given=asked))]


def objects(text: str) -> list[dict]:
    """The objects of a YAML stream."""
    script = (
        "import json, sys, yaml\n"
        "print(json.dumps(list(yaml.safe_load_all(json.load(sys.stdin)[0]))))"
    )
    return json.loads(_python("-c", script, given=[text]))


def valid(objects: list[dict], mode: str = "init") -> None:
    """As each Kubernetes that the mode is for has it, strictly: a field that it does not know fails."""
    script = (
        f"import json, schemas, sys\nversions = schemas.versions(dict(mode={mode!r}))\n"
        "for one in json.load(sys.stdin): schemas.kubernetes(one, versions)"
    )
    _python("-c", script, given=objects)


def _python(*words: str, given: list) -> str:
    """Runs a program with the packages of tests/charts, which the other suites do without."""
    tests = environment.REPOSITORY / "tests"
    setup = tests / "charts" / "setup.sh"
    printed = subprocess.run([setup], stdout=subprocess.PIPE, text=True, check=True).stdout
    python = dict(line.split(" ", 1) for line in printed.splitlines())["python"]
    done = subprocess.run(
        [python, *words],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        cwd=environment.REPOSITORY,
        env=environment.clean(PYTHONPATH=f"{tests}:{tests / 'charts'}"),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def trusting(chain: Path, **trust) -> dict:
    """Values below `trust.` with a customer's chain, and the image that the tests made."""
    image = {"registry": "localhost", "repository": "trust-init", "tag": "e2e"}
    bundle = {"pem": chain.read_text()} | trust.pop("caBundle", {})
    return {"caBundle": bundle, "image": image, **trust}
