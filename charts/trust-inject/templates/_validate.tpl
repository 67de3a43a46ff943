{{/* What is refused when the chart is rendered. Each message names the value, says what is wrong and what to do. */}}
{{- define "trust-inject.validate" -}}
{{- $root := .context }}
{{- $values := .values }}
{{- $version := $root.Capabilities.KubeVersion.Version }}
{{- if and (eq $root.Values.engine "kubernetes") (semverCompare "<1.34.0-0" $version) }}
{{- fail (printf "engine: kubernetes needs MutatingAdmissionPolicy of Kubernetes 1.34, and this is %s: install Kyverno and set `engine: kyverno`; if this is not the version of your cluster, set --kube-version" $version) }}
{{- end }}
{{- if and (or $root.Values.parameter.guard $root.Values.verify.actions) (semverCompare "<1.30.0-0" $version) }}
{{- fail (printf "parameter.guard and verify.actions need ValidatingAdmissionPolicy of Kubernetes 1.30, and this is %s: set `parameter.guard: false` and `verify.actions: []`; if this is not the version of your cluster, set --kube-version" $version) }}
{{- end }}
{{- /* If they were ignored, they would seem to take effect. */}}
{{- $defaults := fromJson (include "trust-init.defaults" .) }}
{{- $instead := dict
      "enabled" "uninstall this chart, or remove the label from a namespace"
      "caBundle" (printf "put the chain into ConfigMap %s of the customer's namespace" $root.Values.parameter.name)
      "optional" "the ConfigMap of a namespace may always be without a chain"
      "fileName" "the key in the ConfigMap is always client-ca-chain.pem"
      "env" "set the variable in the pod, which wins"
      "osLayout" "set osLayout in the ConfigMap of a namespace, or the annotation trust-init/os-layout of a pod"
      "mode" "a policy can only inject init containers"
      "wrapper" "a policy can only inject init containers"
      "prebuilt" "a policy can only inject init containers"
      "rollOnChange" "only new pods get a new chain, so restart the others yourself" }}
{{- range $name, $remedy := $instead }}
{{- if ne (toJson (index $values $name)) (toJson (index $defaults $name)) }}
{{- fail (printf "trust.%s: has no effect on injected pods: %s; remove this value" $name $remedy) }}
{{- end }}
{{- end }}
{{- range $name := list "runAsUser" "runAsGroup" }}
{{- if hasKey $values.securityContext $name }}
{{- fail (printf "trust.securityContext.%s: has no effect on injected pods, whose init containers run as the first container does; remove this value" $name) }}
{{- end }}
{{- end }}
{{- if and $root.Values.parameter.guard (gt (include "trust-init.bytes" $values.policy.maxSize | int) 131072) }}
{{- fail (printf "trust.policy.maxSize: is %v, and the guard of the ConfigMap can search at most 128KiB for private keys: lower it, or set `parameter.guard: false`" $values.policy.maxSize) }}
{{- end }}
{{- /* A namespace can choose any of the layouts, and the mount point of one could not be made in the other, which is read-only. */}}
{{- $raw := printf "%s/" (trimSuffix "/" $values.mountPath) }}
{{- $taken := list "/etc/pki/platform-certs" }}
{{- range fromJson (include "trust-init.layouts" .) }}{{ $taken = append $taken .place }}{{ end }}
{{- range $taken }}
{{- $over := printf "%s/" . }}
{{- if or (hasPrefix $raw $over) (hasPrefix $over $raw) }}
{{- fail (printf "trust.mountPath: %q and %s, which trust-init or a namespace may need, would hide each other: use another path, such as /etc/pki/custom-certs" $values.mountPath .) }}
{{- end }}
{{- end }}
{{- if $values.updateOsTrust }}
{{- fail "trust.updateOsTrust: a policy cannot know which directory an image has: set osLayout in the ConfigMap of a namespace, or the annotation trust-init/os-layout of a pod, and remove this value" }}
{{- end }}
{{- if eq $values.base "none" }}
{{- fail "trust.base: none would take away from a pod what it trusted before: use image, image-os or mozilla" }}
{{- end }}
{{- if not (fromJson (include "trust-inject.selector" $root)).matchLabels }}
{{- fail "namespaceSelector.matchLabels: is empty, so every namespace would opt in: name the label of those that do" }}
{{- end }}
{{- include "trust-init.checkTexts" (dict "kind" "label" "at" "namespaceSelector.matchLabels" "map" $root.Values.namespaceSelector.matchLabels) }}
{{- $ca := $root.Values.platformCA }}
{{- if and $ca.namespaces (not $ca.pem) }}
{{- fail "platformCA.pem: is empty, but platformCA.namespaces is set: give the content of a PEM file (--set-file platformCA.pem=FILE), or remove the namespaces" }}
{{- end }}
{{- if $ca.pem }}
{{- if not $ca.namespaces }}
{{- fail "platformCA.namespaces: is empty, so no pod would get platformCA.pem: list the namespaces" }}
{{- end }}
{{- if include "trust-init.hasKey" $ca.pem }}
{{- fail "platformCA.pem: found a private key. Remove it; only certificates belong here. If this file was ever shared, treat the key as compromised." }}
{{- end }}
{{- if not (regexMatch "BEGIN (TRUSTED |X509 )?CERTIFICATE-----" $ca.pem) }}
{{- fail "platformCA.pem: found no BEGIN CERTIFICATE: give the content of a PEM file (--set-file platformCA.pem=FILE)" }}
{{- end }}
{{- if eq $ca.name $root.Values.parameter.name }}
{{- fail (printf "platformCA.name: %s is also parameter.name, the customer's ConfigMap: use another name" $ca.name) }}
{{- end }}
{{- end }}
{{- end }}
