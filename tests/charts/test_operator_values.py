"""The values for the charts of Spark's operators, in the pods that these charts render.

The charts are not here: their pods are recorded in tests/admission, and how a chart puts its values in was
compared with the real ones (docs/submitter.md names the versions).
"""

from __future__ import annotations

import pytest
import schemas
import yaml
from support import helm

PODS = helm.REPOSITORY / "tests" / "admission" / "pods" / "changed"
VALUES = helm.REPOSITORY / "examples" / "operators"


def values(name: str) -> tuple[list[dict], dict]:
    """Volumes of the pod, and what goes into its container."""
    given = yaml.safe_load((VALUES / f"{name}-values.yaml").read_text())
    if name == "kubeflow":
        return given["controller"]["volumes"], given["controller"]
    pod = given["operatorDeployment"]["operatorPod"]
    return pod["volumes"], pod["operatorContainer"]


def pod(name: str) -> tuple[dict, dict]:
    """As the chart renders it without values, and then with them."""
    before, after = (yaml.safe_load((PODS / f"{name}-operator.yaml").read_text()) for _ in "12")
    volumes, container = values(name)
    (main,) = after["spec"]["containers"]
    # Kubeflow's chart has no other volumes and mounts; Apache's appends. Its own variables come first.
    replaced = name == "kubeflow"
    own = {one["name"] for one in container["env"]}
    after["spec"]["volumes"] = volumes if replaced else after["spec"]["volumes"] + volumes
    mounts = container["volumeMounts"]
    main["volumeMounts"] = mounts if replaced else main["volumeMounts"] + mounts
    kept = [one for one in main.get("env", []) if one["name"] not in own]
    main["env"] = kept + container["env"]
    return before, after


@pytest.mark.parametrize("name", ["kubeflow", "apache"])
def test_the_pod_is_valid_and_has_lost_nothing(name: str):
    before, after = pod(name)
    schemas.pod(after)
    (was,), (main,) = before["spec"]["containers"], after["spec"]["containers"]
    lists = [(before["spec"]["volumes"], after["spec"]["volumes"])]
    lists += [(was.get(key, []), main[key]) for key in ("env", "volumeMounts")]
    for own, now in lists:
        assert all(one in now for one in own), "the chart's own items are not repeated"


@pytest.mark.parametrize("name", ["kubeflow", "apache"])
def test_the_jvm_s_option_names_a_file_that_is_mounted(name: str):
    volumes, container = values(name)
    (volume,) = (one for one in volumes if one["name"] == "trust")
    (mount,) = (one for one in container["volumeMounts"] if one["name"] == "trust")
    (source,) = volume["projected"]["sources"]
    files = {f"{mount['mountPath']}/{item['path']}" for item in source["configMap"]["items"]}
    (option,) = (one["value"] for one in container["env"] if one["name"] == "JAVA_TOOL_OPTIONS")
    assert option.partition("trustStore=")[2] in files
