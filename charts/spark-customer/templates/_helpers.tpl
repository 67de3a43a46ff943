{{- define "spark-customer.name" -}}
{{ .Release.Name }}
{{- end }}

{{- define "spark-customer.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "spark-customer.name" .) }}
{{- end }}

{{- define "spark-customer.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* A pod template for driver or executor: (dict "context" $ "role" "driver"). */}}
{{- define "spark-customer.podTemplate" -}}
{{- $values := .context.Values }}
{{- $args := dict
      "context" .context
      "role" .role
      "image" $values.spark.image
      "imagePullPolicy" $values.spark.imagePullPolicy
      "pullSecrets" $values.spark.pullSecrets
      "env" $values.spark.env
      "podSecurityContext" $values.podSecurityContext
      "securityContext" $values.securityContext }}
{{- if $values.securityContext.readOnlyRootFilesystem }}
{{- /* One of Spark's two entry points writes /tmp/java_opts.txt. */}}
{{- $_ := set $args "volumes" (list (dict "name" "tmp" "emptyDir" dict)) }}
{{- $_ := set $args "volumeMounts" (list (dict "name" "tmp" "mountPath" "/tmp")) }}
{{- end }}
{{- include "trust-init.podTemplate" $args | trim }}
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
{{- $_ := set $conf "spark.driver.cores" $spark.driver.cores }}
{{- $_ := set $conf "spark.driver.memory" $spark.driver.memory }}
{{- $_ := set $conf "spark.executor.instances" $spark.executor.instances }}
{{- $_ := set $conf "spark.executor.cores" $spark.executor.cores }}
{{- $_ := set $conf "spark.executor.memory" $spark.executor.memory }}
{{- else }}
{{- $conf = dict }}
{{- end }}
{{- if eq .Values.run "spark-submit" }}
{{- $_ := set $conf "spark.kubernetes.driver.podTemplateFile" (printf "%s/driver.yaml" $spark.templates) }}
{{- $_ := set $conf "spark.kubernetes.executor.podTemplateFile" (printf "%s/executor.yaml" $spark.templates) }}
{{- end }}
{{- range $name, $value := $spark.conf }}
{{- if and (include "trust-init.enabled" (dict "context" $)) (regexMatch "^spark\\.kubernetes\\.((driver|executor)\\.)?(podTemplate.*|container\\.image)$" $name) }}
{{- /* Otherwise the pods would silently lose their trust, or get the roots of another image. */}}
{{- fail (printf "spark.conf.%s: the chart sets this property, because the pod template carries the trust: use the chart's own values instead, such as spark.image" $name) }}
{{- end }}
{{- $_ := set $conf $name $value }}
{{- end }}
{{- toJson $conf }}
{{- end }}
