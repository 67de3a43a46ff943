package main

import (
	"encoding/json"
	"fmt"

	admissionregistration "k8s.io/api/admissionregistration/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
)

var strict = serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()

// decode refuses what an API server refuses with strict field validation: unknown and duplicate
// fields.
func decode(text json.RawMessage) (runtime.Object, *schema.GroupVersionKind, error) {
	object, kind, err := strict.Decode(text, nil, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("%w, in %.200s", err, text)
	}
	return object, kind, nil
}

// stored decodes an object as the API server hands it to the plugins: policies of an older version
// as v1, with the API's defaults.
func stored(text json.RawMessage) (runtime.Object, error) {
	object, kind, err := decode(text)
	if err != nil {
		return nil, err
	}
	if kind.Group == admissionregistration.GroupName && kind.Version != "v1" {
		if object, err = asVersion1(text); err != nil {
			return nil, err
		}
	}
	setDefaults(object)
	return object, nil
}

// The versions of these types differ only in their names.
func asVersion1(text json.RawMessage) (runtime.Object, error) {
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	fields["apiVersion"] = admissionregistration.SchemeGroupVersion.String()
	renamed, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	object, _, err := decode(renamed)
	return object, err
}

// setDefaults does what kubernetes/pkg/apis/admissionregistration/v1/defaults.go does, which no
// library contains.
func setDefaults(object runtime.Object) {
	switch object := object.(type) {
	case *admissionregistration.MutatingAdmissionPolicy:
		setIfNil(&object.Spec.FailurePolicy, admissionregistration.Fail)
		if object.Spec.ReinvocationPolicy == "" {
			object.Spec.ReinvocationPolicy = admissionregistration.NeverReinvocationPolicy
		}
		setMatchDefaults(object.Spec.MatchConstraints)
	case *admissionregistration.ValidatingAdmissionPolicy:
		setIfNil(&object.Spec.FailurePolicy, admissionregistration.Fail)
		setMatchDefaults(object.Spec.MatchConstraints)
	case *admissionregistration.MutatingAdmissionPolicyBinding:
		setMatchDefaults(object.Spec.MatchResources)
	case *admissionregistration.ValidatingAdmissionPolicyBinding:
		setMatchDefaults(object.Spec.MatchResources)
	}
}

func setMatchDefaults(match *admissionregistration.MatchResources) {
	if match == nil {
		return
	}
	setIfNil(&match.MatchPolicy, admissionregistration.Equivalent)
	setIfNil(&match.NamespaceSelector, meta.LabelSelector{})
	setIfNil(&match.ObjectSelector, meta.LabelSelector{})
	for i := range match.ResourceRules {
		setIfNil(&match.ResourceRules[i].Scope, admissionregistration.AllScopes)
	}
	for i := range match.ExcludeResourceRules {
		setIfNil(&match.ExcludeResourceRules[i].Scope, admissionregistration.AllScopes)
	}
}

func setIfNil[T any](field **T, value T) {
	if *field == nil {
		*field = &value
	}
}

// encoded returns an object as JSON. It restores the kind, which the plugins lose, and leaves out
// what Go's types add to every object: an empty status, and empty resources of containers.
func encoded(object runtime.Object, kind schema.GroupVersionKind) (json.RawMessage, error) {
	object.GetObjectKind().SetGroupVersionKind(kind)
	text, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	dropAdded(fields)
	return json.Marshal(fields)
}

func dropAdded(value any) {
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			dropAdded(one)
		}
	case map[string]any:
		for _, name := range []string{"status", "resources"} {
			if inner, is := value[name].(map[string]any); is && len(inner) == 0 {
				delete(value, name)
			}
		}
		if created, has := value["creationTimestamp"]; has && created == nil {
			delete(value, "creationTimestamp")
		}
		for _, one := range value {
			dropAdded(one)
		}
	}
}
