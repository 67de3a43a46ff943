{{/*
Pod templates for Spark, for spark-submit and both operators, and Spark's properties.
*/}}

{{/* The name of Spark's container. Kubeflow's operator looks for exactly these names. */}}
{{- define "trust-init.sparkContainer" -}}
{{- if eq .role "driver" }}spark-kubernetes-driver{{ else }}spark-kubernetes-executor{{ end }}
{{- end }}

{{/*
metadata and spec of the driver's or the executors' pod. Also takes:

  role                driver or executor
  labels, annotations, volumes, volumeMounts, envFrom, securityContext, podSecurityContext, pullSecrets
                      the chart's own; securityContext is for Spark's container
  podSpec             further fields of the pod's spec, such as nodeSelector

Spark keeps all of this, and sets image, resources, restartPolicy and namespace itself. It appends its own args, so the
template has none.
*/}}
{{- define "trust-init.podTemplate" -}}
{{- $with := set . "workload" "spark" }}
metadata:
  labels:
    {{- include "trust-init.map" (merge (dict) (fromJson (include "trust-init.present" .labels)) (fromYaml (include "trust-init.podLabels" .))) | trim | nindent 4 }}
  {{- $annotations := merge (fromYaml (include "trust-init.annotations" $with)) (fromJson (include "trust-init.present" .annotations)) }}
  {{- with $annotations }}
  annotations:
    {{- include "trust-init.map" . | trim | nindent 4 }}
  {{- end }}
spec:
  {{- with .podSpec }}
  {{- include "trust-init.map" . | trim | nindent 2 }}
  {{- end }}
  {{- with fromJson (include "trust-init.present" .podSecurityContext) }}
  securityContext:
    {{- include "trust-init.map" . | trim | nindent 4 }}
  {{- end }}
  {{- with include "trust-init.imagePullSecrets" $with | trim }}
  imagePullSecrets:
    {{- . | nindent 4 }}
  {{- end }}
  {{- with include "trust-init.initContainers" $with | trim }}
  initContainers:
    {{- . | nindent 4 }}
  {{- end }}
  containers:
    - name: {{ include "trust-init.sparkContainer" . }}
      {{- with .image }}
      image: {{ include "trust-init.json" . }}
      {{- end }}
      {{- with include "trust-init.command" $with | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- with include "trust-init.env" $with | trim }}
      env:
        {{- . | nindent 8 }}
      {{- end }}
      {{- with .envFrom }}
      envFrom: {{ include "trust-init.json" . }}
      {{- end }}
      {{- with fromJson (include "trust-init.present" .securityContext) }}
      securityContext:
        {{- include "trust-init.map" . | trim | nindent 8 }}
      {{- end }}
      {{- $mounts := include "trust-init.volumeMounts" $with | trim }}
      {{- if or $mounts .volumeMounts }}
      volumeMounts:
        {{- with $mounts }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- with .volumeMounts }}
        {{- include "trust-init.list" . | trim | nindent 8 }}
        {{- end }}
      {{- end }}
  {{- $volumes := include "trust-init.volumes" $with | trim }}
  {{- if or $volumes .volumes }}
  volumes:
    {{- with $volumes }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- with .volumes }}
    {{- include "trust-init.list" . | trim | nindent 4 }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "trust-init.podLabels" -}}
app.kubernetes.io/name: {{ .context.Chart.Name | trunc 63 | trimSuffix "-" | include "trust-init.json" }}
app.kubernetes.io/instance: {{ .context.Release.Name | trunc 63 | trimSuffix "-" | include "trust-init.json" }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{/*
Spark's properties, as a YAML map. Also takes `conf`, the user's own properties.

The truststore goes into defaultJavaOptions. Spark puts these before extraJavaOptions, so the user's options win, and
JAVA_TOOL_OPTIONS stays free for the user. A user's own defaultJavaOptions are kept, after ours.
*/}}
{{- define "trust-init.sparkConf" -}}
{{- $_ := set . "workload" "spark" }}
{{- $conf := fromJson (include "trust-init.present" .conf) }}
{{- if include "trust-init.enabled" . }}
{{- $config := (fromJson (include "trust-init.config" .)).config }}
{{- $merged := (fromJson (include "trust-init.environment" (dict "context" .context "key" .key "workload" "spark"))).merged }}
{{- range $name, $value := $conf }}
{{- $variable := regexFind "^spark\\.(executorEnv|kubernetes\\.(driverEnv|(driver|executor)\\.secretKeyRef))\\." $name }}
{{- if $variable }}
{{- include "trust-init.refuseVariable" (dict "context" $.context "key" $config.key "wrapper" $config.wrapper "name" (trimPrefix $variable $name) "place" $name) }}
{{- end }}
{{- end }}
{{- range $name := fromJsonArray (include "trust-init.sparkRaw" .) }}
{{- if $config.wrapper }}{{ $_ := unset $conf $name }}
{{- else }}{{ $_ := set $conf $name (index $merged (regexReplaceAll "^.*Env\\." $name "") | default $config.bundle) }}{{ end }}
{{- end }}
{{- if $config.javaOptions }}
{{- range list "spark.driver.defaultJavaOptions" "spark.executor.defaultJavaOptions" }}
{{- $_ := set $conf . (printf "%s %s" $config.javaOptions (index $conf . | default "") | trim) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $name, $value := $conf }}
{{ printf "%+q" $name }}: {{ include "trust-init.text" (dict "value" $value "at" (printf "spark.conf.%s" $name)) | printf "%+q" }}
{{- end }}
{{- end }}

{{/* The user's properties that point a variable to the raw chain, as a JSON list. They would win over the pod's own. */}}
{{- define "trust-init.sparkRaw" -}}
{{- $config := (fromJson (include "trust-init.config" .)).config }}
{{- $found := list }}
{{- range $name, $value := .conf | default dict }}
{{- if and (regexMatch "^spark\\.(executorEnv|kubernetes\\.driverEnv)\\." $name) (eq (toString $value) $config.raw) }}
{{- $found = append $found $name }}
{{- end }}
{{- end }}
{{- toJson $found }}
{{- end }}

{{/* The properties as a file for spark-submit --properties-file, escaped by Java's rules for backslash and newline. */}}
{{- define "trust-init.sparkProperties" -}}
{{- range $name, $value := fromYaml (include "trust-init.sparkConf" .) }}
{{- $key := $name | replace "\\" "\\\\" | replace "\n" "\\n" | replace "\r" "\\r" | replace "=" "\\=" | replace ":" "\\:" | replace " " "\\ " }}
{{ include "trust-init.escaped" $key }} {{ $value | replace "\\" "\\\\" | replace "\n" "\\n" | replace "\r" "\\r" | include "trust-init.escaped" }}
{{- end }}
{{- end }}
