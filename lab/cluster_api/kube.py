"""A Kubernetes API server: JSON, a client certificate, and watches. Nothing of the environment is trusted."""
import json

import requests

VERSIONS = {
    'clusters': 'cluster.x-k8s.io/v1beta1',
    'machines': 'cluster.x-k8s.io/v1beta1',
    'machinedeployments': 'cluster.x-k8s.io/v1beta1',
    'machinehealthchecks': 'cluster.x-k8s.io/v1beta1',
    'kubeadmcontrolplanes': 'controlplane.cluster.x-k8s.io/v1beta1',
    'kubeadmconfigtemplates': 'bootstrap.cluster.x-k8s.io/v1beta1',
    'openstackclusters': 'infrastructure.cluster.x-k8s.io/v1beta1',
    'openstackmachines': 'infrastructure.cluster.x-k8s.io/v1beta1',
    'openstackmachinetemplates': 'infrastructure.cluster.x-k8s.io/v1beta1',
    'openstackservers': 'infrastructure.cluster.x-k8s.io/v1alpha1',
    'helmreleases': 'addons.stackhpc.com/v1alpha1',
    'manifests': 'addons.stackhpc.com/v1alpha1',
    'helmchartproxies': 'addons.cluster.x-k8s.io/v1alpha1',
}
KINDS = {
    'clusters': 'Cluster', 'machines': 'Machine', 'machinedeployments': 'MachineDeployment', 'machinehealthchecks': 'MachineHealthCheck',
    'kubeadmcontrolplanes': 'KubeadmControlPlane', 'kubeadmconfigtemplates': 'KubeadmConfigTemplate',
    'openstackclusters': 'OpenStackCluster', 'openstackmachines': 'OpenStackMachine', 'openstackservers': 'OpenStackServer',
    'openstackmachinetemplates': 'OpenStackMachineTemplate', 'helmreleases': 'HelmRelease', 'manifests': 'Manifests',
    'helmchartproxies': 'HelmChartProxy',
}


class KubeError(Exception):
    pass


class Kube:
    def __init__(self, server, ca, certificate):
        self.server, self.session = server, requests.Session()
        self.session.trust_env, self.session.verify, self.session.cert = False, ca, certificate

    @staticmethod
    def path(plural, namespace='', name='', sub=''):
        api = VERSIONS.get(plural, 'v1')
        parts = ['apis' if '/' in api else 'api', api] + (['namespaces', namespace] if namespace else []) + [plural, name, sub]
        return '/' + '/'.join(part for part in parts if part)

    def call(self, method, path, body=None, kind='application/json', passes=()):
        """The answer, or an empty object for a status that may be."""
        answer = self.session.request(method, self.server + path, json=body, headers={'Content-Type': kind}, timeout=20)
        if answer.status_code in passes:
            return {}
        if not answer.ok:
            raise KubeError('%s %s answered %s: %s' % (method, path, answer.status_code, answer.text[:300]))
        return answer.json()

    def get(self, plural, namespace, name):
        return self.call('GET', self.path(plural, namespace, name), passes=(404,))

    def list(self, plural, namespace='', labels=''):
        return self.call('GET', self.path(plural, namespace) + ('?labelSelector=' + labels if labels else ''))['items']

    def make(self, plural, namespace, body):
        known = {'apiVersion': VERSIONS[plural], 'kind': KINDS[plural]} if plural in VERSIONS else {}
        return self.call('POST', self.path(plural, namespace), {**known, **body}, passes=(409,))

    def merge(self, plural, namespace, name, body, sub=''):
        return self.call('PATCH', self.path(plural, namespace, name, sub), body, 'application/merge-patch+json', passes=(404,))

    def delete(self, plural, namespace, name, query=''):
        return self.call('DELETE', self.path(plural, namespace, name) + query, passes=(404,))

    def is_ready(self):
        try:
            return self.session.get(self.server + '/readyz', timeout=3).text == 'ok'
        except requests.RequestException:
            return False

    def watch(self, plural, act):
        """Calls `act` with every object there is and with each that changes or goes, until the connection ends."""
        found = self.call('GET', self.path(plural))
        for item in found['items']:
            act(item, False)
        query = '?watch=1&allowWatchBookmarks=true&resourceVersion=' + found['metadata']['resourceVersion']
        with self.session.get(self.server + self.path(plural) + query, stream=True, timeout=(10, 600)) as answer:
            for line in answer.iter_lines():
                event = json.loads(line)
                if event['type'] == 'ERROR':
                    return
                if event['type'] != 'BOOKMARK':
                    act(event['object'], event['type'] == 'DELETED')
