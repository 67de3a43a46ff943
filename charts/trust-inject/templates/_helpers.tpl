{{/* The library's values and what follows from them, and what the policy is made of besides. */}}
{{- define "trust-inject.config" -}}
{{- $values := fromJson (include "trust-init.values" (dict "context" .)) }}
{{- /* Before the library's own checks, whose remedies are for its own charts. */}}
{{- include "trust-inject.validate" (dict "context" . "values" $values) }}
{{- $all := fromJson (include "trust-init.config" (dict "context" .)) }}
{{- /* The CA that this chart writes comes last, so that the numbers of the others do not depend on the namespace. */}}
{{- $own := dict }}
{{- if .Values.platformCA.pem }}
{{- $own = dict "kind" "ConfigMap" "name" .Values.platformCA.name "key" "ca.crt" }}
{{- end }}
{{- $_ := set $all "own" $own }}
{{- $_ := set $all "image" (include "trust-init.image" $values.image) }}
{{- $_ := set $all "toolOptions" (ternary (include "trust-init.javaOptions" $values) "" $all.config.toolOptions) }}
{{- toJson $all }}
{{- end }}

{{- define "trust-inject.labels" -}}
{{- include "trust-init.labels" (dict "context" .) }}
{{- end }}

{{/* Namespaces in which no pod is ever changed, and those that opt in, as one selector. */}}
{{- define "trust-inject.notSystem" -}}
matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values: [kube-system, kube-public, kube-node-lease]
{{- end }}

{{/*
A value as a CEL expression. Every scalar, list and map in it is dyn(): Kubernetes' CEL refuses a map literal whose values
have several types, and an API server panics on typed objects as the value of a JSON patch.
*/}}
{{- define "trust-inject.literal" -}}
{{- if kindIs "map" . -}}
dyn({ {{- range $number, $key := keys . | sortAlpha }}{{ if $number }}, {{ end }}{{ toJson $key }}: {{ include "trust-inject.literal" (index $ $key) }}{{ end -}} })
{{- else if kindIs "slice" . -}}
dyn({{ include "trust-inject.list" . }})
{{- else -}}
dyn({{ toJson . }})
{{- end }}
{{- end }}

{{/* A list of such values. */}}
{{- define "trust-inject.list" -}}
[{{ range $number, $one := . }}{{ if $number }}, {{ end }}{{ include "trust-inject.literal" $one }}{{ end }}]
{{- end }}

{{/* A string as a CEL expression, in single quotes: the escapes of Go are CEL's too. */}}
{{- define "trust-inject.string" -}}
'{{ printf "%q" . | trimPrefix "\"" | trimSuffix "\"" | replace "\\\"" "\"" | replace "'" "\\'" }}'
{{- end }}

{{/* A list of strings. */}}
{{- define "trust-inject.strings" -}}
[{{ range $number, $one := . }}{{ if $number }}, {{ end }}{{ include "trust-inject.string" $one }}{{ end }}]
{{- end }}

{{/* MutatingAdmissionPolicy is v1 from Kubernetes 1.36. */}}
{{- define "trust-inject.apiVersion" -}}
admissionregistration.k8s.io/{{ ternary "v1" "v1beta1" (semverCompare ">=1.36.0-0" .Capabilities.KubeVersion.Version) }}
{{- end }}

{{/* The namespaces that opt in, as JSON. */}}
{{- define "trust-inject.selector" -}}
{{- include "trust-init.present" .Values.namespaceSelector }}
{{- end }}

{{/* matchResources of each binding: the namespaces that opt in. */}}
{{- define "trust-inject.optedIn" -}}
matchPolicy: Equivalent
objectSelector: {}
namespaceSelector:
  {{- include "trust-inject.selector" . | fromJson | toYaml | nindent 2 }}
{{- end }}

{{/*
matchConstraints of the policies on pods. Kyverno has no binding, so there the namespaces that opt in are `selected` here.
*/}}
{{- define "trust-inject.podsCreated" -}}
{{- $selector := fromYaml (include "trust-inject.notSystem" .) }}
{{- if .selected }}
{{- $own := fromJson (include "trust-inject.selector" .) }}
{{- $expressions := concat $selector.matchExpressions ($own.matchExpressions | default list) }}
{{- $selector = merge (dict "matchExpressions" $expressions) $own }}
{{- end -}}
matchPolicy: Equivalent
objectSelector: {}
namespaceSelector:
  {{- toYaml $selector | nindent 2 }}
resourceRules:
  - apiGroups: [""]
    apiVersions: [v1]
    operations: [CREATE]
    resources: [pods]
    scope: Namespaced
{{- end }}
