"""What the SCS scs-0302 suite expects to find: two domains, a manager in each, clouds.yaml and its own configuration.

argv: make | remove, Keystone (main | charm | native), folder.
"""
import json
import os
import secrets
import sys

from api import Api

DOMAINS = ('scs-test-domain-a', 'scs-test-domain-b')

action, name, folder = sys.argv[1:]
with open(os.path.join(os.environ['LAB_DIR'], 'lab.json')) as file:
    keystone = json.load(file)['keystones'][name]
admin = keystone['admin']
api = Api(keystone['url'], admin['username'], admin['password'],
          {'project': {'name': admin['project'], 'domain': {'name': admin['projectDomain']}}}, admin['userDomain'])


def remove():
    for domain in DOMAINS:
        for found in api.get('%s/domains?name=%s' % (keystone['url'], domain))['domains']:
            place = '%s/domains/%s' % (keystone['url'], found['id'])
            api.send('PATCH', place, {'domain': {'enabled': False}})
            api.send('DELETE', place)


def spell_admin(name):
    """The suite looks for a role spelled `admin` and gives up on the charm's `Admin`; Keystone's rules mind no case."""
    if admin['role'] != 'admin':
        role = api.get(keystone['url'] + '/roles?name=admin')['roles'][0]['id']
        # bootstrap made it immutable
        for change in ({'options': {'immutable': False}}, {'name': name}, {'options': {'immutable': True}}):
            api.send('PATCH', '%s/roles/%s' % (keystone['url'], role), {'role': change})


remove()
spell_admin('admin' if action == 'make' else admin['role'])
if action == 'make':
    definitions = []
    for domain in DOMAINS:
        password = secrets.token_urlsafe(24)
        made = api.domain(domain)
        api.grant(api.user(domain + '-manager', made, password), api.role('manager'), domain=made)
        definitions.append({'name': domain, 'member_role': 'member',
                            'manager': {'username': domain + '-manager', 'password': password}})
    # JSON is YAML
    with open(os.path.join(folder, 'domain-manager-test.yaml'), 'w') as file:
        json.dump({'domains': definitions}, file)
    with open(os.path.join(folder, 'clouds.yaml'), 'w') as file:
        json.dump({'clouds': {'lab': {'auth': {'auth_url': keystone['url']}, 'region_name': 'RegionOne',
                                      'identity_api_version': '3'}}}, file)
