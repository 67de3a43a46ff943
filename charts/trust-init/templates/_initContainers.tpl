{{/*
The init containers.

base image: the first runs the trust-init image and copies the program into the volume; the second runs the main image
and builds there, so that it adds to what that image trusts. It needs no shell, so distroless images work. os/ is not
mounted in it, because it must see the image's own stores.
base mozilla or none: one container, from the trust-init image.
mode wrapper: only the program, or nothing if the main image has it.
mode sidecar: the same, but the container that builds keeps running and watches; the startupProbe keeps the main
container from starting before the stores exist.
mode prebuilt: none.

Takes `image` and `imagePullPolicy` of the main container.
*/}}
{{- define "trust-init.initContainers" -}}
{{- if include "trust-init.enabled" . }}
{{- $all := fromJson (include "trust-init.config" .) }}
{{- $values := $all.values }}
{{- $config := $all.config }}
{{- $image := include "trust-init.image" $values.image }}
{{- $install := dict
      "name" "trust-init-install" "image" $image "pullPolicy" $values.image.pullPolicy
      "args" (list "install" "--ignore-variables" (printf "%s/bin" $config.directory)) }}
{{- $build := concat (list (ternary "watch" "build" $config.sidecar)) (fromJsonArray (include "trust-init.options" $all)) }}
{{- $containers := list }}
{{- if $config.prebuilt }}
{{- else if $config.wrapper }}
{{- if $config.stores }}{{ $containers = list $install }}{{ end }}
{{- else if hasPrefix "image" $values.base }}
{{- $main := dict
      "name" "trust-init"
      "image" (required "trust-init.initContainers: trust.base image needs `image`, the main container's image" .image)
      "pullPolicy" (default "" .imagePullPolicy)
      "command" (concat (list (printf "%s/bin/trust-init" $config.directory)) $build)
      "program" (printf "%s/bin/trust-init" $config.directory)
      "sources" true }}
{{- $containers = list $install $main }}
{{- else }}
{{- $containers = list (dict
      "name" "trust-init" "image" $image "pullPolicy" $values.image.pullPolicy
      "args" (append $build "--install") "program" "/trust-init" "sources" true) }}
{{- end }}
{{- range $containers }}
- name: {{ .name }}
  image: {{ include "trust-init.json" .image }}
  {{- with .pullPolicy }}
  imagePullPolicy: {{ include "trust-init.json" . }}
  {{- end }}
  {{- with .command }}
  command: {{ include "trust-init.json" . }}
  {{- end }}
  {{- with .args }}
  args: {{ include "trust-init.json" . }}
  {{- end }}
  {{- if and $config.sidecar .program }}
  restartPolicy: Always
  startupProbe:
    exec:
      command: {{ list .program "watch" "--healthy" "--ignore-variables" "--out" $config.directory | include "trust-init.json" }}
    periodSeconds: 1
    {{- /* A container that waits for a source reports that itself, in its termination message. */}}
    failureThreshold: {{ add 60 ($values.caBundle.existing.wait | int64) }}
  {{- end }}
  {{- with $values.resources }}
  resources:
    {{- include "trust-init.map" . | trim | nindent 4 }}
  {{- end }}
  securityContext:
    {{- include "trust-init.map" $values.securityContext | trim | nindent 4 }}
  volumeMounts:
    - name: trust
      mountPath: {{ $config.directory }}
    {{- if .sources }}
    {{- with include "trust-init.sourceMounts" (dict "config" $config "platform" $values.platform) | trim }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/*
The options that build, watch and exec share, as a JSON list. Takes the result of trust-init.config.

The program runs in the main image, whose ENV, like the container's `env`, could weaken rules by TRUST_INIT_ variables.
*/}}
{{- define "trust-init.options" -}}
{{- $values := .values }}
{{- $config := .config }}
{{- $options := list "--ignore-variables" }}
{{- /* First, because a policy compares words by their place: examples/admission. */}}
{{- if not $config.wrapper }}
{{- $options = concat $options (list "--out" $config.directory "--os-layout" $values.osLayout) }}
{{- end }}
{{- if $config.chain }}{{ $options = concat $options (list "--ca" $config.raw) }}{{ end }}
{{- if hasPrefix "image" $values.base }}{{ $options = concat $options (list "--base" "auto") }}{{ end }}
{{- if eq $values.base "image-os" }}{{ $options = concat $options (list "--base" "os") }}{{ end }}
{{- if eq $values.base "mozilla" }}{{ $options = concat $options (list "--base" "mozilla") }}{{ end }}
{{- range $number, $one := $values.platform }}
{{- $options = concat $options (list "--base" (include "trust-init.platformPath" (dict "number" $number "one" $one))) }}
{{- end }}
{{- /* `none` cannot be combined; with a platform, the platform's CAs are the only base. */}}
{{- if and (eq $values.base "none") (not $values.platform) }}{{ $options = concat $options (list "--base" "none") }}{{ end }}
{{- $options = concat $options (fromJsonArray (include "trust-init.storeOptions" $values)) }}
{{- with $values.extraVariables }}{{ $options = concat $options (list "--set-variable" (join "," .)) }}{{ end }}
{{- $options = concat $options (fromJsonArray (include "trust-init.ruleOptions" $values)) }}
{{- if $config.optional }}{{ $options = append $options "--optional" }}{{ end }}
{{- with $config.expect }}{{ $options = concat $options (list "--expect-sha256" .) }}{{ end }}
{{- if $config.exists }}
{{- with $values.caBundle.existing.wait }}{{ $options = concat $options (list "--wait" (. | int64 | toString)) }}{{ end }}
{{- end }}
{{- toJson $options }}
{{- end }}

{{/* Which stores are built. Takes the values, and returns a JSON list. */}}
{{- define "trust-init.storeOptions" -}}
{{- toJson (ternary (list "--java-store" .java.store) (list "--only" "os,python") .updateJavaTrust) }}
{{- end }}

{{/* The rules and limits of trust.policy. Takes the values, and returns a JSON list. */}}
{{- define "trust-init.ruleOptions" -}}
{{- $options := list }}
{{- range $level := list "allow" "warn" "drop" "deny" }}
{{- with index $.policy $level }}{{ $options = concat $options (list (printf "--%s" $level) (join "," .)) }}{{ end }}
{{- end }}
{{- with .policy.block }}{{ $options = concat $options (list "--block" (join "," .)) }}{{ end }}
{{- $options = concat $options (list "--expires-soon" .policy.expiresSoon) }}
{{- $options = concat $options (list "--max-size" (include "trust-init.bytes" .policy.maxSize)) }}
{{- toJson $options }}
{{- end }}

{{/*
The main container's command in mode wrapper; nothing in other modes. Spark keeps a template's command and appends its
own args, so there must be no args here.
*/}}
{{- define "trust-init.command" -}}
{{- if include "trust-init.enabled" . }}
{{- $all := fromJson (include "trust-init.config" .) }}
{{- $values := $all.values }}
{{- if $all.config.wrapper }}
{{- $binary := $values.wrapper.binary | default (printf "%s/bin/trust-init" $all.config.directory) }}
command: {{ concat (list $binary "exec") (fromJsonArray (include "trust-init.options" $all)) (list "--") $values.wrapper.command | include "trust-init.json" }}
{{- end }}
{{- end }}
{{- end }}
