"""What Cluster API's provider for OpenStack does in the cloud: by the credential in the Secret, trusting the CA beside it, in its order
and with its names. cluster-api-provider-openstack 0.14.7, as 700 of its requests were recorded."""
import base64
import os

import yaml
from keystoneauth1 import exceptions, session
from keystoneauth1.identity.v3 import ApplicationCredential


class Refused(Exception):
    """An answer of OpenStack that is a no, or no answer: in the words of gophercloud."""


class Unauthenticated(Exception):
    """The provider writes no condition for this: only its log has it."""


class Cloud:
    def __init__(self, secret, folder):
        known = yaml.safe_load(base64.b64decode(secret['data']['clouds.yaml']))['clouds']['openstack']
        bundle = os.path.join(folder, 'cacert-%s.pem' % secret['metadata']['uid'])
        with open(bundle, 'wb') as file:
            file.write(base64.b64decode(secret['data']['cacert']))
        self.place = {'region_name': known['region_name'], 'interface': known['interface']}
        auth = ApplicationCredential(known['auth']['auth_url'], application_credential_id=known['auth']['application_credential_id'],
                                     application_credential_secret=known['auth']['application_credential_secret'])
        self.session = session.Session(auth, verify=bundle, timeout=30, user_agent='lab-cluster-api')
        try:
            self.session.get_token()
        except exceptions.ClientException as error:
            raise Unauthenticated('providerClient authentication err: %s' % error)

    def close(self):
        self.session.session.close()

    def ask(self, service, method, path, body=None, passes=()):
        try:
            answer = self.session.request(path, method, json=body, raise_exc=False, endpoint_filter={'service_type': service, **self.place})
        except exceptions.Unauthorized as error:
            raise Unauthenticated('providerClient authentication err: %s' % error)
        except exceptions.ClientException as error:
            raise Refused('%s: connection refused or cut: %s' % (path, error))
        if answer.status_code in passes:
            return {}
        if not answer.ok:
            raise Refused('Expected HTTP response code [200 201 202 204] when accessing [%s %s], but got %s instead: %s'
                          % (method, answer.url, answer.status_code, ' '.join(answer.text.split())[:400]))
        return answer.json() if answer.content else {}

    def network(self, method, path, body=None, passes=()):
        return self.ask('network', method, '/v2.0' + path, body, passes)

    def balancer(self, method, path, body=None, passes=()):
        return self.ask('load-balancer', method, '/v2.0/lbaas' + path, body, passes)

    def compute(self, method, path, body=None, passes=()):
        return self.ask('compute', method, path, body, passes)

    def named(self, ask, collection, name):
        return next(iter(ask('GET', '/%s?name=%s' % (collection, name))[collection.replace('-', '_')]), None)

    # infrastructure

    def network_of(self, full, spec):
        """The ids of network and subnet: the pinned ones, or a network of its own."""
        subnet = (spec.get('subnets') or [{}])[0].get('id')
        network = (spec.get('network') or {}).get('id')
        if network or subnet:
            if network:
                found = self.network('GET', '/networks/' + network)['network']
                subnet = subnet or found['subnets'][0]
            found = self.network('GET', '/subnets/' + subnet)['subnet']
            return {'network': network or found['network_id'], 'subnet': subnet, 'cidr': found['cidr']}
        name, managed = 'k8s-clusterapi-cluster-' + full, spec['managedSubnets'][0]
        made = self.named(self.network, 'networks', name) or self.network('POST', '/networks', {'network': {'name': name}})['network']
        below = self.named(self.network, 'subnets', name) or self.network('POST', '/subnets', {'subnet': {
            'name': name, 'network_id': made['id'], 'ip_version': 4, 'cidr': managed['cidr']}})['subnet']
        if not self.named(self.network, 'routers', name):
            router = self.network('POST', '/routers', {'router': {'name': name, 'external_gateway_info': {'network_id': spec['externalNetwork']['id']}}})
            self.network('PUT', '/routers/%s/add_router_interface' % router['router']['id'], {'subnet_id': below['id']})
        return {'network': made['id'], 'subnet': below['id'], 'cidr': below['cidr']}

    def security_groups(self, full, cidr):
        """networking/securitygroups_rules.go for one IPv4 subnet and allowAllInClusterTraffic: eleven rules."""
        groups = {}
        for kind in ('controlplane', 'worker'):
            name = 'k8s-cluster-%s-secgroup-%s' % (full, kind)
            groups[kind] = self.named(self.network, 'security-groups', name) or self.network('POST', '/security-groups', {
                'security_group': {'name': name, 'description': 'Cluster API managed group'}})['security_group']
        both = [group['id'] for group in groups.values()]
        api = {'protocol': 'tcp', 'port_range_min': 6443, 'port_range_max': 6443}
        ports = [{'protocol': protocol, 'port_range_min': 30000, 'port_range_max': 32767} for protocol in ('tcp', 'udp')]
        everything = [{'remote_group_id': group} for group in both]
        wanted = {'controlplane': [api] + everything,
                  'worker': [{**port, **source} for port in ports for source in [{'remote_ip_prefix': cidr}] + everything] + everything}
        for kind, rules in wanted.items():
            there = [rule for rule in groups[kind]['security_group_rules'] if rule['direction'] == 'ingress']
            for rule in rules[len(there):]:
                self.network('POST', '/security-group-rules', {'security_group_rule': {
                    'security_group_id': groups[kind]['id'], 'direction': 'ingress', 'ethertype': 'IPv4', 'description': 'Created by cluster-api-provider-openstack', **rule}})
        return {kind: group['id'] for kind, group in groups.items()}

    def api(self, full, spec, place):
        """Balancer, floating IP, listener, pool, monitor: one step a call, until all is ACTIVE; then address and pool."""
        name = 'k8s-clusterapi-cluster-%s-kubeapi' % full
        text = 'Created by cluster-api-provider-openstack cluster ' + full
        made = self.named(self.balancer, 'loadbalancers', name)
        if made is None:
            self.balancer('GET', '/providers')
            made = self.balancer('POST', '/loadbalancers', {'loadbalancer': {
                'name': name, 'vip_subnet_id': place['subnet'], 'description': text, 'provider': spec['apiServerLoadBalancer'].get('provider')}})['loadbalancer']
        if made['provisioning_status'] != 'ACTIVE':
            return None
        address = made['vip_address']
        if not spec.get('disableAPIServerFloatingIP'):
            known = self.network('GET', '/floatingips?port_id=' + made['vip_port_id'])['floatingips']
            address = (known[0] if known else self.network('POST', '/floatingips', {'floatingip': {
                'floating_network_id': spec['externalNetwork']['id'], 'port_id': made['vip_port_id'], 'description': text}})['floatingip'])['floating_ip_address']
        listener = self.named(self.balancer, 'listeners', name + '-6443')
        if listener is None:
            self.balancer('POST', '/listeners', {'listener': {'name': name + '-6443', 'loadbalancer_id': made['id'], 'protocol': 'TCP', 'protocol_port': spec['apiServerPort']}})
            return None
        pool = self.named(self.balancer, 'pools', name + '-6443')
        if pool is None:
            self.balancer('POST', '/pools', {'pool': {'name': name + '-6443', 'listener_id': listener['id'], 'protocol': 'TCP', 'lb_algorithm': 'ROUND_ROBIN'}})
            return None
        if self.named(self.balancer, 'healthmonitors', name + '-6443') is None:
            self.balancer('POST', '/healthmonitors', {'healthmonitor': {'name': name + '-6443', 'pool_id': pool['id'], 'type': 'TCP', 'delay': 10, 'max_retries': 5, 'timeout': 5}})
            return None
        return {'address': address, 'pool': pool['id']}

    # machines

    def port(self, machine, place, group):
        name = machine + '-0'
        return self.named(self.network, 'ports', name) or self.network('POST', '/ports', {'port': {
            'name': name, 'network_id': place['network'], 'fixed_ips': [{'subnet_id': place['subnet']}], 'security_groups': [group],
            'description': 'Created by cluster-api-provider-openstack cluster'}})['port']

    def server(self, machine, template, port):
        """Nothing boots here, so a server that is made counts as running."""
        known = self.compute('GET', '/servers/detail?name=%5E' + machine + '%24')['servers']
        if known:
            return known[0]['id']
        flavors = self.compute('GET', '/flavors/detail')['flavors']
        flavor = next((one['id'] for one in flavors if template['flavor'] in (one['name'], one['id'])), None)
        if flavor is None:
            raise Refused('flavor %s not found' % template['flavor'])
        return self.compute('POST', '/servers', {'server': {
            'name': machine, 'flavorRef': flavor, 'imageRef': template['image']['id'], 'key_name': template.get('sshKeyName'),
            'networks': [{'port': port['id']}], 'config_drive': True}})['server']['id']

    def member(self, machine, pool, address):
        """Whether the machine is behind the balancer; the balancer takes one change at a time."""
        if any(member['name'] == machine for member in self.balancer('GET', '/pools/%s/members' % pool)['members']):
            return True
        self.balancer('POST', '/pools/%s/members' % pool, {'member': {'name': machine, 'address': address, 'protocol_port': 6443}})
        return False

    # deletion

    def remove_machine(self, machine, pool=None):
        for member in self.balancer('GET', '/pools/%s/members' % pool)['members'] if pool else ():
            if member['name'] == machine:
                self.balancer('DELETE', '/pools/%s/members/%s' % (pool, member['id']), passes=(404,))
        for server in self.compute('GET', '/servers/detail?name=%5E' + machine + '%24')['servers']:
            self.compute('DELETE', '/servers/' + server['id'], passes=(404,))
        port = self.named(self.network, 'ports', machine + '-0')
        if port:
            self.network('DELETE', '/ports/' + port['id'], passes=(404,))

    def remove(self, full):
        """Whether all is gone."""
        made = self.named(self.balancer, 'loadbalancers', 'k8s-clusterapi-cluster-%s-kubeapi' % full)
        if made:
            for address in self.network('GET', '/floatingips?port_id=' + made['vip_port_id'])['floatingips']:
                self.network('PUT', '/floatingips/' + address['id'], {'floatingip': {'port_id': None}})
                self.network('DELETE', '/floatingips/' + address['id'], passes=(404,))
            if made['provisioning_status'] in ('ACTIVE', 'ERROR'):
                self.balancer('DELETE', '/loadbalancers/%s?cascade=true' % made['id'], passes=(404,))
            return False
        for kind in ('controlplane', 'worker'):
            group = self.named(self.network, 'security-groups', 'k8s-cluster-%s-secgroup-%s' % (full, kind))
            if group:
                self.network('DELETE', '/security-groups/' + group['id'], passes=(404,))
        name = 'k8s-clusterapi-cluster-' + full
        router, network = self.named(self.network, 'routers', name), self.named(self.network, 'networks', name)
        if router:
            for subnet in network['subnets'] if network else ():
                self.network('PUT', '/routers/%s/remove_router_interface' % router['id'], {'subnet_id': subnet}, passes=(404,))
            self.network('DELETE', '/routers/' + router['id'], passes=(404,))
        if network:
            self.network('DELETE', '/networks/' + network['id'], passes=(404,))
        return True
