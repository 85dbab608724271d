"""One cluster, one round: what Cluster API, its provider for OpenStack and the addon operator do until nothing is left to do."""
import datetime
import secrets

from cloud import Cloud, Refused, Unauthenticated
from workload import Workload, condition

FINALIZER = 'cluster.cluster.x-k8s.io'
KCP_CONDITIONS = ('MachinesReady', 'Ready', 'EtcdClusterHealthy', 'ControlPlaneComponentsHealthy')


class Waiting(Exception):
    """There is more to do, and this is what for. `retry`: seconds until the next look."""

    def __init__(self, message, retry=2):
        super().__init__(message)
        self.retry = retry


class Reconciler:
    def __init__(self, kube, folder, etcd, faults, say):
        self.kube, self.folder, self.etcd, self.faults, self.say = kube, folder, etcd, faults, say
        self.clouds, self.workloads = {}, {}

    def round(self, namespace, name):
        """Seconds until the next look; `None` if only a change can bring more to do."""
        cluster = self.kube.get('clusters', namespace, name)
        if not cluster:
            return None
        try:
            if cluster['metadata'].get('deletionTimestamp'):
                self.remove(namespace, name)
                self.say(name, 'is gone')
                return None
            if FINALIZER not in cluster['metadata'].get('finalizers', []):
                self.kube.merge('clusters', namespace, name, {'metadata': {'finalizers': [FINALIZER]}})
            address = self.build(namespace, name, cluster)
            self.say(name, 'is ready at %s' % address)
            return None
        except Unauthenticated as error:
            # no object says so
            self.say(name, str(error))
            if not cluster['metadata'].get('deletionTimestamp'):
                self.tell_cluster(namespace, name, [condition('InfrastructureReady', False, 'WaitingForInfrastructure')])
            return 5
        except Waiting as wait:
            self.say(name, 'waits: %s' % wait)
            return wait.retry
        except Refused as refused:
            self.say(name, 'waits: %s' % refused)
            return 5

    # objects

    def status(self, plural, namespace, name, changes):
        self.kube.merge(plural, namespace, name, {'status': changes}, 'status')

    def tell(self, plural, namespace, name, conditions, **more):
        """A condition that says the same as before keeps its time."""
        known = {one['type']: one for one in self.kube.get(plural, namespace, name).get('status', {}).get('conditions', [])}
        merged = {**known, **{one['type']: one for one in conditions}}
        for kind, one in merged.items():
            before = known.get(kind)
            if before and before['status'] == one['status']:
                merged[kind] = {**one, 'lastTransitionTime': before['lastTransitionTime']}
        if merged != known or more:
            self.status(plural, namespace, name, {'conditions': list(merged.values()), **more})

    def tell_cluster(self, namespace, name, conditions, phase='Provisioning', **more):
        worst = next((one for one in conditions if one['status'] == 'False'), None)
        ready = condition('Ready', worst is None, (worst or {}).get('reason', ''), (worst or {}).get('message', ''))
        self.tell('clusters', namespace, name, conditions + [ready], phase=phase, **more)

    def event(self, namespace, plural, kind, name, reason, message):
        now = datetime.datetime.utcnow().strftime('%Y-%m-%dT%H:%M:%SZ')
        self.kube.call('POST', '/api/v1/namespaces/%s/events' % namespace, {
            'metadata': {'generateName': name[:50] + '.'}, 'type': 'Warning', 'reason': reason, 'message': message[:1000], 'count': 1,
            'firstTimestamp': now, 'lastTimestamp': now, 'source': {'component': 'openstack-controller'},
            'involvedObject': {'apiVersion': 'infrastructure.cluster.x-k8s.io/v1beta1', 'kind': kind, 'namespace': namespace, 'name': name}})

    def cloud(self, namespace, infra):
        """One connection for each version of the Secret: Neutron answers a hundred kept ones, and then nobody."""
        secret = self.kube.get('secrets', namespace, infra['spec']['identityRef']['name'])
        if not secret:
            raise Unauthenticated('providerClient authentication err: secret %s not found' % infra['spec']['identityRef']['name'])
        key, version = (namespace, secret['metadata']['name']), secret['metadata']['resourceVersion']
        if self.clouds.get(key, (None,))[0] != version:
            if key in self.clouds:
                self.clouds.pop(key)[1].close()
            self.clouds[key] = (version, Cloud(secret, self.folder))
        return self.clouds[key][1]

    # making

    def build(self, namespace, name, cluster):
        full = '%s-%s' % (namespace, name)
        infra, control = self.kube.get('openstackclusters', namespace, name), self.kube.get('kubeadmcontrolplanes', namespace, name + '-control-plane')
        if not infra or not control:
            raise Waiting('the chart is not there yet')
        if 'never-ready' in self.faults():
            self.tell_cluster(namespace, name, [condition('InfrastructureReady', False, 'WaitingForInfrastructure')])
            raise Waiting('the fault never-ready', retry=10)
        cloud = self.cloud(namespace, infra)
        place = self.infrastructure(namespace, name, full, infra, cloud)
        if cluster['spec'].get('controlPlaneEndpoint', {}).get('host') != place['address']:
            self.kube.merge('clusters', namespace, name, {'spec': {'controlPlaneEndpoint': {'host': place['address'], 'port': 6443}}})
        self.tell('openstackclusters', namespace, name, [condition(kind, True) for kind in ('NetworkReady', 'SecurityGroupsReady', 'APIEndpointReady', 'Ready')], ready=True)
        known = [condition('InfrastructureReady', True)]
        self.tell_cluster(namespace, name, known + [condition('ControlPlaneReady', False, 'WaitingForControlPlane')] if not self.was_ready(cluster) else known + [condition('ControlPlaneReady', True)])

        groups = self.kube.list('machinedeployments', namespace, 'capi.stackhpc.com/cluster=' + name)
        machines, open_ends = self.machines(namespace, name, full, cloud, place, control, groups)
        given = {part: self.kube.get('secrets', namespace, '%s-%s' % (name, part)) for part in ('ca', 'sa')}
        workload = self.workload(name, place['address'])
        services = cluster['spec']['clusterNetwork']['services']['cidrBlocks'][0].replace('/13', '/16')
        if not workload.start(given, services):
            raise Waiting('its API server starts', retry=0.5)
        workload.fill(machines, control['spec']['version'], self.cni(namespace, name), self.faults())
        self.tell_groups(namespace, name, control, groups, machines)
        self.tell_addons(namespace, name)
        if open_ends:
            raise Waiting(open_ends[0], retry=5)
        self.tell_cluster(namespace, name, known + [condition('ControlPlaneReady', True)], 'Provisioned', infrastructureReady=True, controlPlaneReady=True)
        return place['address']

    @staticmethod
    def was_ready(cluster):
        return cluster.get('status', {}).get('controlPlaneReady') is True

    def workload(self, name, address):
        if name not in self.workloads or self.workloads[name].address != address:
            self.workloads[name] = Workload(name, self.folder + '/workload', self.etcd, address)
        return self.workloads[name]

    def infrastructure(self, namespace, name, full, infra, cloud):
        """Network, security groups, endpoint. What is refused stands in the OpenStackCluster, and the Cluster repeats it."""
        def fail(kind, reason, message, event=None):
            told = [condition('Ready', False, 'OpenStackError', message)] + ([condition(kind, False, reason, message)] if kind else [])
            self.tell('openstackclusters', namespace, name, told)
            self.tell_cluster(namespace, name, [condition('InfrastructureReady', False, 'OpenStackError', message)])
            if event:
                self.event(namespace, 'openstackclusters', 'OpenStackCluster', name, event, message)
            raise Waiting(message, retry=5)
        try:
            place = cloud.network_of(full, infra['spec'])
        except Refused as refused:
            fail('NetworkReady', 'OpenStackError', 'failed to find network: %s' % refused)
        self.tell('openstackclusters', namespace, name, [condition('NetworkReady', True)])
        try:
            place['groups'] = cloud.security_groups(full, place['cidr'])
        except Refused as refused:
            fail('SecurityGroupsReady', 'SecurityGroupCreateFailed', 'failed to reconcile security groups: %s' % refused, 'Failedcreatesecuritygroup')
        self.tell('openstackclusters', namespace, name, [condition('SecurityGroupsReady', True)])
        try:
            api = cloud.api(full, infra['spec'], place)
        except Refused as refused:
            event = 'Failedcreatefloatingip' if 'floatingips' in str(refused) else 'Failedcreateloadbalancer'
            fail('APIEndpointReady', 'APIEndpointConfigFailed', 'failed to reconcile load balancer: %s' % refused, event)
        if api is None:
            raise Waiting('the load balancer', retry=1)
        return {**place, **api}

    def machines(self, namespace, name, full, cloud, place, control, groups):
        """As many Machines, ports and servers as are asked for, and what is still open. A refused server is final: its Machine must go."""
        wanted = [(None, control['spec']['replicas'], control['spec']['machineTemplate']['infrastructureRef']['name'])]
        if 'workers-failed' not in self.faults():
            wanted += [(group['metadata']['labels']['capi.stackhpc.com/node-group'], group['spec'].get('replicas', 1),
                        group['spec']['template']['spec']['infrastructureRef']['name']) for group in groups]
        label = 'cluster.x-k8s.io/cluster-name'
        known = self.kube.list('machines', namespace, '%s=%s' % (label, name))
        made, open_ends, kept = [], [], set()
        for group, count, template_name in wanted:
            template = self.kube.get('openstackmachinetemplates', namespace, template_name)['spec']['template']['spec']
            own = [one['metadata']['name'] for one in known if one['metadata']['labels'].get('capi.stackhpc.com/node-group') == group]
            for called in own[:count] + ['%s-%s-%s' % (name, group or 'control-plane', secrets.token_hex(3)[:5]) for _ in range(count - len(own))]:
                kept.add(called)
                if called not in own:
                    labels = {label: name, 'capi.stackhpc.com/cluster': name, 'capi.stackhpc.com/component': 'worker' if group else 'control-plane',
                              **({'capi.stackhpc.com/node-group': group} if group else {})}
                    self.kube.make('machines', namespace, {'metadata': {'name': called, 'labels': labels}, 'spec': {'clusterName': name}})
                    self.kube.make('openstackservers', namespace, {'metadata': {'name': called, 'labels': labels}, 'spec': {}})
                try:
                    made.append(self.machine(namespace, called, cloud, place, template, group))
                except Waiting as wait:
                    open_ends.append(str(wait))
        for extra in known:
            called = extra['metadata']['name']
            if called not in kept:
                cloud.remove_machine(called, place['pool'])
                self.kube.delete('machines', namespace, called)
        self.drop_servers(namespace, name, cloud, place['pool'], kept)
        return made, open_ends

    def drop_servers(self, namespace, name, cloud, pool, kept):
        """A Machine that somebody deleted takes its server with it."""
        for server in self.kube.list('openstackservers', namespace, 'cluster.x-k8s.io/cluster-name=' + name):
            called = server['metadata']['name']
            if called not in kept:
                cloud.remove_machine(called, pool)
                self.kube.delete('openstackservers', namespace, called)

    def machine(self, namespace, called, cloud, place, template, group):
        waits = condition('InfrastructureReady', False, 'WaitingForInfrastructure', '0 of 2 completed')
        told = {one['type']: one for one in self.kube.get('openstackservers', namespace, called).get('status', {}).get('conditions', [])}
        if told.get('InstanceReady', {}).get('reason') == 'InstanceCreateFailed':
            raise Waiting('%s: Not reconciling server in error state' % called)
        try:
            port = cloud.port(called, place, place['groups']['worker' if group else 'controlplane'])
        except Refused as refused:
            # no condition of any object has this
            self.tell('machines', namespace, called, [waits], phase='Provisioning')
            self.event(namespace, 'openstackservers', 'OpenStackServer', called, 'Failedcreateport', 'Failed to create port %s-0: %s' % (called, refused))
            raise Waiting(str(refused))
        try:
            server = cloud.server(called, template, port)
        except Refused as refused:
            message = 'error creating Openstack instance: %s' % refused
            self.tell('openstackservers', namespace, called, [condition(kind, False, 'InstanceCreateFailed', message) for kind in ('InstanceReady', 'Ready')])
            self.tell('machines', namespace, called, [waits], phase='Provisioning')
            self.event(namespace, 'openstackservers', 'OpenStackServer', called, 'Failedcreateserver', 'Failed to create server %s: %s' % (called, refused))
            raise Waiting(message)
        address = port['fixed_ips'][0]['ip_address']
        if not group:
            try:
                if not cloud.member(called, place['pool'], address):
                    raise Waiting('%s joins the load balancer' % called)
            except Refused as refused:
                message = 'Reconciling load balancer member failed: %s' % refused
                self.tell('machines', namespace, called, [condition('InfrastructureReady', False, 'LoadBalancerMemberError', message)], phase='Provisioning')
                raise Waiting(message)
        self.tell('openstackservers', namespace, called, [condition('InstanceReady', True), condition('Ready', True)])
        self.tell('machines', namespace, called, [condition('InfrastructureReady', True), condition('Ready', True)], phase='Running')
        return {'name': called, 'server': server, 'address': address, 'isMaster': group is None}

    def tell_groups(self, namespace, name, control, groups, machines):
        count, up = control['spec']['replicas'], sum(1 for machine in machines if machine['isMaster'])
        is_up = up == count
        self.tell('kubeadmcontrolplanes', namespace, name + '-control-plane',
                  [condition(kind, is_up, '' if is_up else 'ScalingUp', '' if is_up else 'Scaling up control plane to %d replicas (actual %d)' % (count, up)) for kind in KCP_CONDITIONS],
                  version=control['spec']['version'], initialized=up > 0, ready=is_up, replicas=up, updatedReplicas=up, readyReplicas=up)
        for group in groups:
            label = group['metadata']['labels']['capi.stackhpc.com/node-group']
            wanted, there = group['spec'].get('replicas', 1), sum(1 for machine in machines if machine['name'].startswith('%s-%s-' % (name, label)))
            phase = 'Failed' if 'workers-failed' in self.faults() else 'Running' if there == wanted else 'ScalingUp'
            reason = {'Failed': 'MachineSetFailed', 'ScalingUp': 'WaitingForAvailableMachines'}.get(phase, '')
            message = '' if phase == 'Running' else 'Minimum availability requires %d replicas, current %d available' % (wanted, there)
            self.tell('machinedeployments', namespace, group['metadata']['name'], [condition('Ready', phase == 'Running', reason, message)], phase=phase, replicas=there, readyReplicas=there)

    def tell_addons(self, namespace, name):
        for plural in ('helmreleases', 'manifests'):
            for addon in self.kube.list(plural, namespace, 'capi.stackhpc.com/cluster=' + name):
                called = addon['metadata']['name']
                if addon['metadata']['labels'].get('addons.stackhpc.com/cluster') != name:
                    self.kube.merge(plural, namespace, called, {'metadata': {'labels': {'addons.stackhpc.com/cluster': name}}})
                is_bad = 'addon-failed' in self.faults() and 'ccm' in called
                phase = 'Failed' if is_bad else 'Deployed'
                if addon.get('status', {}).get('phase') != phase:
                    told = {'failureMessage': 'Error: context deadline exceeded'} if is_bad else {'failureMessage': None}
                    self.status(plural, namespace, called, {'phase': phase, **told})

    def cni(self, namespace, name):
        releases = self.kube.list('helmreleases', namespace, 'capi.stackhpc.com/cluster=' + name)
        return next((one['metadata']['name'].split('-cni-')[1] for one in releases if '-cni-' in one['metadata']['name']), 'calico')

    # deletion

    def remove(self, namespace, name):
        full = '%s-%s' % (namespace, name)
        infra = self.kube.get('openstackclusters', namespace, name)
        machines = self.kube.list('machines', namespace, 'cluster.x-k8s.io/cluster-name=' + name)
        # a cluster whose credential never worked has made nothing, and goes at once
        if infra and infra.get('status', {}).get('conditions'):
            cloud = self.cloud(namespace, infra)
            for machine in machines:
                cloud.remove_machine(machine['metadata']['name'])
            if not cloud.remove(full):
                raise Waiting('the load balancer is deleted', retry=1)
        workload = self.workloads.pop(name, None) or Workload(name, self.folder + '/workload', self.etcd, '127.0.0.1')
        workload.forget()
        for plural in ('machines', 'openstackservers'):
            for one in self.kube.list(plural, namespace, 'cluster.x-k8s.io/cluster-name=' + name):
                self.kube.delete(plural, namespace, one['metadata']['name'])
        # no garbage collector runs here, and helm keeps what is annotated so
        for plural in ('openstackclusters', 'kubeadmcontrolplanes', 'openstackmachinetemplates', 'machinedeployments', 'kubeadmconfigtemplates'):
            for one in self.kube.list(plural, namespace, 'capi.stackhpc.com/cluster=' + name):
                self.kube.delete(plural, namespace, one['metadata']['name'])
        for key in [key for key in self.clouds if key[0] == namespace and key[1].startswith(name)]:
            self.clouds.pop(key)[1].close()
        self.kube.merge('clusters', namespace, name, {'metadata': {'finalizers': None}})
