{{/*
The main container's variables: the chart's, those in trust.env, and the container's own (`env`), which win.

They are set in the pod only, never in Spark's properties as well. They name files that the same template mounts: if a
job is started without the template, both are missing together, and no client is pointed to a file that does not exist.
Spark appends what a user sets in spark.executorEnv or spark.kubernetes.driverEnv, so that wins, as it should.

In mode wrapper, exec sets them in the process that becomes the command.
*/}}
{{- define "trust-init.env" -}}
{{- $own := .env | default list }}
{{- if include "trust-init.enabled" . }}
{{- $own = (fromJson (include "trust-init.environment" .)).all }}
{{- end }}
{{- include "trust-init.list" $own }}
{{- end }}

{{/*
A value as JSON that is YAML as well, on any line of any block. JSON may have characters as they are that end a line for
some readers of YAML (U+0085, U+2028, U+2029), or that none of them takes (DEL and the rest of C1, U+FEFF, U+FFFE, U+FFFF).
*/}}
{{- define "trust-init.json" -}}
{{- include "trust-init.escaped" (toJson .) }}
{{- end }}

{{/* A text with these characters as \uXXXX, which JSON, YAML and Java's properties understand. */}}
{{- define "trust-init.escaped" -}}
{{- $text := . }}
{{- range regexFindAll "[\\x{7f}-\\x{9f}\\x{2028}\\x{2029}\\x{feff}\\x{fffe}\\x{ffff}]" . -1 | uniq }}
{{- $code := printf "%+q" . | trimAll "\"" }}
{{- /* Go writes DEL with two digits, which JSON does not know. */}}
{{- $text = $text | replace . ($code | replace "\\x" "\\u00") }}
{{- end }}
{{- $text }}
{{- end }}

{{/*
A list of maps from a user, each value as JSON. Never use toYaml for these: it writes multi-line text as a block, and
a line `---` in it ends the object for some readers of Helm's output, even if it is indented.
*/}}
{{- define "trust-init.list" -}}
{{- range . }}
- name: {{ include "trust-init.json" .name }}
{{- range $name, $value := fromJson (include "trust-init.present" (omit . "name")) }}
  {{ include "trust-init.json" $name }}: {{ include "trust-init.json" $value }}
{{- end }}
{{- end }}
{{- end }}

{{/* A map from a user, in the same way. */}}
{{- define "trust-init.map" -}}
{{- range $name, $value := fromJson (include "trust-init.present" .) }}
{{ include "trust-init.json" $name }}: {{ include "trust-init.json" $value }}
{{- end }}
{{- end }}

{{/*
A map as JSON without the entries that are null, at any depth. With null, a later values file removes what an earlier one
has; Helm itself takes away only what the chart's own defaults have.
*/}}
{{- define "trust-init.present" -}}
{{- $all := dict }}
{{- range $name, $value := . }}
{{- if kindIs "map" $value }}
{{- $value = fromJson (include "trust-init.present" $value) }}
{{- else if kindIs "slice" $value }}
{{- $list := list }}
{{- range $value }}
{{- $one := . }}
{{- if kindIs "map" $one }}{{ $one = fromJson (include "trust-init.present" $one) }}{{ end }}
{{- $list = append $list $one }}
{{- end }}
{{- $value = $list }}
{{- end }}
{{- if not (kindIs "invalid" $value) }}{{ $_ := set $all $name $value }}{{ end }}
{{- end }}
{{- toJson $all }}
{{- end }}

{{/* The variables that name the merged bundle of the system, and those that name Python's. */}}
{{- define "trust-init.variables" -}}
{
  "bundle": ["SSL_CERT_FILE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "PERL_LWP_SSL_CA_FILE", "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE"],
  "python": ["REQUESTS_CA_BUNDLE", "PIP_CERT", "AWS_CA_BUNDLE", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "HTTPLIB2_CA_CERTS"]
}
{{- end }}

{{/*
Returns JSON: `all`, the list of variables; `merged`, the value for each variable that names the raw chain;
`replaced`, the names of the variables in trust.env and `env` that did.
*/}}
{{- define "trust-init.environment" -}}
{{- $all := fromJson (include "trust-init.config" .) }}
{{- $values := $all.values }}
{{- $config := $all.config }}
{{- $own := .env | default list }}
{{- range $name, $value := $values.env }}
{{- include "trust-init.refuseVariable" (dict "context" $.context "key" $config.key "wrapper" $config.wrapper "name" $name "place" (printf "%s.env" $config.key)) }}
{{- end }}
{{- range $own }}
{{- include "trust-init.refuseVariable" (dict "context" $.context "key" $config.key "wrapper" $config.wrapper "name" .name "place" "env") }}
{{- end }}
{{- $names := fromJson (include "trust-init.variables" .) }}
{{- $order := concat $names.bundle $names.python (list "NODE_EXTRA_CA_CERTS") $values.extraVariables (list "JAVA_TOOL_OPTIONS") }}
{{- $merged := dict }}
{{- if not $config.wrapper }}
{{- range concat $names.bundle $values.extraVariables }}{{ $_ := set $merged . $config.bundle }}{{ end }}
{{- range $names.python }}{{ $_ := set $merged . $config.python }}{{ end }}
{{- /* Node adds its variable to its own roots, so the customer's chain is enough; the platform's CAs are in the merged bundle only, and the chain's file is missing if the chain is. */}}
{{- if or $values.platform (eq $values.base "image-os") $config.optional (and $config.prebuilt $values.prebuilt.platform) }}{{ $_ := set $merged "NODE_EXTRA_CA_CERTS" $config.bundle }}
{{- else if $config.chain }}{{ $_ := set $merged "NODE_EXTRA_CA_CERTS" $config.custom }}{{ end }}
{{- end }}
{{- $result := deepCopy $merged }}
{{- /* With some of these, Perl's LWP checks no host names, and public roots would let any certificate pass. */}}
{{- $given := keys $values.env }}
{{- range $own }}{{ $given = append $given .name }}{{ end }}
{{- range list "HTTPS_CA_FILE" "HTTPS_CA_DIR" "PERL_LWP_SSL_CA_PATH" }}
{{- if has . $given }}{{ $_ := unset $result "PERL_LWP_SSL_CA_FILE" }}{{ end }}
{{- end }}
{{- if and $config.toolOptions $config.javaOptions }}{{ $_ := set $result "JAVA_TOOL_OPTIONS" $config.javaOptions }}{{ end }}
{{- $replaced := list }}
{{- $more := list }}
{{- range $name, $value := $values.env }}
{{- $value = default "" $value }}
{{- $raw := has (trimSuffix "/" $value) (list $config.raw $config.rawDirectory) }}
{{- if $raw }}
{{- $replaced = append $replaced $name }}
{{- /* exec sets the well-known variables itself. If one named the raw chain, it would take that for what the image trusts. */}}
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
