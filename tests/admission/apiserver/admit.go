package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/warning"
	"k8s.io/client-go/kubernetes/scheme"
)

// Admission is the outcome for an object.
type Admission struct {
	// Object as it would be stored, even if it is denied; null if mutating it failed.
	Object json.RawMessage `json:"object"`
	// Unchanged says that no byte differs from what was sent.
	Unchanged bool `json:"unchanged"`
	// Again is what comes out if Object goes in once more; absent if that changes nothing.
	Again json.RawMessage `json:"again,omitempty"`
	// Denied is absent if the object is admitted.
	Denied      *Denied           `json:"denied,omitempty"`
	Warnings    []string          `json:"warnings,omitempty"`
	Annotations map[string]string `json:"auditAnnotations,omitempty"`
	Costs       []Cost            `json:"costs,omitempty"`
}

// Denied is the status that the client gets.
type Denied struct {
	By      string   `json:"by"`
	Code    int32    `json:"code"`
	Reason  string   `json:"reason"`
	Message string   `json:"message"`
	Causes  []string `json:"causes,omitempty"`
}

// request is one object in admission. It records warnings and audit annotations of the plugins.
type request struct {
	admission.Attributes
	annotations map[string]string
	warnings    []string
}

func (r *request) AddAnnotation(key, value string) error {
	r.annotations[key] = value
	return nil
}

func (r *request) AddWarning(_, text string) { r.warnings = append(r.warnings, text) }

// interfaces are what an API server passes to plugins for its built-in types.
var interfaces = admission.NewObjectInterfacesFromScheme(scheme.Scheme)

// Admit mutates an object, mutates the result again, and validates the first result.
func (c *Cluster) Admit(one Case) (*Admission, error) {
	object, kind, err := decode(one.Object)
	if err != nil {
		return nil, err
	}
	came, err := encoded(object, *kind)
	if err != nil {
		return nil, err
	}
	asked, err := c.request(one, object, *kind)
	if err != nil {
		return nil, err
	}
	result := &Admission{Annotations: asked.annotations}
	ctx := warning.WithWarningRecorder(context.Background(), asked)
	if one.Cost {
		if result.Costs, err = c.mutatingCosts(ctx, asked); err != nil {
			return nil, err
		}
	}
	result.Denied = denied("mutating", func() error { return c.mutating.Admit(ctx, asked, interfaces) })
	if result.Denied != nil {
		return result, nil
	}
	if result.Object, err = encoded(object, *kind); err != nil {
		return nil, err
	}
	result.Unchanged = bytes.Equal(came, result.Object)
	if err := c.admitAgain(one, object.DeepCopyObject(), *kind, result); err != nil {
		return nil, err
	}
	if one.Cost {
		costs, err := c.validatingCosts(ctx, asked)
		if err != nil {
			return nil, err
		}
		result.Costs = append(result.Costs, costs...)
	}
	result.Denied = denied("validating", func() error { return c.validating.Validate(ctx, asked, interfaces) })
	result.Warnings = slices.Compact(slices.Sorted(slices.Values(asked.warnings)))
	return result, nil
}

func (c *Cluster) admitAgain(one Case, object runtime.Object, kind schema.GroupVersionKind, result *Admission) error {
	asked, err := c.request(one, object, kind)
	if err != nil {
		return err
	}
	said := denied("mutating", func() error { return c.mutating.Admit(context.Background(), asked, interfaces) })
	if said != nil {
		return fmt.Errorf("denied the second time: %s", said.Message)
	}
	again, err := encoded(object, kind)
	if err == nil && !bytes.Equal(again, result.Object) {
		result.Again = again
	}
	return err
}

func (c *Cluster) request(one Case, object runtime.Object, kind schema.GroupVersionKind) (*request, error) {
	var before runtime.Object
	operation := admission.Create
	if one.OldObject != nil {
		var err error
		if before, _, err = decode(one.OldObject); err != nil {
			return nil, err
		}
		operation = admission.Update
	}
	if one.Operation != "" {
		operation = admission.Operation(one.Operation)
	}
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return nil, err
	}
	named, err := meta.Accessor(object)
	if err != nil {
		return nil, err
	}
	attributes := admission.NewAttributesRecord(object, before, kind, named.GetNamespace(), named.GetName(),
		mapping.Resource, one.Subresource, operation, nil, false, &user.DefaultInfo{Name: one.User.Name, Groups: one.User.Groups})
	return &request{Attributes: attributes, annotations: map[string]string{}}, nil
}

// denied returns why a plugin denies an object, or nil. A panic is a denial too, because the API
// server would answer with error 500.
func denied(by string, ask func() error) (result *Denied) {
	defer func() {
		if panicked := recover(); panicked != nil {
			result = &Denied{By: by, Code: 500, Reason: "Panic", Message: fmt.Sprint(panicked)}
		}
	}()
	err := ask()
	if err == nil {
		return nil
	}
	var status *apierrors.StatusError
	if !errors.As(err, &status) {
		return &Denied{By: by, Code: 500, Message: err.Error()}
	}
	said := status.ErrStatus
	result = &Denied{By: by, Code: said.Code, Reason: string(said.Reason), Message: said.Message}
	if details := said.Details; details != nil {
		for _, cause := range details.Causes {
			result.Causes = append(result.Causes, cause.Message)
		}
	}
	return result
}
