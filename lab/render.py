"""Writes the configuration of every service of the named parts under LAB_DIR/etc.

A service's file is etc/common.conf and its own templates, one after the other: oslo.config merges repeated sections.
argv: the parts. The environment fills the templates.
"""
import json
import os
import shutil
import string
import sys

SOURCE = os.environ['LAB_SRC']
LAB = os.environ['LAB_DIR']
CHROOT = os.environ['LAB_CHROOT']
RELEASE = os.environ['LAB_RELEASE']
VENV = os.environ['LAB_VENV']
# what an operator may demand of passwords; the regular expression has no class of characters that our usual passwords fit
STRICT_PASSWORDS = r'''change_password_upon_first_use = true
minimum_password_age = 1
unique_last_password_count = 5
password_regex = ^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])(?=.*[#?])[A-Za-z\d#?]{8,20}$
password_regex_description = a # or ?, at most 20 long'''
KNOBS = {
    # 0: it serves from this very process. Later releases refuse 0; without agents nobody misses the link to the child
    'NEUTRON_API_WORKERS': '1' if VENV else '0',
    'HEAT_ETC': os.path.join(VENV or os.path.join(LAB, 'debs/heat-common'), 'etc/heat'),
    'APP_CREDENTIAL_TRUSTS': os.environ.get('LAB_APP_CREDENTIAL_TRUSTS', 'false'),
    'BASE': os.environ.get('LAB_BASE', 'default'),
    'LIMITS': os.environ.get('LAB_LIMITS', 'own'),
    'PASSWORD_RULES': STRICT_PASSWORDS if os.environ.get('LAB_PASSWORDS') == 'strict' else '',
    'CAPI': os.environ.get('LAB_CAPI', 'off'),
    'VAULT': os.environ.get('LAB_VAULT', 'off'),
}


def database(name, place='localhost'):
    """The URL of a database; the chroot cannot see the socket."""
    where = '&unix_socket=' + os.environ['SOCKET'] if place == 'localhost' else ''
    return 'mysql+pymysql://lab:lab@%s/%s?charset=utf8%s' % (place, name, where)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as file:
        file.write(text)


def render(service, templates, file=None, root='', database_url=None, **variables):
    """One service. `root` is the chroot that it lives in, as a path of this machine."""
    lab = '/lab' if root else LAB
    etc, data = '%s/etc/%s' % (lab, service), '%s/data/%s' % (lab, service)
    known = dict(os.environ, **KNOBS, LAB_DIR=lab, ETC=etc, DATA=data, SERVICE=service,
                 DATABASE_URL=database_url or database(service), **variables)
    text = ''
    for name in templates:
        with open(os.path.join(SOURCE, 'etc', name + '.conf')) as template:
            text += string.Template(template.read()).substitute(known)
    os.makedirs(root + etc + '/policy.d', exist_ok=True)
    os.makedirs(root + data, exist_ok=True)
    write('%s%s/%s' % (root, etc, file or service + '.conf'), text)
    if not os.path.exists(root + etc + '/policy.yaml'):
        write(root + etc + '/policy.yaml', '{}\n')


def unpacked(package, path, service, change=lambda text: text):
    """A file of a package that is only unpacked, or of the environment, under the service's own configuration."""
    name = os.path.basename(path)
    with open(os.path.join(VENV, 'etc', service, name) if VENV else os.path.join(LAB, 'debs', package, path)) as source:
        write(os.path.join(LAB, 'etc', service, os.path.basename(path)), change(source.read()))


def keystone():
    charm = ['keystone-charm'] if KNOBS['BASE'] == 'charm' else []
    if RELEASE == '2025.1':
        in_chroot('keystone', 'keystone', os.environ['MEMCACHED_PORT'])
        return
    render('keystone', ['common', 'keystone'] + charm, CACHE_PORT=os.environ['MEMCACHED_PORT'],
           ADMIN_PROJECT_DOMAIN='Default')


def charm():
    render('keystone-charm', ['common', 'keystone', 'keystone-charm'], 'keystone.conf',
           database_url=database('keystone_charm'), CACHE_PORT=os.environ['MEMCACHED_CHARM_PORT'], ADMIN_PROJECT_DOMAIN='admin_domain')


def native():
    in_chroot('keystone-native', 'keystone_native', os.environ['MEMCACHED_NATIVE_PORT'])


def in_chroot(name, schema, cache_port):
    """A Keystone of the chroot; its folders are linked to where every other service has its own."""
    render(name, ['common', 'keystone'], 'keystone.conf', root=CHROOT,
           database_url=database(schema, '127.0.0.1:' + os.environ['DATABASE_PORT']), CACHE_PORT=cache_port)
    for kind in ('etc', 'data'):
        link = os.path.join(LAB, kind, name)
        if not os.path.islink(link):
            os.symlink(os.path.join(CHROOT, 'lab', kind, name), link)


def vault():
    """What Barbican is handed: by the stand-in always the same, by OpenBao what openbao.py wrote."""
    if os.environ.get('LAB_VAULT_SERVER') != 'openbao':
        return {'VAULT_BEFORE': os.environ['VAULT_PORT'], 'VAULT_ROLE_ID': 'lab-role-id', 'VAULT_SECRET_ID': 'lab-secret-id', 'VAULT_MOUNT': 'charm-barbican'}
    with open(LAB + '/vault/handed.json') as file:
        handed = json.load(file)
    return {'VAULT_BEFORE': os.environ['VAULT_PLANE_PORT'], 'VAULT_ROLE_ID': handed['role_id'], 'VAULT_SECRET_ID': handed['secret_id'], 'VAULT_MOUNT': handed['mount']}


def magnum():
    """The lab's own, or another one in its place."""
    which, templates = os.environ.get('LAB_MAGNUM', 'own'), ['common', 'magnum'] + ([] if KNOBS['CAPI'] == 'off' else ['magnum-capi'])
    render('magnum', templates)
    unpacked('magnum-common', 'usr/share/magnum-common/api-paste.ini', 'magnum',
             lambda text: text.replace('/etc/magnum/', LAB + '/etc/magnum/'))
    if which == '20':
        render('magnum', templates, root=CHROOT, database_url=database('magnum_other', '127.0.0.1:' + os.environ['DATABASE_PORT']), LAB_SRC='/lab')
        for name in ('api-paste.ini', 'keystone_auth_default_policy.json'):
            with open('%s/lab/debs/magnum-common/usr/share/magnum-common/%s' % (CHROOT, name)) as source:
                write('%s/lab/etc/magnum/%s' % (CHROOT, name), source.read().replace('/etc/magnum/', '/lab/etc/magnum/'))


def cloud():
    render('barbican', ['common', 'barbican', 'barbican-crypto' if KNOBS['VAULT'] == 'off' else 'barbican-vault'], **(vault() if KNOBS['VAULT'] != 'off' else {}))
    for service in ('cinder', 'heat', 'neutron', 'octavia', 'placement'):
        render(service, ['common', service])
    magnum()
    render('glance', ['common', 'glance'], 'glance-api.conf')
    limits = ['nova-limits'] if KNOBS['LIMITS'] == 'unified' else []
    render('nova', ['common', 'nova'] + limits, NOVA_API_DATABASE_URL=database('nova_api'))
    for store in ('images', 'staging', 'tasks'):
        os.makedirs(os.path.join(LAB, 'data/glance', store), exist_ok=True)

    unpacked('barbican-common', 'usr/share/barbican-common/barbican-api-paste.ini', 'barbican')
    unpacked('cinder-common', 'usr/share/cinder-common/api-paste.ini', 'cinder')
    unpacked('cinder-common', 'etc/cinder/resource_filters.json', 'cinder')
    unpacked('glance-common', 'usr/share/glance-common/glance-api-paste.ini', 'glance')
    unpacked('heat-common', 'etc/heat/api-paste.ini', 'heat')
    if VENV:  # the wheel lacks it, and only clusters with keystone_auth_enabled read it
        write(os.path.join(LAB, 'etc/magnum/keystone_auth_default_policy.json'), '[]\n')
    else:
        unpacked('magnum-common', 'usr/share/magnum-common/keystone_auth_default_policy.json', 'magnum')
    unpacked('neutron-common', 'usr/share/neutron-common/api-paste.ini', 'neutron')
    unpacked('nova-common', 'usr/share/nova-common/api-paste.ini', 'nova')
    metadefs = os.path.join(LAB, 'etc/glance/metadefs')
    shutil.copytree(os.path.join(VENV, 'etc/glance/metadefs') if VENV
                    else os.path.join(LAB, 'debs/glance-common/usr/share/glance-common/metadefs'), metadefs, dirs_exist_ok=True)


for part in sys.argv[1:]:
    {'keystone': keystone, 'cloud': cloud, 'charm': charm, 'native': native}[part]()
