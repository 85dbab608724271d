"""Schema, keys and first admin of one Keystone, in one interpreter: importing Keystone is most of each of the four steps.

argv: configuration file, URL, password, name of the first user, name of the admin role.
"""
import sys

import keystone.conf
from keystone.cmd import cli

conf, url, password, user, role = sys.argv[1:]
owner = ['--keystone-user', 'root', '--keystone-group', 'root']
for step in (
    ['db_sync'],
    ['fernet_setup'] + owner,
    ['credential_setup'] + owner,
    ['bootstrap', '--bootstrap-username', user, '--bootstrap-password', password, '--bootstrap-role-name', role,
     '--bootstrap-project-name', 'admin', '--bootstrap-service-name', 'keystone', '--bootstrap-region-id', 'RegionOne',
     '--bootstrap-public-url', url, '--bootstrap-internal-url', url],
):
    sys.argv = ['keystone-manage', '--config-file', conf] + step
    keystone.conf.CONF.clear()
    cli.main(argv=sys.argv)
