"""What the values of charts/spark-customer do to pods and objects: those for both roles, and those for one."""

from __future__ import annotations

import pytest
import schemas
from cases import GIVEN, PEM
from pods import env, mounts
from support import helm

RUNS = ("spark-submit", "kubeflow", "apache")
ROLES = ("driver", "executor")

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
    "affinity": {
        "nodeAffinity": {},
        "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": []},
    },
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
    "env": [{"name": "C", "value": "driver"}, {"name": "B", "value": "driver"}],
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
    assert list(own)[-3:] == ["A", "B", "C"]
    (main,) = driver["containers"]
    assert main["envFrom"] == BOTH["envFrom"] + DRIVER["envFrom"]
    assert "readOnly" not in mounts(main)["/cache/"]
    assert mounts(executor["containers"][0])["/cache"]["readOnly"] is True
    assert {"name": "cache", "emptyDir": {"medium": "Memory"}} in driver["volumes"]
    # What is not the user's is there, too.
    assert {"/trust", "/data", "/cache/", "/tmp"} < set(mounts(main))

    labels, annotations = (
        templates["driver"]["metadata"][kind] for kind in ("labels", "annotations")
    )
    assert (labels["a"], labels["b"]) == ("true", "driver")
    assert annotations == {"a": "both", "b": "driver", "c": "driver"}
    assert templates["executor"]["metadata"]["labels"]["b"] == "5"


@pytest.mark.parametrize("run", RUNS)
def test_a_spread_without_a_selector_counts_the_pods_of_its_role(charts: helm.Charts, run: str):
    values = {"run": run, "spark": {**BOTH, "driver": DRIVER}}
    for role, template in helm.pod_templates(charts.render(values)).items():
        first, *more = template["spec"]["topologySpreadConstraints"]
        selected = first["labelSelector"]["matchLabels"]
        assert selected == {
            "app.kubernetes.io/instance": "acme",
            "app.kubernetes.io/component": role,
        }
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
        spark = {
            "terminationGracePeriodSeconds": 60,
            "executor": {"terminationGracePeriodSeconds": 90},
        }
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


def test_a_role_s_variable_that_names_the_raw_chain_is_reported(charts: helm.Charts):
    raw = [{"name": "REQUESTS_CA_BUNDLE", "value": "/etc/pki/custom-certs/client-ca-chain.pem"}]
    values = {"spark": {"executor": {"env": raw}}, "trust": {"caBundle": {"pem": PEM}}}
    assert "REQUESTS_CA_BUNDLE names the raw chain" in charts.notes(values)
    executor = helm.pod_templates(charts.render(values))["executor"]
    assert env(executor)["REQUESTS_CA_BUNDLE"] == "/trust/python/cacert.pem"
