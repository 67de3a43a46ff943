"""Kubernetes' own admission plugins (tests/admission/apiserver), asked what they do with an object.

    with admission.Server() as server:
        admitted = server.admit(pod, cluster=[policy, binding, namespace, configmap])
"""

from __future__ import annotations

import functools
import json
import subprocess
from dataclasses import dataclass, field
from types import TracebackType

from support.environment import REPOSITORY

# Whoever creates a pod in these tests.
USER = {"name": "system:serviceaccount:customer-acme:spark", "groups": ["system:serviceaccounts"]}


class Failed(Exception):
    """The case itself is wrong: the API server would not have stored an object of it."""


@dataclass(frozen=True)
class Denied:
    """The status that a client gets."""

    by: str  # mutating or validating
    code: int
    message: str
    reason: str = ""
    causes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Admitted:
    """What became of an object. It was mutated and validated, whether it is denied or not."""

    object: dict | None
    # Not one byte differs from what came in.
    unchanged: bool
    # What comes out if `object` goes in again; None if that changes nothing.
    again: dict | None = None
    denied: Denied | None = None
    warnings: list[str] = field(default_factory=list)
    audit: dict[str, str] = field(default_factory=dict)
    # By policy, if they were asked for: see Cost in tests/admission/apiserver/cost.go.
    costs: list[dict] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Every reason of a denial."""
        if self.denied is None:
            return []
        return [self.denied.message, *self.denied.causes]


@dataclass(frozen=True)
class PolicyReport:
    """What API servers say of a policy that somebody creates."""

    kind: str
    name: str
    # By version of Kubernetes: why it is refused.
    errors: dict[str, list[str]] = field(default_factory=dict)
    # What the type checker finds.
    warnings: list[str] = field(default_factory=list)


class Server:
    """One process; cases with the same cluster take a millisecond after the first."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [program()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(10)

    def admit(
        self,
        one: dict,
        cluster: list[dict],
        *,
        old: dict | None = None,
        operation: str | None = None,
        subresource: str | None = None,
        user: dict = USER,
        cost: bool = False,
    ) -> Admitted:
        """Creates an object, or changes the old one, in a cluster that holds these objects."""
        case = {"cluster": cluster, "object": one, "user": user, "cost": cost}
        case |= {"oldObject": old} if old else {}
        case |= {"operation": operation} if operation else {}
        case |= {"subresource": subresource} if subresource else {}
        answer = self._ask(case)
        denied = answer.get("denied")
        return Admitted(
            object=answer["object"],
            unchanged=answer["unchanged"],
            again=answer.get("again"),
            denied=Denied(**denied) if denied else None,
            warnings=answer.get("warnings", []),
            audit=answer.get("auditAnnotations", {}),
            costs=answer.get("costs", []),
        )

    def check(self, cluster: list[dict], versions: tuple[str, ...]) -> list[PolicyReport]:
        """What servers of these versions say of each policy."""
        answer = self._ask({"cluster": cluster, "versions": versions, "user": USER})
        return [PolicyReport(**one) for one in answer.get("policies", [])]

    def _ask(self, case: dict) -> dict:
        self._process.stdin.write(json.dumps(case) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the admission program ended, {self._process.wait(10)}")
        answer = json.loads(line)
        if "failure" in answer:
            raise Failed(answer["failure"])
        return answer


@functools.cache
def program() -> str:
    """What the set-up script keeps in its cache; it builds what is missing."""
    setup = REPOSITORY / "tests" / "setup" / "admission.sh"
    done = subprocess.run([setup], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


# --- objects of a cluster


def namespace(name: str, labels: dict[str, str] | None = None) -> dict:
    """As the API server labels it, and with more labels."""
    labels = {"kubernetes.io/metadata.name": name} | (labels or {})
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def configmap(name: str, namespace: str, data: dict[str, str]) -> dict:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
