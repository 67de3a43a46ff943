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
{{- if $config.given }}
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
