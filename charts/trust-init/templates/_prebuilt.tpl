{{/*
Mode prebuilt: exactly what `trust-init render --print pod` prints for the same options; a test compares the two. Which
object has which key depends on the options and never on the certificates, so that a pod definition also fits the next
chain.
*/}}

{{/* Returns the objects as a JSON list of {what, name, items}; each item is a key and its path. Takes the values. */}}
{{- define "trust-init.prebuiltObjects" -}}
{{- $values := . }}
{{- $prebuilt := .prebuilt }}
{{- $bundles := dict
      "debian" (list "os/ca-certificates.crt" "os/ca-bundle.crt")
      "rhel" (list "os/pem/tls-ca-bundle.pem" "os/pem/directory-hash/ca-certificates.crt" "os/pem/directory-hash/ca-bundle.crt")
      "suse" (list "os/ca-bundle.pem") }}
{{- $os := list }}
{{- range index $bundles .osLayout }}{{ $os = append $os (list "ca-bundle.pem" .) }}{{ end }}
{{- $python := list (list "ca-bundle.pem" "python/cacert.pem") }}
{{- $more := list }}
{{- if $prebuilt.chain }}{{ $more = append $more (list "client-ca-chain.pem" "custom/client-ca-chain.pem") }}{{ end }}
{{- $more = append $more (list "trust.env" "trust.env") }}
{{- $objects := list }}
{{- if .updateJavaTrust }}
{{- $store := printf "truststore.%s" (ternary "jks" "p12" (eq .java.store "jks")) }}
{{- $java := list (list $store (printf "java/%s" $store)) }}
{{- /* Only the default form may be where a JVM looks without a password. */}}
{{- if eq .java.store "pkcs12" }}
{{- $java = append $java (list $store (ternary "os/java-cacerts" "os/java/cacerts" (eq .osLayout "suse"))) }}
{{- end }}
{{- $objects = append $objects (dict "what" "java" "items" $java) }}
{{- end }}
{{- if $prebuilt.auto }}
{{- $objects = append $objects (dict "what" "os" "items" (concat $os $more)) }}
{{- $objects = append $objects (dict "what" "python" "items" $python) }}
{{- else }}
{{- $objects = append $objects (dict "what" "pem" "items" (concat $os $python $more)) }}
{{- end }}
{{- range $objects }}
{{- $_ := set . "name" (index $prebuilt.names .what | default (printf "%s-%s" $prebuilt.name .what)) }}
{{- end }}
{{- toJson $objects }}
{{- end }}

{{/* The sources of the projected volume. Takes the values. */}}
{{- define "trust-init.prebuiltSources" -}}
{{- $kind := .prebuilt.kind }}
{{- range fromJsonArray (include "trust-init.prebuiltObjects" .) }}
- {{ ternary "secret" "configMap" (eq $kind "Secret") }}:
    name: {{ include "trust-init.json" .name }}
    items:
      {{- range .items }}
      - key: {{ index . 0 }}
        path: {{ index . 1 }}
      {{- end }}
{{- end }}
{{- end }}

{{/* The command that prints these objects, for NOTES. Takes the result of trust-init.config and the namespace. */}}
{{- define "trust-init.prebuiltCommand" -}}
{{- $values := .values }}
{{- $prebuilt := $values.prebuilt }}
{{- $words := list "trust-init" "render" }}
{{- if $prebuilt.chain }}{{ $words = concat $words (list "--ca" $values.fileName) }}{{ end }}
{{- if $prebuilt.auto }}{{ $words = concat $words (list "--base" "auto" "--root" "DIR") }}
{{- else if or $prebuilt.platform (not $prebuilt.chain) }}{{ $words = concat $words (list "--base" "mozilla") }}{{ end }}
{{- if $prebuilt.platform }}{{ $words = concat $words (list "--base" "FILE") }}{{ end }}
{{- $words = concat $words (list "--namespace" .namespace) }}
{{- if ne $prebuilt.name "trust" }}{{ $words = concat $words (list "--name" $prebuilt.name) }}{{ end }}
{{- if eq $prebuilt.kind "Secret" }}{{ $words = concat $words (list "--kind" "secret") }}{{ end }}
{{- if ne $values.osLayout "debian" }}{{ $words = concat $words (list "--os-layout" $values.osLayout) }}{{ end }}
{{- if not $values.updateJavaTrust }}{{ $words = concat $words (list "--only" "os,python") }}
{{- else if ne $values.java.store "pkcs12" }}{{ $words = concat $words (list "--java-store" $values.java.store) }}{{ end }}
{{- if $prebuilt.names }}{{ $words = concat $words (list "--immutable" "--hash-suffix") }}{{ end }}
{{- join " " $words }}
{{- end }}
