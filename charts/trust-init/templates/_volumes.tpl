{{/*
Volumes of the pod and mounts of the main container.

The raw chain is mounted in the main container too: for doctor, and because Kubeflow's webhook adds no volume that the
main container does not mount. The stores are mounted read-only.

Sources are mounted as whole volumes, never by subPath: a kubelet updates only whole volumes, and a sidecar needs that.
*/}}
{{- define "trust-init.volumes" -}}
{{- if include "trust-init.enabled" . }}
{{- $all := fromJson (include "trust-init.config" .) }}
{{- $values := $all.values }}
{{- $config := $all.config }}
{{- if $config.prebuilt }}
- name: trust
  projected:
    sources:
      {{- include "trust-init.prebuiltSources" $values | trim | nindent 6 }}
{{- else if $config.stores }}
- name: trust
  emptyDir:
    sizeLimit: {{ include "trust-init.json" $values.volume.sizeLimit }}
    {{- with $values.volume.medium }}
    medium: {{ include "trust-init.json" . }}
    {{- end }}
{{- end }}
{{- if $config.chain }}
- name: trust-ca
  {{- include "trust-init.volumeSource" (dict "kind" $config.kind "name" $config.name "key" $config.objectKey "path" $values.fileName "optional" $config.optional) | nindent 2 }}
{{- end }}
{{- range $number, $one := $values.platform }}
- {{ include "trust-init.platformVolume" (dict "number" $number "one" $one) | nindent 2 | trim }}
{{- end }}
{{- end }}
{{- end }}

{{- define "trust-init.volumeSource" -}}
{{- if eq (.kind | default "ConfigMap") "Secret" -}}
secret:
  secretName: {{ include "trust-init.json" .name }}
{{- else -}}
configMap:
  name: {{ include "trust-init.json" .name }}
{{- end }}
  items:
    - key: {{ printf "%q" .key }}
      path: {{ printf "%q" .path }}
  {{- if .optional }}
  optional: true
  {{- end }}
{{- end }}

{{/*
The volume of one platform CA. Takes `number`, its place in trust.platform, and `one`, the entry there.

A ClusterTrustBundle has no key. All bundles that a signer's selector finds end up in one file.
*/}}
{{- define "trust-init.platformVolume" -}}
name: trust-platform-{{ .number }}
{{- if eq (.one.kind | default "") "ClusterTrustBundle" }}
projected:
  sources:
    - clusterTrustBundle:
        {{- with .one.name }}
        name: {{ include "trust-init.json" . }}
        {{- end }}
        {{- with .one.signerName }}
        signerName: {{ include "trust-init.json" . }}
        {{- end }}
        {{- /* An empty selector selects all, and a missing one nothing. */}}
        {{- if hasKey .one "labelSelector" }}
        labelSelector: {{ include "trust-init.json" .one.labelSelector }}
        {{- end }}
        path: {{ include "trust-init.platformFile" .one }}
{{- else }}
{{ include "trust-init.volumeSource" (dict "kind" .one.kind "name" .one.name "key" .one.key "path" .one.key) }}
{{- end }}
{{- end }}

{{/* The name of the file in that volume. */}}
{{- define "trust-init.platformFile" -}}
{{- if eq (.kind | default "") "ClusterTrustBundle" }}bundle.pem{{ else }}{{ .key }}{{ end }}
{{- end }}

{{/* The file's path in the container that builds. */}}
{{- define "trust-init.platformPath" -}}
{{ include "trust-init.platformDirectory" .number }}/{{ include "trust-init.platformFile" .one }}
{{- end }}

{{/* Mounts of the sources, in the container that reads them. */}}
{{- define "trust-init.sourceMounts" -}}
{{- if .config.chain }}
- name: trust-ca
  mountPath: {{ include "trust-init.json" .config.rawDirectory }}
  readOnly: true
{{- end }}
{{- range $number, $one := .platform }}
- name: trust-platform-{{ $number }}
  mountPath: {{ include "trust-init.platformDirectory" $number }}
  readOnly: true
{{- end }}
{{- end }}

{{- define "trust-init.platformDirectory" -}}/etc/pki/platform-certs/{{ . }}{{- end }}

{{- define "trust-init.volumeMounts" -}}
{{- if include "trust-init.enabled" . }}
{{- $all := fromJson (include "trust-init.config" .) }}
{{- $values := $all.values }}
{{- $config := $all.config }}
{{- if $config.stores }}
- name: trust
  mountPath: {{ $config.directory }}
  readOnly: true
{{- end }}
{{- if $config.over }}
- name: trust
  mountPath: {{ $config.place }}
  subPath: os
  readOnly: true
{{- end }}
{{- /* exec reads the platform's CAs in the main container itself. */}}
{{- include "trust-init.sourceMounts" (dict "config" $config "platform" (ternary $values.platform list $config.wrapper)) }}
{{- end }}
{{- end }}
