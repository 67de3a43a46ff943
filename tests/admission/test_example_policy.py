"""examples/admission, by Kubernetes: the cases of tests/charts, and what only Kubernetes knows."""

from __future__ import annotations

import copy

import injection
import pytest
from admission_cases import BINDING, CASES, POLICY, Case
from support import helm
from support.admission import Admitted, Server, namespace

CUSTOMERS = namespace(helm.NAMESPACE, {"example.com/customer": "true"})
# A denial reports the first fault only, warnings report all.
WARNING = copy.deepcopy(BINDING)
WARNING["spec"]["validationActions"] = ["Warn"]


def create(
    server: Server, pod: dict, binding: dict = BINDING, place: dict = CUSTOMERS, **more
) -> Admitted:
    for one in (pod, more.get("old")):
        if one:
            one["metadata"] |= {"name": "acme-driver", "namespace": place["metadata"]["name"]}
    return server.admit(pod, [POLICY, binding, place], **more)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_kubernetes_says_of_a_pod(server: Server, charts: helm.Charts, case: Case):
    pod = case.pod(charts)
    before = {"old": case.old(charts), "subresource": case.subresource}
    denied = create(server, pod, **before).denied
    warnings = create(server, pod, WARNING, **before).warnings
    if case.fault is None:
        assert denied is None
        assert warnings == []
    else:
        assert denied.by == "validating"
        assert any(case.fault in fault for fault in warnings), warnings
        assert any(fault.rpartition("': ")[2] in denied.message for fault in warnings)


def test_other_namespaces_are_left_alone(server: Server, charts: helm.Charts):
    (case,) = (case for case in CASES if case.name == "no init container")
    admitted = create(server, case.pod(charts), place=namespace("platform"))
    assert admitted.unchanged
    assert admitted.denied is None


def test_a_pod_that_is_injected_is_admitted(server: Server, charts: helm.Charts):
    """The validating plugin sees what the mutating one has made."""
    place = namespace(helm.NAMESPACE, injection.LABEL | CUSTOMERS["metadata"]["labels"])
    chain = injection.parameter(helm.NAMESPACE, **{injection.KEY: injection.PEM})
    pod = injection.pod("changed", "spark-driver")
    pod["metadata"]["labels"]["app.kubernetes.io/instance"] = "acme"
    refused = server.admit(pod, [POLICY, BINDING, place])
    assert "no container of registry.example.com/trust-init" in refused.denied.message
    admitted = server.admit(pod, [POLICY, BINDING, place, chain, *injection.policies(charts)])
    assert admitted.denied is None


def test_versions_take_the_policy(server: Server):
    """From the one that its first lines name."""
    versions = ("1.30", "1.33", "1.36", "1.37")
    (report,) = server.check([POLICY, BINDING], versions)
    assert report.errors == {}
    assert report.warnings == []


@pytest.mark.parametrize("name", ["chain, driver", "prebuilt by names, driver"])
def test_it_costs_a_thousandth_of_the_budget(server: Server, charts: helm.Charts, name: str):
    (case,) = (case for case in CASES if case.name == name)
    (cost,) = create(server, case.pod(charts), cost=True).costs
    assert "errors" not in cost, cost
    assert 0 < cost["spent"]["validations"] < cost["limits"]["budget"] // 1000
