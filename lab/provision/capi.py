"""What magnum-capi-helm needs of the cloud and Heat's driver does not: an image for it, and an external network whose addresses a process of
this machine can answer on. Neutron takes a subnet inside 127.0.0.0/8 if DHCP is off. `lab/reset` takes both away again."""
import os
import sys

sys.path.insert(0, os.environ['LAB_SRC'] + '/provision')
from api import Api  # noqa: E402
from catalog import url  # noqa: E402

GLANCE, NEUTRON = url('glance', '/v2'), url('neutron', '/v2.0')
IMAGE, NETWORK = 'ubuntu-kube', 'loop-ext'
api = Api(url('keystone', '/v3'), 'admin', os.environ['LAB_PASSWORD'], {'project': {'name': 'admin', 'domain': {'id': 'default'}}})
if not api.get(GLANCE + '/images?name=' + IMAGE)['images']:
    image = api.post(GLANCE + '/images', {'name': IMAGE, 'visibility': 'public', 'disk_format': 'raw', 'container_format': 'bare', 'os_type': 'linux',
                                          'os_distro': 'ubuntu', 'kube_version': os.environ['KUBERNETES'], 'min_disk': 10})
    api.send('PUT', '%s/images/%s/file' % (GLANCE, image['id']), data=b'nothing boots here\n' * 64, kind='application/octet-stream')
if not api.get(NEUTRON + '/networks?name=' + NETWORK)['networks']:
    network = api.post(NEUTRON + '/networks', {'network': {'name': NETWORK, 'router:external': True, 'shared': False}})['network']['id']
    prefix = os.environ['CAPI_NETWORK']
    api.post(NEUTRON + '/subnets', {'subnet': {'network_id': network, 'name': NETWORK + '-v4', 'ip_version': 4, 'cidr': prefix + '.0/24', 'gateway_ip': None,
                                               'enable_dhcp': False, 'allocation_pools': [{'start': prefix + '.10', 'end': prefix + '.250'}]}})
