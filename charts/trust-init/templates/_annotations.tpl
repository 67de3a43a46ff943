{{/*
Annotations of the pod template: the chain's hash, so that a new chain rolls the pods, if rollOnChange is set.
Not for Spark by default: Kubeflow's operator restarts a running application on any change of its spec, annotations
included.
*/}}
{{- define "trust-init.annotations" -}}
{{- if include "trust-init.enabled" . }}
{{- $config := (fromJson (include "trust-init.config" .)).config }}
{{- if and $config.roll $config.hash }}
caBundleHash: {{ include "trust-init.json" $config.hash }}
{{- end }}
{{- end }}
{{- end }}

{{/* imagePullSecrets of the pod: those of trust.image and the chart's own in `pullSecrets`, a list of names. */}}
{{- define "trust-init.imagePullSecrets" -}}
{{- $names := .pullSecrets | default list }}
{{- if include "trust-init.enabled" . }}
{{- $names = concat $names (fromJson (include "trust-init.config" .)).values.image.pullSecrets }}
{{- end }}
{{- range uniq $names }}
- name: {{ include "trust-init.json" . }}
{{- end }}
{{- end }}
