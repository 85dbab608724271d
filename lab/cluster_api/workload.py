"""The API server of one cluster: kube-apiserver on the floating IP with the cluster's own CA, and the nodes and pods in it. No kubelet runs."""
import base64
import datetime
import hashlib
import ipaddress
import os
import signal
import subprocess

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kube import Kube

CNI = {'calico': ('calico-system', 'calico-node', 'quay.io/calico/node:v3.29.1'), 'cilium': ('kube-system', 'cilium', 'quay.io/cilium/cilium:v1.16.5')}
CCM = ('openstack-system', 'openstack-cloud-controller-manager', 'registry.k8s.io/provider-os/openstack-cloud-controller-manager:v1.34.0')
DNS = ('kube-system', 'coredns', 'registry.k8s.io/coredns/coredns:v1.12.1')


def condition(kind, is_true, reason='', message=''):
    now = datetime.datetime.utcnow().strftime('%Y-%m-%dT%H:%M:%SZ')
    return {'type': kind, 'status': 'True' if is_true else 'False', 'lastTransitionTime': now,
            **({'reason': reason} if reason else {}), **({'message': message} if message else {})}


class Workload:
    def __init__(self, name, folder, etcd, address):
        self.name, self.folder, self.etcd, self.address = name, os.path.join(folder, name), etcd, address
        self.process = None
        self.kube = Kube('https://%s:6443' % address, self.file('ca.crt'), (self.file('admin.crt'), self.file('admin.key')))

    def file(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        with open(os.open(self.file(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'wb') as file:
            file.write(data)

    def sign(self, name, subject, usage, address=None):
        """A certificate of the cluster's own CA, as kubeadm makes them."""
        ca = x509.load_pem_x509_certificate(open(self.file('ca.crt'), 'rb').read())
        ca_key = serialization.load_pem_private_key(open(self.file('ca.key'), 'rb').read(), None)
        key = rsa.generate_private_key(65537, 2048)
        now = datetime.datetime.utcnow()
        builder = (x509.CertificateBuilder().subject_name(x509.Name([x509.NameAttribute(*part) for part in subject])).issuer_name(ca.subject)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(minutes=5))
                   .not_valid_after(now + datetime.timedelta(days=365)).add_extension(x509.ExtendedKeyUsage([usage]), False))
        if address:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), False)
        self.write(name + '.crt', builder.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        self.write(name + '.key', key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))

    def start(self, secrets, services):
        """Whether it answers. It is a child of this program, so it ends with it; its content stays in etcd."""
        if self.process is None or self.process.poll() is not None:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            for name, secret in secrets.items():
                for part in ('crt', 'key'):
                    self.write('%s.%s' % (name, part), base64.b64decode(secret['data']['tls.' + part]))
            self.sign('server', [(NameOID.COMMON_NAME, 'kube-apiserver')], ExtendedKeyUsageOID.SERVER_AUTH, self.address)
            self.sign('admin', [(NameOID.ORGANIZATION_NAME, 'system:masters'), (NameOID.COMMON_NAME, 'kubernetes-admin')], ExtendedKeyUsageOID.CLIENT_AUTH)
            with open(self.file('log'), 'a') as log:
                self.process = subprocess.Popen(
                    [os.environ['KUBE_APISERVER'], '--etcd-servers', self.etcd, '--etcd-prefix', '/workload/' + self.name, '--bind-address', self.address,
                     '--advertise-address', '10.0.0.1', '--secure-port', '6443', '--tls-cert-file', self.file('server.crt'),
                     '--tls-private-key-file', self.file('server.key'), '--client-ca-file', self.file('ca.crt'), '--authorization-mode', 'Node,RBAC',
                     '--service-account-issuer', 'https://kubernetes.default.svc', '--service-account-key-file', self.file('sa.crt'),
                     '--service-account-signing-key-file', self.file('sa.key'), '--service-cluster-ip-range', services, '--endpoint-reconciler-type', 'none',
                     # no controller makes service accounts, and nothing would take the taints away again
                     '--disable-admission-plugins', 'ServiceAccount,TaintNodesByCondition', '--allow-privileged'],
                    stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        return self.kube.is_ready()

    def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def forget(self):
        """Empties its part of etcd: from its prefix on, up to the next one."""
        self.stop()
        key = '/workload/%s/' % self.name
        ends = (key, key[:-1] + '0')
        body = dict(zip(('key', 'range_end'), (base64.b64encode(end.encode()).decode() for end in ends)))
        requests.post(self.etcd + '/v3/kv/deleterange', json=body, timeout=20).raise_for_status()

    def fill(self, machines, version, cni, faults):
        """Nodes and pods as kubelets would have them; what has changed only."""
        nodes = {node['metadata']['name']: node for node in self.kube.list('nodes')}
        pods = {(pod['metadata']['namespace'], pod['metadata']['name']): pod for pod in self.kube.list('pods')}
        wanted = {}
        for index, machine in enumerate(machines):
            self.node(machine, nodes.get(machine['name']), version, 'node-not-ready' in faults and index == 0)
            kinds = [(CNI.get(cni, CNI['calico']), 'cni-crashing' in faults)]
            kinds += [(CCM, False)] if machine['isMaster'] and 'no-ccm' not in faults else []
            kinds += [(DNS, False)] if index == 0 else []
            for kind, is_stuck in kinds:
                name = '%s-%s' % (kind[1], hashlib.sha1(machine['name'].encode()).hexdigest()[:5])
                wanted[kind[0], name] = (kind, machine, is_stuck)
        for namespace in {namespace for namespace, _ in wanted}:
            self.kube.make('namespaces', '', {'metadata': {'name': namespace}})
        for (namespace, name), (kind, machine, is_stuck) in wanted.items():
            self.pod(namespace, name, kind, machine, is_stuck, pods.get((namespace, name)))
        for namespace, name in set(pods) - set(wanted):
            self.kube.delete('pods', namespace, name, '?gracePeriodSeconds=0')
        for name in set(nodes) - {machine['name'] for machine in machines}:
            self.kube.delete('nodes', '', name)

    def node(self, machine, known, version, is_sick):
        if known is None:
            labels = {'kubernetes.io/hostname': machine['name'], **({'node-role.kubernetes.io/control-plane': ''} if machine['isMaster'] else {})}
            known = self.kube.make('nodes', '', {'metadata': {'name': machine['name'], 'labels': labels}, 'spec': {'providerID': 'openstack:///' + machine['server']}})
        was = next((one['status'] for one in known.get('status', {}).get('conditions', []) if one['type'] == 'Ready'), None)
        if was == ('False' if is_sick else 'True'):
            return
        ready = (condition('Ready', False, 'KubeletNotReady', 'container runtime network not ready: cni plugin not initialized') if is_sick
                 else condition('Ready', True, 'KubeletReady', 'kubelet is posting ready status'))
        info = {key: '' for key in ('machineID', 'systemUUID', 'bootID', 'kernelVersion')}
        self.kube.merge('nodes', '', machine['name'], {'status': {
            'conditions': [ready], 'addresses': [{'type': 'InternalIP', 'address': machine['address']}],
            'nodeInfo': {'kubeletVersion': version, 'kubeProxyVersion': version, 'containerRuntimeVersion': 'containerd://2.1.4',
                         'osImage': 'Ubuntu 24.04', 'operatingSystem': 'linux', 'architecture': 'amd64', **info}}}, 'status')

    def pod(self, namespace, name, kind, machine, is_stuck, known):
        _, app, image = kind
        if known is None:
            known = self.kube.make('pods', namespace, {'metadata': {'name': name, 'labels': {'k8s-app': app}},
                                                       'spec': {'nodeName': machine['name'], 'containers': [{'name': app, 'image': image}]}})
        was = next((one['ready'] for one in known.get('status', {}).get('containerStatuses', [])), None)
        if was == (not is_stuck):
            return
        state = {'waiting': {'reason': 'CrashLoopBackOff', 'message': 'back-off 5m0s restarting failed container'}} if is_stuck else {'running': {}}
        self.kube.merge('pods', namespace, name, {'status': {
            'phase': 'Running', 'conditions': [condition('Ready', not is_stuck), condition('ContainersReady', not is_stuck)],
            'containerStatuses': [{'name': app, 'image': image, 'imageID': '', 'ready': not is_stuck, 'restartCount': 7 if is_stuck else 0, 'state': state}]}}, 'status')
