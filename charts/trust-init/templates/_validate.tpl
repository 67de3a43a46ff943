{{/*
What is refused when a chart is rendered, before any pod is: a sentence that says where, what and the
remedy. None of them prints a byte of the chain, for an error ends in logs.
*/}}
{{- define "trust-init.validate" -}}
{{- $values := .values }}
{{- $config := .config }}
{{- $at := $config.key }}
{{- $pem := $values.caBundle.pem }}
{{- $existing := $values.caBundle.existing }}
{{- if and $config.given $config.exists }}
{{- fail (printf "%s.caBundle: both pem and existing are set, and they may differ: keep one of them" $at) }}
{{- end }}
{{- if and $config.exists (not $existing.key) }}
{{- fail (printf "%s.caBundle.existing.key: is empty: name the key of %s %s that holds the chain" $at $values.caBundle.kind $existing.name) }}
{{- end }}
{{- if and (not $config.exists) (or $existing.key $existing.sha256) }}
{{- fail (printf "%s.caBundle.existing.name: is empty, but key or sha256 is set: name the object, or take them out" $at) }}
{{- end }}
{{- if and $values.caBundle.pin (not $config.given) }}
{{- fail (printf "%s.caBundle.pin: needs the chain in %s.caBundle.pem; for an existing object give caBundle.existing.sha256" $at $at) }}
{{- end }}
{{- if regexMatch "[^-._a-zA-Z0-9]" $values.fileName }}
{{- fail (printf "%s.fileName: %q is no key of a ConfigMap: use letters, digits, '-', '_' and '.' alone; a path goes into %s.mountPath" $at $values.fileName $at) }}
{{- end }}
{{- if or (regexMatch "^\\.\\.|^\\.$|^$" $values.fileName) (gt (len $values.fileName) 253) }}
{{- fail (printf "%s.fileName: %q is no key of a ConfigMap: it must not be empty, '.', start with '..' or be longer than 253" $at $values.fileName) }}
{{- end }}
{{- if or (not (regexMatch "^/[^/]" $config.rawDirectory)) (regexMatch "//|/\\.\\.?(/|$)|[[:space:]:]" $config.rawDirectory) }}
{{- fail (printf "%s.mountPath: %q is no place to mount the chain at: use an absolute path as /etc/pki/custom-certs" $at $values.mountPath) }}
{{- end }}
{{- range $taken := list $config.directory $config.place }}
{{- $counts := or (eq $taken $config.directory) $values.updateOsTrust }}
{{- $over := printf "%s/" $config.rawDirectory }}
{{- if and $counts (or (hasPrefix (printf "%s/" $taken) $over) (hasPrefix $over (printf "%s/" $taken))) }}
{{- fail (printf "%s.mountPath: %q and %s, where the stores are mounted, would hide each other: use another place, as /etc/pki/custom-certs" $at $values.mountPath $taken) }}
{{- end }}
{{- end }}
{{- if and (eq $values.base "none") (not $config.chain) (not $values.platform) }}
{{- fail (printf "%s.base: none, with neither a chain nor a platform CA, leaves nothing to trust: set %s.caBundle, %s.platform or another base" $at $at $at) }}
{{- end }}
{{- if $config.given }}
{{- if regexMatch "BEGIN [A-Z0-9 ]*PRIVATE KEY" $pem }}
{{- fail (printf "%s.caBundle.pem: a private key stands in it: take it out, and hold the key compromised if this file was shared; a trust store needs the CA's certificates alone" $at) }}
{{- end }}
{{- $limit := include "trust-init.bytes" $values.policy.maxSize | int }}
{{- if gt (len $pem) $limit }}
{{- fail (printf "%s.caBundle.pem: %d bytes, and the limit is %d (%s.policy.maxSize): give the customer's own CAs, without the public ones" $at (len $pem) $limit $at) }}
{{- end }}
{{- if not (regexMatch "BEGIN (TRUSTED |X509 )?CERTIFICATE-----" $pem) }}
{{- fail (printf "%s.caBundle.pem: no BEGIN CERTIFICATE in it: give the PEM file's content (--set-file %s.caBundle.pem=FILE); a DER, PKCS#7 or PKCS#12 file goes into a Secret that %s.caBundle.existing names" $at $at $at) }}
{{- end }}
{{- end }}
{{- end }}

{{/* 64KiB as a number. */}}
{{- define "trust-init.bytes" -}}
{{- $text := toString . }}
{{- /* A number of a values file can come as 65536 or as 65536.0. */}}
{{- if not (kindIs "string" .) }}{{ $text = . | int64 | toString }}{{ end }}
{{- $number := regexFind "^[0-9]+" $text | int64 }}
{{- if hasSuffix "KiB" $text }}{{ mul $number 1024 }}
{{- else if hasSuffix "MiB" $text }}{{ mul $number 1024 1024 }}
{{- else }}{{ $number }}{{ end }}
{{- end }}
