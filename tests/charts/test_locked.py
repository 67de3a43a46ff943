"""What a chart's author holds fast, a customer's values cannot weaken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from cases import CORPORATE, GIVEN
from support import helm

FILE = helm.REPOSITORY / "examples" / "locked" / "trust-locked.yaml"
LOCKED = yaml.safe_load(FILE.read_text())


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[helm.Charts]:
    """The charts, with the example's file beside the customer's Chart.yaml."""
    charts = helm.Charts(tmp_path_factory.mktemp("locked"))
    (charts.root / "charts/spark-customer/trust-locked.yaml").write_bytes(FILE.read_bytes())
    yield charts
    charts.close()


def test_what_is_locked_counts(locked: helm.Charts):
    documents = locked.render({"trust": {"caBundle": GIVEN}})
    for template in helm.pod_templates(documents).values():
        install, build = template["spec"]["initContainers"]
        assert (
            install["image"] == f"registry.example.com/platform/trust-init@{'sha256:' + '0' * 64}"
        )
        words = build["command"]
        assert words[words.index("--deny") + 1] == "weak-key,not-a-ca"
        assert words[words.index("--base") + 1] == "auto"
        assert "/etc/pki/platform-certs/0/ca.crt" in words
        for container in (install, build):
            assert container["securityContext"] == LOCKED["securityContext"]


WEAKER = {
    "a rule allowed": {"policy": {"allow": ["weak-key"]}},
    "a rule that only warns": {"policy": {"deny": ["weak-key"], "warn": ["not-a-ca"]}},
    "nothing denied but another": {"policy": {"deny": ["expired"]}},
    "a larger chain": {"policy": {"maxSize": "4MiB"}},
    "another image": {"image": {"repository": "my/trust-init"}},
    "another tag": {"image": {"tag": "latest"}},
    "another registry": {"image": {"registry": ""}},
    "another platform's CA": {"platform": [CORPORATE, {"name": "mine", "key": "ca.crt"}]},
    "a platform's CA of one's own": {"platform": [{"name": "mine", "key": "ca.crt"}]},
    "a privileged container": {"securityContext": {"privileged": True}},
    "a writable root": {"securityContext": {"readOnlyRootFilesystem": False}},
    "root": {"securityContext": {"runAsNonRoot": False, "runAsUser": 0}},
    "more capabilities": {"securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}},
    "no init container": {"enabled": False},
    "no public roots": {"base": "none"},
}


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("how", WEAKER)
def test_a_customer_s_values_cannot_weaken_it(
    locked: helm.Charts, charts: helm.Charts, version: str, how: str
):
    trust = {"caBundle": GIVEN, **WEAKER[how]}
    (key,) = WEAKER[how]
    # Without the lock they would do something.
    assert charts.render({"trust": trust}) != charts.render({"trust": {"caBundle": GIVEN}})
    with pytest.raises(helm.Refused) as refused:
        locked.render({"trust": trust}, version=version)
    sentence = f"trust.{key}: locked by trust-locked.yaml of chart spark-customer, and your values differ"
    assert sentence in str(refused.value)


def test_a_program_of_ones_own_is_refused(locked: helm.Charts, charts: helm.Charts):
    trust = {"caBundle": GIVEN, "mode": "wrapper"}
    (install,) = helm.pod_templates(locked.render({"trust": trust}))["driver"]["spec"]["initContainers"]
    assert install["image"].endswith("@sha256:" + "0" * 64)
    trust["wrapper"] = {"binary": "/opt/mine"}
    assert charts.render({"trust": trust})
    sentence = "trust.wrapper.binary: a program of the main image need not follow base"
    with pytest.raises(helm.Refused, match=sentence):
        locked.render({"trust": trust})


VARIABLES = {
    "trust.env": {"trust": {"env": {"TRUST_INIT_ALLOW": "weak-key"}}},
    "env": {"spark": {"env": [{"name": "TRUST_INIT_CERTIFICATES_ONLY", "value": "1"}]}},
    "env ": {"spark": {"driver": {"env": [{"name": "TRUST_INIT_BASE", "value": "none"}]}}},
    "spark.kubernetes.driverEnv.TRUST_INIT_ALLOW": {
        "spark": {"conf": {"spark.kubernetes.driverEnv.TRUST_INIT_ALLOW": "weak-key"}}
    },
    "spark.executorEnv.TRUST_INIT_ALLOW": {
        "spark": {"conf": {"spark.executorEnv.TRUST_INIT_ALLOW": "weak-key"}}
    },
    "spark.kubernetes.executor.secretKeyRef.TRUST_INIT_ALLOW": {
        "spark": {"conf": {"spark.kubernetes.executor.secretKeyRef.TRUST_INIT_ALLOW": "a:b"}}
    },
}


@pytest.mark.parametrize("run", ["spark-submit", "kubeflow", "apache"])
@pytest.mark.parametrize("place", VARIABLES)
def test_a_variable_that_would_weaken_it_is_refused(
    locked: helm.Charts, charts: helm.Charts, place: str, run: str
):
    values = {"run": run} | VARIABLES[place]
    sentence = f"{place.strip()}: TRUST_INIT_[A-Z_]+ has no effect"
    with pytest.raises(helm.Refused, match=sentence):
        locked.render(values)
    # Not locked, it is for doctor, unless trust-init starts the command.
    assert charts.render(values)
    wrapper = values | {"trust": {"mode": "wrapper"} | values.get("trust", {})}
    with pytest.raises(helm.Refused, match=sentence):
        charts.render(wrapper)


@pytest.mark.parametrize("mode", ["init", "sidecar", "wrapper"])
@pytest.mark.parametrize("base", ["image", "mozilla"])
def test_no_variable_of_an_image_counts(charts: helm.Charts, mode: str, base: str):
    documents = charts.render({"trust": {"caBundle": GIVEN, "mode": mode, "base": base}})
    seen = 0
    for template in helm.pod_templates(documents).values():
        spec = template["spec"]
        for container in [*spec["initContainers"], *spec["containers"]]:
            for key in ("command", "args"):
                words = container.get(key, [])
                program = [word for word in ("build", "watch", "exec", "install") if word in words]
                if program:
                    assert words[words.index(program[0]) + 1] == "--ignore-variables"
                    seen += 1
            if "startupProbe" in container:
                assert "--ignore-variables" in container["startupProbe"]["exec"]["command"]
    assert seen >= 2


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("key", sorted(LOCKED))
def test_null_weakens_nothing(locked: helm.Charts, version: str, key: str):
    """Helm takes a null for "delete this default"."""
    expected = locked.render({"trust": {"caBundle": GIVEN}})
    assert locked.render({"trust": {"caBundle": GIVEN, key: None}}, version=version) == expected


def test_the_same_value_is_no_offence(locked: helm.Charts):
    expected = locked.render({"trust": {"caBundle": GIVEN}})
    same = {"image": LOCKED["image"], "platform": LOCKED["platform"], "policy": LOCKED["policy"]}
    assert locked.render({"trust": {"caBundle": GIVEN, **same}}) == expected


def test_what_is_not_locked_is_free(locked: helm.Charts):
    trust = {"caBundle": {**GIVEN, "kind": "Secret"}, "updateOsTrust": False}
    documents = locked.render({"trust": trust})
    assert helm.object_of(documents, "Secret", "acme-trust-ca")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("polcy: {deny: [expired]}", "trust-locked.yaml: polcy: there is no such key below"),
        ("- policy", "trust-locked.yaml: not a YAML map"),
        ("policy: [", "trust-locked.yaml: not a YAML map"),
    ],
)
def test_a_faulty_file_is_refused_and_not_passed_over(tmp_path: Path, text: str, sentence: str):
    charts = helm.Charts(tmp_path)
    try:
        (tmp_path / "charts/spark-customer/trust-locked.yaml").write_text(text)
        with pytest.raises(helm.Refused, match=sentence):
            charts.render({})
    finally:
        charts.close()
