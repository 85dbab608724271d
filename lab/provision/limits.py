"""Nova's defaults as Keystone keeps them for unified limits, and the right of Nova to read limits. Safe to run again.

nova 26.2.2, doc/source/admin/unified-limits.rst; names: nova/limit/placement.py and local.py.
"""
import os

from api import Api
from catalog import url

PLACEMENT = {'servers': 10, 'class:VCPU': 20, 'class:MEMORY_MB': 51200}
LOCAL = {'server_metadata_items': 128, 'server_injected_files': 5, 'server_injected_file_content_bytes': 10240,
         'server_injected_file_path_bytes': 255, 'server_key_pairs': 100, 'server_groups': 10, 'server_group_members': 10}

api = Api(url('keystone', '/v3'), 'admin', os.environ['LAB_PASSWORD'], {'system': {'all': True}})
keystone = url('keystone', '/v3')
nova = api.ensure('user', {'name': 'nova', 'domain_id': 'default'}, by=('name', 'domain_id'))
api.send('PUT', '%s/system/users/%s/roles/%s' % (keystone, nova, api.role('reader')))
service = api.get(keystone + '/services?type=compute')['services'][0]['id']
known = {row['resource_name'] for row in api.get(keystone + '/registered_limits')['registered_limits']}
missing = [{'service_id': service, 'region_id': 'RegionOne', 'resource_name': name, 'default_limit': limit}
           for name, limit in {**PLACEMENT, **LOCAL}.items() if name not in known]
if missing:
    api.post(keystone + '/registered_limits', {'registered_limits': missing})
