"""One hash: of what was given, of what the object holds, and of what the pod's manifest says."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
import yaml
from cases import CORPORATE, PEM, RUNS, chart_of, values_of
from support import binary, helm

LINES = PEM.rstrip("\n")
FORMS = {
    "a final newline": LINES + "\n",
    "no final newline": LINES,
    "three final newlines": LINES + "\n\n\n",
    "CRLF": PEM.replace("\n", "\r\n"),
    "CRLF, no final newline": LINES.replace("\n", "\r\n"),
    "a byte-order mark": "\ufeff" + PEM,
    "comments that YAML could read": f'--- {{a: "b"}} #\n%é€😀\u2028\t\\n \n{PEM}...\n',
    "spaces at the end of lines": PEM.replace("-----\n", "-----  \n"),
    "indented": "  " + PEM.replace("\n", "\n  "),
}


def held(documents: list[dict], kind: str) -> bytes:
    """What the kubelet would write into the file."""
    one = helm.object_of(documents, kind, "acme-trust-ca")
    ((name, text),) = one["data"].items()
    assert name == "client-ca-chain.pem"
    return base64.b64decode(text) if kind == "Secret" else text.encode()


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
@pytest.mark.parametrize("form", FORMS)
def test_one_hash(charts: helm.Charts, shipped, tmp_path, version: str, kind: str, form: str):
    """The values as --set-file and a JSON value give them: the file's text, every byte of it."""
    given = FORMS[form]
    documents = charts.render(
        {"trust": {"caBundle": {"pem": given, "kind": kind}}}, version=version
    )
    mounted = tmp_path / "client-ca-chain.pem"
    mounted.write_bytes(held(documents, kind))
    assert mounted.read_bytes() == given.encode()
    annotation = helm.object_of(documents, kind, "acme-trust-ca")["metadata"]["annotations"]
    expected = hashlib.sha256(given.encode()).hexdigest()
    assert annotation["caBundleHash"] == expected
    tree = binary.build(tmp_path / "out", "--ca", mounted)
    assert tree.manifest["caBundleHash"] == expected


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("block", ["|", "|-", "|+", ">-"])
def test_one_hash_for_a_chain_inline_in_a_values_file(
    charts: helm.Charts, shipped, tmp_path, version: str, block: str
):
    file = tmp_path / "values.yaml"
    # Folded text has lost its newlines, but for blank lines: trust-init reads that too.
    text = "\n".join("      " + line for line in LINES.splitlines())
    file.write_text(f"trust:\n  caBundle:\n    pem: {block}\n{text}\n\n\n")
    meant = yaml.safe_load(file.read_text())["trust"]["caBundle"]["pem"]
    documents = charts.render({}, version=version, values_files=(file,))
    mounted = tmp_path / "mounted.pem"
    mounted.write_bytes(held(documents, "ConfigMap"))
    assert mounted.read_text() == meant
    one = helm.object_of(documents, "ConfigMap", "acme-trust-ca")
    assert (
        one["metadata"]["annotations"]["caBundleHash"]
        == hashlib.sha256(meant.encode()).hexdigest()
        == binary.build(tmp_path / "out", "--ca", mounted).manifest["caBundleHash"]
    )


# --- what a change of the chain changes

OTHER = FORMS["CRLF"]


def specs(charts: helm.Charts, run: str, trust: dict) -> str:
    """All that a controller would act upon, as text."""
    documents = charts.render(values_of(run, trust), chart_of(run))
    return json.dumps(
        [one for one in documents if "caBundleHash" not in one["metadata"].get("annotations", {})],
        sort_keys=True,
    )


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("roll", ["auto", True, False])
def test_a_new_chain_rolls_the_pods_where_it_should(charts: helm.Charts, run: str, roll):
    """Never a SparkApplication unless asked: an operator would start a running job again."""
    one, other = (
        specs(charts, run, {"caBundle": {"pem": pem}, "rollOnChange": roll}) for pem in (PEM, OTHER)
    )
    rolls = run == "deployment" if roll == "auto" else roll
    assert (one != other) == rolls
    assert ("caBundleHash" in one) == rolls
    if not rolls:
        # A new executor of a running driver starts with whatever chain is there then.
        assert "--expect-sha256" not in one


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
@pytest.mark.parametrize("version", helm.VERSIONS)
def test_a_pinned_chain_is_another_object(charts: helm.Charts, kind: str, version: str):
    names = []
    for pem in (PEM, OTHER):
        sha256 = hashlib.sha256(pem.encode()).hexdigest()
        trust = {"caBundle": {"pem": pem, "pin": True, "kind": kind}}
        documents = charts.render({"trust": trust}, version=version)
        name = f"acme-trust-ca-{sha256[:10]}"
        names.append(name)
        one = helm.object_of(documents, kind, name)
        assert one["immutable"] is True
        # Kept by Helm after an upgrade, and by Argo CD, which prunes by itself.
        annotations = one["metadata"]["annotations"]
        assert annotations["helm.sh/resource-policy"] == "keep"
        assert annotations["argocd.argoproj.io/sync-options"] == "Prune=false"
        for template in helm.pod_templates(documents).values():
            (volume,) = (v for v in template["spec"]["volumes"] if v["name"] == "trust-ca")
            assert name in volume.get("configMap", volume.get("secret")).values()
            words = template["spec"]["initContainers"][-1]["command"]
            assert words[words.index("--expect-sha256") + 1] == sha256
        (role,) = (
            d for d in documents if d["kind"] == "Role" and "reader" in d["metadata"]["name"]
        )
        assert role["rules"][0]["resourceNames"] == [name]
    assert len(set(names)) == 2


def test_unpinned_objects_can_change_and_go(charts: helm.Charts):
    one = helm.object_of(
        charts.render({"trust": {"caBundle": {"pem": PEM}}}), "ConfigMap", "acme-trust-ca"
    )
    assert "immutable" not in one
    assert set(one["metadata"]["annotations"]) == {"caBundleHash"}


def test_a_hash_of_an_existing_object_rolls_too(charts: helm.Charts):
    existing = {"name": "x", "key": "y", "sha256": "ab" * 32}
    for run, there in (("deployment", True), ("kubeflow", False)):
        documents = charts.render(
            values_of(run, {"caBundle": {"existing": existing}, "platform": [CORPORATE]}),
            chart_of(run),
        )
        for template in helm.pod_templates(documents).values():
            annotations = template["metadata"].get("annotations", {})
            assert (annotations.get("caBundleHash") == "ab" * 32) == there


def test_the_reason_is_kept(charts: helm.Charts):
    reason = 'their "proxy": étage 3\nsince 2026 # 1'
    trust = {"caBundle": {"pem": PEM, "reason": reason}}
    one = helm.object_of(charts.render({"trust": trust}), "ConfigMap", "acme-trust-ca")
    assert one["metadata"]["annotations"]["caBundleReason"] == reason
