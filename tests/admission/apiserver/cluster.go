package main

import (
	"context"
	"encoding/json"

	admissionregistration "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/meta/testrestmapper"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/initializer"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/util/compatibility"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/discovery"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/openapi"
	"k8s.io/client-go/openapi/openapitest"
)

// Cluster is the admission part of an API server, with the objects that are stored in it.
type Cluster struct {
	client     client
	informers  informers.SharedInformerFactory
	mapper     meta.RESTMapper
	mutating   *mutating.Plugin
	validating *validating.Plugin

	mutatingPolicies   []*admissionregistration.MutatingAdmissionPolicy
	mutatingBindings   []*admissionregistration.MutatingAdmissionPolicyBinding
	validatingPolicies []*admissionregistration.ValidatingAdmissionPolicy
	validatingBindings []*admissionregistration.ValidatingAdmissionPolicyBinding
}

// client is the fake client, with the OpenAPI documents of a real API server.
type client struct{ kubernetes.Interface }

type documented struct{ discovery.DiscoveryInterface }

func (c client) Discovery() discovery.DiscoveryInterface { return documented{c.Interface.Discovery()} }

func (documented) OpenAPIV3() openapi.Client { return openapitest.NewEmbeddedFileClient() }

// allowAll is the authorizer for policies that use `authorizer`.
type allowAll struct{}

func (allowAll) Authorize(context.Context, authorizer.Attributes) (authorizer.Decision, string, error) {
	return authorizer.DecisionAllow, "", nil
}

// NewCluster starts the plugins. They run until the program ends.
func NewCluster(texts []json.RawMessage) (*Cluster, error) {
	cluster := &Cluster{mapper: testrestmapper.TestOnlyStaticRESTMapper(scheme.Scheme)}
	objects := make([]runtime.Object, 0, len(texts))
	for _, text := range texts {
		object, err := stored(text)
		if err != nil {
			return nil, err
		}
		cluster.keep(object)
		objects = append(objects, object)
	}
	cluster.client = client{fake.NewSimpleClientset(objects...)}
	cluster.informers = informers.NewSharedInformerFactory(cluster.client, 0)
	// If no plugin has a policy, nothing else would start this informer.
	cluster.informers.Core().V1().Namespaces().Informer()
	var err error
	if cluster.mutating, err = mutating.NewPlugin(nil); err != nil {
		return nil, err
	}
	if cluster.validating, err = validating.NewPlugin(nil); err != nil {
		return nil, err
	}
	return cluster, cluster.start(dynamicfake.NewSimpleDynamicClient(scheme.Scheme, objects...))
}

func (c *Cluster) keep(object runtime.Object) {
	switch object := object.(type) {
	case *admissionregistration.MutatingAdmissionPolicy:
		c.mutatingPolicies = append(c.mutatingPolicies, object)
	case *admissionregistration.MutatingAdmissionPolicyBinding:
		c.mutatingBindings = append(c.mutatingBindings, object)
	case *admissionregistration.ValidatingAdmissionPolicy:
		c.validatingPolicies = append(c.validatingPolicies, object)
	case *admissionregistration.ValidatingAdmissionPolicyBinding:
		c.validatingBindings = append(c.validatingBindings, object)
	}
}

func (c *Cluster) start(dynamic *dynamicfake.FakeDynamicClient) error {
	// Never closed: the plugins run until the program ends.
	stop := make(chan struct{})
	initialize := initializer.New(c.client, dynamic, c.informers, allowAll{}, utilfeature.DefaultFeatureGate,
		compatibility.DefaultBuildEffectiveVersion(), stop, c.mapper)
	for _, plugin := range []admission.Interface{c.mutating, c.validating} {
		initialize.Initialize(plugin)
	}
	c.mutating.SetEnabled(true)
	for _, plugin := range []admission.InitializationValidator{c.mutating, c.validating} {
		if err := plugin.ValidateInitialization(); err != nil {
			return err
		}
	}
	c.informers.Start(stop)
	c.informers.WaitForCacheSync(stop)
	return nil
}
