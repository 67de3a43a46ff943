{{/*
What all other templates start from: the effective values, and what follows from them.

Every named template of this chart takes one dict:

  context   $ of the chart that includes it (required)
  key       the key below .Values that holds the values, if it is not `trust`
  workload  "spark" if Spark makes the pods; decides what `auto` means
  image     the main container's image: the second init container runs in it
  env       the main container's own variables, as a Kubernetes `env` list
  fullname  what the names of objects begin with, if it is not the release's name

Some take more, as their comments say. Each renders nothing if trust.enabled is false.
*/}}

{{/* The defaults, for a key that a user's values removed with null. A test compares them with values.yaml. */}}
{{- define "trust-init.defaults" -}}
{
  "enabled": true,
  "caBundle": {
    "pem": "",
    "kind": "ConfigMap",
    "existing": {
      "name": "",
      "key": "",
      "sha256": "",
      "wait": 0
    },
    "reason": "",
    "pin": false
  },
  "optional": false,
  "mountPath": "/etc/pki/custom-certs",
  "fileName": "client-ca-chain.pem",
  "env": {},
  "extraVariables": [],
  "platform": [],
  "base": "image",
  "updateOsTrust": true,
  "osLayout": "debian",
  "updateJavaTrust": true,
  "java": {
    "store": "pkcs12",
    "toolOptions": "auto"
  },
  "policy": {
    "allow": [],
    "warn": [],
    "drop": [],
    "deny": [],
    "block": [],
    "expiresSoon": "30d",
    "maxSize": "64KiB"
  },
  "image": {
    "registry": "registry.example.com",
    "repository": "trust-init",
    "tag": "0.1.0",
    "digest": "",
    "pullPolicy": "IfNotPresent",
    "pullSecrets": []
  },
  "resources": {
    "requests": {
      "cpu": "50m",
      "memory": "32Mi"
    },
    "limits": {
      "cpu": "500m",
      "memory": "64Mi"
    }
  },
  "securityContext": {
    "runAsNonRoot": true,
    "allowPrivilegeEscalation": false,
    "readOnlyRootFilesystem": true,
    "capabilities": {
      "drop": [
        "ALL"
      ]
    },
    "seccompProfile": {
      "type": "RuntimeDefault"
    }
  },
  "volume": {
    "sizeLimit": "32Mi",
    "medium": ""
  },
  "mode": "init",
  "wrapper": {
    "binary": "",
    "command": [
      "/opt/entrypoint.sh"
    ]
  },
  "prebuilt": {
    "name": "trust",
    "kind": "ConfigMap",
    "chain": true,
    "auto": false,
    "platform": false,
    "names": {},
    "overImage": false
  },
  "rollOnChange": "auto"
}
{{- end }}

{{/* Where the main container finds the stores. */}}
{{- define "trust-init.directory" -}}/trust{{- end }}

{{/* The directory of an image that os/ is mounted over, and the bundle and the hashed directory in it. */}}
{{- define "trust-init.layouts" -}}
{
  "debian": {"place": "/etc/ssl/certs", "bundle": "os/ca-certificates.crt", "hashed": "os"},
  "rhel": {"place": "/etc/pki/ca-trust/extracted", "bundle": "os/pem/tls-ca-bundle.pem", "hashed": "os/pem/directory-hash"},
  "suse": {"place": "/var/lib/ca-certificates", "bundle": "os/ca-bundle.pem", "hashed": "os/openssl"}
}
{{- end }}

{{/*
The values as JSON, never as YAML: JSON preserves every byte of the chain, so that the same text is hashed, checked
and written.
*/}}
{{- define "trust-init.values" -}}
{{- $key := .key | default "trust" }}
{{- $given := index .context.Values $key }}
{{- if not (kindIs "map" $given) }}
{{- fail (printf "%s: no values found: the dependency on trust-init needs `alias: %s`" $key $key) }}
{{- end }}
{{- $values := dict }}
{{- $defaults := fromJson (include "trust-init.defaults" .) }}
{{- range $name, $default := $defaults }}
{{- $value := index $given $name }}
{{- if kindIs "invalid" $value }}
{{- $value = $default }}
{{- else if has $name (list "resources" "securityContext") }}
{{- /* A field that null removes is one that the container does not have. */}}
{{- $value = fromJson (include "trust-init.present" $value) }}
{{- else if and (kindIs "map" $default) (kindIs "map" $value) }}
{{- $whole := dict }}
{{- range $inner := concat (keys $value) (keys $default) | uniq }}
{{- $own := index $value $inner }}
{{- $_ := set $whole $inner (ternary (index $default $inner) $own (kindIs "invalid" $own)) }}
{{- end }}
{{- $value = $whole }}
{{- end }}
{{- $_ := set $values $name $value }}
{{- end }}
{{- include "trust-init.locked" (dict "context" .context "key" $key "values" $values "defaults" $defaults) }}
{{- end }}

{{/* "true" if the pods get something. */}}
{{- define "trust-init.enabled" -}}
{{- if (fromJson (include "trust-init.values" .)).enabled }}true{{ end }}
{{- end }}

{{/* trust.mode, as it counts; nothing where trust.enabled is false. */}}
{{- define "trust-init.mode" -}}
{{- $values := fromJson (include "trust-init.values" .) }}
{{- if $values.enabled }}{{ $values.mode }}{{ end }}
{{- end }}

{{- define "trust-init.config" -}}
{{- $root := .context }}
{{- $key := .key | default "trust" }}
{{- $values := fromJson (include "trust-init.values" .) }}
{{- $spark := eq (.workload | default "") "spark" }}
{{- $wrapper := eq $values.mode "wrapper" }}
{{- $prebuilt := eq $values.mode "prebuilt" }}
{{- $layout := index (fromJson (include "trust-init.layouts" .)) $values.osLayout }}
{{- $directory := include "trust-init.directory" . }}
{{- $existing := $values.caBundle.existing }}
{{- $pem := $values.caBundle.pem }}
{{- $mountPath := trimSuffix "/" $values.mountPath }}
{{- $config := dict
      "key" $key
      "spark" $spark
      "wrapper" $wrapper
      "sidecar" (eq $values.mode "sidecar")
      "prebuilt" $prebuilt
      "optional" $values.optional
      "directory" $directory
      "place" $layout.place
      "bundle" (printf "%s/%s" $directory $layout.bundle)
      "hashed" (printf "%s/%s" $directory $layout.hashed)
      "python" (printf "%s/python/cacert.pem" $directory)
      "custom" (printf "%s/custom/client-ca-chain.pem" $directory)
      "raw" (printf "%s/%s" $mountPath $values.fileName)
      "rawDirectory" $mountPath }}
{{- $_ := set $config "given" (ne $pem "") }}
{{- $_ := set $config "exists" (ne (default "" $existing.name) "") }}
{{- $_ := set $config "chain" (or $config.given $config.exists) }}
{{- include "trust-init.validate" (dict "values" $values "config" $config "context" $root) }}
{{- /* Nothing is mounted over the image's own directory: exec cannot do that, and what is rendered has no hashed directory. */}}
{{- $_ := set $config "over" (and $values.updateOsTrust (not $wrapper) (or (not $prebuilt) $values.prebuilt.overImage)) }}
{{- $hash := "" }}
{{- if $config.given }}{{ $hash = sha256sum $pem }}{{ else if $config.exists }}{{ $hash = default "" $existing.sha256 }}{{ end }}
{{- $_ := set $config "hash" $hash }}
{{- $name := printf "%s-%s-ca" (.fullname | default $root.Release.Name) (kebabcase $key) }}
{{- if $values.caBundle.pin }}{{ $name = printf "%s-%s" $name (trunc 10 $hash) }}{{ end }}
{{- if $config.exists }}{{ $name = $existing.name }}{{ end }}
{{- $_ := set $config "name" $name }}
{{- $_ := set $config "objectKey" (ternary $existing.key $values.fileName $config.exists) }}
{{- $_ := set $config "kind" $values.caBundle.kind }}
{{- if $prebuilt }}
{{- $_ := set $config "chain" $values.prebuilt.chain }}
{{- $_ := set $config "kind" $values.prebuilt.kind }}
{{- $_ := set $config "objectKey" "client-ca-chain.pem" }}
{{- $names := list }}
{{- range fromJsonArray (include "trust-init.prebuiltObjects" $values) }}
{{- $names = append $names .name }}
{{- range .items }}{{ if eq (index . 0) $config.objectKey }}{{ $_ := set $config "name" (last $names) }}{{ end }}{{ end }}
{{- end }}
{{- $_ := set $config "names" $names }}
{{- end }}
{{- /* A hash that the pod enforces: only if the content behind the name cannot change. */}}
{{- $pinned := or $values.caBundle.pin $config.exists }}
{{- $_ := set $config "expect" (ternary $hash "" $pinned) }}
{{- $_ := set $config "roll" (ternary (not (or $spark $config.sidecar)) (eq (toString $values.rollOnChange) "true") (eq (toString $values.rollOnChange) "auto")) }}
{{- $_ := set $config "toolOptions" (ternary (not $spark) (eq (toString $values.java.toolOptions) "true") (eq (toString $values.java.toolOptions) "auto")) }}
{{- $_ := set $config "javaOptions" (ternary (include "trust-init.javaOptions" $values) "" (and $values.updateJavaTrust (not $wrapper))) }}
{{- $_ := set $config "stores" (or (not $wrapper) (eq $values.wrapper.binary "")) }}
{{- toJson (dict "values" $values "config" $config) }}
{{- end }}

{{/* The options that point a JVM to the truststore. Takes the values. */}}
{{- define "trust-init.javaOptions" -}}
-Djavax.net.ssl.trustStore={{ include "trust-init.directory" . }}/java/truststore.{{ ternary "jks" "p12" (eq .java.store "jks") }}
{{- /* If the form has a MAC or encryption, a JVM must give the password. */}}
{{- if has .java.store (list "pkcs12-mac" "pkcs12-encrypted") }} -Djavax.net.ssl.trustStorePassword=changeit{{ end }}
{{- end }}

{{/* Labels of objects: those of this chart, then `labels`, which count if both have one. */}}
{{- define "trust-init.labels" -}}
{{- $labels := dict
      "app.kubernetes.io/name" (.context.Chart.Name | trunc 63 | trimSuffix "-")
      "app.kubernetes.io/instance" (.context.Release.Name | trunc 63 | trimSuffix "-")
      "app.kubernetes.io/managed-by" .context.Release.Service
      "app.kubernetes.io/component" "customer-ca"
      "helm.sh/chart" (printf "%s-%s" .context.Chart.Name .context.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") }}
{{- include "trust-init.map" (merge (dict) (fromJson (include "trust-init.present" .labels)) $labels) | trim }}
{{- end }}

{{- define "trust-init.image" -}}
{{- $where := .repository }}
{{- if .registry }}{{ $where = printf "%s/%s" .registry .repository }}{{ end }}
{{- if .digest }}{{ printf "%s@%s" $where .digest }}{{ else }}{{ printf "%s:%s" $where .tag }}{{ end }}
{{- end }}
