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
    "a rule only warned of": {"policy": {"deny": ["weak-key"], "warn": ["not-a-ca"]}},
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
