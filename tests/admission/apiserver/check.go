package main

import (
	"fmt"

	admissionregistration "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/openapi/resolver"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// PolicyReport is what an API server reports when a policy is created.
type PolicyReport struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Errors for which a version of Kubernetes refuses the policy, by version.
	Errors map[string][]string `json:"errors,omitempty"`
	// Warnings of the type checker, which knows the types of object and params.
	Warnings []string `json:"warnings,omitempty"`
}

// Check compiles every expression as each version compiles new ones, and checks their types.
func (c *Cluster) Check(versions []string) ([]PolicyReport, error) {
	if len(versions) == 0 {
		return nil, nil
	}
	types := &validating.TypeChecker{
		SchemaResolver: known{
			&resolver.ClientDiscoveryResolver{Discovery: c.client.Discovery()},
			map[schema.GroupVersionKind]*spec.Schema{},
		},
		RestMapper: c.mapper,
	}
	var reports []PolicyReport
	for _, one := range append(c.mutators(), c.validators()...) {
		report := PolicyReport{Kind: one.kind, Name: one.GetName(), Errors: map[string][]string{}}
		report.Warnings = one.typeWarnings(types)
		for _, name := range versions {
			errors, err := one.compileErrors(name)
			if err != nil {
				return nil, err
			}
			if len(errors) > 0 {
				report.Errors[name] = errors
			}
		}
		reports = append(reports, report)
	}
	return reports, nil
}

// compileErrors returns what an API server of this version reports. A new expression may only use
// what the previous version also supports, so that an upgrade can be rolled back.
func (p policy) compileErrors(name string) ([]string, error) {
	of, err := version.ParseMajorMinor(name)
	if err != nil {
		return nil, err
	}
	compiler, err := plugincel.NewCompositedCompiler(environment.MustBaseEnvSet(of.SubtractMinor(1)))
	if err != nil {
		return nil, err
	}
	var errors []string
	for i, variable := range p.variables {
		accessor := &validating.Variable{Name: variable.Name, Expression: variable.Expression}
		result := compiler.CompileAndStoreVariable(accessor, options(p.GetParamKind()), environment.NewExpressions)
		if result.Error != nil {
			place := fmt.Sprintf("spec.variables[%d].expression: %s", i, variable.Name)
			errors = append(errors, fmt.Sprintf("%s: %s", place, result.Error.Detail))
		}
	}
	for _, one := range p.expressions() {
		result := compiler.CompileCELExpression(one.accessor, one.options, environment.NewExpressions)
		if result.Error != nil {
			errors = append(errors, fmt.Sprintf("%s: %s", one.field, result.Error.Detail))
		}
	}
	return errors, nil
}

func (p policy) expressions() []expression {
	all := append([]expression{}, p.conditions...)
	for _, step := range p.steps {
		all = append(all, step.expressions...)
	}
	return all
}

// typeWarnings also checks variables, match conditions and mutating policies, for which an API
// server does not run its type checker.
func (p policy) typeWarnings(types *validating.TypeChecker) []string {
	var warnings []string
	asked := &admissionregistration.ValidatingAdmissionPolicy{}
	asked.Spec.ParamKind = p.GetParamKind()
	asked.Spec.MatchConstraints = p.GetMatchConstraints()
	check := func(field, text string) {
		if found := types.CheckExpression(types.CreateContext(asked), text).String(); found != "" {
			warnings = append(warnings, fmt.Sprintf("%s: %s", field, found))
		}
	}
	for i, variable := range p.variables {
		// A variable may use only those before it.
		asked.Spec.Variables = p.variables[:i]
		check(fmt.Sprintf("spec.variables[%d].expression: %s", i, variable.Name), variable.Expression)
	}
	asked.Spec.Variables = p.variables
	for _, one := range p.expressions() {
		if !one.untyped {
			check(one.field, one.accessor.GetExpression())
		}
	}
	return warnings
}

// known caches schemas, because the documents are large.
type known struct {
	resolver.SchemaResolver
	schemas map[schema.GroupVersionKind]*spec.Schema
}

func (k known) ResolveSchema(kind schema.GroupVersionKind) (*spec.Schema, error) {
	if found, has := k.schemas[kind]; has {
		return found, nil
	}
	found, err := k.SchemaResolver.ResolveSchema(kind)
	if err == nil {
		k.schemas[kind] = found
	}
	return found, err
}
