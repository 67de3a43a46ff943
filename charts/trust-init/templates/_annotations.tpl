{{/*
Annotations of the pod template: the hash, so that a new chain makes new pods, where rollOnChange is set.
Never for Spark unless asked: Kubeflow's operator starts a running application again on any change of its
spec, annotations included.
*/}}
{{- define "trust-init.annotations" -}}
{{- if include "trust-init.enabled" . }}
{{- $config := (fromJson (include "trust-init.config" .)).config }}
{{- if and $config.roll $config.hash }}
caBundleHash: {{ toJson $config.hash }}
{{- end }}
{{- end }}
{{- end }}

{{/* imagePullSecrets of the pod: those of trust.image, and the chart's own in `pullSecrets`, a list of names. */}}
{{- define "trust-init.imagePullSecrets" -}}
{{- $names := .pullSecrets | default list }}
{{- if include "trust-init.enabled" . }}
{{- $names = concat $names (fromJson (include "trust-init.config" .)).values.image.pullSecrets }}
{{- end }}
{{- range uniq $names }}
- name: {{ toJson . }}
{{- end }}
{{- end }}
