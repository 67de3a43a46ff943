// Command apiserver does with objects what Kubernetes' API server does with them at admission, in
// one process and without a cluster: its own plugins for MutatingAdmissionPolicy and
// ValidatingAdmissionPolicy decide, not a model of them.
//
// It reads cases as a stream of JSON objects on standard input and answers each with one line of
// JSON. Cases with equal clusters share their plugins, so that only the first pays for the start.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/klog/v2"
)

// Case is what to ask.
type Case struct {
	// Cluster is all that is in the cluster: policies, bindings, namespaces, parameters.
	Cluster []json.RawMessage `json:"cluster"`
	// Versions of Kubernetes: what each would say of a new policy. An answer then has policies.
	Versions []string `json:"versions,omitempty"`
	// Object is what somebody creates or changes. Without one only the policies are looked at.
	Object    json.RawMessage `json:"object,omitempty"`
	OldObject json.RawMessage `json:"oldObject,omitempty"`
	// Operation is CREATE, or UPDATE if there is an old object, unless it is named.
	Operation string `json:"operation,omitempty"`
	User      User   `json:"user"`
	// Cost asks for the cost of the policies' expressions for this object.
	Cost bool `json:"cost,omitempty"`
}

// User is who asks.
type User struct {
	Name   string   `json:"name"`
	Groups []string `json:"groups,omitempty"`
}

// Answer is what comes out. Failure says that the case itself could not be tried.
type Answer struct {
	Failure  string         `json:"failure,omitempty"`
	Policies []PolicyReport `json:"policies,omitempty"`
	*Admission
}

func main() {
	// The fake client knows no bookmarks, and waits for them forever.
	must(os.Setenv("KUBE_FEATURE_WatchListClient", "false"))
	// What the plugins log is in the answers too.
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	cases, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	cases.DisallowUnknownFields()
	answers.SetEscapeHTML(false)
	clusters := map[string]*Cluster{}
	for {
		var one Case
		err := cases.Decode(&one)
		if errors.Is(err, io.EOF) {
			return
		}
		must(err)
		answer, err := try(clusters, one)
		if err != nil {
			answer = Answer{Failure: err.Error()}
		}
		must(answers.Encode(answer))
	}
}

func try(clusters map[string]*Cluster, one Case) (answer Answer, err error) {
	key, err := json.Marshal(one.Cluster)
	if err != nil {
		return answer, err
	}
	cluster, known := clusters[string(key)]
	if !known {
		if cluster, err = NewCluster(one.Cluster); err != nil {
			return answer, err
		}
		clusters[string(key)] = cluster
	}
	if answer.Policies, err = cluster.Check(one.Versions); err != nil || one.Object == nil {
		return answer, err
	}
	answer.Admission, err = cluster.Admit(one)
	return answer, err
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "apiserver:", err)
		os.Exit(1)
	}
}
