{{/*
The main container's variables: ours, what trust.env says, and the container's own (`env`), which win.

They stand in the pod alone and never in Spark's properties too. They name files that the same template
mounts: where a job is started without the template, both are gone together, and no client is led to a
file that is not there. What a user sets in spark.executorEnv or spark.kubernetes.driverEnv is appended to
the template's and wins, as it should.

In mode wrapper exec sets them, in the process that becomes the command.
*/}}
{{- define "trust-init.env" -}}
{{- $own := .env | default list }}
{{- if include "trust-init.enabled" . }}
{{- $own = (fromJson (include "trust-init.environment" .)).all }}
{{- end }}
{{- include "trust-init.list" $own }}
{{- end }}

{{/*
A list of maps that a user wrote, each value as JSON. Never toYaml for such: it writes a text of several lines
as a block, and a line `---` in it ends the object for some readers of what Helm prints, even indented.
*/}}
{{- define "trust-init.list" -}}
{{- range . }}
- name: {{ toJson .name }}
{{- range $name, $value := omit . "name" }}
  {{ $name }}: {{ toJson $value }}
{{- end }}
{{- end }}
{{- end }}

{{/* A map, likewise. */}}
{{- define "trust-init.map" -}}
{{- range $name, $value := . }}
{{ toJson $name }}: {{ toJson $value }}
{{- end }}
{{- end }}

{{/*
As JSON: all, the list; merged, what a variable that names the raw chain gets; replaced, the names of those
in trust.env and `env` that did.
*/}}
{{- define "trust-init.environment" -}}
{{- $all := fromJson (include "trust-init.config" .) }}
{{- $values := $all.values }}
{{- $config := $all.config }}
{{- $own := .env | default list }}
{{- $order := list "SSL_CERT_FILE" "CURL_CA_BUNDLE" "GIT_SSL_CAINFO" "REQUESTS_CA_BUNDLE" "PIP_CERT" "AWS_CA_BUNDLE" "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH" "NODE_EXTRA_CA_CERTS" "JAVA_TOOL_OPTIONS" }}
{{- $merged := dict }}
{{- if not $config.wrapper }}
{{- range list "SSL_CERT_FILE" "CURL_CA_BUNDLE" "GIT_SSL_CAINFO" }}{{ $_ := set $merged . $config.bundle }}{{ end }}
{{- range list "REQUESTS_CA_BUNDLE" "PIP_CERT" "AWS_CA_BUNDLE" "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH" }}{{ $_ := set $merged . $config.python }}{{ end }}
{{- /* Node adds to its own roots: the customer's chain alone, but the platform's CAs stand in the merged bundle only. */}}
{{- if or $values.platform (and $config.prebuilt $values.prebuilt.platform) }}{{ $_ := set $merged "NODE_EXTRA_CA_CERTS" $config.bundle }}
{{- else if $config.chain }}{{ $_ := set $merged "NODE_EXTRA_CA_CERTS" (printf "%s/custom/client-ca-chain.pem" $config.directory) }}{{ end }}
{{- end }}
{{- $result := deepCopy $merged }}
{{- if and $config.toolOptions $config.javaOptions }}{{ $_ := set $result "JAVA_TOOL_OPTIONS" $config.javaOptions }}{{ end }}
{{- $replaced := list }}
{{- $more := list }}
{{- range $name, $value := $values.env }}
{{- $value = default "" $value }}
{{- $raw := has (trimSuffix "/" $value) (list $config.raw $config.rawDirectory) }}
{{- if $raw }}
{{- $replaced = append $replaced $name }}
{{- /* exec sets the well-known ones itself; led by them to the raw chain, it would take that for what the image trusts. */}}
{{- if $config.wrapper }}{{ $value = "" }}
{{- else if eq (trimSuffix "/" $value) $config.rawDirectory }}{{ $value = $config.hashed }}
{{- else }}{{ $value = index $merged $name | default $config.bundle }}{{ end }}
{{- else if and (eq $name "JAVA_TOOL_OPTIONS") $value }}
{{- $value = printf "%s %s" (index $result $name | default "") $value | trim }}
{{- end }}
{{- if not $value }}{{ $_ := unset $result $name }}{{ else }}{{ $_ := set $result $name $value }}{{ end }}
{{- if and $value (not (has $name $order)) }}{{ $more = append $more $name }}{{ end }}
{{- end }}
{{- $others := list }}
{{- range $own }}
{{- $value := .value | default "" | toString | trimSuffix "/" }}
{{- if and $value (has $value (list $config.raw $config.rawDirectory)) (or (hasKey $result .name) $config.wrapper) }}
{{- $replaced = append $replaced .name }}
{{- else }}
{{- if and (eq .name "JAVA_TOOL_OPTIONS") .value (hasKey $result .name) }}
{{- $others = append $others (dict "name" .name "value" (printf "%s %s" (index $result .name) .value)) }}
{{- else }}
{{- $others = append $others . }}
{{- end }}
{{- $_ := unset $result .name }}
{{- end }}
{{- end }}
{{- $list := list }}
{{- range concat $order (sortAlpha $more) }}
{{- if hasKey $result . }}{{ $list = append $list (dict "name" . "value" (index $result .)) }}{{ end }}
{{- end }}
{{- toJson (dict "all" (concat $list $others) "merged" $merged "replaced" $replaced) }}
{{- end }}
