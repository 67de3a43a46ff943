{{/*
A pod for `helm test`, which runs doctor in what the application's pods get: their metadata and spec, with another
command. Its exit code is doctor's: see docs/runbook.md. Also takes:

  pod    metadata and spec of the application's pod, as YAML; its main container is the first
  name   of the test's pod
  hosts  what doctor is given; without any, nothing is rendered

A pod that does not contain the program (mode prebuilt) gets it from an init container, in a volume of its own.
*/}}
{{- define "trust-init.testPod" -}}
{{- if and .hosts (include "trust-init.enabled" .) }}
{{- $all := fromJson (include "trust-init.config" .) }}
{{- $values := $all.values }}
{{- $config := $all.config }}
{{- $pod := fromYaml .pod }}
{{- $spec := $pod.spec }}
{{- $main := first $spec.containers }}
{{- $program := printf "%s/bin/trust-init" $config.directory }}
{{- if $config.wrapper }}{{ $program = $values.wrapper.binary | default $program }}{{ end }}
{{- if $config.prebuilt }}
{{- $program = "/trust-doctor/trust-init" }}
{{- $mount := dict "name" "trust-doctor" "mountPath" "/trust-doctor" }}
{{- $install := dict
      "name" "trust-init-install"
      "image" (include "trust-init.image" $values.image)
      "imagePullPolicy" $values.image.pullPolicy
      "args" (list "install" "/trust-doctor")
      "resources" $values.resources
      "securityContext" $values.securityContext
      "volumeMounts" (list $mount) }}
{{- $_ := set $spec "initContainers" (append ($spec.initContainers | default list) $install) }}
{{- $_ := set $spec "volumes" (append ($spec.volumes | default list) (dict "name" "trust-doctor" "emptyDir" (dict "sizeLimit" $values.volume.sizeLimit))) }}
{{- $_ := set $main "volumeMounts" (append ($main.volumeMounts | default list) $mount) }}
{{- end }}
{{- /* exec becomes doctor instead of the application, so that doctor sees what exec set. */}}
{{- $before := list }}
{{- if $config.wrapper }}
{{- $before = slice $main.command 0 (int (sub (len $main.command) (len $values.wrapper.command))) }}
{{- end }}
{{- $_ := set $main "command" (concat $before (list $program "doctor" "--") .hosts) }}
{{- $_ := unset $main "args" }}
{{- $_ := set $main "resources" $values.resources }}
{{- /* Spark's JVMs get the truststore from Spark's properties, which doctor does not read. */}}
{{- if and $config.javaOptions (not $config.toolOptions) }}
{{- $env := list }}
{{- $own := "" }}
{{- range $main.env | default list }}
{{- if and (eq .name "JAVA_TOOL_OPTIONS") (hasKey . "value") }}{{ $own = .value }}{{ else }}{{ $env = append $env . }}{{ end }}
{{- end }}
{{- $_ := set $main "env" (append $env (dict "name" "JAVA_TOOL_OPTIONS" "value" (printf "%s %s" $own $config.javaOptions | trim))) }}
{{- end }}
{{- $_ := set $spec "restartPolicy" "Never" }}
{{- $_ := set $spec "automountServiceAccountToken" false }}
{{- $labels := merge (dict "app.kubernetes.io/component" "test") ($pod.metadata.labels | default dict) }}
{{- $hook := dict "helm.sh/hook" "test" "helm.sh/hook-delete-policy" "before-hook-creation" }}
{{- $annotations := merge $hook ($pod.metadata.annotations | default dict) }}
apiVersion: v1
kind: Pod
metadata:
  name: {{ include "trust-init.json" .name }}
  namespace: {{ include "trust-init.json" .context.Release.Namespace }}
  labels:
    {{- include "trust-init.map" $labels | trim | nindent 4 }}
  annotations:
    {{- include "trust-init.map" $annotations | trim | nindent 4 }}
spec:
  {{- include "trust-init.map" $spec | trim | nindent 2 }}
{{- end }}
{{- end }}
