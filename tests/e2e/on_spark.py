"""The chart of a Spark customer, handed to a real spark-submit as docs/chart.md says."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import application
import pytest
import rendered
import spark
from rendered import Release
from sources import Sources
from spark import Asked, Submission
from support import environment

DRIVER, EXECUTOR = "spark-kubernetes-driver", "spark-kubernetes-executor"
# They make short runs quicker, too.
OWN, OWN_DEFAULT, OWN_TOOL = "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dexample.tool=1"
OWN_SECRET = "database"

# Not the chart's own: no template sees what is in it.
ELSEWHERE = {"name": "made-elsewhere", "key": "ca.pem"}

# What a platform adds to each customer's values.
PLATFORM = environment.REPOSITORY / "examples" / "platform" / "values.yaml"
# As values had it before there was a merged bundle.
RAW_CHAIN = dict.fromkeys(
    ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), "/etc/pki/custom-certs/client-ca-chain.pem"
)

# What the example leaves out.
MORE = {
    "schedulerName": "example-scheduler",
    "runtimeClassName": "example-runtime",
    "dnsPolicy": "Default",
}

# Of the user's own, by what it is of the role's.
OWN_CONF = {
    "spark.{role}.extraJavaOptions": OWN,
    "spark.{role}.defaultJavaOptions": OWN_DEFAULT,
    "spark.kubernetes.{role}.label.example.com/team": "analysts",
    "spark.kubernetes.{role}.annotation.example.com/cost": "42",
    f"spark.kubernetes.{{role}}.secrets.{OWN_SECRET}": "/etc/database",
    "spark.kubernetes.{role}.volumes.emptyDir.scratch.mount.path": "/scratch",
    "{env}.EXAMPLE": "{role}",
    "{env}.JAVA_TOOL_OPTIONS": OWN_TOOL,
}
ENV = {"driver": "spark.kubernetes.driverEnv", "executor": "spark.executorEnv"}


def own_conf() -> dict[str, str]:
    """OWN_CONF for both roles."""
    return {
        name.format(role=role, env=env): value.format(role=role)
        for role, env in ENV.items()
        for name, value in OWN_CONF.items()
    }


def cases(sources: Sources) -> dict[str, dict]:
    """Values, without where the templates are."""
    trusting = functools.partial(rendered.trusting, sources.chain)
    plain = {"image": application.TAG}
    own = plain | {"conf": own_conf(), "env": [{"name": "FROM_VALUES", "value": "1"}]}
    encrypted = {"store": "pkcs12-encrypted", "toolOptions": True}
    (platform,) = rendered.objects(PLATFORM.read_text())
    return {
        "disabled": {"spark": own, "trust": {"enabled": False}},
        "own": {"spark": own, "trust": trusting()},
        "encrypted": {
            "spark": plain,
            "trust": trusting(base="mozilla", java=encrypted, caBundle={"kind": "Secret"}),
        },
        "renewed": {"spark": own, "trust": rendered.trusting(sources.other)},
        "pinned": {"spark": plain, "trust": trusting(caBundle={"pin": True})},
        "pinned-renewed": {
            "spark": plain,
            "trust": rendered.trusting(sources.other, caBundle={"pin": True}),
        },
        "elsewhere": {
            "spark": plain,
            "trust": trusting() | {"caBundle": {"existing": ELSEWHERE}},
        },
        "wrapper": {"spark": plain, "trust": trusting(mode="wrapper")},
        "sidecar": {"spark": plain, "trust": trusting(mode="sidecar")},
        "prebuilt": {"spark": plain, "trust": {"mode": "prebuilt"}},
        "platform": {
            **platform,
            "spark": platform["spark"] | plain | MORE,
            "trust": platform["trust"] | rendered.trusting(sources.chain, env=RAW_CHAIN),
        },
    }


@dataclass(frozen=True)
class Submitted:
    release: Release
    submission: Submission
    asked: Asked


class Submissions:
    """Each made once, when it is asked for."""

    def __init__(self, sources: Sources, factory: pytest.TempPathFactory):
        self._factory = factory
        values = cases(sources)
        self._folders = {name: factory.mktemp(f"templates-{name}") for name in values}
        for name, one in values.items():
            one["spark"] = one["spark"] | {"templates": str(self._folders[name])}
        self.releases = dict(zip(values, rendered.render(*values.values()), strict=True))
        self.of = functools.cache(self._of)

    def submission(self, version: str, case: str) -> Submission:
        properties = self.releases[case].write(self._folders[case])
        return Submission(spark.home(version), ["spark-submit", f"--properties-file={properties}"])

    def _of(self, version: str, case: str) -> Submitted:
        submission = self.submission(version, case)
        work: Path = self._factory.mktemp(f"spark-{version}-{case}")
        return Submitted(self.releases[case], submission, submission.asks(work))
