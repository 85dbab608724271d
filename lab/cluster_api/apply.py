"""Writes the kinds of Cluster API into the management cluster, and an account that reads all of it but Secrets."""
import os
import time

from kube import KINDS, VERSIONS, Kube

READER = 'lab-reader'
# magnum-capi-helm 1.2.0 reads it to tell the health of a cluster, and calls one unhealthy where it is not served any more
OLDER = {'openstackclusters': ('v1alpha6',)}


def definition(plural, api):
    group, version = api.split('/')
    kind = KINDS[plural]
    return {
        'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition',
        'metadata': {'name': '%s.%s' % (plural, group), 'annotations': {'api-approved.kubernetes.io': 'unapproved, a lab'}},
        'spec': {'group': group, 'scope': 'Namespaced',
                 'names': {'kind': kind, 'plural': plural, 'singular': kind.lower(), 'listKind': kind + 'List'},
                 'versions': [{'name': name, 'served': True, 'storage': name == version, 'subresources': {'status': {}},
                               'schema': {'openAPIV3Schema': {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}}}
                              for name in (version, *OLDER.get(plural, ()))]}}


run = os.environ['LAB_DIR'] + '/capi/mgmt'
kube = Kube('https://127.0.0.1:' + os.environ['CAPI_PORT'], os.environ['LAB_DIR'] + '/tls/ca.pem', (run + '/admin.crt', run + '/admin.key'))
for plural, api in VERSIONS.items():
    kube.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition(plural, api), passes=(409,))
rbac = '/apis/rbac.authorization.k8s.io/v1/'
groups = sorted({api.split('/')[0] for api in VERSIONS.values()})
kube.call('POST', rbac + 'clusterroles', {
    'metadata': {'name': READER},
    'rules': [{'apiGroups': groups, 'resources': ['*'], 'verbs': ['get', 'list']}, {'apiGroups': [''], 'resources': ['events', 'namespaces'], 'verbs': ['get', 'list']}]}, passes=(409,))
kube.call('POST', rbac + 'clusterrolebindings', {
    'metadata': {'name': READER}, 'roleRef': {'apiGroup': 'rbac.authorization.k8s.io', 'kind': 'ClusterRole', 'name': READER},
    'subjects': [{'apiGroup': 'rbac.authorization.k8s.io', 'kind': 'User', 'name': READER}]}, passes=(409,))
for plural in VERSIONS:
    while not kube.session.get(kube.server + kube.path(plural), timeout=20).ok:
        time.sleep(0.1)
