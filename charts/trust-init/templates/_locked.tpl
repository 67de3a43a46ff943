{{/*
What the chart's author holds fast: a file trust-locked.yaml beside its Chart.yaml, with keys as they
stand below `trust.`. What it sets, it sets whole: `policy: {deny: [expired]}` leaves no other policy.

A user's value for such a key is refused and not passed over: where a GitOps controller renders, nobody
reads NOTES. A value that equals this chart's own default counts as not set.
*/}}
{{- define "trust-init.locked" -}}
{{- $at := .key }}
{{- $values := .values }}
{{- $defaults := .defaults }}
{{- $text := .context.Files.Get "trust-locked.yaml" }}
{{- if $text }}
{{- $locked := fromYaml $text }}
{{- if hasKey $locked "Error" }}
{{- fail (printf "trust-locked.yaml: is no YAML map: %s" $locked.Error) }}
{{- end }}
{{- range $name, $value := $locked }}
{{- if not (hasKey $defaults $name) }}
{{- fail (printf "trust-locked.yaml: %s: no key of that name stands below %s" $name $at) }}
{{- end }}
{{- $default := index $defaults $name }}
{{- if kindIs "map" $default }}
{{- $whole := deepCopy $default }}
{{- range $inner, $it := $value }}{{ $_ := set $whole $inner $it }}{{ end }}
{{- $value = $whole }}
{{- end }}
{{- $given := toJson (index $values $name) }}
{{- if and (ne $given (toJson $value)) (ne $given (toJson $default)) }}
{{- fail (printf "%s.%s: the chart %s holds it fast in trust-locked.yaml, and your values set another: take it out of your values, or ask who maintains the chart" $at $name $.context.Chart.Name) }}
{{- end }}
{{- $_ := set $values $name $value }}
{{- end }}
{{- /* Who renders the stores decides by what rules, and what they add to. */}}
{{- if and (eq $values.mode "prebuilt") (not (hasKey $locked "mode")) }}
{{- range $name := list "base" "image" "platform" "policy" }}
{{- if hasKey $locked $name }}
{{- fail (printf "%s.mode: the chart %s holds %s fast in trust-locked.yaml, and mode prebuilt would pass it over: use another mode, or ask who maintains the chart" $at $.context.Chart.Name $name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- toJson $values }}
{{- end }}
