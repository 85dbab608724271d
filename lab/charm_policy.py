"""Writes the base policy of charm-keystone with the ids of one Keystone, from the release data of src/policy.

argv: admin role, id of the admin domain, id of the services project, file to write.
"""
import json
import os
import sys

SOURCE = os.path.join(os.environ['LAB_SRC'], '../src/policy/releases/rules/charm.json')

role, domain, project, file = sys.argv[1:]
values = {'admin_role': role, 'admin_domain_id': domain, 'service_tenant_id': project}
with open(SOURCE) as source:
    rules = {rule['name']: rule['check'] for rule in json.load(source)['rules']}
for name, check in rules.items():
    for key, value in values.items():
        check = check.replace('{{ %s }}' % key, value)
    rules[name] = check
# whole or not at all: Keystone may read it at any moment
with open(file + '.new', 'w') as target:
    json.dump(rules, target, indent=2)
os.rename(file + '.new', file)
