{{/*
Lines for NOTES.txt: what the pods trust, and which values had no effect. Takes the container's `env` and, for Spark,
the user's properties in `conf`.
*/}}
{{- define "trust-init.notes" -}}
{{- if not (include "trust-init.enabled" .) }}
trust: disabled. Pods trust what their image trusts.
{{- else }}
{{- $all := fromJson (include "trust-init.config" .) }}
{{- $values := $all.values }}
{{- $config := $all.config }}
{{- $at := $config.key }}
{{- if $config.prebuilt }}
trust: pods mount the stores in {{ $config.kind }}s {{ $config.names | join ", " }}, with the base, platform CAs and policy that trust-init render was given. Without these objects, no pod starts: {{ include "trust-init.prebuiltCommand" (dict "values" $values "namespace" .context.Release.Namespace) }} | kubectl apply -f -
{{- else if $config.given }}
trust: the customer's chain is in {{ $values.caBundle.kind }} {{ $config.name }}, caBundleHash {{ $config.hash }}.
{{- else if $config.exists }}
trust: the customer's chain comes from {{ $values.caBundle.kind }} {{ $config.name }}, key {{ $config.objectKey }}.
{{- if $config.optional }}
trust: {{ $at }}.optional is set. Without that object, its key or its content, pods start with what the base trusts, and log "absent".
{{- end }}
{{- else if $values.platform }}
trust: no customer chain is set. Pods trust the platform's CAs as well as the public ones.
{{- else }}
trust: neither a customer chain nor a platform CA is set, so nothing is added. Set {{ $at }}.caBundle.pem or {{ $at }}.platform.
{{- end }}
{{- range uniq (fromJson (include "trust-init.environment" .)).replaced }}
{{- if $config.wrapper }}
trust: {{ $at }}.env.{{ . }} names the raw chain, which lacks the public roots. It is removed here, and trust-init exec sets it to the merged bundle.
{{- else }}
trust: {{ $at }}.env.{{ . }} names the raw chain, which lacks the public roots. Pods get the merged bundle instead.
{{- end }}
{{- end }}
{{- range fromJsonArray (include "trust-init.sparkRaw" .) }}
trust: {{ . }} names the raw chain, which lacks the public roots. {{ ternary "It is removed here, and trust-init exec sets the merged bundle" "It is changed to the merged bundle" $config.wrapper }}.
{{- end }}
{{- range $name, $value := .conf | default dict }}
{{- if hasPrefix "spark.kubernetes.executorEnv." $name }}
trust: {{ $name }}: Spark has no such property and ignores it. Use {{ $name | replace ".kubernetes" "" }}.
{{- end }}
{{- end }}
{{- if and $config.prebuilt $values.updateOsTrust (not $config.over) }}
trust: mode prebuilt mounts nothing over {{ $config.place }}, because the rendered objects have no hashed directory. Clients that read no variable keep the image's trust. If the image has no hashed directory either (distroless), set {{ $at }}.prebuilt.overImage.
{{- else if and $config.prebuilt $config.over }}
trust: {{ $config.place }} is mounted by subPath, which a kubelet never updates. Clients that read no variable get a new chain only in a new pod.
{{- end }}
{{- if $config.prebuilt }}
trust: these pods do not contain trust-init. To run doctor, use kubectl debug (docs/runbook.md).
{{- end }}
{{- if $config.sidecar }}
trust: the stores are built again when {{ if $config.chain }}{{ $config.kind }} {{ $config.name }}{{ else }}a platform CA{{ end }} changes. A JVM reads its truststore only once, so Spark and other Java clients trust a new CA only after a restart, and so do Node and Go. curl, git and Python's requests notice at their next call or connection (docs/watch.md).
{{- if and $config.exists $config.hash }}
trust: {{ $at }}.caBundle.existing.sha256 is set. The sidecar refuses any other content, so a new chain takes effect only in new pods.
{{- end }}
{{- end }}
{{- if and $config.wrapper $values.updateOsTrust }}
trust: mode wrapper mounts nothing over {{ $config.place }}. Clients that read no variable keep the image's trust ({{ $at }}.updateOsTrust has no effect).
{{- end }}
{{- if and $config.roll $config.exists (not $config.hash) }}
trust: a new chain in {{ $config.name }} does not roll the pods, because the chart does not know its hash. Set {{ $at }}.caBundle.existing.sha256.
{{- end }}
{{- if and $config.spark $config.given $values.caBundle.pin }}
trust: the chain is pinned. A new chain gets a new object name, and an operator then restarts a running application. Older objects are kept; delete them when no driver uses them.
{{- end }}
{{- if $config.given }}
trust: the chain is also stored in the Secret of this Helm release. Use {{ $at }}.caBundle.existing to avoid that.
{{- end }}
{{- with .context.Files.Get "trust-locked.yaml" }}
trust: the chart locks these values: {{ keys (fromYaml .) | sortAlpha | join ", " }}.
{{- end }}
{{- end }}
{{- end }}
