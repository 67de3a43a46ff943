"""Pods that the policy of examples/admission admits and refuses, with what it says."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass

import yaml
from cases import CORPORATE, GIVEN, TRUST
from support import helm

POLICY, BINDING = yaml.safe_load_all(
    (helm.REPOSITORY / "examples" / "admission" / "policy.yaml").read_text()
)

Bend = Callable[[dict], None]


@dataclass(frozen=True)
class Case:
    """A pod of the chart, bent or as it is."""

    name: str
    # Values below `trust.`.
    trust: dict
    # A part of what the policy says against it; None if it admits the pod.
    fault: str | None = None
    bends: tuple[Bend, ...] = ()
    role: str = "driver"
    # The pod as it was before, if the pod is updated.
    before: tuple[Bend, ...] | None = None
    subresource: str | None = None

    def pod(self, charts: helm.Charts) -> dict:
        pod = spark_pod(charts, self.trust, self.role)
        for bend in self.bends:
            bend(pod)
        return pod

    def old(self, charts: helm.Charts) -> dict | None:
        if self.before is None:
            return None
        pod = spark_pod(charts, self.trust, self.role)
        for bend in self.before:
            bend(pod)
        return pod


RENDERED: dict[str, dict] = {}


def templates(charts: helm.Charts, trust: dict) -> dict:
    """The pod templates by role, rendered once."""
    key = json.dumps(trust, sort_keys=True)
    if key not in RENDERED:
        RENDERED[key] = helm.pod_templates(charts.render({"trust": trust}))
    return RENDERED[key]


def spark_pod(charts: helm.Charts, trust: dict, role: str) -> dict:
    """A pod as Spark makes it of a template: with a label, a ConfigMap and a token of its own."""
    template = templates(charts, trust)[role]
    pod = {"apiVersion": "v1", "kind": "Pod", **copy.deepcopy(template)}
    pod["metadata"]["labels"]["spark-role"] = role
    pod["spec"]["serviceAccountName"] = helm.RELEASE
    kind = {"driver": "drv", "executor": "exec"}[role]
    pod["spec"]["volumes"] += [
        {"name": "conf", "configMap": {"name": f"spark-{kind}-0123abcd-conf-map"}},
        {"name": "pods", "configMap": {"name": "acme-9f-driver-podspec-conf-map"}},
        {
            "name": "token",
            "projected": {
                "sources": [
                    {"serviceAccountToken": {"path": "token"}},
                    {"configMap": {"name": "kube-root-ca.crt"}},
                ]
            },
        },
    ]
    return pod


# --- bends


def volume(**source: dict) -> Bend:
    """Adds a volume, which nothing mounts."""
    return lambda pod: pod["spec"]["volumes"].append({"name": "x", **source})


def projected(**source: dict) -> Bend:
    return volume(projected={"sources": [source]})


def main(**fields: object) -> Bend:
    """Fields of the main container; a list is appended to."""

    def bend(pod: dict) -> None:
        (container,) = pod["spec"]["containers"]
        for name, value in fields.items():
            known = container.get(name)
            both = isinstance(value, list) and isinstance(known, list) and name != "command"
            container[name] = [*known, *value] if both else value

    return bend


def variable(source: str, name: str) -> list[dict]:
    return [{"name": "X", "valueFrom": {source: {"name": name, "key": "x"}}}]


def mount(path: str, name: str = "tmp", **more: object) -> Bend:
    return main(volumeMounts=[{"name": name, "mountPath": path, **more}])


def container(at: int | None = None, kind: str = "initContainers", **fields: object) -> Bend:
    """One more container, at a place among the others."""

    def bend(pod: dict) -> None:
        more = {"name": "more", "image": "registry.example.com/spark:4.0.1"} | fields
        containers = pod["spec"].setdefault(kind, [])
        containers.insert(len(containers) if at is None else at, more)

    return bend


def init(at: int, **fields: object) -> Bend:
    """Fields of an init container of the chart; None takes one out."""

    def bend(pod: dict) -> None:
        for name, value in fields.items():
            if value is None:
                del pod["spec"]["initContainers"][at][name]
            else:
                pod["spec"]["initContainers"][at][name] = value

    return bend


def word(key: str, at: int, *words: str) -> Bend:
    """Puts words in place of the last init container's, from one on."""

    def bend(pod: dict) -> None:
        builder = pod["spec"]["initContainers"][-1]
        builder[key] = [*builder[key][:at], *words, *builder[key][at + len(words) :]]

    return bend


def spec(**fields: object) -> Bend:
    return lambda pod: pod["spec"].update(fields)


def labels(**changed: str | None) -> Bend:
    def bend(pod: dict) -> None:
        for name, value in changed.items():
            full = {"release": "app.kubernetes.io/instance", "role": "spark-role"}.get(name, name)
            if value is None:
                del pod["metadata"]["labels"][full]
            else:
                pod["metadata"]["labels"][full] = value

    return bend


def renamed(name: str, other: str) -> Bend:
    """Another name for an object, wherever it is used."""

    def bend(pod: dict) -> None:
        pod["spec"] = json.loads(json.dumps(pod["spec"]).replace(name, other))

    return bend


def stores(**source: dict) -> Bend:
    """Another source of the volume trust, whatever it was."""

    def bend(pod: dict) -> None:
        (one,) = (one for one in pod["spec"]["volumes"] if one["name"] == "trust")
        one.clear()
        one.update({"name": "trust", **source})

    return bend


def stores_source(**source: dict) -> Bend:
    """One more source of the projected stores."""

    def bend(pod: dict) -> None:
        (one,) = (one for one in pod["spec"]["volumes"] if one["name"] == "trust")
        one["projected"]["sources"].append(source)

    return bend


def no_init(pod: dict) -> None:
    del pod["spec"]["initContainers"]


def unmounted(pod: dict) -> None:
    (container,) = pod["spec"]["containers"]
    container["volumeMounts"] = [one for one in container["volumeMounts"] if one["name"] != "trust"]


def writable(pod: dict) -> None:
    del pod["spec"]["containers"][0]["volumeMounts"][0]["readOnly"]


def sub_path(pod: dict) -> None:
    pod["spec"]["containers"][0]["volumeMounts"][0]["subPath"] = "nothing"


def removed_finalizer(pod: dict) -> None:
    no_init(pod)
    pod["metadata"]["deletionTimestamp"] = "2026-11-28T00:00:00Z"


# --- the table

PREBUILT = {"mode": "prebuilt", "prebuilt": {"name": "acme-trust"}}
MOZILLA = TRUST["mozilla"]
WRAPPER = TRUST["wrapper"]
ADMITTED = {
    **{name: TRUST[name] for name in ("chain", "secret", "platform", "pinned", "mozilla")},
    **{name: TRUST[name] for name in ("wrapper", "sidecar", "sidecar-platform", "least", "rhel")},
    "every client": {
        "caBundle": GIVEN,
        "base": "image-os",
        "extraVariables": ["PGSSLROOTCERT"],
    },
    "every rule": {"caBundle": GIVEN, "policy": TRUST["all"]["policy"]},
    "the platform's ClusterTrustBundle": {
        "caBundle": GIVEN,
        "platform": [{"kind": "ClusterTrustBundle", "name": "example.com:corporate:ca"}],
    },
    "prebuilt": PREBUILT,
    "prebuilt in a Secret": {"mode": "prebuilt", "prebuilt": {"name": "acme-trust", "kind": "Secret"}},
    "prebuilt auto": {"mode": "prebuilt", "prebuilt": {"name": "acme-trust", "auto": True}},
    "prebuilt by names": {
        "mode": "prebuilt",
        "prebuilt": {
            "name": "acme-trust",
            "names": {"java": "acme-trust-java-0f1e2d3c4b", "pem": "acme-trust-pem-6000138dee"},
        },
    },
}
BUILT = {"caBundle": GIVEN, "platform": [CORPORATE]}

FOREIGN = "a ConfigMap or Secret that belongs neither to"
NOT_BUILT = "no container of registry.example.com/trust-init that builds the stores as the chart does"
NO_STORES = "nor the stores of mode prebuilt"
IN_PLACE = "the volume trust is neither an emptyDir"
UNMOUNTED = "no container mounts the trust stores"
WRITABLE = "a container mounts the trust stores writable"
OVER = "a container mounts something over the trust stores"
KIND = "a volume of another kind than emptyDir"
SOURCE = "a projected volume with a source"
NO_LABEL = "the pod has no label app.kubernetes.io/instance"
ACCOUNT = "a service account that does not belong to release acme"
PULL = "it pulls images with a Secret of another release"

DIGEST = "sha256:" + "0" * 64
IMAGE = "registry.example.com/trust-init"
TRUSTED = {"name": "trust", "mountPath": "/trust"}


def uses(name: str) -> str:
    return f"it uses {name}, {FOREIGN}"


# What a pod may do besides.
FREE = [
    Case("a digest", MOZILLA, bends=(init(0, image=f"{IMAGE}@{DIGEST}"),)),
    Case("a tag and a digest", MOZILLA, bends=(init(0, image=f"{IMAGE}:0.1.0@{DIGEST}"),)),
    Case("a pod of no Spark", BUILT, bends=(labels(role=None),)),
    Case("its own Secret in a variable", BUILT, bends=(main(env=variable("secretKeyRef", "db.acme")),)),
    Case("its own Secret in envFrom", BUILT, bends=(main(envFrom=[{"secretRef": {"name": "db.acme"}}]),)),
    Case("its own volumes", BUILT, bends=(volume(secret={"secretName": "db.acme"}), mount("/db", "x"))),
    Case("a claim", BUILT, bends=(volume(persistentVolumeClaim={"claimName": "data"}),)),
    Case("a directory whose name begins with a dot", BUILT, bends=(mount("/home/me/.cache"),)),
    Case("a directory next to the stores", BUILT, bends=(mount("/trust-me"),)),
    Case("an init container that reads the stores", BUILT, bends=(
        container(volumeMounts=[{**TRUSTED, "readOnly": True}]),)),
    Case("an ephemeral container", BUILT, bends=(container(kind="ephemeralContainers"),), before=(),
         subresource="ephemeralcontainers"),
    Case("a pull secret of the platform", BUILT, bends=(spec(imagePullSecrets=[{"name": "registry-key"}]),)),
    Case("a service account of its own", BUILT, bends=(spec(serviceAccountName="reader.acme"),)),
    Case("a label, of a pod that is older than the policy", BUILT, bends=(no_init, labels(spark="x")),
         before=(no_init,)),
    Case("the last finalizer, of such a pod", BUILT, bends=(removed_finalizer,), before=(no_init,)),
]

BY_IMAGE = {
    "another registry's image": "registry.example.org/trust-init:0.1.0",
    "an image whose name only begins with ours": f"{IMAGE}-evil:0.1.0",
    "an image below ours": f"{IMAGE}/evil:0.1.0",
    "our image's name at another port": "registry.example.com:5000/trust-init:0.1.0",
    "an image whose registry only ends with ours": "evil.registry.example.com/trust-init:0.1.0",
    "an image with another character for a dot": "registry-example.com/trust-init:0.1.0",
    "our image's name behind a path": f"registry.example.org/{IMAGE}:0.1.0",
    "a digest of no form": f"{IMAGE}@sha256:00",
}
FAKED = [
    Case("no init container", BUILT, NOT_BUILT, (no_init,)),
    *(Case(name, MOZILLA, NOT_BUILT, (init(0, image=image),)) for name, image in BY_IMAGE.items()),
    Case("another's program installed", BUILT, NOT_BUILT, (init(0, image=f"{IMAGE}-evil:1"),)),
    Case("--version", MOZILLA, NOT_BUILT, (init(0, args=["--version"]),)),
    Case("--version in a base image", BUILT, NOT_BUILT, (
        init(1, command=["/trust/bin/trust-init", "--version"]),)),
    Case("build --help", MOZILLA, NOT_BUILT, (word("args", 4, "--help"),)),
    Case("the root of another image", MOZILLA, NOT_BUILT, (word("args", 6, "--root", "/x"),)),
    Case("an option with its value attached", MOZILLA, NOT_BUILT, (word("args", 6, "--base=none"),)),
    Case("stores elsewhere", MOZILLA, NOT_BUILT, (word("args", 3, "/elsewhere"),)),
    Case("another command in our image", MOZILLA, NOT_BUILT, (init(0, command=["/bin/true"]),)),
    Case("variables that count", MOZILLA, NOT_BUILT, (word("args", 1, "--quiet"),)),
    Case("another program builds", BUILT, NOT_BUILT, (word("command", 0, "/opt/mine"),)),
    Case("arguments for the program that builds", BUILT, NOT_BUILT, (init(1, args=["--help"]),)),
    Case("stores of another image", BUILT, NOT_BUILT, (init(1, image="registry.example.com/other"),)),
    Case("another name", BUILT, NOT_BUILT, (init(1, name="builds"),)),
    Case("mode wrapper with another program", WRAPPER, NOT_BUILT, (
        main(command=["/opt/mine", "exec", "--ignore-variables", "--ca", "/x"]),)),
    Case("mode wrapper without exec", WRAPPER, NOT_BUILT, (main(command=["/opt/entrypoint.sh"]),)),
    Case("mode wrapper with a program that nobody installed", WRAPPER, NOT_BUILT, (no_init,)),
    Case("an update of the builder's image", MOZILLA, NOT_BUILT, (init(0, image="x"),), before=()),
]

IN_THE_PLACE = [
    Case("a ClusterTrustBundle in place of the stores", BUILT, IN_PLACE, (
        stores(projected={"sources": [{"clusterTrustBundle": {"name": "x", "path": "x"}}]}),)),
    Case("a ConfigMap in place of the stores", BUILT, IN_PLACE, (
        stores(configMap={"name": "acme-trust-ca"}),)),
    Case("a claim in place of the stores", BUILT, IN_PLACE, (
        stores(persistentVolumeClaim={"claimName": "mine"}),)),
    Case("a writable mount", BUILT, WRITABLE, (writable,)),
    Case("stores mounted writable", PREBUILT, WRITABLE, (writable,)),
    Case("an init container that writes", BUILT, WRITABLE, (container(volumeMounts=[TRUSTED]),)),
    Case("an init container that writes before the build", BUILT, WRITABLE, (
        container(1, volumeMounts=[TRUSTED]),)),
    Case("another init container that is called trust-init", WRAPPER, WRITABLE, (
        container(name="trust-init", volumeMounts=[TRUSTED]),)),
    Case("an ephemeral container that writes", BUILT, WRITABLE, (
        container(kind="ephemeralContainers", volumeMounts=[TRUSTED]),), before=(),
        subresource="ephemeralcontainers"),
    Case("a mount over the stores", BUILT, OVER, (mount("/trust/java"),)),
    Case("a mount over the program that builds", BUILT, OVER, (
        init(1, volumeMounts=[TRUSTED, {"name": "tmp", "mountPath": "/trust/bin"}]),)),
    Case("a mount over the stores with dots", BUILT, OVER, (mount("/opt/../trust/java"),)),
    Case("a mount over the stores with slashes", BUILT, OVER, (mount("//trust/java"),)),
    Case("a mount at the root", BUILT, OVER, (mount("/"),)),
    Case("an empty directory of the stores", BUILT, OVER, (sub_path,)),
    Case("stores that nobody mounts", PREBUILT, UNMOUNTED, (unmounted,)),
    Case("built stores that nobody mounts", BUILT, UNMOUNTED, (unmounted,)),
    Case("a token in the stores", PREBUILT, NO_STORES, (
        stores_source(serviceAccountToken={"path": "token"}),)),
    Case("no stores", PREBUILT, NO_STORES, (stores(projected={"sources": []}),)),
    Case("a ClusterTrustBundle among the stores", PREBUILT, NO_STORES, (
        stores_source(clusterTrustBundle={"name": "example.com:corporate:ca", "path": "x"}),)),
    # The name by default may be anybody's.
    Case("stores without the release's name", {"mode": "prebuilt"}, uses("trust-pem")),
]

OF_OTHERS = [
    Case("another's ConfigMap", BUILT, uses("globex-trust-ca"), (
        volume(configMap={"name": "globex-trust-ca"}),)),
    Case("another's Secret", BUILT, uses("sh.helm.release.v1.x"), (
        volume(secret={"secretName": "sh.helm.release.v1.x"}),)),
    Case("one of a release whose name begins with ours", BUILT, uses("acme-prod-trust-ca"), (
        volume(configMap={"name": "acme-prod-trust-ca"}),)),
    Case("stores of such a release", PREBUILT, uses("acme-prod-trust-java"), (
        stores_source(configMap={"name": "acme-prod-trust-java"}),)),
    Case("one of a release whose name ends with ours", BUILT, uses("db.x.acme"), (
        volume(secret={"secretName": "db.x.acme"}),)),
    Case("a release whose dots are no dots", BUILT, uses("axb-trust-ca"), (
        labels(release="a.b"), renamed("acme-trust-ca", "axb-trust-ca"))),
    Case("another's ConfigMap in a variable", BUILT, uses("globex-trust-ca"), (
        main(env=variable("configMapKeyRef", "globex-trust-ca")),)),
    Case("another's Secret in a variable", BUILT, uses("globex-db"), (
        main(env=variable("secretKeyRef", "globex-db")),)),
    Case("another's Secret in an init container's variable", BUILT, uses("globex-db"), (
        container(env=variable("secretKeyRef", "globex-db")),)),
    Case("envFrom", BUILT, uses("globex-trust-ca"), (
        main(envFrom=[{"configMapRef": {"name": "globex-trust-ca"}}]),)),
    Case("an init container's envFrom", BUILT, uses("globex-db"), (
        container(envFrom=[{"secretRef": {"name": "globex-db"}}]),)),
    Case("an ephemeral container's envFrom", BUILT, uses("globex-db"), (
        container(kind="ephemeralContainers", envFrom=[{"secretRef": {"name": "globex-db"}}]),),
        before=(), subresource="ephemeralcontainers"),
    Case("a projected ConfigMap", BUILT, uses("globex-trust-ca"), (
        projected(configMap={"name": "globex-trust-ca"}),)),
    Case("a projected Secret", BUILT, uses("globex-db"), (projected(secret={"name": "globex-db"}),)),
    Case("another's stores", PREBUILT, uses("globex-trust-java"), (
        stores_source(configMap={"name": "globex-trust-java"}),)),
    Case("another's Secret in the stores", PREBUILT, uses("sh.helm.release.v1.globex.v1"), (
        stores_source(secret={"name": "sh.helm.release.v1.globex.v1"}),)),
    Case("a ClusterTrustBundle of one's own choice", BUILT, SOURCE, (
        projected(clusterTrustBundle={"name": "x", "path": "x"}),)),
    Case("ClusterTrustBundles of a signer", BUILT, SOURCE, (
        projected(clusterTrustBundle={"signerName": "example.com/x", "labelSelector": {}, "path": "x"}),)),
    *(
        Case(f"a volume of kind {kind}", BUILT, KIND, (volume(**{kind: source}),))
        for kind, source in {
            "csi": {"driver": "secrets-store.csi.k8s.io", "nodePublishSecretRef": {"name": "x"}},
            "azureFile": {"secretName": "globex", "shareName": "x"},
            "cephfs": {"monitors": ["x"], "secretRef": {"name": "globex"}},
            "flexVolume": {"driver": "x/y", "secretRef": {"name": "globex"}},
            "hostPath": {"path": "/etc"},
            "iscsi": {"targetPortal": "x", "iqn": "x", "lun": 0, "secretRef": {"name": "globex"}},
            "rbd": {"monitors": ["x"], "image": "x", "secretRef": {"name": "globex"}},
            "scaleIO": {"gateway": "x", "system": "x", "secretRef": {"name": "globex"}},
            "storageos": {"secretRef": {"name": "globex"}},
        }.items()
    ),
    Case("another's service account", BUILT, ACCOUNT, (spec(serviceAccountName="globex"),)),
    Case("another's service account by its old field", BUILT, ACCOUNT, (spec(serviceAccount="globex"),)),
    Case("another's pull secret", BUILT, PULL, (spec(imagePullSecrets=[{"name": "globex-registry"}]),)),
    Case("no label", BUILT, NO_LABEL, (labels(release=None),)),
    Case("no label and no role", BUILT, NO_LABEL, (labels(release=None, role=None),)),
    Case("a label that is a pattern", BUILT, NO_LABEL, (labels(release=".*"),)),
    Case("the label of another, in an update", BUILT, uses("acme-trust-ca"), (labels(release="globex"),),
         before=()),
    Case("a pod of no Spark without an init container", BUILT, NOT_BUILT, (labels(role=None), no_init)),
    Case("stores without a label", PREBUILT, NO_LABEL, (labels(release=None),)),
]

CASES = [
    *(
        Case(f"{name}, {role}", trust, role=role)
        for name, trust in ADMITTED.items()
        for role in ("driver", "executor")
    ),
    *FREE,
    *FAKED,
    *IN_THE_PLACE,
    *OF_OTHERS,
]
