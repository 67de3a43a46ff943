"""The plugins behave as Kubernetes documents and as we found out. The other tests rely on it."""

from __future__ import annotations

import copy

import pytest
import schemas
import yaml
from support.admission import Failed, Server, configmap, namespace

OPTED_IN = {"example.com/inject": "enabled"}
ACME = [namespace("acme", OPTED_IN), configmap("choices", "acme", {"image": "acme:1"})]
OTHERS = [
    namespace("globex", OPTED_IN),
    configmap("choices", "globex", {"image": "globex:1"}),
    namespace("unlabelled"),
    configmap("choices", "unlabelled", {"image": "unlabelled:1"}),
    namespace("empty", OPTED_IN),
]

INJECT = yaml.safe_load("""
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: inject.example.com}
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  reinvocationPolicy: IfNeeded
  matchConditions:
    - name: not-yet
      expression: "!has(object.spec.initContainers) || !object.spec.initContainers.exists(c, c.name == 'ours')"
  variables:
    - name: own
      expression: "has(object.spec.initContainers) ? object.spec.initContainers : []"
  mutations:
    - patchType: JSONPatch
      jsonPatch:
        expression: |
          [JSONPatch{op: "add", path: "/spec/initContainers", value: [
            {"name": dyn("ours"), "image": dyn(params.data.image), "args": dyn(["build"])}] + variables.own}]
""")
BINDING = yaml.safe_load("""
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: inject.example.com}
spec:
  policyName: inject.example.com
  paramRef: {name: choices, parameterNotFoundAction: Allow}
  matchResources:
    namespaceSelector: {matchLabels: {example.com/inject: enabled}}
""")


def pod(namespace: str = "acme", **spec) -> dict:
    spec = {"containers": [{"name": "main", "image": "main:1"}], **spec}
    metadata = {"name": "one", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def cluster(policy: dict = INJECT, binding: dict = BINDING) -> list[dict]:
    return [policy, binding, *ACME, *OTHERS]


def with_mutation(expression: str, **spec) -> list[dict]:
    """A cluster with the policy, another JSON patch and other fields in it."""
    policy = copy.deepcopy(INJECT)
    policy["spec"] |= spec
    policy["spec"]["mutations"][0]["jsonPatch"]["expression"] = expression
    return cluster(policy)


# --- mutating


def test_a_patch_goes_before_what_the_pod_has(server: Server):
    came = pod(initContainers=[{"name": "own", "image": "own:1"}])
    admitted = server.admit(came, cluster())
    ours, own = admitted.object["spec"]["initContainers"]
    assert ours == {"name": "ours", "image": "acme:1", "args": ["build"]}
    assert [own] == came["spec"]["initContainers"]
    assert not admitted.unchanged
    assert admitted.again is None
    schemas.pod(admitted.object, schemas.ADMISSION)


def test_parameters_are_of_the_pod_s_own_namespace(server: Server):
    images = {
        place: server.admit(pod(place), cluster()).object["spec"]["initContainers"][0]["image"]
        for place in ("acme", "globex")
    }
    assert images == {"acme": "acme:1", "globex": "globex:1"}


@pytest.mark.parametrize("place", ["unlabelled", "empty"])
def test_a_pod_that_no_binding_selects_comes_out_as_it_went_in(server: Server, place: str):
    came = pod(place, initContainers=[], nodeSelector={})
    admitted = server.admit(came, cluster())
    assert admitted.unchanged
    assert admitted.denied is None


def test_a_missing_parameter_denies_if_the_binding_says_so(server: Server):
    binding = copy.deepcopy(BINDING)
    binding["spec"]["paramRef"]["parameterNotFoundAction"] = "Deny"
    admitted = server.admit(pod("empty"), cluster(binding=binding))
    assert admitted.denied.by == "mutating"
    assert "no params found for policy binding" in admitted.denied.message
    assert admitted.object is None


def test_another_operation_is_not_matched(server: Server):
    assert server.admit(pod(), cluster(), old=pod()).unchanged
    assert not server.admit(pod(), cluster()).unchanged


def test_what_changes_twice_is_seen(server: Server):
    admitted = server.admit(pod(), with_mutation(
        '[JSONPatch{op: "add", path: "/spec/containers/-", value: {"name": "x", "image": "x"}}]',
        matchConditions=[],
    ))
    assert len(admitted.object["spec"]["containers"]) == 2
    assert len(admitted.again["spec"]["containers"]) == 3


@pytest.mark.parametrize(("choice", "denied"), [("Fail", True), ("Ignore", False), (None, True)])
def test_an_expression_that_fails_is_what_the_failure_policy_says(
    server: Server, choice: str | None, denied: bool
):
    broken = '[JSONPatch{op: "add", path: "/spec/nodeName", value: params.data.nothing}]'
    admitted = server.admit(pod(), with_mutation(broken, **{"failurePolicy": choice} if choice else {}))
    assert (admitted.denied is not None) == denied
    if denied:
        assert "no such key: nothing" in admitted.denied.message
    else:
        assert admitted.unchanged


def test_a_patch_that_makes_no_pod_is_denied(server: Server):
    wrong = '[JSONPatch{op: "add", path: "/spec/nodeNames", value: "a"}]'
    admitted = server.admit(pod(), with_mutation(wrong))
    assert 'unknown field "spec.nodeNames"' in admitted.denied.message


def test_a_panic_of_the_server_is_a_denial(server: Server):
    """Kubernetes 1.36 cannot turn typed objects in a list into JSON. Maps of dyn() are JSON."""
    typed = '[JSONPatch{op: "add", path: "/spec/initContainers", value: [Object.spec.initContainers{name: "x"}]}]'
    admitted = server.admit(pod(), with_mutation(typed))
    assert (admitted.denied.code, admitted.denied.reason) == (500, "Panic")


def test_an_apply_configuration_sets_no_atomic_list(server: Server):
    policy = copy.deepcopy(INJECT)
    policy["spec"]["mutations"] = [
        {
            "patchType": "ApplyConfiguration",
            "applyConfiguration": {
                "expression": "Object{spec: Object.spec{containers: [Object.spec.containers{"
                'name: "main", args: ["a"]}]}}'
            },
        }
    ]
    admitted = server.admit(pod(), cluster(policy))
    assert "may not mutate atomic" in admitted.denied.message


def test_a_policy_of_version_1beta1_does_the_same(server: Server):
    older = [
        one | {"apiVersion": "admissionregistration.k8s.io/v1beta1"} for one in (INJECT, BINDING)
    ]
    assert server.admit(pod(), cluster(*older)).object == server.admit(pod(), cluster()).object


def test_unknown_fields_are_refused(server: Server):
    with pytest.raises(Failed, match="unknown field \"spec.containerz\""):
        server.admit(pod(containerz=[]), cluster())
    policy = copy.deepcopy(INJECT)
    policy["spec"]["matchCondition"] = []
    with pytest.raises(Failed, match="unknown field \"spec.matchCondition\""):
        server.admit(pod(), cluster(policy))


# --- what an API server reports about a policy

VERSIONS = ("1.34", "1.35", "1.36")


def test_a_good_policy_has_no_errors(server: Server):
    (report,) = server.check(cluster(), VERSIONS)
    assert (report.kind, report.name) == ("MutatingAdmissionPolicy", "inject.example.com")
    assert report.errors == {}
    assert report.warnings == []


def test_a_library_is_refused_until_the_version_before_knows_it(server: Server):
    (report,) = server.check(with_mutation('lists.range(2).map(i, JSONPatch{op: "test"})'), VERSIONS)
    assert set(report.errors) == {"1.34"}
    (error,) = report.errors["1.34"]
    assert error.startswith("spec.mutations[0].jsonPatch.expression: ")
    assert "undeclared reference to 'lists'" in error


def test_a_patch_of_another_type_is_refused(server: Server):
    (report,) = server.check(with_mutation("object.spec.containers.size()"), VERSIONS)
    assert set(report.errors) == set(VERSIONS)


def test_the_type_checker_knows_the_fields(server: Server):
    variables = [
        {"name": "wrong", "expression": "object.spec.hostnetwork"},
        {"name": "labels", "expression": "params.metadata.labels"},
        {"name": "sum", "expression": "variables.labels + 1"},
    ]
    (report,) = server.check(with_mutation('[JSONPatch{op: "remove"}]', variables=variables), VERSIONS)
    assert report.errors == {}
    assert [one.partition(": /v1")[0] for one in report.warnings] == [
        "spec.variables[0].expression: wrong",
        "spec.variables[2].expression: sum",
    ]
    assert "undefined field 'hostnetwork'" in report.warnings[0]


# --- costs


def test_costs_are_what_the_budget_is_short_of(server: Server):
    (cost,) = server.admit(pod(), cluster(), cost=True).costs
    assert cost["param"] == "acme/choices"
    assert cost["matches"]
    each = cost["each"]
    assert set(each) == {
        "spec.matchConditions[0].expression",
        "variables.own",
        "spec.mutations[0].jsonPatch.expression",
    }
    assert cost["spent"] == {
        "matchConditions": each["spec.matchConditions[0].expression"],
        "mutations[0]": each["variables.own"] + each["spec.mutations[0].jsonPatch.expression"],
    }
    assert cost["limits"] == {"matchConditions": 2_500_000, "budget": 10_000_000, "expression": 1_000_000}


def test_what_costs_too_much_is_denied(server: Server):
    costly = "true"
    for variable in "abcdef":
        costly = f"[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].all({variable}, {costly})"
    admitted = server.admit(pod(), with_mutation(f"[{costly}].map(x, JSONPatch{{}})"), cost=True)
    assert "cost limit exceeded" in admitted.denied.message
    (cost,) = admitted.costs
    assert "cost limit exceeded" in cost["errors"][0]
    assert cost["spent"]["mutations[0]"] > cost["limits"]["expression"]


# --- validating

GUARD = yaml.safe_load("""
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: guard.example.com}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps]}
  validations:
    - expression: "object.data.all(k, k in ['base'])"
      messageExpression: "'unknown: ' + object.data.filter(k, k != 'base')[0]"
    - expression: "request.userInfo.username != 'mallory'"
      message: not you
  auditAnnotations:
    - {key: keys, valueExpression: string(object.data.size())}
""")


def guarded(*actions: str) -> list[dict]:
    binding = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "guard.example.com"},
        "spec": {"policyName": "guard.example.com", "validationActions": list(actions)},
    }
    return [GUARD, binding, namespace("acme")]


WRONG = configmap("choices", "acme", {"bass": "image"})


def test_what_is_valid_is_admitted_and_audited(server: Server):
    admitted = server.admit(configmap("choices", "acme", {"base": "image"}), guarded("Deny"))
    assert admitted.unchanged
    assert admitted.denied is None
    assert admitted.audit == {"guard.example.com/keys": "1"}


def test_a_denial_has_the_first_reason_and_warnings_have_all(server: Server):
    asked = {"one": WRONG, "old": WRONG, "user": {"name": "mallory"}}
    denied = server.admit(cluster=guarded("Deny"), **asked).denied
    assert (denied.by, denied.code, denied.reason) == ("validating", 422, "Invalid")
    assert denied.message.endswith("denied request: unknown: bass")
    warned = server.admit(cluster=guarded("Warn"), **asked)
    assert warned.denied is None
    assert [one.rpartition(": ")[2] for one in warned.warnings] == ["not you", "bass"]


def test_a_warning_and_an_audit_annotation_admit(server: Server):
    admitted = server.admit(WRONG, guarded("Warn", "Audit"), cost=True)
    assert admitted.denied is None
    (warning,) = admitted.warnings
    assert warning.endswith("'guard.example.com': unknown: bass")
    assert "unknown: bass" in admitted.audit["validation.policy.admission.k8s.io/validation_failure"]
    (cost,) = admitted.costs
    assert set(cost["spent"]) == {"matchConditions", "validations", "auditAnnotations"}
