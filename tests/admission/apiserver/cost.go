package main

import (
	"context"
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/apiserver/pkg/admission/plugin/policy/matching"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/client-go/informers"
)

// Cost is what a policy with a binding and a parameter costs for one object, in CEL's units.
type Cost struct {
	Policy  string `json:"policy"`
	Binding string `json:"binding"`
	Param   string `json:"param,omitempty"`
	// Matches says whether the match conditions are true. If not, nothing else is evaluated.
	Matches bool `json:"matches"`
	// Spent by budget: matchConditions, each of mutations[i], validations with their messages, and
	// auditAnnotations. The cost of variables is included.
	Spent map[string]int64 `json:"spent"`
	// Each expression's own cost, by field or, for variables, by "variables." and the name. If it was
	// evaluated several times, the highest.
	Each map[string]int64 `json:"each"`
	// Errors of evaluation, which the plugin also reports.
	Errors []string `json:"errors,omitempty"`
	Limits Limits   `json:"limits"`
}

// Limits are those that the API server enforces. It does not estimate costs beforehand.
type Limits struct {
	MatchConditions int64 `json:"matchConditions"`
	Budget          int64 `json:"budget"`
	Expression      int64 `json:"expression"`
}

var limits = Limits{
	MatchConditions: celconfig.RuntimeCELCostBudgetMatchConditions,
	Budget:          celconfig.RuntimeCELCostBudget,
	Expression:      celconfig.PerCallLimit,
}

func (c *Cluster) mutatingCosts(ctx context.Context, asked *request) ([]Cost, error) {
	return c.costs(ctx, asked, c.mutators())
}

func (c *Cluster) validatingCosts(ctx context.Context, asked *request) ([]Cost, error) {
	return c.costs(ctx, asked, c.validators())
}

// costs returns the cost of every policy that matches the object in its current state.
func (c *Cluster) costs(ctx context.Context, asked *request, policies []policy) ([]Cost, error) {
	matcher := generic.NewPolicyMatcher(matching.NewMatcher(c.informers.Core().V1().Namespaces().Lister(), c.client))
	costs := []Cost{}
	for _, one := range policies {
		matches, resource, kind, err := matcher.DefinitionMatches(asked, interfaces, one)
		if err != nil {
			return nil, err
		}
		if !matches {
			continue
		}
		for _, binding := range one.bindings {
			if matches, err := matcher.BindingMatches(asked, interfaces, binding); err != nil {
				return nil, err
			} else if !matches {
				continue
			}
			params, err := c.params(one, binding, asked.GetNamespace())
			if err != nil {
				return nil, err
			}
			for _, param := range params {
				cost, err := c.cost(ctx, matcher, invocation{asked, one, resource, kind, param})
				if err != nil {
					return nil, err
				}
				cost.Binding = binding.GetName()
				costs = append(costs, cost)
			}
		}
	}
	return costs, nil
}

func (c *Cluster) params(one policy, binding generic.BindingAccessor, namespace string) ([]runtime.Object, error) {
	kind := one.GetParamKind()
	var informer informers.GenericInformer
	var scope meta.RESTScope
	if kind != nil {
		version, err := schema.ParseGroupVersion(kind.APIVersion)
		if err != nil {
			return nil, err
		}
		mapping, err := c.mapper.RESTMapping(version.WithKind(kind.Kind).GroupKind(), version.Version)
		if err != nil {
			return nil, err
		}
		scope = mapping.Scope
		if informer, err = c.informers.ForResource(mapping.Resource); err != nil {
			return nil, err
		}
	}
	params, err := generic.CollectParams(kind, informer, scope, binding.GetParamRef(), namespace)
	if err != nil {
		// The plugin denies the object with this error, and evaluates nothing.
		return nil, nil
	}
	return params, nil
}

// invocation is a policy that acts on an object, with a parameter or nil.
type invocation struct {
	asked    *request
	policy   policy
	resource schema.GroupVersionResource
	kind     schema.GroupVersionKind
	param    runtime.Object
}

// cost evaluates the expressions with the plugins' own evaluators and budgets, and reads how much
// of the budgets is left.
func (c *Cluster) cost(ctx context.Context, matcher generic.PolicyMatcher, on invocation) (Cost, error) {
	cost := Cost{Policy: on.policy.GetName(), Spent: map[string]int64{}, Each: map[string]int64{}, Limits: limits}
	if param, is := on.param.(metav1.Object); is {
		cost.Param = param.GetNamespace() + "/" + param.GetName()
	}
	compiler, err := plugincel.NewCompositedCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
	if err != nil {
		return cost, err
	}
	recorder := recorder{compiler.Compiler, cost.Each}
	compiler.Compiler = recorder
	for _, variable := range on.policy.variables {
		accessor := &validating.Variable{Name: variable.Name, Expression: variable.Expression}
		place := named{accessor, "variables." + variable.Name}
		compiler.CompileAndStoreVariable(place, options(on.policy.GetParamKind()), environment.StoredExpressions)
	}
	versioned, err := admission.NewVersionedAttributes(on.asked, on.kind, interfaces)
	if err != nil {
		return cost, err
	}
	namespace, err := matcher.GetNamespace(ctx, on.asked.GetNamespace())
	if err != nil {
		return cost, err
	}
	namespace = plugincel.CreateNamespaceObject(namespace)
	resource, kind := metav1.GroupVersionResource(on.resource), metav1.GroupVersionKind(on.kind)
	asked := plugincel.CreateAdmissionRequest(on.asked, resource, kind)
	bindings := plugincel.OptionalVariableBindings{VersionedParams: on.param, Authorizer: allowAll{}}
	evaluate := func(group group, budget int64) ([]plugincel.EvaluationResult, int64, error) {
		condition := plugincel.NewCondition(recorder.compileAll(group.expressions))
		return condition.ForInput(compiler.CreateContext(ctx), versioned, asked, bindings, namespace, budget)
	}
	conditions := group{name: "matchConditions", expressions: on.policy.conditions}
	if cost.Matches = cost.spend(conditions, limits.MatchConditions, evaluate); cost.Matches {
		for _, step := range on.policy.steps {
			cost.spend(step, limits.Budget, evaluate)
		}
	}
	return cost, nil
}

// spend evaluates a group and says whether all of it is true.
func (c *Cost) spend(group group, budget int64, evaluate evaluation) bool {
	results, left, err := evaluate(group, budget)
	if err != nil {
		c.Errors = append(c.Errors, fmt.Sprintf("%s: %v", group.name, err))
		return false
	}
	c.Spent[group.name] += budget - left
	all := true
	for _, result := range results {
		if result.Error != nil && !group.quiet {
			c.Errors = append(c.Errors, fmt.Sprintf("%s: %v", group.name, result.Error))
		}
		all = all && result.EvalResult != nil && result.EvalResult.Value() == true
	}
	return all
}

// evaluation returns a group's results and how much of the budget is left.
type evaluation func(group, int64) ([]plugincel.EvaluationResult, int64, error)

// recorder compiles programs that record their cost.
type recorder struct {
	plugincel.Compiler
	each map[string]int64
}

func (r recorder) CompileCELExpression(
	accessor plugincel.ExpressionAccessor,
	options plugincel.OptionalVariableDeclarations,
	mode environment.Type,
) plugincel.CompilationResult {
	result := r.Compiler.CompileCELExpression(accessor, options, mode)
	if named, is := accessor.(named); is && result.Program != nil {
		result.Program = recorded{result.Program, named.place, r.each}
	}
	return result
}

func (r recorder) compileAll(expressions []expression) []plugincel.CompilationResult {
	results := make([]plugincel.CompilationResult, len(expressions))
	for i, one := range expressions {
		place := named{placed{one.accessor}, one.field}
		results[i] = r.CompileCELExpression(place, one.options, environment.StoredExpressions)
	}
	return results
}

// named is an expression that knows its place in the policy.
type named struct {
	plugincel.NamedExpressionAccessor
	place string
}

// placed is an expression without a name of its own.
type placed struct{ plugincel.ExpressionAccessor }

func (placed) GetName() string { return "" }

// recorded is a program that records its cost.
type recorded struct {
	cel.Program
	place string
	each  map[string]int64
}

func (r recorded) ContextEval(ctx context.Context, input any) (ref.Val, *cel.EvalDetails, error) {
	value, details, err := r.Program.ContextEval(ctx, input)
	if details != nil {
		if cost := details.ActualCost(); cost != nil {
			r.each[r.place] = max(r.each[r.place], int64(*cost))
		}
	}
	return value, details, err
}
