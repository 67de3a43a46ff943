"""What Kubernetes and the operators would say of an object before it is stored."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path

import jsonschema
import kubernetes_validate
import pytest
import yaml

KUBERNETES = ("1.27", "1.30", "1.33", "1.36")
# Those that mutate by policy: beta, stable, and the newest.
ADMISSION = ("1.34", "1.36", "1.37")
# Those that know restartPolicy of an init container without a feature gate.
SIDECARS = ("1.29", *KUBERNETES[1:])
CRDS = {
    "sparkoperator.k8s.io/v1beta2": "sparkoperator.k8s.io_sparkapplications.yaml",
    "spark.apache.org/v1": "sparkapplications.spark.apache.org-v1.yaml",
}


# Those that know ClusterTrustBundle in a projected volume.
CLUSTER_BUNDLES = ("1.33", "1.36")


def versions(trust: dict) -> tuple[str, ...]:
    """Those that the chart's values are for."""
    if "ClusterTrustBundle" in str(trust.get("platform")):
        return CLUSTER_BUNDLES
    return SIDECARS if trust.get("mode") == "sidecar" else KUBERNETES


def kubernetes(one: dict, versions: tuple[str, ...] = KUBERNETES) -> None:
    """The strict schema of each version: an unknown field fails."""
    text = json.dumps(one, sort_keys=True)
    for version in versions:
        _kubernetes(text, version)


@functools.cache
def _kubernetes(text: str, version: str) -> None:
    kubernetes_validate.validate(json.loads(text), version, strict=True)


def pod_template(template: dict, versions: tuple[str, ...] = KUBERNETES) -> None:
    """As a PodTemplate, and what an API server asks for beyond the schema."""
    wrapped = {"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "a"}}
    kubernetes({**wrapped, "template": template}, versions)
    mounted, volumes = _mounted(template["spec"])
    assert mounted == volumes, "a volume that nothing mounts, or a mount of no volume"


def pod(one: dict, versions: tuple[str, ...] = KUBERNETES) -> None:
    """As somebody's pod, whose volumes need not all be mounted."""
    kubernetes(one, versions)
    mounted, volumes = _mounted(one["spec"])
    assert mounted <= volumes, "a mount of no volume"


def _mounted(spec: dict) -> tuple[set[str], set[str]]:
    """The volumes that are mounted, and those that there are; no name twice where there may be one."""
    volumes = _unique([volume["name"] for volume in spec.get("volumes", [])])
    containers = [*spec.get("initContainers", []), *spec["containers"]]
    _unique([container["name"] for container in containers])
    mounted = set()
    for container in containers:
        _unique([mount["mountPath"].rstrip("/") for mount in container.get("volumeMounts", [])])
        _unique([variable["name"] for variable in container.get("env", [])])
        mounted |= {mount["name"] for mount in container.get("volumeMounts", [])}
    return mounted, volumes


def _unique(names: list[str]) -> set[str]:
    assert len(names) == len(set(names)), f"twice in {names}"
    return set(names)


def restricted(template: dict) -> None:
    """The restricted Pod Security Standard, as far as these pods touch it."""
    spec = template["spec"]
    pod = spec.get("securityContext", {})
    for volume in spec.get("volumes", []):
        allowed = {"configMap", "emptyDir", "secret", "projected"}
        assert set(volume) - {"name"} <= allowed, volume
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        own = container["securityContext"]
        whole = {**pod, **own}
        assert whole["runAsNonRoot"] is True, container["name"]
        assert whole["seccompProfile"] == {"type": "RuntimeDefault"}, container["name"]
        assert own["allowPrivilegeEscalation"] is False, container["name"]
        assert own["capabilities"] == {"drop": ["ALL"]}, container["name"]
        assert not own.get("privileged"), container["name"]
        # OpenShift gives each namespace uids of its own.
        assert not {"runAsUser", "runAsGroup", "fsGroup"} & set(whole), container["name"]


def custom(one: dict) -> None:
    """The operator's schema of its resource, strict."""
    schema = _custom(one["apiVersion"])
    errors = list(jsonschema.Draft202012Validator(schema).iter_errors(one))
    assert not errors, [(error.json_path, error.message[:200]) for error in errors]


@functools.cache
def _custom(api_version: str) -> dict:
    folder = crds()
    if folder is None:
        pytest.skip(
            "the operators' CRDs are not here: put "
            + " and ".join(CRDS.values())
            + " from their repositories into a folder and name it in TRUST_INIT_CRDS"
        )
    crd = yaml.safe_load((folder / CRDS[api_version]).read_text())
    version = api_version.partition("/")[2]
    (found,) = (one for one in crd["spec"]["versions"] if one["name"] == version)
    schema = _strict(found["schema"]["openAPIV3Schema"])
    schema["properties"] |= {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
    }
    return schema


def crds() -> Path | None:
    """The folder with the operators' CRDs: they are not ours to ship."""
    named = os.environ.get("TRUST_INIT_CRDS")
    return Path(named) if named else None


def _strict(schema: dict) -> dict:
    """A structural schema as an API server holds it against an object, unknown fields refused."""
    schema = dict(schema)
    if schema.get("x-kubernetes-int-or-string"):
        return {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    if "properties" in schema:
        schema["properties"] = {k: _strict(v) for k, v in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema.setdefault("additionalProperties", False)
    for inner in ("items", "additionalProperties"):
        if isinstance(schema.get(inner), dict):
            schema[inner] = _strict(schema[inner])
    if schema.get("nullable") and "type" in schema:
        schema["type"] = [schema["type"], "null"]
    return schema
