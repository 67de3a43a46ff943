{{/* Names and labels, and Spark's properties. */}}

{{/* The application's name, in labels. */}}
{{- define "spark-customer.application" -}}
{{ .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* What the names of all objects begin with. It is not cut, because two releases could then share a name. */}}
{{- define "spark-customer.name" -}}
{{- $name := .Release.Name }}
{{- with .Values.nameOverride }}{{ $name = printf "%s-%s" $name . }}{{ end }}
{{- .Values.fullnameOverride | default $name }}
{{- end }}

{{- define "spark-customer.serviceAccount" -}}
{{ (.Values.serviceAccount | default dict).name | default (include "spark-customer.name" .) }}
{{- end }}

{{/* The user's own labels and annotations of every object, as a JSON map. */}}
{{- define "spark-customer.commonLabels" -}}
{{ include "spark-customer.texts" (.Values.commonLabels | default dict) }}
{{- end }}

{{- define "spark-customer.commonAnnotations" -}}
{{ include "spark-customer.texts" (.Values.commonAnnotations | default dict) }}
{{- end }}

{{- define "spark-customer.labels" -}}
app.kubernetes.io/name: {{ include "spark-customer.application" . | include "trust-init.json" }}
app.kubernetes.io/instance: {{ .Release.Name | trunc 63 | trimSuffix "-" | include "trust-init.json" }}
app.kubernetes.io/managed-by: {{ include "trust-init.json" .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- include "trust-init.map" (fromJson (include "spark-customer.commonLabels" .)) }}
{{- end }}

{{/* Name, namespace, labels and annotations of an object: (dict "context" $ "name" NAME), and its own `annotations`. */}}
{{- define "spark-customer.metadata" -}}
name: {{ include "trust-init.json" .name }}
namespace: {{ include "trust-init.json" .context.Release.Namespace }}
labels:
  {{- include "spark-customer.labels" .context | nindent 2 }}
{{- $common := fromJson (include "spark-customer.commonAnnotations" .context) }}
{{- $own := fromJson (include "spark-customer.texts" (.annotations | default dict)) }}
{{- with fromJson (include "spark-customer.union" (list $common $own)) }}
annotations:
  {{- include "trust-init.map" . | trim | nindent 2 }}
{{- end }}
{{- end }}

{{/* What the library's templates for objects take, as JSON without `context`. */}}
{{- define "spark-customer.trustObjects" -}}
{{- $labels := fromJson (include "spark-customer.commonLabels" .) }}
{{- toJson (dict
      "workload" "spark"
      "fullname" (include "spark-customer.name" .)
      "serviceAccount" (include "spark-customer.serviceAccount" .)
      "labels" (set $labels "app.kubernetes.io/name" (include "spark-customer.application" .))
      "annotations" (fromJson (include "spark-customer.commonAnnotations" .))) }}
{{- end }}

{{/*
The user's properties and those that every way of running needs. For spark-submit, also what the operators take
from fields of their own.
*/}}
{{- define "spark-customer.conf" -}}
{{- $spark := .Values.spark }}
{{- $conf := dict
      "spark.kubernetes.driver.podTemplateContainerName" "spark-kubernetes-driver"
      "spark.kubernetes.executor.podTemplateContainerName" "spark-kubernetes-executor" }}
{{- if ne .Values.run "kubeflow" }}
{{- /* Kubeflow's operator sets these from its own fields. */}}
{{- $_ := set $conf "spark.kubernetes.container.image" $spark.image }}
{{- $_ := set $conf "spark.kubernetes.container.image.pullPolicy" $spark.imagePullPolicy }}
{{- $_ := set $conf "spark.kubernetes.namespace" .Release.Namespace }}
{{- $_ := set $conf "spark.kubernetes.authenticate.driver.serviceAccountName" (include "spark-customer.serviceAccount" .) }}
{{- $_ := set $conf "spark.executor.instances" $spark.executor.instances }}
{{- range $role := list "driver" "executor" }}
{{- $own := index $spark $role }}
{{- $_ := set $conf (printf "spark.%s.cores" $role) $own.cores }}
{{- $_ := set $conf (printf "spark.%s.memory" $role) $own.memory }}
{{- with $own.memoryOverhead }}{{ $_ := set $conf (printf "spark.%s.memoryOverhead" $role) . }}{{ end }}
{{- with $own.coreRequest }}{{ $_ := set $conf (printf "spark.kubernetes.%s.request.cores" $role) . }}{{ end }}
{{- with $own.coreLimit }}{{ $_ := set $conf (printf "spark.kubernetes.%s.limit.cores" $role) . }}{{ end }}
{{- end }}
{{- else }}
{{- $conf = dict }}
{{- end }}
{{- $grace := (fromJson (include "spark-customer.pod" (dict "context" $ "role" "executor"))).terminationGracePeriodSeconds }}
{{- if not (kindIs "invalid" $grace) }}
{{- /* Spark 4.3 has a property of its own for executors, whose default of 30 would replace what the template says. */}}
{{- $_ := set $conf "spark.kubernetes.executor.terminationGracePeriodSeconds" $grace }}
{{- end }}
{{- if eq .Values.run "spark-submit" }}
{{- $_ := set $conf "spark.kubernetes.driver.podTemplateFile" (printf "%s/driver.yaml" $spark.templates) }}
{{- $_ := set $conf "spark.kubernetes.executor.podTemplateFile" (printf "%s/executor.yaml" $spark.templates) }}
{{- end }}
{{- range $name, $value := fromJson (include "trust-init.present" $spark.conf) }}
{{- if and (include "trust-init.enabled" (dict "context" $)) (regexMatch "^spark\\.kubernetes\\.((driver|executor)\\.)?(podTemplate.*|container\\.image)$" $name) }}
{{- /* Otherwise the pods would silently lose their trust, or get the roots of another image. */}}
{{- fail (printf "spark.conf.%s: the chart sets this property, because the pod template carries the trust: use the chart's own values instead, such as spark.image" $name) }}
{{- end }}
{{- $_ := set $conf $name $value }}
{{- end }}
{{- toJson $conf }}
{{- end }}

{{/* What a role requests beyond its cores and memory, as fields of Kubeflow's resource. Takes the role's values. */}}
{{- define "spark-customer.kubeflowResources" -}}
{{- range $name := list "coreRequest" "coreLimit" "memoryOverhead" }}
{{- with index $ $name }}
{{ $name }}: {{ toString . | toJson }}
{{- end }}
{{- end }}
{{- end }}
