{{/*
What is refused when a chart is rendered, before there is any pod. Each message says where, what and what to do. None
prints a byte of the chain, because errors end up in logs.
*/}}
{{- define "trust-init.validate" -}}
{{- $values := .values }}
{{- $config := .config }}
{{- $at := $config.key }}
{{- $pem := $values.caBundle.pem }}
{{- $existing := $values.caBundle.existing }}
{{- if $config.prebuilt }}
{{- /* If they were ignored, they would seem to take effect. */}}
{{- $defaults := fromJson (include "trust-init.defaults" .) }}
{{- $instead := dict
      "caBundle" "give the chain to trust-init render (--ca FILE)"
      "base" "give the base to trust-init render (--base)"
      "optional" "give --optional to trust-init render"
      "platform" "give the platform's CAs to trust-init render (--base FILE)"
      "policy" "give the rules to trust-init render (--deny, --max-size and so on)" }}
{{- range $name, $remedy := $instead }}
{{- if ne (toJson (index $values $name)) (toJson (index $defaults $name)) }}
{{- fail (printf "%s.%s: has no effect in mode prebuilt, which builds nothing: %s, and remove this value" $at $name $remedy) }}
{{- end }}
{{- end }}
{{- $there := list }}
{{- range fromJsonArray (include "trust-init.prebuiltObjects" $values) }}{{ $there = append $there .what }}{{ end }}
{{- range $what, $name := $values.prebuilt.names }}
{{- if and $name (not (has $what $there)) }}
{{- fail (printf "%s.prebuilt.names.%s: these values mount no such object, only %s: name those, or set %s.prebuilt.auto or %s.updateJavaTrust to match the options of trust-init render" $at $what (join ", " $there) $at $at) }}
{{- end }}
{{- end }}
{{- if eq (toString $values.rollOnChange) "true" }}
{{- fail (printf "%s.rollOnChange: mode prebuilt does not know the chain's hash: run trust-init render --immutable --hash-suffix, and set %s.prebuilt.names to the names that it prints" $at $at) }}
{{- end }}
{{- end }}
{{- if $config.sidecar }}
{{- $version := .context.Capabilities.KubeVersion.Version }}
{{- if semverCompare "<1.29.0-0" $version }}
{{- fail (printf "%s.mode: sidecar needs Kubernetes 1.29, and this is %s, where the pod would never start: use init, whose pods get a new chain when they are rolled (%s.rollOnChange); if the cluster is newer than Helm assumes, set --kube-version" $at $version $at) }}
{{- end }}
{{- if $values.caBundle.pin }}
{{- fail (printf "%s.caBundle.pin: a pinned object never changes, so mode sidecar would watch in vain: remove pin, or use mode init" $at) }}
{{- end }}
{{- end }}
{{- range $values.platform }}
{{- if eq (.kind | default "") "ClusterTrustBundle" }}
{{- $version := $.context.Capabilities.KubeVersion.Version }}
{{- if semverCompare "<1.33.0-0" $version }}
{{- fail (printf "%s.platform: kind ClusterTrustBundle needs Kubernetes 1.33, and this is %s: use a ConfigMap; if the cluster is newer than Helm assumes, set --kube-version" $at $version) }}
{{- end }}
{{- end }}
{{- end }}
{{- if and $config.given $config.exists }}
{{- fail (printf "%s.caBundle: both pem and existing are set, and they may differ: keep one of them" $at) }}
{{- end }}
{{- if and $config.exists (not $existing.key) }}
{{- fail (printf "%s.caBundle.existing.key: is empty: set it to the key of %s %s that holds the chain" $at $values.caBundle.kind $existing.name) }}
{{- end }}
{{- if and (not $config.exists) (or $existing.key $existing.sha256) }}
{{- fail (printf "%s.caBundle.existing.name: is empty, but key or sha256 is set: name the object, or remove them" $at) }}
{{- end }}
{{- if and $values.caBundle.pin (not $config.given) }}
{{- fail (printf "%s.caBundle.pin: needs the chain in %s.caBundle.pem; for an existing object, set caBundle.existing.sha256 instead" $at $at) }}
{{- end }}
{{- if and $config.optional (not $config.prebuilt) }}
{{- if not $config.exists }}
{{- fail (printf "%s.optional: only an object of %s.caBundle.existing can be missing: name it there, or remove this value" $at $at) }}
{{- end }}
{{- if $existing.sha256 }}
{{- fail (printf "%s.optional: a chain that may be missing cannot have the hash of %s.caBundle.existing.sha256: keep one of them" $at $at) }}
{{- end }}
{{- if and (eq $values.base "none") (not $values.platform) }}
{{- fail (printf "%s.optional: with base none and without %s.platform, a missing chain would leave nothing to trust: use another base" $at $at) }}
{{- end }}
{{- end }}
{{- if regexMatch "[^-._a-zA-Z0-9]" $values.fileName }}
{{- fail (printf "%s.fileName: %q cannot be a key of a ConfigMap: use only letters, digits, '-', '_' and '.'; put the path into %s.mountPath" $at $values.fileName $at) }}
{{- end }}
{{- if or (regexMatch "^\\.\\.|^\\.$|^$" $values.fileName) (gt (len $values.fileName) 253) }}
{{- fail (printf "%s.fileName: %q cannot be a key of a ConfigMap: it must not be empty or '.', start with '..', or be longer than 253" $at $values.fileName) }}
{{- end }}
{{- if or (not (regexMatch "^/[^/]" $config.rawDirectory)) (regexMatch "//|/\\.\\.?(/|$)|[[:space:]:]" $config.rawDirectory) }}
{{- fail (printf "%s.mountPath: the chain cannot be mounted at %q: use an absolute path, such as /etc/pki/custom-certs" $at $values.mountPath) }}
{{- end }}
{{- range $taken := list $config.directory $config.place }}
{{- $counts := or (eq $taken $config.directory) $values.updateOsTrust }}
{{- $over := printf "%s/" $config.rawDirectory }}
{{- if and $counts (or (hasPrefix (printf "%s/" $taken) $over) (hasPrefix $over (printf "%s/" $taken))) }}
{{- fail (printf "%s.mountPath: %q and %s, where the stores are mounted, would hide each other: use another path, such as /etc/pki/custom-certs" $at $values.mountPath $taken) }}
{{- end }}
{{- end }}
{{- if and (eq $values.base "none") (not $config.chain) (not $values.platform) }}
{{- fail (printf "%s.base: none, without a chain and a platform CA, leaves nothing to trust: set %s.caBundle, %s.platform or another base" $at $at $at) }}
{{- end }}
{{- if $config.given }}
{{- if include "trust-init.hasKey" $pem }}
{{- fail (printf "%s.caBundle.pem: found a private key. Remove it; only the CA's certificates belong here. If this file was ever shared, treat the key as compromised." $at) }}
{{- end }}
{{- $limit := include "trust-init.bytes" $values.policy.maxSize | int }}
{{- if gt (len $pem) $limit }}
{{- fail (printf "%s.caBundle.pem: has %d bytes, and the limit is %d (%s.policy.maxSize): give only the customer's own CAs, not the public ones" $at (len $pem) $limit $at) }}
{{- end }}
{{- if not (regexMatch "BEGIN (TRUSTED |X509 )?CERTIFICATE-----" $pem) }}
{{- fail (printf "%s.caBundle.pem: found no BEGIN CERTIFICATE: give the content of a PEM file (--set-file %s.caBundle.pem=FILE); put a DER, PKCS#7 or PKCS#12 file into a Secret and name it in %s.caBundle.existing" $at $at $at) }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Refuses a variable of trust-init's own, which has no effect: the chart passes --ignore-variables. In pods that trust-init
does not start, such a variable is for doctor, so only a locked chart refuses it there. Takes `context`, `name`, where
the values have it (`place`), and `wrapper`.
*/}}
{{- define "trust-init.refuseVariable" -}}
{{- if and (hasPrefix "TRUST_INIT_" .name) (or .wrapper (.context.Files.Get "trust-locked.yaml")) }}
{{- fail (printf "%s: %s has no effect, because the chart starts trust-init with --ignore-variables: remove it, and set the values below %s, such as policy, instead" .place .name (.key | default "trust")) }}
{{- end }}
{{- end }}

{{/*
How private keys look: lists of regular expressions, in JSON. trust-init knows more forms, but it runs when the text is
in the cluster. `words`: PEM of any tool, PuTTY, age, DNSSEC, signify, WireGuard; .NET's XML, openssl's text, JSON Web Keys. `base64`, in text
without spaces and quotes: a file of these (as a Secret has it), PKCS#1 and SEC 1 and PKCS#8 in DER, the algorithms that
encrypt PKCS#8.
*/}}
{{- define "trust-init.keyPatterns" -}}
{{- $tools := `(?i)BEGIN[A-Z0-9 ._-]*PRIVATE KEY|PuTTY-User-Key-File-|AGE-SECRET-KEY-1[A-Z0-9]{20}|Private-key-format:|untrusted comment: .*secret key|PrivateKey\s*=` }}
{{- $fields := `(?is)<RSAKeyValue>.*<D>|(private ?exponent|\bpriv):\s+([0-9a-f]{2}:){8}|"(d|k)"\s*:\s*"[A-Z0-9_-]{20}` }}
{{- $files := `UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW|b3BlbnNzaC1rZXktdjE|UHVUVFktVXNlci1LZXkt` }}
{{- $plain := `MII[A-Za-z0-9+/]{2}[AQgw]IB(AD[AC]|AAK[BC]|AQK[BC]|AQ[QR])|MI[GH][A-Za-z0-9+/]AgE(AM|BB[DE])|M[A-H][A-Za-z0-9+/]CAQ(AwB|AwC|EEI|EEM|EwBQYDK2V)` }}
{{- $encrypted := `BgkqhkiG9w0BBQ|GCSqGSIb3DQEF|YJKoZIhvcNAQU|BgoqhkiG9w0BDAE|GCiqGSIb3DQEMAQ|YKKoZIhvcNAQwB` }}
{{- toJson (dict "words" (list $tools $fields) "base64" (list $files $plain $encrypted)) }}
{{- end }}

{{/* "true" if a text has a private key. */}}
{{- define "trust-init.hasKey" -}}
{{- $patterns := fromJson (include "trust-init.keyPatterns" .) }}
{{- $dense := regexReplaceAll `\s|["']|\\n` . "" }}
{{- $found := false }}
{{- range $patterns.words }}{{ if regexMatch . $ }}{{ $found = true }}{{ end }}{{ end }}
{{- range $patterns.base64 }}{{ if regexMatch . $dense }}{{ $found = true }}{{ end }}{{ end }}
{{- if $found }}true{{ end }}
{{- end }}

{{/* 64KiB as a number. */}}
{{- define "trust-init.bytes" -}}
{{- $text := toString . }}
{{- /* A number in a values file can arrive as 65536 or as 65536.0. */}}
{{- if not (kindIs "string" .) }}{{ $text = . | int64 | toString }}{{ end }}
{{- $number := regexFind "^[0-9]+" $text | int64 }}
{{- if hasSuffix "KiB" $text }}{{ mul $number 1024 }}
{{- else if hasSuffix "MiB" $text }}{{ mul $number 1024 1024 }}
{{- else }}{{ $number }}{{ end }}
{{- end }}
