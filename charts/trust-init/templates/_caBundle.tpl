{{/*
The ConfigMap or Secret with the raw chain. Nothing without a chain, or where it exists already.

The chain is written as one quoted string: a block (`|`) would lose CRLF and the count of final newlines,
and the hash beside it would then be of other bytes.
*/}}
{{- define "trust-init.caBundle" -}}
{{- if include "trust-init.enabled" . }}
{{- $all := fromJson (include "trust-init.config" .) }}
{{- $values := $all.values }}
{{- $config := $all.config }}
{{- if $config.given }}
apiVersion: v1
kind: {{ $values.caBundle.kind }}
metadata:
  name: {{ toJson $config.name }}
  namespace: {{ .context.Release.Namespace }}
  labels:
    {{- include "trust-init.labels" . | nindent 4 }}
  annotations:
    caBundleHash: {{ toJson $config.hash }}
    {{- with $values.caBundle.reason }}
    caBundleReason: {{ printf "%+q" . }}
    {{- end }}
    {{- if $values.caBundle.pin }}
    # A driver that runs mounts it in executors to come. Argo CD, which renders charts and prunes by itself,
    # wants to be told in its own words.
    helm.sh/resource-policy: keep
    argocd.argoproj.io/sync-options: Prune=false
    argocd.argoproj.io/compare-options: IgnoreExtraneous
    {{- end }}
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
