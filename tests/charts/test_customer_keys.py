"""The keys that charts/spark-customer knows, and what it says of one that it does not."""

from __future__ import annotations

import json
import re

import pytest
import values_table
import yaml
from support import helm

CHART = helm.REPOSITORY / "charts" / "spark-customer"


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
        assert set(schema["properties"]) == keys, place
        assert set(given) <= keys, place
        assert "additionalProperties" not in schema, (
            "the template would not get to name the right key"
        )


def test_every_key_is_documented():
    documented = {key.path for key in values_table.keys(CHART / "values.yaml")}
    for place in ("", "spark", "serviceAccount"):
        for key in set(schema_at(place)["properties"]) - {"global", "spark", "serviceAccount"}:
            path = (*filter(None, place.split(".")), key)
            assert any(one[: len(path)] == path for one in documented), path


# --- unknown keys

MEANT = {
    "images.spark": "images.spark: the chart has no such key: use spark.image",
    "namespace": "namespace: the chart has no such key: use Helm's option --namespace",
    "spark.namespace": "spark.namespace: the chart has no such key: use Helm's option --namespace",
    "executor.resources.limits": "executor.resources: the chart has no such key: use spark.executor: cores",
    "spark.driver.mem": "spark.driver.mem: the chart has no such key: use spark.driver.memory",
    "spark.packages": "spark.packages: the chart has no such key: use spark.conf, with spark.jars.packages",
    "spark.deps.jars": "spark.deps: the chart has no such key: use spark.conf, with spark.jars",
    "hadoopConf.a": "hadoopConf: the chart has no such key: use spark.conf, with spark.hadoop. before",
    "spark.trustPolicy": "spark.trustPolicy: the chart has no such key: ",
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
    "extraVariables": "extraVariables: the chart has no such key: use trust.extraVariables",
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
        # What follows is a property of Spark's.
        words = words.partition("spark.conf, with ")[0] or "spark.conf"
        for name in re.findall(r"\b(?:spark|trust|serviceAccount)\.[\w.]*\w", words):
            name = name.replace("ROLE", "driver")
            place, _, key = name.rpartition(".")
            if name in {"spark.driver", "spark.executor"}:
                continue
            if place.startswith("trust"):
                assert name.split(".")[1] in library, path
            else:
                assert key in places[place], path
