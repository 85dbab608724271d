"""The charm Keystone, filled as charm-keystone, charm-magnum and charm-heat leave a cloud. Safe to run again.

openstack/charm-keystone de9baff, hooks/keystone_utils.py, ensure_initial_admin and create_service_credentials: the charm
signs in as its own system admin; the operator's admin lives in admin_domain; services live in service_domain.
"""
import os

from api import Api
from catalog import url

PASSWORD = os.environ['LAB_PASSWORD']
# its `Member` is Keystone's own `member`: the charm compares names without regard to case
ROLES = ('Admin', 'member', 'reader', 'service', 'manager', 'creator', 'KeystoneServiceAdmin', 'load-balancer_member',
         'load-balancer_observer', 'load-balancer_admin', 'heat_stack_owner', 'heat_stack_user')
SERVICE_ACCOUNTS = ('nova', 'neutron', 'glance', 'cinder', 'placement', 'barbican', 'octavia', 'heat', 'magnum')

api = Api(url('keystone_charm', '/v3'), '_charm-keystone-admin', PASSWORD, {'system': {'all': True}})
roles = {name: api.role(name) for name in ROLES}

admin_domain = api.domain('admin_domain', 'Created by Juju')
service_domain = api.domain('service_domain', 'Created by Juju')
admin_project = api.project('admin', admin_domain)
services = api.project('services', service_domain)
api.project('services', 'default')

admin = api.user('admin', admin_domain, PASSWORD)
api.grant(admin, roles['member'], project=admin_project)
api.grant(admin, roles['Admin'], project=admin_project)
api.grant(admin, roles['Admin'], domain=admin_domain)
for name in SERVICE_ACCOUNTS:
    user = api.user(name, service_domain, PASSWORD)
    api.grant(user, roles['Admin'], project=services)
    api.grant(user, roles['service'], project=services)
for name in ('heat', 'magnum'):
    domain = api.domain(name, 'holds the users that %s makes' % name)
    api.grant(api.user(name + '_domain_admin', domain, PASSWORD), roles['Admin'], domain=domain)
