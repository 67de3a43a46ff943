{{/*
Keys that the chart does not know. Helm's own message for these, from the schema, does not say which key is meant, so the
schema allows them, and this refuses each and names the right one.
*/}}

{{/* The chart's keys, by where they are. Tests compare them with values.yaml and values.schema.json. */}}
{{- define "spark-customer.keys" -}}
{{- $pod := keys (fromJson (include "spark-customer.podKeys" .)) }}
{{- $role := list "cores" "coreRequest" "coreLimit" "memory" "memoryOverhead" }}
{{- $spark := list "version" "image" "imagePullPolicy" "pullSecrets" "type" "mainApplicationFile" "mainClass" "arguments" "conf" "templates" "driver" "executor" }}
{{- toJson (dict
      "" (list "global" "run" "nameOverride" "fullnameOverride" "commonLabels" "commonAnnotations" "spark" "podSecurityContext" "securityContext" "serviceAccount" "test" "trust")
      "spark" (concat $spark $pod)
      "spark.driver" (concat $role $pod)
      "spark.executor" (concat (list "instances") $role $pod)
      "serviceAccount" (list "create" "name" "annotations")) }}
{{- end }}

{{/* Keys of other charts, and of Spark's operators, and what they are called here. A role's key is meant for both roles. */}}
{{- define "spark-customer.calledHere" -}}
{
  "images.spark": "spark.image",
  "images": "spark.image",
  "image": "spark.image",
  "spark.images": "spark.image",
  "spark.repository": "spark.image",
  "spark.tag": "spark.image",
  "images.trustInit": "trust.image",
  "images.trust-init": "trust.image",
  "images.trust": "trust.image",
  "imagePullPolicy": "spark.imagePullPolicy",
  "spark.pullPolicy": "spark.imagePullPolicy",
  "imagePullSecrets": "spark.pullSecrets, which is a list of names",
  "pullSecrets": "spark.pullSecrets",
  "spark.imagePullSecrets": "spark.pullSecrets, which is a list of names",
  "role.imagePullSecrets": "spark.pullSecrets, which is a list of names",
  "role.pullSecrets": "spark.pullSecrets",
  "role.image": "spark.image: driver and executors run the same image",
  "env": "spark.env",
  "extraEnvVars": "spark.env",
  "envVars": "spark.env",
  "spark.envVars": "spark.env, which is a list of name and value",
  "role.envVars": "spark.ROLE.env, which is a list of name and value",
  "labels": "commonLabels for every object, or spark.labels for the pods",
  "annotations": "commonAnnotations for every object, or spark.annotations for the pods",
  "priorityClass": "spark.priorityClassName",
  "spark.priorityClass": "spark.priorityClassName",
  "resources": "spark.driver and spark.executor: cores, coreRequest, coreLimit, memory and memoryOverhead, from which Spark computes requests and limits",
  "spark.resources": "spark.driver and spark.executor: cores, coreRequest, coreLimit, memory and memoryOverhead, from which Spark computes requests and limits",
  "role.resources": "cores, coreRequest, coreLimit, memory and memoryOverhead of spark.ROLE, from which Spark computes requests and limits",
  "replicas": "spark.executor.instances",
  "replicaCount": "spark.executor.instances",
  "role.replicas": "spark.executor.instances",
  "sparkConf": "spark.conf",
  "spark.sparkConf": "spark.conf",
  "sparkVersion": "spark.version",
  "spark.sparkVersion": "spark.version",
  "role.javaOptions": "spark.conf, with spark.ROLE.extraJavaOptions",
  "role.serviceAccount": "serviceAccount",
  "spark.serviceAccount": "serviceAccount",
  "spark.serviceAccountName": "serviceAccount.name",
  "serviceAccountName": "serviceAccount.name",
  "spark.securityContext": "securityContext",
  "spark.podSecurityContext": "podSecurityContext",
  "role.securityContext": "securityContext",
  "role.podSecurityContext": "podSecurityContext",
  "sidecars": "a pod template of your own: this chart has no other containers",
  "initContainers": "a pod template of your own: this chart has no other containers",
  "namespace": "Helm's option --namespace",
  "spark.namespace": "Helm's option --namespace",
  "driver.resources": "spark.driver: cores, coreRequest, coreLimit, memory and memoryOverhead, from which Spark computes requests and limits",
  "executor.resources": "spark.executor: cores, coreRequest, coreLimit, memory and memoryOverhead, from which Spark computes requests and limits",
  "role.mem": "spark.ROLE.memory",
  "packages": "spark.conf, with spark.jars.packages",
  "spark.packages": "spark.conf, with spark.jars.packages",
  "deps": "spark.conf, with spark.jars, spark.jars.packages, spark.files or spark.submit.pyFiles",
  "spark.deps": "spark.conf, with spark.jars, spark.jars.packages, spark.files or spark.submit.pyFiles",
  "hadoopConf": "spark.conf, with spark.hadoop. before each name",
  "spark.hadoopConf": "spark.conf, with spark.hadoop. before each name",
  "ca": "trust.caBundle.pem",
  "caCert": "trust.caBundle.pem",
  "certificates": "trust.caBundle.pem"
}
{{- end }}

{{- define "spark-customer.validateKeys" -}}
{{- $known := fromJson (include "spark-customer.keys" .) }}
{{- range $at := list "" "spark" "spark.driver" "spark.executor" "serviceAccount" }}
{{- $map := $.Values }}
{{- range splitList "." $at }}{{ if . }}{{ $map = index $map . }}{{ end }}{{ end }}
{{- range $key, $value := $map }}
{{- if not (has $key (index $known $at)) }}
{{- $path := ternary $key (printf "%s.%s" $at $key) (eq $at "") }}
{{- /* What is below it says more: images.spark instead of images. */}}
{{- if kindIs "map" $value }}{{ with keys $value | sortAlpha }}{{ $path = printf "%s.%s" $path (first .) }}{{ end }}{{ end }}
{{- if and (eq $key "trust-init") (kindIs "map" $value) }}{{ if hasKey $value "global" }}{{ $path = "trust-init.global" }}{{ end }}{{ end }}
{{- include "spark-customer.refuseKey" (dict "context" $ "path" $path "key" $key "at" $at) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Takes `path`, the longest known of an unknown key, `key`, and `at`, where it is. */}}
{{- define "spark-customer.refuseKey" -}}
{{- if and (eq .path "trust-init.global") (eq .at "") }}
{{- /* Then nothing has checked the values below `trust`. */}}
{{- fail (printf "%s: Helm 3 loses the alias of the library where a chart depends on spark-customer twice: use Helm 4, or a release for each" .context.Chart.Name) }}
{{- end }}
{{- $here := fromJson (include "spark-customer.calledHere" .) }}
{{- $short := ternary .key (printf "%s.%s" .at .key) (eq .at "") }}
{{- range $path := list .path $short }}
{{- $role := regexFind `^spark\.(driver|executor)` $path | trimPrefix "spark." }}
{{- $asked := $path }}
{{- if $role }}{{ $asked = printf "role%s" (trimPrefix (printf "spark.%s" $role) $path) }}{{ end }}
{{- with index $here $asked }}
{{- fail (printf "%s: the chart has no such key: use %s" $path (replace "ROLE" $role .)) }}
{{- end }}
{{- end }}
{{- $every := fromJsonArray (include "spark-customer.everyKey" .) }}
{{- /* In another place, in other letters, or with a word before it, as in extraVolumes and podLabels. */}}
{{- range $path := list .path $short }}
{{- $bare := regexReplaceAll `(^|\.)(extra|pod)([A-Z])` $path "${1}${3}" }}
{{- range $plain := list $path $bare }}
{{- range $prefix := list "" "spark." "trust." "serviceAccount." }}
{{- $letters := include "spark-customer.letters" (printf "%s%s" $prefix $plain) }}
{{- range $every }}
{{- if eq (include "spark-customer.letters" .) $letters }}
{{- fail (printf "%s: the chart has no such key: use %s" $path .) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- $best := dict "score" 0 "key" "" }}
{{- $at := .at }}
{{- range $every }}
{{- /* Whoever is below spark means no key of the library. */}}
{{- if or (eq $at "") (not (hasPrefix "trust." .)) }}
{{- $score := include "spark-customer.likeness" (list (last (splitList "." $short)) (last (splitList "." .))) | int }}
{{- if gt $score $best.score }}{{ $best = dict "score" $score "key" . }}{{ end }}
{{- end }}
{{- end }}
{{- if ge $best.score 50 }}
{{- fail (printf "%s: the chart has no such key: the nearest is %s" $short $best.key) }}
{{- end }}
{{- fail (printf "%s: the chart has no such key: docs/chart.md lists them all" $short) }}
{{- end }}

{{/* Every key with its place, the library's included, as a JSON list. */}}
{{- define "spark-customer.everyKey" -}}
{{- $every := list }}
{{- range $at, $keys := fromJson (include "spark-customer.keys" .) }}
{{- range sortAlpha $keys }}{{ $every = append $every (ternary . (printf "%s.%s" $at .) (eq $at "")) }}{{ end }}
{{- end }}
{{- range $key, $value := fromJson (include "trust-init.defaults" .) }}
{{- $every = append $every (printf "trust.%s" $key) }}
{{- if kindIs "map" $value }}
{{- range $inner, $default := $value }}{{ $every = append $every (printf "trust.%s.%s" $key $inner) }}{{ end }}
{{- end }}
{{- end }}
{{- toJson $every }}
{{- end }}

{{/* The letters of a key, in lower case, in the singular. */}}
{{- define "spark-customer.letters" -}}
{{ regexReplaceAll `[^a-z0-9]` (lower .) "" | trimSuffix "s" }}
{{- end }}

{{/* How alike two words are, in percent: the pairs of letters that both have, of all pairs of the longer one. */}}
{{- define "spark-customer.likeness" -}}
{{- $one := lower (first .) }}
{{- $other := lower (last .) }}
{{- $shared := 0 }}
{{- range $at := until (max 0 (sub (len $one) 1) | int) }}
{{- if contains (substr $at (int (add $at 2)) $one) $other }}{{ $shared = add1 $shared }}{{ end }}
{{- end }}
{{- div (mul 100 $shared) (max 1 (sub (max (len $one) (len $other)) 1)) }}
{{- end }}
