{{/*
What both engines share: which pods are left alone, what a pod gets, and the patch.

The expressions are CEL as Kubernetes 1.34 has it for new policies: optional fields, two-variable comprehensions, no
lists.flatten, and no map that is made of two others. They must not fail: with failurePolicy Fail, an error refuses the
pod.
*/}}

{{/* Pods that come out byte for byte as they went in. */}}
{{- define "trust-inject.matchConditions" -}}
# By this policy or, in any of its modes, by the library chart.
- name: not-injected-yet
  expression: >-
    !('trust-init/injected' in object.metadata.?annotations.orValue({}))
    && !object.spec.?initContainers.orValue([]).exists(c, c.name in ['trust-init', 'trust-init-install'])
    && !(object.spec.?volumes.orValue([]).exists(v, v.name == 'trust' && has(v.projected))
    && object.spec.containers.exists(c, c.?volumeMounts.orValue([]).exists(m, m.name == 'trust' && m.mountPath == '/trust')))
    && !object.spec.containers.exists(c, size(c.?command.orValue([])) > 1
    && c.command[0].endsWith('/trust-init') && c.command[1] == 'exec')
- name: not-opted-out
  expression: "object.metadata.?annotations[?'trust-init/inject'].orValue('') != 'disabled'"
- name: no-host-network
  expression: '!object.spec.?hostNetwork.orValue(false)'
- name: not-windows
  expression: >-
    object.spec.?os.?name.orValue('') != 'windows'
    && !['kubernetes.io/os', 'beta.kubernetes.io/os'].exists(l, object.spec.?nodeSelector[?l].orValue('') == 'windows')
    && !object.spec.?affinity.?nodeAffinity.?requiredDuringSchedulingIgnoredDuringExecution.?nodeSelectorTerms.orValue([])
    .exists(t, t.?matchExpressions.orValue([]).exists(e, e.key in ['kubernetes.io/os', 'beta.kubernetes.io/os']
    && e.operator == 'In' && e.?values.orValue([]).all(v, v == 'windows')))
- name: no-static-pod
  expression: "!('kubernetes.io/config.mirror' in object.metadata.?annotations.orValue({}))"
{{- end }}

{{/* Takes `all`, the result of trust-inject.config, and `parameter`, the expression of the namespace's ConfigMap. */}}
{{- define "trust-inject.variables" -}}
{{- $values := .all.values }}
{{- $config := .all.config }}
{{- $layouts := fromJson (include "trust-init.layouts" .) }}
{{- $platform := $values.platform }}
{{- $own := .all.own }}
{{- $names := fromJson (include "trust-init.variables" .) -}}
# What the namespace chose. An unknown choice counts as none; the guard refuses it when the ConfigMap is written.
- name: chosen
  expression: {{ .parameter }}.?data.orValue({})
- name: chain
  expression: >-
    'client-ca-chain.pem' in variables.chosen || 'client-ca-chain.pem' in {{ .parameter }}.?binaryData.orValue({})
- name: base
  expression: >-
    variables.chosen.?base.orValue('') in ['image', 'image-os', 'mozilla'] ? variables.chosen.base : {{ include "trust-inject.string" $values.base }}
- name: java
  expression: >-
    variables.chosen.?java.orValue('') in ['true', 'false'] ? variables.chosen.java == 'true' : {{ $values.updateJavaTrust }}
# Which directory of the image os/ is mounted over. The pod's annotation wins, because its author knows the image.
- name: osLayout
  expression: >-
    string(([dyn(object.metadata.?annotations[?'trust-init/os-layout'].orValue('')), dyn(variables.chosen.?osLayout.orValue(''))]
    .filter(l, l in ['debian', 'rhel', 'suse', 'none']) + ['none'])[0])
- name: place
  expression: >-
    {
    {{- range $name, $layout := $layouts }}{{ include "trust-inject.string" $name }}: {{ include "trust-inject.string" $layout.place }}, {{ end -}}
    'none': ''}[variables.osLayout]
- name: bundle
  expression: >-
    {
    {{- range $name, $layout := $layouts }}{{ include "trust-inject.string" $name }}: {{ printf "%s/%s" $config.directory $layout.bundle | include "trust-inject.string" }}, {{ end -}}
    'none': {{ include "trust-inject.string" $config.bundle }}}[variables.osLayout]
{{- /* Platform CAs: those of trust.platform everywhere, this chart's own where it writes the ConfigMap. */}}
{{- $volumes := list }}
{{- $mounts := list }}
{{- $options := list }}
{{- $last := list }}
{{- range $number, $one := ternary (append $platform $own) $platform (ne (len $own) 0) }}
{{- $place := dict "number" $number "one" $one }}
{{- $path := include "trust-init.platformPath" $place }}
{{- $last = list
      (include "trust-init.platformVolume" $place | fromYaml)
      (dict "name" (printf "trust-platform-%d" $number) "mountPath" (dir $path) "readOnly" true)
      (list "--base" $path) }}
{{- if lt $number (len $platform) }}
{{- $volumes = append $volumes (index $last 0) }}
{{- $mounts = append $mounts (index $last 1) }}
{{- $options = concat $options (index $last 2) }}
{{- end }}
{{- end }}
{{- if $own }}
# A pod elsewhere would wait for a ConfigMap that does not exist.
- name: hasPlatformCA
  expression: request.namespace in {{ include "trust-inject.strings" .namespaces }}
{{- end }}
- name: platformVolumes
  expression: >-
    {{ include "trust-inject.list" $volumes }}
    {{- if $own }} + (variables.hasPlatformCA ? [{{ include "trust-inject.literal" (index $last 0) }}] : []){{ end }}
- name: platformMounts
  expression: >-
    {{ include "trust-inject.list" $mounts }}
    {{- if $own }} + (variables.hasPlatformCA ? [{{ include "trust-inject.literal" (index $last 1) }}] : []){{ end }}
- name: platformOptions
  expression: >-
    {{ include "trust-inject.strings" $options }}
    {{- if $own }} + (variables.hasPlatformCA ? {{ include "trust-inject.strings" (index $last 2) }} : []){{ end }}
{{- $emptyDir := dict "sizeLimit" $values.volume.sizeLimit }}
{{- with $values.volume.medium }}{{ $_ := set $emptyDir "medium" . }}{{ end }}
- name: volumes
  expression: >-
    [{{ include "trust-inject.literal" (dict "name" "trust" "emptyDir" $emptyDir) }}]
    + (variables.chain ? [dyn({"name": dyn("trust-ca"), "configMap": dyn({"name": dyn({{ .parameter }}.metadata.name), "items":
    {{ include "trust-inject.literal" (list (dict "key" $values.fileName "path" $values.fileName)) }}})})] : [])
    + variables.platformVolumes
- name: rawMount
  expression: >-
    variables.chain ? [{{ include "trust-inject.literal" (dict "name" "trust-ca" "mountPath" $config.rawDirectory "readOnly" true) }}] : []
- name: build
  expression: >-
    ['build', '--ignore-variables', '--out', {{ include "trust-inject.string" $config.directory }}, '--os-layout',
    variables.osLayout == 'none' ? {{ include "trust-inject.string" $values.osLayout }} : variables.osLayout]
    + (variables.chain ? {{ include "trust-inject.strings" (list "--ca" $config.raw) }} : [])
    + (variables.base == 'mozilla' ? ['--base', 'mozilla'] : ['--base', 'auto'])
    + (variables.base == 'image-os' ? ['--base', 'os'] : [])
    + variables.platformOptions
    + (variables.java
    ? {{ dict "updateJavaTrust" true "java" $values.java | include "trust-init.storeOptions" | fromJsonArray | include "trust-inject.strings" }}
    : {{ dict "updateJavaTrust" false "java" $values.java | include "trust-init.storeOptions" | fromJsonArray | include "trust-inject.strings" }})
    + {{ include "trust-init.ruleOptions" $values | fromJsonArray | include "trust-inject.strings" }}
- name: javaOptions
  expression: {{ printf "variables.java ? %s : ''" (include "trust-inject.string" .all.toolOptions) | toJson }}
- name: env
  expression: >-
    {{ concat $names.bundle $values.extraVariables | include "trust-inject.strings" }}.map(n, {'name': n, 'value': variables.bundle})
    + {{ include "trust-inject.strings" $names.python }}.map(n, {'name': n, 'value': {{ include "trust-inject.string" $config.python }}})
    + (size(variables.platformMounts) > 0 || variables.base == 'image-os' ? [{'name': 'NODE_EXTRA_CA_CERTS', 'value': variables.bundle}]
    : variables.chain ? [{'name': 'NODE_EXTRA_CA_CERTS', 'value': {{ include "trust-inject.string" $config.custom }}}] : [])
    + (variables.javaOptions == '' ? [] : [{'name': 'JAVA_TOOL_OPTIONS', 'value': variables.javaOptions}])
# The containers that build run as the first container does, so that they start wherever it starts.
- name: first
  expression: object.spec.containers[0]
- name: user
  expression: variables.first.?securityContext.orValue({})
- name: securityContext
  expression: >-
    {
    {{- range $name, $value := omit $values.securityContext "runAsNonRoot" "runAsUser" "runAsGroup" }}{{ toJson $name }}: {{ include "trust-inject.literal" $value }}, {{ end -}}
    ?"runAsNonRoot": variables.user.?runAsNonRoot, ?"runAsUser": variables.user.?runAsUser,
    ?"runAsGroup": variables.user.?runAsGroup}
# None in a pod whose containers have none, which stays BestEffort, or whose resources belong to the pod as a whole. Only
# processor and memory count for the class of service, and neither if it is 0.
- name: resources
  expression: >-
    [dyn(object).spec.?resources.?requests, dyn(object).spec.?resources.?limits].exists(r, size(r.orValue({})) > 0)
    || !dyn(object).spec.containers.exists(c, [c.?resources.?requests, c.?resources.?limits]
    .exists(r, ['cpu', 'memory'].exists(n, r.orValue({})[?n].orValue('0') != '0')))
    ? {} : {"resources": {{ include "trust-inject.literal" $values.resources }}}
- name: buildMounts
  expression: >-
    {{ include "trust-inject.list" (list (dict "name" "trust" "mountPath" $config.directory)) }} + variables.rawMount + variables.platformMounts
- name: initContainers
  expression: >-
    variables.base != 'mozilla'
    ? [{"name": dyn("trust-init-install"), "image": dyn({{ toJson .all.image }}), "imagePullPolicy": dyn({{ toJson $values.image.pullPolicy }}),
    "args": {{ include "trust-inject.literal" (list "install" "--ignore-variables" (printf "%s/bin" $config.directory)) }},
    ?"resources": variables.resources.?resources, "securityContext": dyn(variables.securityContext),
    "volumeMounts": {{ include "trust-inject.literal" (list (dict "name" "trust" "mountPath" $config.directory)) }}},
    {"name": dyn("trust-init"), "image": dyn(variables.first.image), ?"imagePullPolicy": variables.first.?imagePullPolicy,
    "command": dyn([{{ printf "%s/bin/trust-init" $config.directory | include "trust-inject.string" }}] + variables.build),
    ?"resources": variables.resources.?resources, "securityContext": dyn(variables.securityContext),
    "volumeMounts": dyn(variables.buildMounts)}]
    : [{"name": dyn("trust-init"), "image": dyn({{ toJson .all.image }}), "imagePullPolicy": dyn({{ toJson $values.image.pullPolicy }}),
    "args": dyn(variables.build + ['--install']),
    ?"resources": variables.resources.?resources, "securityContext": dyn(variables.securityContext),
    "volumeMounts": dyn(variables.buildMounts)}]
{{ include "trust-inject.containers" . }}
{{- end }}

{{/* What the pod's own containers, init containers and sidecars get, and what of theirs is kept. */}}
{{- define "trust-inject.containers" -}}
{{- $config := .all.config -}}
- name: containers
  expression: >-
    (object.spec.containers.transformList(i, c, {'at': dyn('/spec/containers/' + string(i)), 'it': dyn(c)})
    + object.spec.?initContainers.orValue([])
    .transformList(i, c, {'at': dyn('/spec/initContainers/' + string(i)), 'it': dyn(c)}))
    .map(c, {'at': c.at, 'name': dyn(c.it.name), 'envFrom': dyn(size(c.it.?envFrom.orValue([])) > 0),
    'env': dyn(c.it.?env.orValue([])), 'volumeMounts': dyn(c.it.?volumeMounts.orValue([])),
    'volumeDevices': dyn(c.it.?volumeDevices.orValue([])),
    'names': dyn(c.it.?env.orValue([]).map(e, e.name))})
# A path, of a mount or a block device, without doubled slashes and dots, and with a slash at its end, so that prefixes
# are whole directories. One with `..` could be anywhere, so it counts as the root.
- name: paths
  expression: >-
    variables.containers.map(c, (c.volumeMounts.map(m, string(m.mountPath)) + c.volumeDevices.map(d, string(d.devicePath)))
    .map(p, {'said': p, 'path': p.startsWith('/') && !(p + '/').contains('//') && !p.contains('/.') ? p + '/'
    : ('/' + p + '/').contains('/../') ? '/'
    : ([''] + p.split('/').filter(n, n != '' && n != '.') + ['']).join('/')}))
# A client that finds its variable unset reads others. If the container set one of those, ours would hide it.
- name: fallbacks
  expression: >-
    {'CURL_CA_BUNDLE': ['SSL_CERT_FILE', 'SSL_CERT_DIR'], 'REQUESTS_CA_BUNDLE': ['CURL_CA_BUNDLE'],
    'PIP_CERT': ['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'], 'AWS_CA_BUNDLE': ['REQUESTS_CA_BUNDLE'],
    'PERL_LWP_SSL_CA_FILE': ['HTTPS_CA_FILE', 'HTTPS_CA_DIR', 'PERL_LWP_SSL_CA_PATH']}
- name: hidden
  expression: >-
    variables.containers.map(c, variables.env.map(e, string(e.name)).filter(n, !(n in c.names)
    && variables.fallbacks[?n].orValue([]).exists(f, f in c.names
    && c.env.exists(e, e.name == f && (e.?value.orValue('') != '' || has(e.valueFrom))))))
# Own options come after ours, so that they win in the JVM. An empty value or one from elsewhere is kept, and so is one with
# a truststore, which a password of ours would not open.
- name: plans
  expression: >-
    variables.containers.transformList(i, c, {'at': c.at, 'name': c.name, 'envFrom': c.envFrom, 'env': c.env,
    'volumeMounts': c.volumeMounts,
    'appends': dyn(variables.javaOptions != '' && 'JAVA_TOOL_OPTIONS' in c.names
    && c.env.all(e, e.name != 'JAVA_TOOL_OPTIONS' || e.?value.orValue('') != '')),
    'ownStore': dyn(c.env.exists(e, e.name == 'JAVA_TOOL_OPTIONS'
    && e.?value.orValue('').contains('-Djavax.net.ssl.trustStore='))),
    'add': dyn(variables.env.filter(e, !(e.name in c.names) && !(e.name in variables.hidden[i]))),
    'hidden': dyn(variables.hidden[i]),
    'set': dyn(variables.env.filter(e, e.name in c.names).map(e, e.name)),
    'inTheStores': dyn(variables.paths[i].filter(p, {{ include "trust-inject.touches" (printf "%s/" $config.directory | include "trust-inject.string") }})),
    'inThePlace': dyn(variables.paths[i].filter(p, variables.place != '' && ({{ include "trust-inject.touches" "(variables.place + '/')" }}))),
    'inTheRaw': dyn(variables.paths[i].filter(p, variables.chain && ({{ include "trust-inject.touches" (printf "%s/" $config.rawDirectory | include "trust-inject.string") }})))})
- name: kept
  expression: >-
    variables.plans.map(c, {'name': c.name, 'what': dyn(size(c.inTheStores) > 0
    ? c.inTheStores.map(p, 'mount ' + p.said)
    : c.set.filter(n, n != 'JAVA_TOOL_OPTIONS' || !c.appends || c.ownStore)
    .map(n, n + (c.env.exists(e, e.name == n && has(e.valueFrom)) ? ' (valueFrom)'
    : n == 'JAVA_TOOL_OPTIONS' && c.ownStore ? ' (its own trustStore)' : ''))
    + c.hidden.map(n, n + ' (left unset)')
    + (c.envFrom ? ['envFrom not seen'] : [])
    + (c.inThePlace + c.inTheRaw.filter(p, !(p in c.inThePlace))).map(p, 'mount ' + p.said))})
    .filter(c, size(c.what) > 0).map(c, c.name + ': ' + c.what.join(', ')).join('; ')
- name: patches
  expression: >-
    variables.plans.filter(c, size(c.inTheStores) == 0).map(c, {'at': c.at,
    'env': dyn(c.add + c.env.map(e, c.appends && e.name == 'JAVA_TOOL_OPTIONS'
    && !e.value.contains('-Djavax.net.ssl.trustStore=')
    ? dyn({'name': dyn(e.name), 'value': dyn(variables.javaOptions + ' ' + e.value)}) : e)),
    'volumeMounts': dyn(c.volumeMounts
    + [{{ include "trust-inject.literal" (dict "name" "trust" "mountPath" $config.directory "readOnly" true) }}]
    + (variables.place == '' || size(c.inThePlace) > 0 ? [] : [dyn({"name": dyn("trust"),
    "mountPath": dyn(variables.place), "subPath": dyn("os"), "readOnly": dyn(true)})])
    + (size(c.inTheRaw) > 0 ? [] : variables.rawMount))})
- name: clashes
  expression: >-
    object.spec.?volumes.orValue([]).filter(v, variables.volumes.exists(o, o.name == v.name)).map(v, 'volume ' + v.name)
    + variables.containers.filter(c, c.name in ['trust-init', 'trust-init-install']).map(c, 'container ' + c.name)
{{- end }}

{{/* Whether a mount is at, above or below a directory, which is an expression that ends in a slash. */}}
{{- define "trust-inject.touches" -}}
p.path.startsWith({{ . }}) || {{ . }}.startsWith(p.path)
{{- end }}

{{/*
One patch, so that a pod gets all of it or nothing. The pod's own containers come first, while their indices are right.
*/}}
{{- define "trust-inject.patch" -}}
{{- $secrets := .all.values.image.pullSecrets -}}
(has(object.metadata.annotations) ? [] : [JSONPatch{op: 'add', path: '/metadata/annotations', value: {}}])
+ (size(variables.clashes) > 0
? [JSONPatch{op: 'add', path: '/metadata/annotations/trust-init~1skipped',
value: 'the pod has its own ' + variables.clashes.join(', ')}]
: [JSONPatch{op: 'add', path: '/metadata/annotations/trust-init~1injected', value: {{ include "trust-inject.string" .version }}}]
+ (variables.kept == '' ? []
: [JSONPatch{op: 'add', path: '/metadata/annotations/trust-init~1kept', value: variables.kept}])
+ variables.patches.map(c, JSONPatch{op: 'add', path: c.at + '/env', value: c.env})
+ variables.patches.map(c, JSONPatch{op: 'add', path: c.at + '/volumeMounts', value: c.volumeMounts})
+ (has(object.spec.volumes) ? [] : [JSONPatch{op: 'add', path: '/spec/volumes', value: []}])
+ variables.volumes.map(v, JSONPatch{op: 'add', path: '/spec/volumes/-', value: v})
+ (has(object.spec.initContainers) ? [] : [JSONPatch{op: 'add', path: '/spec/initContainers', value: []}])
+ variables.initContainers.transformList(i, c, JSONPatch{op: 'add', path: '/spec/initContainers/' + string(i), value: c})
{{- if $secrets }}
+ (has(object.spec.imagePullSecrets) ? [] : [JSONPatch{op: 'add', path: '/spec/imagePullSecrets', value: []}])
+ {{ include "trust-inject.strings" $secrets }}
.filter(n, !object.spec.?imagePullSecrets.orValue([]).exists(s, s.?name.orValue('') == n))
.map(n, JSONPatch{op: 'add', path: '/spec/imagePullSecrets/-', value: {'name': n}})
{{- end }})
{{- end }}
