"""Tells tests and people where everything is: LAB_DIR/lab.json, clouds.yaml and admin-openrc."""
import importlib.metadata
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ['LAB_SRC'], 'provision'))

from catalog import SERVICES, url  # noqa: E402

LAB, PASSWORD, CHROOT = os.environ['LAB_DIR'], os.environ['LAB_PASSWORD'], os.environ['LAB_CHROOT']
CA = LAB + '/tls/ca.pem'
RELEASE, VENV = os.environ['LAB_RELEASE'], os.environ['LAB_VENV']
# names in the package index, where they are not those of the services
DISTRIBUTIONS = {'heat': 'openstack-heat', 'placement': 'openstack-placement'}


def version(package, root='/'):
    if VENV:
        name = package.removeprefix('python3-')
        return importlib.metadata.version(DISTRIBUTIONS.get(name, name))
    answer = subprocess.run(['dpkg-query', '--admindir', root + '/var/lib/dpkg', '-W', '-f', '${Version}', package],
                            capture_output=True, text=True)
    return answer.stdout


def magnum_version():
    return version('python3-magnum', CHROOT if os.environ['LAB_MAGNUM'] == '20' else '/')


def provisioned(part):
    return os.path.exists(os.path.join(LAB, 'stamp/provision-' + part))


def keystone(name, release, root='/', admin_domain='Default', admin_role='admin'):
    etc = os.path.join(LAB, 'etc', name)
    return {
        'url': url(name.replace('-', '_'), '/v3'),
        'release': release,
        'package': version('python3-keystone', root),
        'admin': {'username': 'admin', 'password': PASSWORD, 'userDomain': admin_domain,
                  'project': 'admin', 'projectDomain': admin_domain, 'role': admin_role},
        'policyDir': etc + '/policy.d',
        'basePolicy': etc + '/policy.yaml',
        'log': '%s/log/%s.log' % (LAB, name),
        'database': name.replace('-', '_'),
    }


def cloud(of, region='RegionOne', auth_url=None, ca=None):
    admin = of['admin']
    entry = {
        'auth': {'auth_url': auth_url or of['url'], 'username': admin['username'], 'password': admin['password'],
                 'user_domain_name': admin['userDomain'], 'project_name': admin['project'],
                 'project_domain_name': admin['projectDomain']},
        'region_name': region,
        'identity_api_version': '3',
    }
    if ca:
        entry['cacert'] = ca
    return entry


def yaml(value, indent=0):
    return ''.join('%s%s:%s' % ('  ' * indent, key, '\n' + yaml(inner, indent + 1) if isinstance(inner, dict)
                                else ' %s\n' % json.dumps(inner)) for key, inner in value.items())


def write(name, text):
    path = os.path.join(LAB, name)
    with open(os.open(path + '.new', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as file:
        file.write(text)
    os.rename(path + '.new', path)


keystones, clouds, services = {}, {}, {}
if provisioned('keystone'):
    main = keystones['main'] = dict(keystone('keystone', RELEASE, root=CHROOT if RELEASE == '2025.1' else '/'),
                                    tlsUrl=url('keystone', '/v3', tls=True))
    clouds['lab'] = cloud(main)
    clouds['lab-tls'] = cloud(main, 'TLS', main['tlsUrl'], CA)
if provisioned('charm'):
    keystones['charm'] = keystone('keystone-charm', 'zed', admin_domain='admin_domain', admin_role='Admin')
    clouds['lab-charm'] = cloud(keystones['charm'])
if provisioned('native'):
    keystones['native'] = keystone('keystone-native', '2025.1', root=CHROOT)
    clouds['lab-native'] = cloud(keystones['native'])
if provisioned('cloud'):
    for name, kind, path in SERVICES:
        if name != 'cinderv3':
            services[name] = {'type': kind, 'url': url(name, path), 'tlsUrl': url(name, path, tls=True),
                              'package': magnum_version() if name == 'magnum' else version('python3-' + name), 'log': '%s/log/%s.log' % (LAB, name),
                              'policyDir': '%s/etc/%s/policy.d' % (LAB, name)}

horizons = {name: 'http://127.0.0.1:%s/' % os.environ[port]
            for name, port, ready in (('main', 'HORIZON_PORT', LAB + '/horizon/ready'),
                                      ('native', 'HORIZON_NATIVE_PORT', CHROOT + '/horizon/ready')) if os.path.exists(ready)}

write('lab.json', json.dumps({
    'version': 1, 'dir': LAB, 'cloudsYaml': LAB + '/clouds.yaml', 'ca': CA, 'password': PASSWORD,
    'chroot': CHROOT if os.path.exists(CHROOT + '/ready') else None, 'databaseSocket': os.environ['SOCKET'],
    'vault': {'url': url('vault'), 'token': 'lab-vault-operator'}, 'keystones': keystones, 'horizons': horizons, 'services': services}, indent=2) + '\n')
write('clouds.yaml', yaml({'clouds': clouds}))
if 'lab' in clouds:
    auth = clouds['lab']['auth']
    write('admin-openrc', ''.join("export OS_%s='%s'\n" % pair for pair in (
        *((key.upper(), value) for key, value in auth.items()),
        ('REGION_NAME', 'RegionOne'), ('IDENTITY_API_VERSION', '3'))))
