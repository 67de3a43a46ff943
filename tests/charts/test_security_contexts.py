"""Fields of security contexts and resources: all that Kubernetes knows, and no others, which Spark passes over."""

from __future__ import annotations

import json
from pathlib import Path

import kubernetes_validate
import pytest
from cases import GIVEN
from support import helm

NEWEST = "v1.37.0-local"
FIELDS = {
    "spark-customer": {"podSecurityContext": "PodSecurityContext", "securityContext": "SecurityContext"},
    "trust-init": {"securityContext": "SecurityContext", "resources": "ResourceRequirements"},
}


@pytest.mark.parametrize("chart", FIELDS)
def test_the_schema_has_every_field_of_kubernetes(chart: str):
    schemas = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
    definitions = json.loads((schemas / NEWEST / "_definitions.json").read_text())["$defs"]
    schema = json.loads((helm.REPOSITORY / "charts" / chart / "values.schema.json").read_text())

    def known(name: str) -> dict:
        return definitions[f"io.k8s.api.core.v1.{name}"]["properties"]

    for key, kind in FIELDS[chart].items():
        assert set(schema["properties"][key]["properties"]) == set(known(kind)), key
    assert set(schema["definitions"]["profile"]["properties"]) == set(known("SeccompProfile"))
    assert set(known("SeccompProfile")) == set(known("AppArmorProfile"))
    capabilities = schema["properties"]["securityContext"]["properties"]["capabilities"]
    assert set(capabilities["properties"]) == set(known("Capabilities"))


UNKNOWN = {
    "podSecurityContext": {"runAsNonroot": True},
    "podSecurityContext.seccompProfile": {"profile": "a"},
    "securityContext": {"fsGroup": 1},
    "securityContext.capabilities": {"drops": ["ALL"]},
    "trust.securityContext": {"readOnlyRootFileSystem": True},
    "trust.resources": {"limit": {"cpu": "1"}},
}


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_field_is_refused(charts: helm.Charts, path: str, version: str):
    values: dict = UNKNOWN[path]
    (unknown,) = values
    for part in reversed(path.split(".")):
        values = {part: values}
    values.setdefault("trust", {})["caBundle"] = GIVEN
    with pytest.raises(helm.Refused, match="specifications of the schema") as refused:
        charts.render(values, version=version)
    place = "/" + path.removeprefix("trust.").replace(".", "/")
    assert f"at '{place}': additional properties '{unknown}' not allowed" in str(refused.value)
