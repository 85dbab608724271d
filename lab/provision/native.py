"""The Keystone of 2025.1: the roles that it does not make itself. Safe to run again."""
import os

from api import Api
from catalog import url

ROLES = ('creator', 'load-balancer_member', 'load-balancer_admin', 'heat_stack_owner', 'heat_stack_user')

api = Api(url('keystone_native', '/v3'), 'admin', os.environ['LAB_PASSWORD'],
          {'project': {'name': 'admin', 'domain': {'id': 'default'}}})
for name in ROLES:
    api.role(name)
