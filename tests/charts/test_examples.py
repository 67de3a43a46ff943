"""The examples are held against what the charts render."""

from __future__ import annotations

import runpy
import subprocess
import sys
import types

import cel
import kubernetes_validate
import pytest
import schemas
import yaml
from admission_cases import BINDING, CASES, POLICY, Case
from cases import GIVEN, PEM, TRUST, values_of
from support import environment, helm

EXAMPLES = helm.REPOSITORY / "examples"


# --- spark-submit

FAKE_KUBECTL = """#!/bin/sh
# kubectl -n NAMESPACE get configmap NAME -o go-template={{index .data "FILE"}}
[ "$1 $2 $3 $4 $5" = "-n customer-acme get configmap acme-spark" ] || exit 9
file=${7#*\\"} && cat "$CONFIGMAP/${file%%\\"*}"
"""
FAKE_SUBMIT = """#!/bin/sh
for word; do printf '%s\\n' "$word"; done >"$SAID"
for word; do case $word in *podTemplateFile=*) cat "${word#*=}" ;; esac; done >"$SAID.templates"
"""


def test_submit_sh_hands_over_what_is_rendered(charts: helm.Charts, tmp_path):
    one = helm.object_of(charts.render({"trust": TRUST["chain"]}), "ConfigMap", "acme-spark")
    configmap, said = tmp_path / "configmap", tmp_path / "said"
    configmap.mkdir()
    for name, text in one["data"].items():
        (configmap / name).write_text(text)
    for name, text in (("kubectl", FAKE_KUBECTL), ("spark-submit", FAKE_SUBMIT)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    clean = environment.clean(
        CONFIGMAP=configmap, SAID=said, SUBMIT_CONF="--conf\nspark.mine=a b\n"
    )
    application = ["local:///opt/app.py", "with a space"]
    done = subprocess.run(
        [
            EXAMPLES / "spark-submit" / "submit.sh",
            "acme",
            "customer-acme",
            "https://kubernetes.example.com:6443",
            *application,
        ],
        env=clean | {"PATH": f"{tmp_path}:{clean['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    words = said.read_text().splitlines()
    assert words[words.index("--master") + 1] == "k8s://https://kubernetes.example.com:6443"
    assert words[words.index("--deploy-mode") + 1] == "cluster"
    assert words[-4:] == ["--conf", "spark.mine=a b", *application]
    templates = (tmp_path / "said.templates").read_text()
    assert templates == one["data"]["driver.yaml"] + one["data"]["executor.yaml"]
    # Of the properties only the places of the templates are replaced.
    replaced = {word.partition("=")[0] for word in words if word.startswith("spark.kubernetes")}
    assert replaced == {f"spark.kubernetes.{r}.podTemplateFile" for r in ("driver", "executor")}
    assert replaced <= set(helm.spark_conf([one]))


def test_submit_sh_says_what_it_wants():
    done = subprocess.run(
        [EXAMPLES / "spark-submit" / "submit.sh", "acme"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.startswith("submit.sh RELEASE NAMESPACE API-SERVER APPLICATION")


# --- Airflow


def test_the_dag_names_what_is_rendered(charts: helm.Charts, monkeypatch):
    """Run with stand-ins for Airflow that note what they are called with."""
    made: dict[str, dict] = {}

    class Dag:
        def __init__(self, **options):
            made["dag"] = options

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    def operator(**options):
        made[options["task_id"]] = options

    modules = {
        "airflow": {"DAG": Dag},
        "airflow.providers.apache.spark.operators.spark_submit": {"SparkSubmitOperator": operator},
        "airflow.providers.cncf.kubernetes.operators.spark_kubernetes": {
            "SparkKubernetesOperator": operator
        },
    }
    for name, attributes in modules.items():
        parts = name.split(".")
        for end in range(1, len(parts)):
            parent = ".".join(parts[:end])
            if parent not in sys.modules:
                monkeypatch.setitem(sys.modules, parent, types.ModuleType(parent))
        module = types.ModuleType(name)
        vars(module).update(attributes)
        monkeypatch.setitem(sys.modules, name, module)
    runpy.run_path(str(EXAMPLES / "airflow" / "dag.py"))

    documents = charts.render({"trust": TRUST["chain"]})
    values = yaml.safe_load((helm.REPOSITORY / "charts/spark-customer/values.yaml").read_text())
    mounted = values["spark"]["templates"]
    submitted = made["submitted"]
    assert submitted["properties_file"] == f"{mounted}/spark.properties"
    conf = helm.spark_conf(documents)
    assert conf["spark.kubernetes.driver.podTemplateFile"] == f"{mounted}/driver.yaml"
    # The command line wins over the file.
    assert not set(submitted["conf"]) & set(conf)
    assert submitted["application"] == values["spark"]["mainApplicationFile"]
    assert made["by_operator"]["namespace"] == helm.NAMESPACE
    assert made["dag"]["dag_id"] == helm.RELEASE


# --- the wrapper


def test_the_wrapper_s_dockerfile_is_clean_and_is_what_the_chart_means(charts: helm.Charts):
    file = EXAMPLES / "wrapper" / "Dockerfile"
    done = subprocess.run(
        [helm.programs()["hadolint"], "--no-color", file], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (entry,) = (line for line in file.read_text().splitlines() if line.startswith("ENTRYPOINT"))
    words = yaml.safe_load(entry.removeprefix("ENTRYPOINT "))
    trust = {"mode": "wrapper", "wrapper": {"binary": words[0]}, "caBundle": GIVEN}
    template = helm.pod_templates(charts.render({"trust": trust}))["driver"]
    command = template["spec"]["containers"][0]["command"]
    assert command[:2] == words[:2]
    assert command[command.index("--") :] == words[words.index("--") :]


# --- GitOps


def test_the_gitops_values_render(charts: helm.Charts):
    values = yaml.safe_load((EXAMPLES / "gitops" / "values.yaml").read_text())
    application = yaml.safe_load((EXAMPLES / "gitops" / "argo-application.yaml").read_text())
    (parameter,) = application["spec"]["source"]["helm"]["fileParameters"]
    target = values
    *parents, last = parameter["name"].split(".")
    for parent in parents:
        target = target[parent]
    # What --set-file does.
    target[last] = PEM
    documents = charts.render(values, release=application["spec"]["source"]["helm"]["releaseName"])
    schemas.custom(helm.object_of(documents, "SparkApplication"))
    (chain,) = (d for d in documents if d["kind"] == "ConfigMap")
    assert chain["metadata"]["name"].startswith("acme-trust-ca-")
    assert chain["immutable"] is True
    assert application["spec"]["destination"]["namespace"] == helm.NAMESPACE


def test_the_flux_release_renders(charts: helm.Charts):
    source, release = yaml.safe_load_all((EXAMPLES / "gitops" / "flux-helmrelease.yaml").read_text())
    assert release["spec"]["chartRef"] == {"kind": source["kind"], "name": source["metadata"]["name"]}
    chart = yaml.safe_load((charts.root / "charts/spark-customer/Chart.yaml").read_text())
    assert source["spec"]["url"] == f"oci://registry.example.com/charts/{chart['name']}"
    assert source["spec"]["ref"]["tag"] == chart["version"]
    documents = charts.render(release["spec"]["values"], release=release["metadata"]["name"])
    schemas.custom(helm.object_of(documents, "SparkApplication"))
    assert "BEGIN CERTIFICATE" not in str(documents)


# --- admission

# Kubernetes itself judges the same pods in tests/admission.


@pytest.mark.parametrize("version", ["1.30", "1.33", "1.36"])
@pytest.mark.parametrize("one", [POLICY, BINDING], ids=lambda one: one["kind"])
def test_the_policy_is_valid(version: str, one: dict):
    kubernetes_validate.validate(one, version, strict=True)
    assert BINDING["spec"]["policyName"] == POLICY["metadata"]["name"]


def faults(pod: dict, old: dict | None) -> list[str]:
    """What the policy says against a pod; its expressions as CEL, variables in their order."""
    spec = POLICY["spec"]
    known: dict = {"object": pod, "oldObject": old, "variables": {}}
    if not all(cel.evaluate(one["expression"], known) for one in spec["matchConditions"]):
        return []
    for one in spec["variables"]:
        known["variables"][one["name"]] = cel.evaluate(one["expression"], known)
    faults = []
    for one in spec["validations"]:
        if not cel.evaluate(one["expression"], known):
            said = one.get("message") or cel.evaluate(one["messageExpression"], known)
            faults.append(said)
    return faults


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_policy_says_of_a_pod(charts: helm.Charts, case: Case):
    said = faults(case.pod(charts), case.old(charts))
    if case.fault is None:
        assert said == []
    else:
        assert any(case.fault in fault for fault in said), said


# --- the Deployment


def test_the_distroless_deployment_needs_no_shell(charts: helm.Charts):
    documents = charts.render(values_of("deployment", TRUST["chain"]), "examples/deployment")
    spec = helm.pod_templates(documents)["deployment"]["spec"]
    for container in [*spec["initContainers"], *spec["containers"]]:
        words = container.get("command", []) + container.get("args", [])
        assert not {"sh", "bash", "/bin/sh", "-c"} & set(words), words
