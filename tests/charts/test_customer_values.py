"""The values of charts/spark-customer: what is for both roles and what for one, what is refused, and what a key that
the chart does not know should have been.
"""

from __future__ import annotations

import json
import re

import pytest
import schemas
import values_table
import yaml
from cases import GIVEN, PEM
from pods import env, mounts
from support import helm

CHART = helm.REPOSITORY / "charts" / "spark-customer"
RUNS = ("spark-submit", "kubeflow", "apache")
ROLES = ("driver", "executor")


def known() -> dict[str, set[str]]:
    """The chart's own list of its keys, by where they are."""
    text = (CHART / "templates" / "_keys.tpl").read_text()
    body = re.search(r'define "spark-customer.keys" -}}\n(.*?){{- end', text, re.DOTALL)[1]
    pod = re.search(
        r'define "spark-customer.podKeys" -}}\n(.*?){{- end',
        (CHART / "templates" / "_pods.tpl").read_text(),
        re.DOTALL,
    )[1]
    lists = {"$pod": set(json.loads(pod))}
    for name, words in re.findall(r"(\$\w+) := list ([^}]*)}}", body):
        lists[name] = set(re.findall(r'"([^"]+)"', words))
    found = {}
    for place, words in re.findall(r'^ +"([\w.]*)" \((.*?)\)+(?: }})?$', body, re.MULTILINE):
        found[place] = set(re.findall(r'"([^"]+)"', words))
        found[place] |= set().union(*(lists[name] for name in re.findall(r"\$\w+", words)))
    return found


def schema_at(place: str) -> dict:
    schema = json.loads((CHART / "values.schema.json").read_text())
    for part in filter(None, place.split(".")):
        schema = schema["properties"][part]
    return schema


def test_the_list_of_keys_is_that_of_the_schema_and_of_values_yaml():
    places = known()
    assert set(places) == {"", "spark", "spark.driver", "spark.executor", "serviceAccount"}
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    for place, keys in places.items():
        schema, given = schema_at(place), values
        for part in filter(None, place.split(".")):
            given = given[part]
        assert set(schema["properties"]) <= keys, place
        assert set(given) <= keys, place
        assert "additionalProperties" not in schema, "the template would not get to name the right key"


def test_every_key_is_documented():
    documented = {key.path for key in values_table.keys(CHART / "values.yaml")}
    for place in ("", "spark", "serviceAccount"):
        for key in set(schema_at(place)["properties"]) - {"global", "spark", "serviceAccount", "test"}:
            path = (*filter(None, place.split(".")), key)
            assert any(one[: len(path)] == path for one in documented), path


# --- unknown keys

MEANT = {
    "images.spark": "images.spark: the chart has no such key: use spark.image",
    "image.repository": "image: the chart has no such key: use spark.image",
    "image.spark": "image: the chart has no such key: use spark.image",
    "spark.images": "spark.images: the chart has no such key: use spark.image",
    "sparkImage": "sparkImage: the chart has no such key: use spark.image",
    "spark_image": "spark_image: the chart has no such key: use spark.image",
    "spark.driver.image": "spark.driver.image: the chart has no such key: use spark.image: driver and",
    "images.trustInit": "images.trustInit: the chart has no such key: use trust.image",
    "caBundle.pem": "caBundle.pem: the chart has no such key: use trust.caBundle.pem",
    "updateOsTrust": "updateOsTrust: the chart has no such key: use trust.updateOsTrust",
    "nodeSelector.pool": "nodeSelector: the chart has no such key: use spark.nodeSelector",
    "driver.nodeSelector.pool": "driver.nodeSelector: the chart has no such key: use spark.driver.nodeSelector",
    "executor.instances": "executor.instances: the chart has no such key: use spark.executor.instances",
    "spark.executor.replicas": "spark.executor.replicas: the chart has no such key: use spark.executor.instances",
    "spark.driver.resources.limits": "use cores, coreRequest, coreLimit, memory and memoryOverhead of spark.driver",
    "imagePullSecrets": "imagePullSecrets: the chart has no such key: use spark.pullSecrets, which is a list of names",
    "podLabels.team": "podLabels: the chart has no such key: use spark.labels",
    "spark.podAnnotations.a": "spark.podAnnotations: the chart has no such key: use spark.annotations",
    "extraVolumes": "extraVolumes: the chart has no such key: use spark.volumes",
    "spark.executor.extraEnv": "spark.executor.extraEnv: the chart has no such key: use spark.executor.env",
    "serviceAccountName": "serviceAccountName: the chart has no such key: use serviceAccount.name",
    "spark.tolleration": "spark.tolleration: the chart has no such key: the nearest is spark.tolerations",
    "serviceAccount.anotations": "serviceAccount.anotations: the chart has no such key: the nearest is serviceAccount.ann",
    "zzz": "zzz: the chart has no such key: docs/chart.md lists them all",
}


def nested(path: str, value: object) -> dict:
    *parents, last = path.split(".")
    values: dict = {last: value}
    for parent in reversed(parents):
        values = {parent: values}
    return values


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("path", MEANT)
def test_an_unknown_key_is_refused_with_the_right_one(charts: helm.Charts, version: str, path: str):
    with pytest.raises(helm.Refused) as refused:
        charts.render(nested(path, "x"), version=version)
    assert MEANT[path] in str(refused.value)


def test_every_name_that_is_suggested_is_a_key(charts: helm.Charts):
    text = (CHART / "templates" / "_keys.tpl").read_text()
    called = re.search(r'define "spark-customer.calledHere" -}}\n(.*?){{- end', text, re.DOTALL)[1]
    places = known()
    library = yaml.safe_load((CHART.parent / "trust-init" / "values.yaml").read_text())
    for path, words in json.loads(called).items():
        for name in re.findall(r"\b(?:spark|trust|serviceAccount)\.[\w.]*\w", words):
            name = name.replace("ROLE", "driver")
            place, _, key = name.rpartition(".")
            if name in {"spark.driver", "spark.executor", "spark.driver.extraJavaOptions"}:
                continue
            if place.startswith("trust"):
                assert name.split(".")[1] in library, path
            else:
                assert key in places[place], path


# --- both roles, and one

BOTH = {
    "env": [{"name": "A", "value": "both"}, {"name": "B", "value": "both"}],
    "envFrom": [{"configMapRef": {"name": "both"}}],
    "volumes": [{"name": "data", "emptyDir": {}}, {"name": "cache", "emptyDir": {}}],
    "volumeMounts": [
        {"name": "data", "mountPath": "/data"},
        {"name": "cache", "mountPath": "/cache", "readOnly": True},
    ],
    "labels": {"a": True, "b": 5},
    "annotations": {"a": "both", "b": "both"},
    "nodeSelector": {"pool": "any", "gpu": True, "spot": "yes"},
    "tolerations": [{"key": "a", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}, "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": []}},
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}
    ],
    "priorityClassName": "both",
    "runtimeClassName": "both",
    "schedulerName": "both",
    "terminationGracePeriodSeconds": 60,
    "hostAliases": [{"ip": "192.0.2.1", "hostnames": ["both.example.com"]}],
    "dnsPolicy": "None",
    "dnsConfig": {"nameservers": ["192.0.2.2"], "searches": ["example.com"]},
}
DRIVER = {
    "env": [{"name": "B", "value": "driver"}, {"name": "C", "value": "driver"}],
    "envFrom": [{"secretRef": {"name": "driver"}}],
    "volumes": [{"name": "cache", "emptyDir": {"medium": "Memory"}}],
    "volumeMounts": [{"name": "cache", "mountPath": "/cache/"}],
    "labels": {"b": "driver"},
    "annotations": {"b": "driver", "c": "driver"},
    # Empty values are values.
    "nodeSelector": {"pool": "stable", "gpu": False, "spot": ""},
    "tolerations": [{"key": "b", "operator": "Exists"}],
    "affinity": {"podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
    "topologySpreadConstraints": [
        {
            "maxSkew": 2,
            "topologyKey": "node",
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": {"mine": "yes"}},
        }
    ],
    "priorityClassName": "driver",
    "terminationGracePeriodSeconds": 0,
    "hostAliases": [{"ip": "192.0.2.3", "hostnames": ["driver.example.com"]}],
    "dnsConfig": {"nameservers": ["192.0.2.4"]},
}


@pytest.mark.parametrize("run", RUNS)
def test_a_role_has_what_is_for_both_and_what_is_its_own(charts: helm.Charts, run: str):
    values = {"run": run, "spark": {**BOTH, "driver": DRIVER}, "trust": {"caBundle": GIVEN}}
    documents = charts.render(values)
    templates = helm.pod_templates(documents)
    for template in templates.values():
        schemas.pod_template(template)
    driver, executor = (templates[role]["spec"] for role in ROLES)

    assert executor["nodeSelector"] == {"pool": "any", "gpu": "true", "spot": "yes"}
    assert driver["nodeSelector"] == {"pool": "stable", "gpu": "false", "spot": ""}
    for field in ("tolerations", "hostAliases"):
        assert executor[field] == BOTH[field]
        assert driver[field] == BOTH[field] + DRIVER[field]
    assert executor["affinity"] == BOTH["affinity"]
    assert driver["affinity"] == {"nodeAffinity": {}, **DRIVER["affinity"]}
    assert driver["dnsConfig"] == {"nameservers": ["192.0.2.4"], "searches": ["example.com"]}
    assert (executor["priorityClassName"], driver["priorityClassName"]) == ("both", "driver")
    for field in ("runtimeClassName", "schedulerName", "dnsPolicy"):
        assert executor[field] == driver[field] == BOTH[field]
    assert executor["terminationGracePeriodSeconds"] == 60
    assert driver["terminationGracePeriodSeconds"] == 0

    assert env(templates["executor"])["B"] == "both"
    own = env(templates["driver"])
    assert (own["A"], own["B"], own["C"]) == ("both", "driver", "driver")
    (main,) = driver["containers"]
    assert main["envFrom"] == BOTH["envFrom"] + DRIVER["envFrom"]
    assert "readOnly" not in mounts(main)["/cache/"]
    assert mounts(executor["containers"][0])["/cache"]["readOnly"] is True
    assert {"name": "cache", "emptyDir": {"medium": "Memory"}} in driver["volumes"]
    # What is not the user's is there, too.
    assert {"/trust", "/data", "/cache/", "/tmp"} < set(mounts(main))

    labels, annotations = (templates["driver"]["metadata"][kind] for kind in ("labels", "annotations"))
    assert (labels["a"], labels["b"]) == ("true", "driver")
    assert annotations == {"a": "both", "b": "driver", "c": "driver"}
    assert templates["executor"]["metadata"]["labels"]["b"] == "5"


@pytest.mark.parametrize("run", RUNS)
def test_a_spread_without_a_selector_counts_the_pods_of_its_role(charts: helm.Charts, run: str):
    values = {"run": run, "spark": {**BOTH, "driver": DRIVER}}
    for role, template in helm.pod_templates(charts.render(values)).items():
        first, *more = template["spec"]["topologySpreadConstraints"]
        selected = first["labelSelector"]["matchLabels"]
        assert selected == {"app.kubernetes.io/instance": "acme", "app.kubernetes.io/component": role}
        assert selected.items() <= template["metadata"]["labels"].items()
        if role == "driver":
            assert more == DRIVER["topologySpreadConstraints"]


@pytest.mark.parametrize("run", RUNS)
def test_cpu_and_memory_are_what_spark_is_told(charts: helm.Charts, run: str):
    role = {"coreRequest": 0.5, "coreLimit": "2", "memoryOverhead": "512m"}
    documents = charts.render({"run": run, "spark": {"driver": role, "executor": role}})
    if run == "kubeflow":
        spec = helm.object_of(documents, "SparkApplication")["spec"]
        for one in ROLES:
            assert {name: spec[one][name] for name in role} == {**role, "coreRequest": "0.5"}
        return
    conf = helm.spark_conf(documents)
    for one in ROLES:
        assert conf[f"spark.kubernetes.{one}.request.cores"] == "0.5"
        assert conf[f"spark.kubernetes.{one}.limit.cores"] == "2"
        assert conf[f"spark.{one}.memoryOverhead"] == "512m"


def test_executors_end_as_slowly_as_their_template_says(charts: helm.Charts):
    """Spark 4.3 has a property for it, whose default replaces the template's field."""
    name = "spark.kubernetes.executor.terminationGracePeriodSeconds"
    for run in RUNS:
        spark = {"terminationGracePeriodSeconds": 60, "executor": {"terminationGracePeriodSeconds": 90}}
        assert helm.spark_conf(charts.render({"run": run, "spark": spark}))[name] == "90"
        assert name not in helm.spark_conf(charts.render({"run": run}))


# --- names, labels and annotations of objects


@pytest.mark.parametrize("run", RUNS)
def test_every_object_and_pod_has_the_common_labels_and_annotations(charts: helm.Charts, run: str):
    values = {
        "run": run,
        "commonLabels": {"example.com/cost": 4711, "team": "data"},
        "commonAnnotations": {"example.com/owner": "a@example.com"},
        "spark": {"labels": {"team": "spark"}},
        "trust": {"caBundle": {**GIVEN, "reason": "their proxy"}},
    }
    documents = charts.render(values)
    assert len(documents) == 7
    for one in documents:
        metadata = one["metadata"]
        assert metadata["labels"]["example.com/cost"] == "4711", one["kind"]
        assert metadata["labels"]["team"] == "data"
        assert metadata["annotations"]["example.com/owner"] == "a@example.com"
    bundle = helm.object_of(documents, "ConfigMap", "acme-trust-ca")["metadata"]["annotations"]
    assert set(bundle) == {"example.com/owner", "caBundleHash", "caBundleReason"}
    for template in helm.pod_templates(documents).values():
        assert template["metadata"]["labels"]["example.com/cost"] == "4711"
        assert template["metadata"]["labels"]["team"] == "spark"
        assert template["metadata"]["annotations"]["example.com/owner"] == "a@example.com"


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize(
    ("override", "begin", "label"),
    [
        ({"nameOverride": "scoring"}, "acme-scoring", "scoring"),
        ({"fullnameOverride": "jobs"}, "jobs", "spark-customer"),
        ({"nameOverride": "scoring", "fullnameOverride": "jobs"}, "jobs", "scoring"),
    ],
)
def test_names_are_overridden_everywhere(
    charts: helm.Charts, run: str, override: dict, begin: str, label: str
):
    documents = charts.render({"run": run, **override, "trust": {"caBundle": GIVEN}})
    for one in documents:
        assert one["metadata"]["name"] == begin or one["metadata"]["name"].startswith(f"{begin}-")
        assert one["metadata"]["labels"]["app.kubernetes.io/name"] == label
        assert one["metadata"]["labels"]["app.kubernetes.io/instance"] == "acme"
    bundle = helm.object_of(documents, "ConfigMap", f"{begin}-trust-ca")
    for template in helm.pod_templates(documents).values():
        assert template["metadata"]["labels"]["app.kubernetes.io/name"] == label
        volumes = {one["name"]: one for one in template["spec"]["volumes"]}
        assert volumes["trust-ca"]["configMap"]["name"] == bundle["metadata"]["name"]
    notes = charts.notes({"run": run, **override, "trust": {"caBundle": GIVEN}})
    assert f"ConfigMap {begin}-trust-ca" in notes


def test_a_service_account_has_its_identity(charts: helm.Charts):
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/acme"}
    documents = charts.render({"serviceAccount": {"annotations": role}})
    assert helm.object_of(documents, "ServiceAccount")["metadata"]["annotations"] == role


# --- what would collide

MOUNT = {"name": "mine", "mountPath": "/x"}


def mounted(path: str, **more) -> dict:
    return {"volumes": [{"name": "mine", "emptyDir": {}}], "volumeMounts": [{**MOUNT, "mountPath": path}], **more}


REFUSED: dict[str, tuple[dict, str]] = {
    "a volume named trust": (
        {"spark": {"volumes": [{"name": "trust", "emptyDir": {}}]}},
        "spark.volumes: trust: the chart's own volumes have the names trust, trust-ca and trust-platform-N",
    ),
    "a volume named as the chain's": (
        {"spark": {"driver": {"volumes": [{"name": "trust-ca", "emptyDir": {}}]}}},
        "spark.volumes: trust-ca: the chart's own volumes",
    ),
    "a volume named as a platform CA's": (
        {"spark": {"executor": {"volumes": [{"name": "trust-platform-7", "emptyDir": {}}]}}},
        "spark.volumes: trust-platform-7: the chart's own volumes",
    ),
    "a volume named tmp": (
        {"spark": {"volumes": [{"name": "tmp", "emptyDir": {}}]}},
        "spark.volumes: tmp: the chart's own volume at /tmp has this name: mount yours at /tmp, or rename it",
    ),
    "two volumes of one name": (
        {"spark": {"volumes": [{"name": "a", "emptyDir": {}}, {"name": "a", "emptyDir": {}}]}},
        "spark.volumes: a: two volumes have this name: rename one",
    ),
    "the stores, writable": (
        {"spark": {"volumeMounts": [{"name": "trust", "mountPath": "/mine"}]}},
        "spark.volumeMounts: trust is a volume of the chart's own: mount one of yours",
    ),
    "a mount over the stores": (
        {"spark": mounted("/trust")},
        "spark.volumeMounts: /trust would hide /trust, where the stores are, or be hidden by it",
    ),
    "a mount in the stores": (
        {"spark": {"executor": mounted("/trust/os/")}},
        "spark.volumeMounts: /trust/os would hide /trust",
    ),
    "a mount above the image's own": (
        {"spark": mounted("/etc/ssl")},
        "spark.volumeMounts: /etc/ssl would hide /etc/ssl/certs, where the image's own stores are",
    ),
    "a mount over the chain": (
        {"spark": mounted("/etc/pki/custom-certs/client-ca-chain.pem")},
        "would hide /etc/pki/custom-certs, where the customer's chain is",
    ),
    "a mount over the platform's CAs": (
        {"spark": mounted("/etc/pki/platform-certs/0")},
        "would hide /etc/pki/platform-certs, where the platform's CAs are",
    ),
    "a mount over the root": ({"spark": mounted("/")}, "spark.volumeMounts: nothing can be mounted at"),
    "a mount by way of dots": (
        {"spark": mounted("/x/../trust")},
        'spark.volumeMounts: nothing can be mounted at "/x/../trust": use an absolute path',
    ),
    "a mount over the wrapper": (
        {
            "spark": mounted("/usr/local/bin"),
            "trust": {"mode": "wrapper", "wrapper": {"binary": "/usr/local/bin/trust-init"}},
        },
        "would hide /usr/local/bin/trust-init, the program that builds the stores",
    ),
    "a mount of no volume": (
        {"spark": {"driver": {"volumeMounts": [MOUNT]}}},
        "spark.volumeMounts: mine: the driver's pod has no volume of this name: add it to spark.volumes",
    ),
    "two mounts at one place": (
        {"spark": mounted("/x", conf={"spark.kubernetes.driver.secrets.more": "/x/"})},
        "spark.conf.spark.kubernetes.driver.secrets.more: /x: spark.volumeMounts mounts something there, too",
    ),
    "a Secret over the stores, by a property": (
        {"spark": {"conf": {"spark.kubernetes.executor.secrets.mine": "/trust/java"}}},
        "spark.conf.spark.kubernetes.executor.secrets.mine: /trust/java would hide /trust",
    ),
    "a volume over the stores, by a property": (
        {"spark": {"conf": {"spark.kubernetes.driver.volumes.emptyDir.x.mount.path": "/trust"}}},
        "spark.conf.spark.kubernetes.driver.volumes.emptyDir.x.mount.path: /trust would hide /trust",
    ),
    "a volume named trust, by a property": (
        {"spark": {"conf": {"spark.kubernetes.driver.volumes.hostPath.trust.mount.path": "/x"}}},
        "spark.conf.spark.kubernetes.driver.volumes.hostPath.trust.mount.path: trust is a volume of the chart's",
    ),
    "scratch space in the stores": (
        {"spark": {"conf": {"spark.local.dir": "/scratch, /trust/x"}}},
        "spark.conf.spark.local.dir: /trust/x would hide /trust",
    ),
    "a label of the chart": (
        {"commonLabels": {"app.kubernetes.io/instance": "x"}},
        "commonLabels: app.kubernetes.io/instance: the chart sets this label: remove yours",
    ),
    "the name": (
        {"spark": {"labels": {"app.kubernetes.io/name": "x"}}},
        "spark.labels: app.kubernetes.io/name: nameOverride sets this label",
    ),
    "a label of Spark": (
        {"spark": {"executor": {"labels": {"spark-role": "x"}}}},
        "spark.executor.labels: spark-role: Spark sets this label",
    ),
    "a label of an operator": (
        {"spark": {"labels": {"sparkoperator.k8s.io/app-name": "x"}}},
        "spark.labels: sparkoperator.k8s.io/app-name: the operator sets this label",
    ),
    "a label of the chart, by a property": (
        {"spark": {"conf": {"spark.kubernetes.driver.label.app.kubernetes.io/component": "x"}}},
        "app.kubernetes.io/component: the chart sets this label",
    ),
    "an annotation of the chart": (
        {"commonAnnotations": {"caBundleHash": "x"}},
        "commonAnnotations: caBundleHash: the chart sets this annotation",
    ),
    "an annotation of a pinned chain": (
        {"commonAnnotations": {"helm.sh/resource-policy": "x"}, "trust": {"caBundle": {**GIVEN, "pin": True}}},
        "commonAnnotations: helm.sh/resource-policy: the chart sets this annotation of a pinned chain",
    ),
    "an identity for nobody": (
        {"serviceAccount": {"create": False, "name": "other", "annotations": {"a": "b"}}},
        "serviceAccount.annotations: has no effect without serviceAccount.create: annotate ServiceAccount other",
    ),
    "a long name": (
        {"nameOverride": "x" * 50},
        "what the names of objects begin with, is longer than 53: set fullnameOverride",
    ),
    "a line break of Unicode": (
        {"spark": {"nodeSelector": {"a": "x\u0085y"}}},
        "spark: one of its values has a line break of Unicode",
    ),
}


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("why", REFUSED)
def test_refused_with_a_sentence(charts: helm.Charts, version: str, why: str):
    values, sentence = REFUSED[why]
    values = {"trust": {"caBundle": GIVEN}, **values}
    with pytest.raises(helm.Refused) as refused:
        charts.render(values, version=version)
    assert sentence in str(refused.value)


MISTYPED = {
    "a toleration with an unknown field": ({"tolerations": [{"keys": "a"}]}, "additional properties 'keys'"),
    "a volume of two kinds": ({"volumes": [{"name": "a", "emptyDir": {}, "secret": {}}]}, "/spark/volumes/0"),
    "a volume of an unknown kind": ({"volumes": [{"name": "a", "configmap": {}}]}, "/spark/volumes/0"),
    "a spread without a place": ({"driver": {"topologySpreadConstraints": [{"maxSkew": 1}]}}, "topologyKey"),
    "a number for a variable": ({"env": [{"name": "A", "value": 1}]}, "/spark/env/0/value"),
    "a list for labels": ({"labels": ["a"]}, "/spark/labels"),
    "a memory that Spark cannot read": ({"driver": {"memoryOverhead": "1Gi"}}, "memoryOverhead"),
}


@pytest.mark.parametrize("why", MISTYPED)
def test_the_schema_refuses_what_kubernetes_would_drop(charts: helm.Charts, why: str):
    """Spark reads a pod template and passes over what it does not know."""
    spark, words = MISTYPED[why]
    with pytest.raises(helm.Refused, match="specifications of the schema") as refused:
        charts.render({"spark": spark})
    assert words in str(refused.value)


def test_own_scratch_space_takes_the_place_of_the_chart_s(charts: helm.Charts):
    spark = mounted("/tmp/") | {"volumes": [{"name": "mine", "emptyDir": {"sizeLimit": "1Gi"}}]}
    for template in helm.pod_templates(charts.render({"spark": spark})).values():
        places = [one["mountPath"].rstrip("/") for one in template["spec"]["containers"][0]["volumeMounts"]]
        assert places.count("/tmp") == 1
        assert "tmp" not in [one["name"] for one in template["spec"]["volumes"]]


def test_without_trust_its_places_are_free(charts: helm.Charts):
    documents = charts.render({"spark": mounted("/etc/ssl/certs"), "trust": {"enabled": False}})
    (main,) = helm.pod_templates(documents)["driver"]["spec"]["containers"]
    assert "/etc/ssl/certs" in mounts(main)


def test_a_role_s_variable_that_names_the_raw_chain_is_reported(charts: helm.Charts):
    raw = [{"name": "REQUESTS_CA_BUNDLE", "value": "/etc/pki/custom-certs/client-ca-chain.pem"}]
    values = {"spark": {"executor": {"env": raw}}, "trust": {"caBundle": {"pem": PEM}}}
    assert "REQUESTS_CA_BUNDLE names the raw chain" in charts.notes(values)
    executor = helm.pod_templates(charts.render(values))["executor"]
    assert env(executor)["REQUESTS_CA_BUNDLE"] == "/trust/python/cacert.pem"
