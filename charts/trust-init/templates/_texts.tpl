{{/* Labels and annotations from a user: what the API server would refuse, or Helm has changed before any template sees it. */}}

{{/*
Refuses names and values that are none. Takes `map`, `at`, where the values have it, and `kind`: label, annotation or node
selector. A null is no entry.
*/}}
{{- define "trust-init.checkTexts" -}}
{{- $kind := .kind }}
{{- $at := .at }}
{{- range $name, $value := fromJson (include "trust-init.present" .map) }}
{{- $place := printf "%s: %s" $at $name }}
{{- include "trust-init.checkName" (dict "kind" $kind "name" $name "at" $at) }}
{{- $text := include "trust-init.text" (dict "value" $value "at" $place) }}
{{- if and (kindIs "float64" $value) (ne (floor $value) (float64 $value)) }}
{{- fail (printf "%s: %s has a fraction, and Helm takes 1.10 for 1.1: quote it" $place $text) }}
{{- end }}
{{- if and (ne $kind "annotation") (or (gt (len $text) 63) (not (regexMatch `^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$` $text))) }}
{{- fail (printf "%s: %q cannot be the value of a %s: use at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends" $place (trunc 100 $text) $kind) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The same for one name. In the prefix of an annotation's name, the API server allows capital letters. */}}
{{- define "trust-init.checkName" -}}
{{- $name := ternary (lower .name) .name (eq .kind "annotation") }}
{{- $parts := splitList "/" $name }}
{{- $prefix := `^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$` }}
{{- $valid := and (le (len $parts) 2) (le (len (last $parts)) 63) (regexMatch `^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$` (last $parts)) }}
{{- if eq (len $parts) 2 }}{{ $valid = and $valid (le (len (first $parts)) 253) (regexMatch $prefix (first $parts)) }}{{ end }}
{{- if not $valid }}
{{- fail (printf "%s: %q cannot be the name of %s %s: use at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends; before it may be a DNS name and '/'" .at (trunc 400 .name) (ternary "an" "a" (eq .kind "annotation")) .kind) }}
{{- end }}
{{- end }}

{{/*
A value as text, as --set makes a boolean of `true`, and YAML a number of digits without quotes. Takes `value`, and `at`,
where the values have it. Helm reads a number as a float of 64 bits, so above 2^53 digits are lost.
*/}}
{{- define "trust-init.text" -}}
{{- $value := .value }}
{{- if or (kindIs "float64" $value) (kindIs "int64" $value) (kindIs "int" $value) }}
{{- $float := float64 $value }}
{{- if or (gt $float 9007199254740991.0) (lt $float -9007199254740991.0) }}
{{- fail (printf "%s: %v is a number of more digits than Helm keeps: quote it" .at $value) }}
{{- end }}
{{- if eq (floor $float) $float }}{{ $value = int64 $float }}{{ end }}
{{- end }}
{{- toString $value }}
{{- end }}
