// Command apiserver admits objects as Kubernetes' API server does, in one process and without a
// cluster. The API server's own plugins for MutatingAdmissionPolicy and ValidatingAdmissionPolicy
// decide, not a model of them.
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

// Case is one question: what happens to this object in this cluster.
type Case struct {
	// Cluster has all objects in the cluster: policies, bindings, namespaces, parameters.
	Cluster []json.RawMessage `json:"cluster"`
	// Versions of Kubernetes for which to check the policies. The answer then has Policies.
	Versions []string `json:"versions,omitempty"`
	// Object is what a user creates or updates. Without one, only the policies are checked.
	Object    json.RawMessage `json:"object,omitempty"`
	OldObject json.RawMessage `json:"oldObject,omitempty"`
	// Operation defaults to UPDATE if there is an old object, and to CREATE otherwise.
	Operation string `json:"operation,omitempty"`
	// Subresource, such as ephemeralcontainers. The object is still the whole one.
	Subresource string `json:"subresource,omitempty"`
	User        User   `json:"user"`
	// Cost asks for the cost of the policies' expressions for this object.
	Cost bool `json:"cost,omitempty"`
}

// User is who sends the request.
type User struct {
	Name   string   `json:"name"`
	Groups []string `json:"groups,omitempty"`
}

// Answer is the result of a case. Failure says why the case could not be tried.
type Answer struct {
	Failure  string         `json:"failure,omitempty"`
	Policies []PolicyReport `json:"policies,omitempty"`
	*Admission
}

func main() {
	// The fake client sends no bookmarks, and a client with this feature would wait for them forever.
	must(os.Setenv("KUBE_FEATURE_WatchListClient", "false"))
	// The answers contain what the plugins log.
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
