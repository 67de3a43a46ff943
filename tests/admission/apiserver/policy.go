package main

import (
	"fmt"

	admissionregistration "k8s.io/api/admissionregistration/v1"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
)

// policy is a mutating or validating policy with its expressions as its plugin compiles them, which
// plugins do not expose. It is used for costs and checks; decisions are always the plugins'.
type policy struct {
	generic.PolicyAccessor
	kind       string
	bindings   []generic.BindingAccessor
	variables  []admissionregistration.Variable
	conditions []expression
	// steps are evaluated in order, the expressions of one group together.
	steps []group
}

// group is the expressions that share one budget.
type group struct {
	name        string
	expressions []expression
	// quiet marks messages: they are evaluated even if nothing is wrong, and their errors are ignored.
	quiet bool
}

// expression is one expression of a policy, with its place there.
type expression struct {
	field    string
	accessor plugincel.ExpressionAccessor
	options  plugincel.OptionalVariableDeclarations
	// untyped marks an expression with JSONPatch, which Kubernetes' type checker does not know.
	untyped bool
}

func (c *Cluster) mutators() []policy {
	var policies []policy
	for _, one := range c.mutatingPolicies {
		found := policy{
			PolicyAccessor: mutating.NewMutatingAdmissionPolicyAccessor(one),
			kind:           "MutatingAdmissionPolicy",
			variables:      one.Spec.Variables,
			conditions:     conditions(one.Spec.MatchConditions, one.Spec.ParamKind),
		}
		options := options(one.Spec.ParamKind)
		options.HasPatchTypes = true
		for i, mutation := range one.Spec.Mutations {
			step := expression{options: options, untyped: true}
			switch {
			case mutation.JSONPatch != nil:
				step.field = fmt.Sprintf("spec.mutations[%d].jsonPatch.expression", i)
				step.accessor = &patch.JSONPatchCondition{Expression: mutation.JSONPatch.Expression}
			case mutation.ApplyConfiguration != nil:
				step.field = fmt.Sprintf("spec.mutations[%d].applyConfiguration.expression", i)
				step.accessor = &patch.ApplyConfigurationCondition{Expression: mutation.ApplyConfiguration.Expression}
			}
			found.steps = append(found.steps, group{name: fmt.Sprintf("mutations[%d]", i), expressions: []expression{step}})
		}
		for _, binding := range c.mutatingBindings {
			if binding.Spec.PolicyName == one.Name {
				found.bindings = append(found.bindings, mutating.NewMutatingAdmissionPolicyBindingAccessor(binding))
			}
		}
		policies = append(policies, found)
	}
	return policies
}

func (c *Cluster) validators() []policy {
	var policies []policy
	for _, one := range c.validatingPolicies {
		found := policy{
			PolicyAccessor: validating.NewValidatingAdmissionPolicyAccessor(one),
			kind:           "ValidatingAdmissionPolicy",
			variables:      one.Spec.Variables,
			conditions:     conditions(one.Spec.MatchConditions, one.Spec.ParamKind),
			steps:          validations(one),
		}
		for _, binding := range c.validatingBindings {
			if binding.Spec.PolicyName == one.Name {
				found.bindings = append(found.bindings, validating.NewValidatingAdmissionPolicyBindingAccessor(binding))
			}
		}
		policies = append(policies, found)
	}
	return policies
}

func validations(one *admissionregistration.ValidatingAdmissionPolicy) []group {
	options := options(one.Spec.ParamKind)
	unauthorized := options
	unauthorized.HasAuthorizer = false
	// Messages spend what the validations have left.
	validations, messages := group{name: "validations"}, group{name: "validations", quiet: true}
	annotations := group{name: "auditAnnotations"}
	for i, validation := range one.Spec.Validations {
		field := fmt.Sprintf("spec.validations[%d]", i)
		accessor := &validating.ValidationCondition{Expression: validation.Expression}
		validations.add(field+".expression", accessor, options)
		if validation.MessageExpression != "" {
			accessor := &validating.MessageExpressionCondition{MessageExpression: validation.MessageExpression}
			messages.add(field+".messageExpression", accessor, unauthorized)
		}
	}
	for i, annotation := range one.Spec.AuditAnnotations {
		field := fmt.Sprintf("spec.auditAnnotations[%d].valueExpression", i)
		accessor := &validating.AuditAnnotationCondition{Key: annotation.Key, ValueExpression: annotation.ValueExpression}
		annotations.add(field, accessor, options)
	}
	return []group{validations, messages, annotations}
}

func (g *group) add(
	field string,
	accessor plugincel.ExpressionAccessor,
	options plugincel.OptionalVariableDeclarations,
) {
	g.expressions = append(g.expressions, expression{field: field, accessor: accessor, options: options})
}

func conditions(all []admissionregistration.MatchCondition, params *admissionregistration.ParamKind) []expression {
	var found group
	for i := range all {
		field := fmt.Sprintf("spec.matchConditions[%d].expression", i)
		found.add(field, (*matchconditions.MatchCondition)(&all[i]), options(params))
	}
	return found.expressions
}

func options(params *admissionregistration.ParamKind) plugincel.OptionalVariableDeclarations {
	return plugincel.OptionalVariableDeclarations{HasParams: params != nil, HasAuthorizer: true}
}
