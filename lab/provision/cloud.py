"""What an operator has before the first tenant: flavors, image, external network, volume type. Safe to run again."""
import os

from api import Api
from catalog import url

# name, MiB of memory, cores, GiB of disk
FLAVORS = (('m1.tiny', 512, 1, 1), ('m1.small', 2048, 1, 20), ('m1.medium', 4096, 2, 40), ('m1.large', 8192, 4, 80))
NOVA, GLANCE, NEUTRON = url('nova', '/v2.1'), url('glance', '/v2'), url('neutron', '/v2.0')

api = Api(url('keystone', '/v3'), 'admin', os.environ['LAB_PASSWORD'],
          {'project': {'name': 'admin', 'domain': {'id': 'default'}}})

have = [flavor['name'] for flavor in api.get(NOVA + '/flavors')['flavors']]
for index, (name, ram, cores, disk) in enumerate(FLAVORS, 1):
    if name not in have:
        api.post(NOVA + '/flavors', {'flavor': {'id': str(index), 'name': name, 'ram': ram, 'vcpus': cores, 'disk': disk}})

if not api.get(GLANCE + '/images?name=fedora-coreos-k8s')['images']:
    image = api.post(GLANCE + '/images', {
        'name': 'fedora-coreos-k8s', 'visibility': 'public', 'disk_format': 'raw', 'container_format': 'bare',
        'os_type': 'linux', 'os_distro': 'fedora-coreos', 'kube_version': 'v1.23.3', 'min_disk': 10})
    api.send('PUT', '%s/images/%s/file' % (GLANCE, image['id']), data=b'nothing boots here\n' * 64, kind='application/octet-stream')

if not api.get(NEUTRON + '/networks?name=provider-ext')['networks']:
    network = api.post(NEUTRON + '/networks', {'network': {
        'name': 'provider-ext', 'router:external': True, 'shared': False,
        'provider:network_type': 'flat', 'provider:physical_network': 'physnet1'}})['network']['id']
    api.post(NEUTRON + '/subnets', {'subnet': {
        'network_id': network, 'name': 'provider-ext-v4', 'ip_version': 4, 'cidr': '203.0.113.0/24',
        'gateway_ip': '203.0.113.1', 'enable_dhcp': False,
        'allocation_pools': [{'start': '203.0.113.10', 'end': '203.0.113.250'}]}})

admin_project = api.project('admin', 'default')
types = url('cinder', '/v3/%s/types' % admin_project)
if 'standard' not in [kind['name'] for kind in api.get(types)['volume_types']]:
    api.post(types, {'volume_type': {'name': 'standard'}})

# octavia keeps a security group per load balancer in its own project, and ten are soon used up
service_project = api.project('service', 'default')
api.send('PUT', '%s/quotas/%s' % (NEUTRON, service_project),
         {'quota': {'security_group': -1, 'security_group_rule': -1, 'port': -1}})
