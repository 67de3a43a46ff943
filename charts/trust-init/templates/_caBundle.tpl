{{/*
The ConfigMap or Secret with the raw chain. Renders nothing without a chain, or if the object already exists.

Takes the chart's own `labels` and `annotations`.

The chain is written as one quoted string. A block (`|`) would lose CRLF and the number of final newlines, and the
hash in the annotation would then not match the bytes.
*/}}
{{- define "trust-init.caBundle" -}}
{{- if include "trust-init.enabled" . }}
{{- $all := fromJson (include "trust-init.config" .) }}
{{- $values := $all.values }}
{{- $config := $all.config }}
{{- if $config.given }}
apiVersion: v1
kind: {{ include "trust-init.json" $values.caBundle.kind }}
metadata:
  name: {{ include "trust-init.json" $config.name }}
  namespace: {{ include "trust-init.json" .context.Release.Namespace }}
  labels:
    {{- include "trust-init.labels" . | nindent 4 }}
  annotations:
    {{- include "trust-init.caBundleAnnotations" (dict "annotations" .annotations "all" $all) | trim | nindent 4 }}
{{- if $values.caBundle.pin }}
immutable: true
{{- end }}
{{- if eq $values.caBundle.kind "Secret" }}
type: Opaque
data:
  {{ printf "%q" $values.fileName }}: {{ b64enc $values.caBundle.pem }}
{{- else }}
data:
  {{ printf "%q" $values.fileName }}: {{ printf "%+q" $values.caBundle.pem }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Annotations of that object. Takes the result of trust-init.config in `all`. */}}
{{- define "trust-init.caBundleAnnotations" -}}
{{- $bundle := .all.values.caBundle }}
{{- $annotations := dict "caBundleHash" .all.config.hash }}
{{- with $bundle.reason }}{{ $_ := set $annotations "caBundleReason" . }}{{ end }}
{{- if $bundle.pin }}
{{- /* A running driver mounts this object in executors that start later. Argo CD renders and prunes charts itself, so it needs annotations of its own. */}}
{{- $_ := set $annotations "helm.sh/resource-policy" "keep" }}
{{- $_ := set $annotations "argocd.argoproj.io/sync-options" "Prune=false" }}
{{- $_ := set $annotations "argocd.argoproj.io/compare-options" "IgnoreExtraneous" }}
{{- end }}
{{- range $name, $value := merge $annotations (fromJson (include "trust-init.present" .annotations)) }}
{{ toJson $name }}: {{ printf "%+q" (toString $value) }}
{{- end }}
{{- end }}
