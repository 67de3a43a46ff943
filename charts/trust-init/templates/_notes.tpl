{{/*
Lines for NOTES.txt: what the pods trust, and what the values asked for and did not get. Takes the
container's `env` and, for Spark, the user's properties, `conf`.
*/}}
{{- define "trust-init.notes" -}}
{{- if not (include "trust-init.enabled" .) }}
trust: disabled: pods trust what their image trusts.
{{- else }}
{{- $all := fromJson (include "trust-init.config" .) }}
{{- $values := $all.values }}
{{- $config := $all.config }}
{{- $at := $config.key }}
{{- if $config.prebuilt }}
trust: pods mount the stores that trust-init render printed as {{ $config.kind }}s {{ $config.names | join ", " }}; base, platform's CAs and policy were its own. Without these objects no pod starts: {{ include "trust-init.prebuiltCommand" (dict "values" $values "namespace" .context.Release.Namespace) }} | kubectl apply -f -
{{- else if $config.given }}
trust: the customer's chain is in {{ $values.caBundle.kind }} {{ $config.name }}, caBundleHash {{ $config.hash }}.
{{- else if $config.exists }}
trust: the customer's chain is taken from {{ $values.caBundle.kind }} {{ $config.name }}, key {{ $config.objectKey }}.
{{- else if $values.platform }}
trust: no customer's chain: pods trust the platform's CAs beside the public ones.
{{- else }}
trust: neither a customer's chain nor a platform's CA: nothing is added. Set {{ $at }}.caBundle.pem or {{ $at }}.platform.
{{- end }}
{{- range uniq (fromJson (include "trust-init.environment" .)).replaced }}
{{- if $config.wrapper }}
trust: {{ $at }}.env.{{ . }} names the raw chain, which lacks the public roots: it is left out, and trust-init exec sets it to the merged bundle.
{{- else }}
trust: {{ $at }}.env.{{ . }} names the raw chain, which lacks the public roots: pods get the merged bundle there instead.
{{- end }}
{{- end }}
{{- range fromJsonArray (include "trust-init.sparkRaw" .) }}
trust: {{ . }} names the raw chain, which lacks the public roots: {{ ternary "it is left out, and trust-init exec sets the merged bundle" "it names the merged bundle instead" $config.wrapper }}.
{{- end }}
{{- range $name, $value := .conf | default dict }}
{{- if hasPrefix "spark.kubernetes.executorEnv." $name }}
trust: {{ $name }}: Spark knows no such property and passes it over: write {{ $name | replace ".kubernetes" "" }}.
{{- end }}
{{- end }}
{{- if and $config.prebuilt $values.updateOsTrust (not $config.over) }}
trust: mode prebuilt mounts nothing over {{ $config.place }}, for what is rendered has no hashed directory: clients that read no variable keep the image's trust. In an image that has none either (distroless) set {{ $at }}.prebuilt.overImage.
{{- else if and $config.prebuilt $config.over }}
trust: what stands over {{ $config.place }} is mounted by subPath, which a kubelet never updates: clients that read no variable get a new chain with a new pod.
{{- end }}
{{- if $config.prebuilt }}
trust: there is no program in these pods: for doctor use kubectl debug (docs/runbook.md).
{{- end }}
{{- if $config.sidecar }}
trust: the stores are built again when {{ if $config.chain }}{{ $config.kind }} {{ $config.name }}{{ else }}a platform's CA{{ end }} changes. A JVM reads its truststore once: Spark and other Java clients trust a new CA after a restart, never before; so do Node and Go. curl, git and Python's requests notice at their next call or connection (docs/watch.md).
{{- if and $config.exists $config.hash }}
trust: {{ $at }}.caBundle.existing.sha256 is set: the sidecar refuses every other content, so a new chain counts in new pods alone.
{{- end }}
{{- end }}
{{- if and $config.wrapper $values.updateOsTrust }}
trust: mode wrapper mounts nothing over {{ $config.place }}: clients that read no variable keep the image's trust ({{ $at }}.updateOsTrust has no effect).
{{- end }}
{{- if and $config.roll $config.exists (not $config.hash) }}
trust: a new chain in {{ $config.name }} rolls no pod: its hash is not known here. Give {{ $at }}.caBundle.existing.sha256.
{{- end }}
{{- if and $config.spark $config.given $values.caBundle.pin }}
trust: pinned: another chain makes another name, and an operator then starts a running application again. Older objects are kept: delete them when no driver uses them.
{{- end }}
{{- if $config.given }}
trust: the chain stands in the Secret of this Helm release too; {{ $at }}.caBundle.existing avoids that.
{{- end }}
{{- with .context.Files.Get "trust-locked.yaml" }}
trust: the chart holds fast: {{ keys (fromYaml .) | sortAlpha | join ", " }}.
{{- end }}
{{- end }}
{{- end }}
