"""Main Keystone: roles, service accounts, the catalog, and the domains of Heat and Magnum. Safe to run again."""
import os

from api import Api
from catalog import SERVICES, url

PASSWORD = os.environ['LAB_PASSWORD']
ROLES = ('admin', 'manager', 'member', 'reader', 'service', 'creator', 'load-balancer_member', 'load-balancer_admin',
         'heat_stack_owner', 'heat_stack_user')

api = Api(url('keystone', '/v3'), 'admin', PASSWORD, {'project': {'name': 'admin', 'domain': {'id': 'default'}}})
roles = {name: api.role(name) for name in ROLES}
project = api.project('service', 'default')
# a second region of the catalog: the same services behind TLS
if 'TLS' not in [region['id'] for region in api.get(api.keystone + '/regions')['regions']]:
    api.post(api.keystone + '/regions', {'region': {'id': 'TLS'}})

keystone = api.get(api.keystone + '/services?type=identity')['services'][0]['id']
for interface in ('public', 'internal'):
    api.endpoint('TLS', keystone, interface, url('keystone', '/v3', tls=True))
for name, kind, path in SERVICES:
    if name != 'cinderv3':  # the same service by its older type
        user = api.user(name, 'default', PASSWORD)
        for role in ('admin', 'service'):
            api.grant(user, roles[role], project=project)
    service = api.ensure('service', {'name': name, 'type': kind}, by=('type',))
    for interface in ('public', 'internal'):
        api.endpoint('RegionOne', service, interface, url(name, path))
        api.endpoint('TLS', service, interface, url(name, path, tls=True))
for name in ('heat', 'magnum'):
    domain = api.domain(name, 'holds the users that %s makes' % name)
    api.grant(api.user(name + '_domain_admin', domain, PASSWORD), roles['admin'], domain=domain)
# so that the charm's base has an admin domain to protect here too
api.domain('admin_domain', 'as charm-keystone makes it')
