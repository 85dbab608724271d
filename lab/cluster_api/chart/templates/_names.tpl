{{- define "labels" -}}
{{- $root := index . 0 -}}
{{ $root.Values.projectPrefix }}/cluster: {{ $root.Release.Name }}
{{ $root.Values.projectPrefix }}/managed-by: {{ $root.Release.Service }}
{{ $root.Values.projectPrefix }}/infrastructure-provider: openstack
{{- if gt (len .) 1 }}
{{ $root.Values.projectPrefix }}/component: {{ index . 1 }}
{{- end }}
{{- if gt (len .) 2 }}
{{ $root.Values.projectPrefix }}/node-group: {{ index . 2 }}
{{- end }}
{{- end -}}
{{/* A template of machines is never changed: another content is another name. */}}
{{- define "machine" -}}
{{- $root := index . 0 -}}
flavor: {{ index . 1 | quote }}
image: {id: {{ $root.Values.machineImageId }}}
{{- with $root.Values.machineSSHKeyName }}
sshKeyName: {{ . }}
{{- end }}
identityRef: {cloudName: openstack, name: {{ $root.Values.cloudCredentialsSecretName }}}
{{- end -}}
{{- define "machine-template" -}}
{{- $root := index . 0 -}}
{{- $spec := include "machine" (list $root (index . 2)) -}}
{{ $root.Release.Name }}-{{ index . 1 }}-{{ sha256sum $spec | trunc 8 }}
{{- end -}}
