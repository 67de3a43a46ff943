"""Who may do what, by evaluating the rules that are rendered.

No authoriser of a real API server runs here: building one takes minutes and gigabytes. RBAC's own
semantics are a page: rules add up, and a request is allowed if one rule has its group, resource, verb
and, where the rule names resources, its name.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from cases import GIVEN
from support import helm


@dataclass(frozen=True)
class Cluster:
    """The Roles and bindings of several releases."""

    documents: list[dict]

    def allows(
        self, who: tuple[str, str], verb: str, resource: str, namespace: str, name: str = ""
    ) -> bool:
        """Whether the ServiceAccount `who`, namespace and name, may. Resources are the core group's."""
        return any(
            self._rule_allows(rule, verb, resource, name)
            for binding in self._of("RoleBinding", namespace)
            if any(
                (subject["kind"], subject.get("namespace"), subject["name"])
                == ("ServiceAccount", *who)
                for subject in binding["subjects"]
            )
            for role in self._of("Role", namespace)
            if role["metadata"]["name"] == binding["roleRef"]["name"]
            for rule in role["rules"]
        )

    def _of(self, kind: str, namespace: str) -> list[dict]:
        return [
            one
            for one in self.documents
            if one["kind"] == kind and one["metadata"]["namespace"] == namespace
        ]

    @staticmethod
    def _rule_allows(rule: dict, verb: str, resource: str, name: str) -> bool:
        return (
            bool({"", "*"} & set(rule["apiGroups"]))
            and bool({resource, "*"} & set(rule["resources"]))
            and bool({verb, "*"} & set(rule["verbs"]))
            and name in rule.get("resourceNames", [name])
        )


OURS, THEIRS = "customer-acme", "customer-globex"
ACME, GLOBEX = (OURS, "acme"), (THEIRS, "globex")


@pytest.fixture(scope="module", params=["ConfigMap", "Secret"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def cluster(charts: helm.Charts, kind: str) -> Cluster:
    """Two customers, a namespace each; and a second release in the first's."""
    trust = {"caBundle": {**GIVEN, "kind": kind}}
    documents = []
    for release, namespace in (("acme", OURS), ("globex", THEIRS), ("acme-two", OURS)):
        for one in charts.render({"trust": trust}, release=release):
            one["metadata"]["namespace"] = namespace
            for subject in one.get("subjects", []):
                subject["namespace"] = namespace
            documents.append(one)
    return Cluster(documents)


@pytest.fixture
def resource(kind: str) -> str:
    return {"ConfigMap": "configmaps", "Secret": "secrets"}[kind]


def test_a_customer_reads_its_own_chain(cluster: Cluster, resource: str):
    assert cluster.allows(ACME, "get", resource, OURS, "acme-trust-ca")
    assert cluster.allows(GLOBEX, "get", resource, THEIRS, "globex-trust-ca")


def test_a_customer_changes_no_chain(cluster: Cluster, resource: str):
    for verb in ("update", "patch"):
        assert not cluster.allows(ACME, verb, resource, OURS, "acme-trust-ca"), verb


def test_a_customer_reads_no_other_chain(cluster: Cluster, resource: str):
    for verb in ("get", "list", "watch"):
        assert not cluster.allows(ACME, verb, resource, THEIRS, "globex-trust-ca"), verb
        assert not cluster.allows(ACME, verb, resource, OURS, "acme-two-trust-ca"), verb
        assert not cluster.allows(ACME, verb, resource, OURS, "corporate-cas"), verb
        assert not cluster.allows(ACME, verb, "secrets", OURS, "sh.helm.release.v1.acme.v1"), verb
    for verb in ("list", "watch"):
        assert not cluster.allows(ACME, verb, resource, OURS), verb


def test_a_customer_does_nothing_in_another_s_namespace(cluster: Cluster):
    for what in ("pods", "configmaps", "secrets", "services", "persistentvolumeclaims"):
        for verb in ("create", "get", "list", "watch", "delete", "deletecollection", "patch"):
            assert not cluster.allows(ACME, verb, what, THEIRS, "x"), (verb, what)


@pytest.mark.parametrize(
    ("what", "verb"),
    [
        *(
            ("pods", verb)
            for verb in ("create", "get", "list", "watch", "delete", "deletecollection")
        ),
        *(("configmaps", verb) for verb in ("create", "deletecollection")),
        ("services", "create"),
    ],
)
def test_a_driver_can_do_its_work(cluster: Cluster, what: str, verb: str):
    assert cluster.allows(ACME, verb, what, OURS, "x")


def test_a_driver_touches_no_secret(cluster: Cluster):
    for verb in ("create", "list", "watch", "update", "patch", "delete", "deletecollection"):
        assert not cluster.allows(ACME, verb, "secrets", OURS, "acme-trust-ca"), verb


def test_the_evaluation_can_say_both(charts: helm.Charts):
    """A Role without resourceNames would be seen."""
    documents = charts.render({"trust": {"caBundle": GIVEN}})
    role = helm.object_of(documents, "Role", "acme-trust-ca-reader")
    assert not Cluster(documents).allows(ACME, "get", "configmaps", OURS, "other")
    del role["rules"][0]["resourceNames"]
    assert Cluster(documents).allows(ACME, "get", "configmaps", OURS, "other")


def test_no_account_no_role(charts: helm.Charts):
    values = {"serviceAccount": {"create": False, "name": "spark"}, "trust": {"caBundle": GIVEN}}
    documents = charts.render(values)
    assert not [one for one in documents if one["kind"] == "ServiceAccount"]
    (binding,) = (one for one in documents if one["kind"] == "RoleBinding")
    assert binding["subjects"][0]["name"] == "spark"
    conf = helm.spark_conf(documents)
    assert conf["spark.kubernetes.authenticate.driver.serviceAccountName"] == "spark"
