{{/*
Values that the chart's author locks: a file trust-locked.yaml next to its Chart.yaml, with the keys below `trust.`.
Each key is locked as a whole: `policy: {deny: [expired]}` leaves no other policy.

A user's value for a locked key is refused, not ignored, because nobody reads NOTES when a GitOps controller renders the
chart. A value that equals this chart's own default counts as not set.
*/}}
{{- define "trust-init.locked" -}}
{{- $at := .key }}
{{- $values := .values }}
{{- $defaults := .defaults }}
{{- $text := .context.Files.Get "trust-locked.yaml" }}
{{- if $text }}
{{- $locked := fromYaml $text }}
{{- if hasKey $locked "Error" }}
{{- fail (printf "trust-locked.yaml: not a YAML map: %s" $locked.Error) }}
{{- end }}
{{- range $name, $value := $locked }}
{{- if not (hasKey $defaults $name) }}
{{- fail (printf "trust-locked.yaml: %s: there is no such key below %s" $name $at) }}
{{- end }}
{{- $default := index $defaults $name }}
{{- if kindIs "map" $default }}
{{- $whole := deepCopy $default }}
{{- range $inner, $it := $value }}{{ $_ := set $whole $inner $it }}{{ end }}
{{- $value = $whole }}
{{- end }}
{{- $given := toJson (index $values $name) }}
{{- if and (ne $given (toJson $value)) (ne $given (toJson $default)) }}
{{- fail (printf "%s.%s: locked by trust-locked.yaml of chart %s, and your values differ: remove it from your values, or ask the maintainer of the chart" $at $name $.context.Chart.Name) }}
{{- end }}
{{- $_ := set $values $name $value }}
{{- end }}
{{- /* Whoever renders the stores decides on the rules and the bases. */}}
{{- if and (eq $values.mode "prebuilt") (not (hasKey $locked "mode")) }}
{{- range $name := list "base" "image" "platform" "policy" }}
{{- if hasKey $locked $name }}
{{- fail (printf "%s.mode: mode prebuilt would ignore %s, which trust-locked.yaml of chart %s locks: use another mode, or ask the maintainer of the chart" $at $name $.context.Chart.Name) }}
{{- end }}
{{- end }}
{{- end }}
{{- /* A program of the main image would decide instead of the image that the platform chose. */}}
{{- if and (eq $values.mode "wrapper") $values.wrapper.binary (not (hasKey $locked "wrapper")) }}
{{- range $name := list "base" "image" "platform" "policy" }}
{{- if hasKey $locked $name }}
{{- fail (printf "%s.wrapper.binary: a program of the main image need not follow %s, which trust-locked.yaml of chart %s locks: leave it empty, or ask the maintainer of the chart" $at $name $.context.Chart.Name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- toJson $values }}
{{- end }}
