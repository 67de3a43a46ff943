"""What the API of support.kube_api knows of Kubernetes: its resources, and how they are changed."""

from __future__ import annotations

from typing import NamedTuple


class Resource(NamedTuple):
    version: str
    plural: str
    kind: str
    namespaced: bool = True

    @property
    def root(self) -> str:
        """Where the paths of its group begin."""
        return f"/api/{self.version}" if self.version == "v1" else f"/apis/{self.version}"


# Those that Spark, Helm, kubectl and the charts ask for.
RESOURCES = (
    Resource("v1", "namespaces", "Namespace", namespaced=False),
    Resource("v1", "pods", "Pod"),
    Resource("v1", "services", "Service"),
    Resource("v1", "configmaps", "ConfigMap"),
    Resource("v1", "secrets", "Secret"),
    Resource("v1", "serviceaccounts", "ServiceAccount"),
    Resource("v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
    Resource("apps/v1", "deployments", "Deployment"),
    Resource("apps/v1", "statefulsets", "StatefulSet"),
    Resource("apps/v1", "daemonsets", "DaemonSet"),
    Resource("rbac.authorization.k8s.io/v1", "roles", "Role"),
    Resource("rbac.authorization.k8s.io/v1", "rolebindings", "RoleBinding"),
    Resource("sparkoperator.k8s.io/v1beta2", "sparkapplications", "SparkApplication"),
    Resource("spark.apache.org/v1", "sparkapplications", "SparkApplication"),
    *(
        Resource("admissionregistration.k8s.io/v1", f"{kind.lower().removesuffix('y')}{end}", kind, namespaced=False)
        for kind, end in (
            ("MutatingAdmissionPolicy", "ies"),
            ("MutatingAdmissionPolicyBinding", "s"),
            ("ValidatingAdmissionPolicy", "ies"),
            ("ValidatingAdmissionPolicyBinding", "s"),
        )
    ),
)
VERSION = {"major": "1", "minor": "36", "gitVersion": "v1.36.0"}


def discovery() -> dict[str, dict]:
    """By path, what a client asks before it asks for an object."""
    groups = {}
    for version in dict.fromkeys(one.version for one in RESOURCES):
        if "/" in version:
            name, _, number = version.partition("/")
            known = {"groupVersion": version, "version": number}
            groups[name] = {"name": name, "versions": [known], "preferredVersion": known}
    lists: dict[str, dict] = {}
    for one in RESOURCES:
        found = {"kind": "APIResourceList", "groupVersion": one.version, "resources": []}
        lists.setdefault(one.root, found)["resources"].append(
            {
                "name": one.plural,
                "singularName": one.kind.lower(),
                "kind": one.kind,
                "namespaced": one.namespaced,
                "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
            }
        )
    return lists | _openapi() | {
        "/version": VERSION,
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": list(groups.values())},
    }


def _openapi() -> dict[str, dict]:
    """No schemas: only that a server takes `fieldValidation`, so that clients leave validation to it."""
    documents: dict[str, dict] = {}
    for one in RESOURCES:
        group, _, version = one.version.rpartition("/")
        place = "/namespaces/{namespace}" if one.namespaced else ""
        operation = {
            "parameters": [{"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}],
            "x-kubernetes-group-version-kind": {"group": group, "version": version, "kind": one.kind},
        }
        document = documents.setdefault(f"/openapi/v3{one.root}", {"openapi": "3.0.0", "paths": {}})
        document["paths"][f"{one.root}{place}/{one.plural}/{{name}}"] = {"patch": operation}
    places = {path.removeprefix("/openapi/v3/"): {"serverRelativeURL": path} for path in documents}
    return documents | {"/openapi/v3": {"paths": places}}


def listed(path: str) -> Resource | None:
    """The resource whose objects are below a path, in one namespace or in all."""
    for one in RESOURCES:
        if path.startswith(f"{one.root}/") and path.rpartition("/")[2] == one.plural:
            return one
    return None


def merged(old: object, patch: object) -> object:
    """RFC 7396. A strategic merge patch is read in the same way, which is right for maps; of a list of objects this
    does not know the keys, so it takes none."""
    if not isinstance(patch, dict):
        return patch
    for name in patch:
        if name.startswith("$"):
            raise ValueError(f"this API does not know how to merge a list by its keys: {name}")
    result = dict(old) if isinstance(old, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def immutable(old: dict, new: dict) -> bool:
    """Whether a change is one that a server refuses of a ConfigMap or a Secret."""
    if not old.get("immutable"):
        return False
    return any(old.get(key) != new.get(key) for key in ("immutable", "data", "binaryData"))
