{{/* The prefix of all names: the release's, without saying "kiln" twice. */}}
{{- define "kiln.name" -}}
{{- if contains "kiln" .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-kiln" .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What never changes of the operator's pods. */}}
{{- define "kiln.selector" -}}
app.kubernetes.io/name: kiln
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end -}}

{{- define "kiln.labels" -}}
{{ include "kiln.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* kiln.image (dict "root" $ "image" IMAGE): its full name, by digest if one is given. */}}
{{- define "kiln.image" -}}
{{- $registry := .root.Values.images.registry -}}
{{- $name := ternary .image.repository (printf "%s/%s" $registry .image.repository) (empty $registry) -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $name .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* The operator's settings; docs/operator.md has all of them. What is empty is left to the operator. */}}
{{- define "kiln.settings" -}}
{{- $builder := .Values.builder -}}
{{- $settings := list
    (list "KILN_BUILDER_IMAGE" (include "kiln.image" (dict "root" . "image" $builder.image)))
    (list "KILN_BUILDER_IMAGE_PULL_POLICY" .Values.images.pullPolicy)
    (list "KILN_BUILDER_CACHE_CLAIM" $builder.cache.claim)
    (list "KILN_BUILDER_CACHE_SIZE" $builder.cache.size)
    (list "KILN_BUILDER_CACHE_CLASS" $builder.cache.storageClass)
    (list "KILN_BUILDER_CACHE_ACCESS_MODE" $builder.cache.accessMode)
    (list "KILN_BUILDER_CACHE_MAX_SIZE" $builder.cache.maxSize)
    (list "KILN_BUILDER_CACHE_MIN_FREE" $builder.cache.minFree)
    (list "KILN_BUILDER_PLATFORM" $builder.platform)
    (list "KILN_BUILDER_PLATFORM_WAIT" $builder.platformWait)
    (list "KILN_BUILDER_ID" $builder.id)
    (list "KILN_BUILDER_ISOLATION_MINIMUM" $builder.isolation.minimum)
    (list "KILN_BUILDER_PIDS_LIMIT" ($builder.pidsLimit | int | toString))
    (list "KILN_BUILDER_SECCOMP_PROFILE" $builder.seccompProfile)
    (list "KILN_BUILDER_APPARMOR_PROFILE" $builder.appArmorProfile)
    (list "KILN_BUILDER_RESOURCES" (ternary "" (toJson $builder.resources) (empty $builder.resources)))
    (list "KILN_BUILDER_HTTP_PROXY" $builder.proxy.http)
    (list "KILN_BUILDER_HTTPS_PROXY" $builder.proxy.https)
    (list "KILN_BUILDER_NO_PROXY" $builder.proxy.noProxy)
    (list "KILN_BUILDER_REGISTRIES_CONF" (ternary "" "/etc/kiln/builder/registries.conf" (empty $builder.registriesConf)))
    (list "KILN_BUILDER_CA_BUNDLE" (ternary "" "/etc/kiln/builder/ca.crt" (empty $builder.caBundle)))
    (list "KILN_MAX_BUILDS" (.Values.limits.builds | int | toString))
    (list "KILN_MAX_BUILDS_PER_NAMESPACE" (.Values.limits.buildsPerNamespace | int | toString))
    (list "KILN_BASE_IMAGE_INTERVAL" .Values.rebuild.baseImageInterval)
    (list "KILN_FLUX_SOURCES" (ternary "watched" "" .Values.flux.enabled))
    (list "KILN_WATCH_NAMESPACES" (join "," .Values.watchNamespaces))
    (list "KILN_KEEP_PODS" .Values.builder.keepPods)
    (list "KILN_METRICS_GROUPING" .Values.monitoring.grouping)
    (list "KILN_LOG_FORMAT" .Values.operator.logFormat)
    (list "OTEL_EXPORTER_OTLP_ENDPOINT" .Values.monitoring.traces.endpoint)
    (list "KILN_HTTP_ADDRESS" "0.0.0.0:8080")
    (list "KILN_HOOKS_ADDRESS" (ternary "0.0.0.0:8090" "" .Values.hooks.enabled))
    (list "KILN_HOOKS_SECRETS" (ternary "/etc/kiln/hooks" "" .Values.hooks.enabled))
-}}
{{- range $settings }}
{{- if index . 1 }}
- name: {{ index . 0 }}
  value: {{ index . 1 | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Files for all builders, which the operator reads when it starts: the data of a ConfigMap, or nothing. */}}
{{- define "kiln.builderFiles" -}}
{{- with .Values.builder.registriesConf }}
registries.conf: {{ . | quote }}
{{- end }}
{{- with .Values.builder.caBundle }}
ca.crt: {{ . | quote }}
{{- end }}
{{- end -}}
