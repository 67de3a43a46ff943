{{/*
What is refused when the chart is rendered. Each message says where, what and what to do.
*/}}
{{- define "spark-customer.validate" -}}
{{- include "spark-customer.validateKeys" . }}
{{- include "spark-customer.validateNames" . }}
{{- include "spark-customer.validateTexts" . }}
{{- range $role := list "driver" "executor" }}
{{- include "spark-customer.validateVolumes" (dict "context" $ "role" $role) }}
{{- end }}
{{- end }}

{{/* Names of objects, and the ServiceAccount. */}}
{{- define "spark-customer.validateNames" -}}
{{- $name := include "spark-customer.name" . }}
{{- if gt (len $name) 53 }}
{{- fail (printf "nameOverride: %s, what the names of objects begin with, is longer than 53: set fullnameOverride" $name) }}
{{- end }}
{{- $account := .Values.serviceAccount | default dict }}
{{- if and (fromJson (include "trust-init.present" $account.annotations)) (not $account.create) }}
{{- fail (printf "serviceAccount.annotations: has no effect without serviceAccount.create: annotate ServiceAccount %s where it is made" (include "spark-customer.serviceAccount" .)) }}
{{- end }}
{{- /* YAML takes each of these for a new line. */}}
{{- range $key := list "spark" "serviceAccount" "commonLabels" "commonAnnotations" "podSecurityContext" "securityContext" }}
{{- if regexMatch `[\x{0085}\x{2028}\x{2029}]` (printf "%v" (index $.Values $key)) }}
{{- fail (printf "%s: one of its values has a line break of Unicode (U+0085, U+2028 or U+2029): remove it" $key) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Labels and annotations that the chart, Spark or an operator sets, or that make another object of one for Helm: a hook. */}}
{{- define "spark-customer.reserved" -}}
{
  "label": {
    "the chart sets": "^(app\\.kubernetes\\.io/(instance|managed-by|component)|helm\\.sh/chart)$",
    "nameOverride sets": "^app\\.kubernetes\\.io/name$",
    "Spark sets": "^spark-(role|version|app-selector|app-name|exec-id|exec-inactive|exec-resourceprofile-id)$",
    "the operator sets": "^(sparkoperator\\.k8s\\.io|spark\\.operator)/"
  },
  "annotation": {
    "the chart sets": "^(caBundleHash|caBundleReason)$",
    "Helm acts on": "^(meta\\.)?helm\\.sh/"
  },
  "annotation of a pinned chain": {
    "the chart sets": "^argocd\\.argoproj\\.io/(sync|compare)-options$"
  }
}
{{- end }}

{{/* Labels, annotations and node selectors, wherever a user sets them. */}}
{{- define "spark-customer.validateTexts" -}}
{{- $spark := .Values.spark }}
{{- $selectors := dict "spark.nodeSelector" $spark.nodeSelector }}
{{- $labels := dict "commonLabels" .Values.commonLabels "spark.labels" $spark.labels }}
{{- $annotations := dict "commonAnnotations" .Values.commonAnnotations "spark.annotations" $spark.annotations }}
{{- $_ := set $annotations "serviceAccount.annotations" (.Values.serviceAccount | default dict).annotations }}
{{- range $role := list "driver" "executor" }}
{{- $_ := set $labels (printf "spark.%s.labels" $role) (index $spark $role).labels }}
{{- $_ := set $annotations (printf "spark.%s.annotations" $role) (index $spark $role).annotations }}
{{- $_ := set $selectors (printf "spark.%s.nodeSelector" $role) (index $spark $role).nodeSelector }}
{{- range $kind, $given := dict "label" $labels "annotation" $annotations "node.selector" $selectors }}
{{- $pattern := printf `^spark\.kubernetes\.(%s\.)?%s\.` $role $kind }}
{{- range $property, $value := fromJson (include "trust-init.present" $spark.conf) }}
{{- $prefix := regexFind $pattern $property }}
{{- if $prefix }}
{{- $_ := set $given (printf "spark.conf.%s" $property) (dict (trimPrefix $prefix $property) $value) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- range $kind, $given := dict "label" $labels "annotation" $annotations "node selector" $selectors }}
{{- range $at, $map := $given }}{{ include "trust-init.checkTexts" (dict "kind" $kind "at" $at "map" $map) }}{{ end }}
{{- end }}
{{- include "spark-customer.notReserved" (dict "kind" "label" "given" $labels) }}
{{- include "spark-customer.notReserved" (dict "kind" "annotation" "given" $annotations) }}
{{- if (.Values.trust.caBundle | default dict).pin }}
{{- include "spark-customer.notReserved" (dict "kind" "annotation of a pinned chain" "given" (dict "commonAnnotations" .Values.commonAnnotations)) }}
{{- end }}
{{- end }}

{{/* Takes `kind`, and `given`: maps by where the values have them. */}}
{{- define "spark-customer.notReserved" -}}
{{- $patterns := index (fromJson (include "spark-customer.reserved" .)) .kind }}
{{- range $at, $map := .given }}
{{- range $name, $value := fromJson (include "trust-init.present" $map) }}
{{- range $who, $pattern := $patterns }}
{{- if regexMatch $pattern $name }}
{{- fail (printf "%s: %s: %s this %s: remove yours, or give it another name" $at $name $who $.kind) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Volumes and mounts of one role: none may take the place of the chart's own. */}}
{{- define "spark-customer.validateVolumes" -}}
{{- $role := .role }}
{{- $names := list }}
{{- $ours := `^trust(-ca|-platform-[0-9]+)?$` }}
{{- range (fromJson (include "spark-customer.pod" .)).volumes }}
{{- $key := include "spark-customer.keyOf" (dict "context" $.context "role" $role "list" "volumes" "entry" .) }}
{{- if regexMatch $ours .name }}
{{- fail (printf "%s: %s: the chart's own volumes have the names trust, trust-ca and trust-platform-N: rename yours" $key .name) }}
{{- end }}
{{- if and (eq .name "tmp") (include "spark-customer.needsTmp" $) }}
{{- fail (printf "%s: tmp: the chart's own volume at /tmp has this name: mount yours at /tmp, or rename it" $key) }}
{{- end }}
{{- if has .name $names }}
{{- fail (printf "%s: %s: two volumes have this name: rename one" $key .name) }}
{{- end }}
{{- $names = append $names .name }}
{{- end }}
{{- $mounts := fromJsonArray (include "spark-customer.mounts" .) }}
{{- $places := dict }}
{{- if $mounts }}{{ $places = fromJson (include "spark-customer.places" .) }}{{ end }}
{{- $seen := dict }}
{{- range $mounts }}
{{- if and .name (regexMatch $ours .name) }}
{{- fail (printf "%s: %s is a volume of the chart's own: mount one of yours" .key .name) }}
{{- end }}
{{- $property := hasPrefix "spark.conf." .key }}
{{- if and $property .name (has .name $names) }}
{{- fail (printf "%s: %s: two volumes have this name: rename one" .key .name) }}
{{- end }}
{{- if not (or $property (has .name $names)) }}
{{- fail (printf "%s: %s: the %s's pod has no volume of this name: add it to spark.volumes, or to spark.%s.volumes" .key .name $role $role) }}
{{- end }}
{{- if or (not (hasPrefix "/" .path)) (regexMatch `//|/\.\.?(/|$)` .path) }}
{{- fail (printf "%s: nothing can be mounted at %q: use an absolute path without '.' and '..'" .key .path) }}
{{- end }}
{{- if hasKey $seen .path }}
{{- fail (printf "%s: %s: %s mounts something there, too: mount one of them elsewhere" .key .path (index $seen .path)) }}
{{- end }}
{{- $_ := set $seen .path .key }}
{{- $here := printf "%s/" .path }}
{{- $key := .key }}
{{- $path := .path }}
{{- range $place, $what := $places }}
{{- $there := printf "%s/" $place }}
{{- if or (hasPrefix $there $here) (hasPrefix $here $there) }}
{{- fail (printf "%s: %s would hide %s, %s, or be hidden by it: mount it elsewhere" $key $path $place $what) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Where the library mounts something into Spark's container, or starts it: a JSON map to what is there. */}}
{{- define "spark-customer.places" -}}
{{- $places := dict }}
{{- if include "trust-init.enabled" . }}
{{- $all := fromJson (include "trust-init.config" (dict "context" .context "workload" "spark")) }}
{{- $config := $all.config }}
{{- $_ := set $places $config.directory "where the stores are" }}
{{- $_ := set $places "/etc/pki/platform-certs" "where the platform's CAs are" }}
{{- if $config.chain }}{{ $_ := set $places $config.rawDirectory "where the customer's chain is" }}{{ end }}
{{- if $config.over }}{{ $_ := set $places $config.place "where the image's own stores are" }}{{ end }}
{{- if and $config.wrapper $all.values.wrapper.binary }}{{ $_ := set $places $all.values.wrapper.binary "the program that builds the stores" }}{{ end }}
{{- end }}
{{- toJson $places }}
{{- end }}
