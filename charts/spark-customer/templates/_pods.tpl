{{/*
What the pods of driver and executors get of the values: each key below `spark` for both, and below `spark.driver` or
`spark.executor` for one of them.
*/}}

{{/* These keys, by what becomes of a role's own value: see spark-customer.pod. */}}
{{- define "spark-customer.podKeys" -}}
{
  "env": "named",
  "envFrom": "list",
  "volumes": "named",
  "volumeMounts": "named",
  "labels": "texts",
  "annotations": "texts",
  "nodeSelector": "texts",
  "tolerations": "list",
  "affinity": "map",
  "topologySpreadConstraints": "list",
  "priorityClassName": "value",
  "runtimeClassName": "value",
  "schedulerName": "value",
  "terminationGracePeriodSeconds": "value",
  "hostAliases": "list",
  "dnsPolicy": "value",
  "dnsConfig": "map"
}
{{- end }}

{{/* Those of them that are fields of a pod's spec. */}}
{{- define "spark-customer.specKeys" -}}
["nodeSelector", "tolerations", "affinity", "topologySpreadConstraints", "priorityClassName", "runtimeClassName",
"schedulerName", "terminationGracePeriodSeconds", "hostAliases", "dnsPolicy", "dnsConfig"]
{{- end }}

{{/*
The values that count for one role, as JSON. Takes (dict "context" $ "role" "driver").

  value         the role's, if it has one
  map, texts    merged, key by key; the role's counts if both have the key
  list          the common entries, then the role's
  named         the same, but a role's entry takes the place of the common one with its name, or mountPath
*/}}
{{- define "spark-customer.pod" -}}
{{- $spark := .context.Values.spark }}
{{- $role := index $spark .role | default dict }}
{{- $pod := dict }}
{{- range $key, $how := fromJson (include "spark-customer.podKeys" .) }}
{{- $common := index $spark $key }}
{{- $own := index $role $key }}
{{- if eq $how "value" }}
{{- $_ := set $pod $key (ternary $common $own (or (kindIs "invalid" $own) (eq "" (toString $own)))) }}
{{- else if eq $how "list" }}
{{- $_ := set $pod $key (concat ($common | default list) ($own | default list)) }}
{{- else if eq $how "named" }}
{{- $_ := set $pod $key (fromJsonArray (include "spark-customer.named" (dict "common" $common "own" $own))) }}
{{- else }}
{{- $every := dict }}
{{- if has $key (list "labels" "annotations") }}{{ $every = index $.context.Values (printf "common%s" (title $key)) }}{{ end }}
{{- $merged := fromJson (include "spark-customer.union" (list $every $common $own)) }}
{{- if eq $how "texts" }}{{ $merged = fromJson (include "spark-customer.texts" $merged) }}{{ end }}
{{- $_ := set $pod $key $merged }}
{{- end }}
{{- end }}
{{- $selector := dict "matchLabels" (fromYaml (include "spark-customer.selector" .)) }}
{{- $spread := list }}
{{- range $pod.topologySpreadConstraints }}
{{- $spread = append $spread (ternary . (set (deepCopy .) "labelSelector" $selector) (hasKey . "labelSelector")) }}
{{- end }}
{{- $_ := set $pod "topologySpreadConstraints" $spread }}
{{- toJson $pod }}
{{- end }}

{{/* Labels that all pods of one role have, and no others. */}}
{{- define "spark-customer.selector" -}}
app.kubernetes.io/instance: {{ .context.Release.Name | trunc 63 | trimSuffix "-" | include "trust-init.json" }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{/*
Two lists, `common` and `own`, as one. An entry of `own` takes the place of the one with its name or mountPath, where
that one is, because a variable may name one that comes before it: $(NAME).
*/}}
{{- define "spark-customer.named" -}}
{{- $own := dict }}
{{- range .own }}{{ $_ := set $own (.mountPath | default .name | trimSuffix "/") . }}{{ end }}
{{- $all := list }}
{{- $placed := list }}
{{- range .common }}
{{- $name := .mountPath | default .name | trimSuffix "/" }}
{{- $placed = append $placed $name }}
{{- $all = append $all (index $own $name | default .) }}
{{- end }}
{{- range .own }}
{{- if not (has (.mountPath | default .name | trimSuffix "/") $placed) }}{{ $all = append $all . }}{{ end }}
{{- end }}
{{- toJson $all }}
{{- end }}

{{/*
Several maps as one: of two values of one key, the later counts, also if it is empty, but not if it is null. (Sprig's merge
takes an empty value for none.)
*/}}
{{- define "spark-customer.union" -}}
{{- $all := dict }}
{{- range . }}{{ range $name, $value := fromJson (include "trust-init.present" .) }}{{ $_ := set $all $name $value }}{{ end }}{{ end }}
{{- toJson $all }}
{{- end }}

{{/* A map whose values are texts, as labels must be: --set makes a boolean of `true`, and YAML of an unquoted one. */}}
{{- define "spark-customer.texts" -}}
{{- $texts := dict }}
{{- range $name, $value := fromJson (include "trust-init.present" .) }}
{{- if kindIs "float64" $value }}{{ if eq (floor $value) $value }}{{ $value = $value | int64 }}{{ end }}{{ end }}
{{- $_ := set $texts $name (toString $value) }}
{{- end }}
{{- toJson $texts }}
{{- end }}

{{/* A pod template for driver or executor: (dict "context" $ "role" "driver"). */}}
{{- define "spark-customer.podTemplate" -}}
{{- $values := .context.Values }}
{{- $pod := fromJson (include "spark-customer.pod" .) }}
{{- $spec := dict }}
{{- range fromJsonArray (include "spark-customer.specKeys" .) }}
{{- $value := index $pod . }}
{{- /* A period of 0 seconds is a value; an empty text, list or map is none. */}}
{{- if or $value (kindIs "float64" $value) }}{{ $_ := set $spec . $value }}{{ end }}
{{- end }}
{{- $volumes := $pod.volumes | default list }}
{{- $mounts := $pod.volumeMounts | default list }}
{{- if include "spark-customer.needsTmp" . }}
{{- $volumes = prepend $volumes (dict "name" "tmp" "emptyDir" dict) }}
{{- $mounts = prepend $mounts (dict "name" "tmp" "mountPath" "/tmp") }}
{{- end }}
{{- include "trust-init.podTemplate" (dict
      "context" .context
      "role" .role
      "fullname" (include "spark-customer.name" .context)
      "image" $values.spark.image
      "imagePullPolicy" $values.spark.imagePullPolicy
      "pullSecrets" $values.spark.pullSecrets
      "labels" (set $pod.labels "app.kubernetes.io/name" (include "spark-customer.application" .context))
      "annotations" $pod.annotations
      "env" $pod.env
      "envFrom" $pod.envFrom
      "volumes" $volumes
      "volumeMounts" $mounts
      "podSpec" $spec
      "podSecurityContext" $values.podSecurityContext
      "securityContext" $values.securityContext) | trim }}
{{- end }}

{{/*
"true" if the pods of the role get an emptyDir at /tmp: one of Spark's two entry points writes /tmp/java_opts.txt. Not if
the user mounts something there.
*/}}
{{- define "spark-customer.needsTmp" -}}
{{- if (.context.Values.securityContext | default dict).readOnlyRootFilesystem }}
{{- $places := list }}
{{- range fromJsonArray (include "spark-customer.mounts" .) }}{{ $places = append $places .path }}{{ end }}
{{- if not (has "/tmp" $places) }}true{{ end }}
{{- end }}
{{- end }}

{{/*
Everything that the user mounts in the pods of one role, as a JSON list of {key, name, path}: by volumeMounts and by
properties of Spark. `key` is where the values have it.
*/}}
{{- define "spark-customer.mounts" -}}
{{- $role := .role }}
{{- $mounts := list }}
{{- range (fromJson (include "spark-customer.pod" .)).volumeMounts }}
{{- $key := include "spark-customer.keyOf" (dict "context" $.context "role" $role "list" "volumeMounts" "entry" .) }}
{{- $mounts = append $mounts (dict "key" $key "name" .name "path" (trimSuffix "/" .mountPath)) }}
{{- end }}
{{- range $property, $value := fromJson (include "trust-init.present" .context.Values.spark.conf) }}
{{- $key := printf "spark.conf.%s" $property }}
{{- $volume := regexFind (printf `^spark\.kubernetes\.%s\.volumes\.[^.]+\..+\.mount\.path$` $role) $property }}
{{- if $volume }}
{{- $name := regexReplaceAll `^spark\.kubernetes\.[^.]+\.volumes\.[^.]+\.(.+)\.mount\.path$` $property "${1}" }}
{{- $mounts = append $mounts (dict "key" $key "name" $name "path" (toString $value | trimSuffix "/")) }}
{{- else if hasPrefix (printf "spark.kubernetes.%s.secrets." $role) $property }}
{{- $mounts = append $mounts (dict "key" $key "path" (toString $value | trimSuffix "/")) }}
{{- else if eq $property "spark.local.dir" }}
{{- range splitList "," (toString $value) }}
{{- $mounts = append $mounts (dict "key" $key "path" (trim . | trimSuffix "/")) }}
{{- end }}
{{- end }}
{{- end }}
{{- toJson $mounts }}
{{- end }}

{{/* Where the values have an entry of a `list`: below the role, or for both. */}}
{{- define "spark-customer.keyOf" -}}
{{- $own := index .context.Values.spark .role .list | default list -}}
spark.{{ if has .entry $own }}{{ .role }}.{{ end }}{{ .list }}
{{- end }}
