{{/*
A Role that may read the one object with the chain, by name, and its binding to `serviceAccount`: for people and
programs that inspect it. Pods need neither, because the kubelet mounts the object with its own permissions, and
whoever may create pods in the namespace may mount what is there. So this is defense in depth; what separates customers
is the namespace. Takes the chart's own `labels` and `annotations`.
*/}}
{{- define "trust-init.rbac" -}}
{{- if include "trust-init.enabled" . }}
{{- $all := fromJson (include "trust-init.config" .) }}
{{- if $all.config.chain }}
{{- $name := printf "%s-%s-ca-reader" (.fullname | default .context.Release.Name) (kebabcase $all.config.key) }}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ include "trust-init.json" $name }}
  namespace: {{ include "trust-init.json" .context.Release.Namespace }}
  labels:
    {{- include "trust-init.labels" . | nindent 4 }}
  {{- with fromJson (include "trust-init.present" .annotations) }}
  annotations:
    {{- include "trust-init.map" . | trim | nindent 4 }}
  {{- end }}
rules:
  - apiGroups: [""]
    resources: [{{ ternary "secrets" "configmaps" (eq $all.config.kind "Secret") }}]
    resourceNames: [{{ include "trust-init.json" $all.config.name }}]
    verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ include "trust-init.json" $name }}
  namespace: {{ include "trust-init.json" .context.Release.Namespace }}
  labels:
    {{- include "trust-init.labels" . | nindent 4 }}
  {{- with fromJson (include "trust-init.present" .annotations) }}
  annotations:
    {{- include "trust-init.map" . | trim | nindent 4 }}
  {{- end }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ include "trust-init.json" $name }}
subjects:
  - kind: ServiceAccount
    name: {{ required "trust-init.rbac: needs `serviceAccount`" .serviceAccount | include "trust-init.json" }}
    namespace: {{ include "trust-init.json" .context.Release.Namespace }}
{{- end }}
{{- end }}
{{- end }}
