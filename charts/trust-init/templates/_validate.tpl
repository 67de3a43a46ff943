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
{{- if $config.prebuilt }}
{{- /* Passed over in silence, they would seem to count. */}}
{{- $defaults := fromJson (include "trust-init.defaults" .) }}
{{- $instead := dict
      "caBundle" "the chain is in what was rendered (trust-init render --ca FILE)"
      "base" "give it to trust-init render (--base)"
      "platform" "give it to trust-init render (--base FILE)"
      "policy" "give it to trust-init render (--deny, --max-size and the like)" }}
{{- range $name, $remedy := $instead }}
{{- if ne (toJson (index $values $name)) (toJson (index $defaults $name)) }}
{{- fail (printf "%s.%s: has no effect in mode prebuilt, which builds nothing: %s, and take it out here" $at $name $remedy) }}
{{- end }}
{{- end }}
{{- $there := list }}
{{- range fromJsonArray (include "trust-init.prebuiltObjects" $values) }}{{ $there = append $there .what }}{{ end }}
{{- range $what, $name := $values.prebuilt.names }}
{{- if and $name (not (has $what $there)) }}
{{- fail (printf "%s.prebuilt.names.%s: no such object is mounted with these values, but %s: name those, or set %s.prebuilt.auto or %s.updateJavaTrust as trust-init render had them" $at $what (join ", " $there) $at $at) }}
{{- end }}
{{- end }}
{{- if eq (toString $values.rollOnChange) "true" }}
{{- fail (printf "%s.rollOnChange: mode prebuilt does not know the chain's hash: let trust-init render --immutable --hash-suffix put it into the objects' names, and %s.prebuilt.names into the pod" $at $at) }}
{{- end }}
{{- end }}
{{- if $config.sidecar }}
{{- $version := .context.Capabilities.KubeVersion.Version }}
{{- if semverCompare "<1.29.0-0" $version }}
{{- fail (printf "%s.mode: sidecar needs Kubernetes 1.29, and this is %s, where the pod would never start: use init, whose pods get a new chain when they are rolled (%s.rollOnChange); if the cluster is newer than Helm knows, give --kube-version" $at $version $at) }}
{{- end }}
{{- if $values.caBundle.pin }}
{{- fail (printf "%s.caBundle.pin: a pinned object never changes, so mode sidecar would watch for nothing: take pin out, or use mode init" $at) }}
{{- end }}
{{- end }}
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
