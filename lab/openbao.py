"""Sets a running OpenBao up as charm-vault and charm-barbican-vault set up Vault, puts one fault into it, and writes what Barbican is handed
to LAB_DIR/vault/handed.json.  openbao.py MODE

charm-vault 5a0c525, src/lib/charm/vault.py and src/reactive/vault_handlers.py; charm-barbican-vault 1798581: the mount is
`charm-<application of barbican-vault>`, KV version 1; role and policy are `charm-<unit, - for />`; tokens live 60 s at most and are bound to
<ingress address>/32; that binding is written at every request of the unit, a secret id (bound to the same address, in a wrapping token) only
for a new role or after the action refresh-secrets; old secret ids are never destroyed.
"""
import json
import os
import sys
import time
import urllib.error
import urllib.request

DIR = os.environ['LAB_DIR'] + '/vault'
SERVER = 'http://127.0.0.1:' + os.environ['VAULT_PORT']
ADMIN, INTERNAL = '127.0.8.176', '127.0.12.176'  # two planes of one unit
MOUNT, NAME, MOVED = 'charm-barbican-vault', 'charm-barbican-vault-0', 'charm-moved'
ROLE = 'auth/approle/role/' + NAME
ALL = ['create', 'read', 'update', 'delete', 'list']
OPERATOR = 'lab-vault-operator'
# docs/diagnosis.md, Vault
OPERATOR_POLICY = {
    'auth/approle/role': ['list'], 'auth/approle/role/': ['list'], 'auth/approle/role/+': ['read'],
    'auth/approle/role/+/secret-id': ['list'], 'auth/approle/role/+/secret-id/': ['list'],
    'auth/approle/role/+/secret-id-accessor/lookup': ['update'], 'auth/approle/role/+/role-id': ['read'],
    'sys/locked-users': ['read'], 'sys/policy/+': ['read'], 'sys/mounts': ['read'],
    'sys/quotas/rate-limit': ['list'], 'sys/quotas/rate-limit/': ['list'], 'sys/quotas/rate-limit/+': ['read'],
    MOUNT + '/metadata': ['list'], MOUNT + '/metadata/': ['list'],
}


def call(method, path, body=None, token=None, **headers):
    """(status, answer); nothing is raised for a refusal."""
    request = urllib.request.Request(SERVER + '/v1/' + path, method=method, data=None if body is None else json.dumps(body).encode(), headers={
        **({'X-Vault-Token': token} if token else {}), **{key.replace('_', '-'): value for key, value in headers.items()}})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else {}
    except urllib.error.HTTPError as refused:
        text = refused.read()
        return refused.code, json.loads(text) if text else {}


def must(method, path, body=None, token=None, **headers):
    status, answer = call(method, path, body, token, **headers)
    if status >= 400:
        sys.exit('%s %s: %s %s' % (method, path, status, answer))
    return answer


def keep(name, value):
    with open(os.open(os.path.join(DIR, name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as file:
        file.write(value if isinstance(value, str) else json.dumps(value))


def kept(name):
    with open(os.path.join(DIR, name)) as file:
        return json.load(file)


def policy(name, paths):
    must('PUT', 'sys/policy/' + name, {'policy': json.dumps({'path': {path: {'capabilities': able} for path, able in paths.items()}})}, root)


def initialise():
    """Five key shares, three of them needed; AppRole; the token of an operator who reads bindings."""
    answer = must('PUT', 'sys/init', {'secret_shares': 5, 'secret_threshold': 3})
    keep('init.json', {'keys': answer['keys'], 'root': answer['root_token']})


def unseal():
    for key in kept('init.json')['keys'][:3]:
        must('PUT', 'sys/unseal', {'key': key})
    while call('GET', 'sys/health')[0] != 200:
        time.sleep(0.2)


def request(address, is_fresh=False):
    """The unit's data on the relation: policy and role; a wrapped secret id if the role is new, or after refresh-secrets."""
    policy(NAME, {MOUNT + '/*': ALL, 'sys/internal/ui/mounts/' + MOUNT: ['read']})
    is_new = call('GET', ROLE, token=root)[0] == 404
    must('POST', ROLE, {'token_ttl': '60s', 'token_max_ttl': '60s', 'token_policies': [NAME], 'bind_secret_id': True,
                        'token_bound_cidrs': [address + '/32'], 'secret_id_bound_cidrs': []}, root)
    if is_new or is_fresh:
        wrapped = must('POST', ROLE + '/secret-id', {'cidr_list': [address + '/32']}, root, X_Vault_Wrap_TTL='1h')
        keep('offered.json', {'token': wrapped['wrap_info']['token']})


def take():
    """barbican-vault unwraps it and hands it to Barbican."""
    data = must('POST', 'sys/wrapping/unwrap', token=kept('offered.json')['token'])['data']
    hand(data['secret_id'])


def hand(secret_id):
    role_id = must('GET', ROLE + '/role-id', token=root)['data']['role_id']
    keep('handed.json', {'role_id': role_id, 'secret_id': secret_id, 'mount': MOUNT})


def refresh(address):
    request(address, is_fresh=True)
    take()


def forget_secret_ids():
    for accessor in (call('LIST', ROLE + '/secret-id', token=root)[1].get('data') or {}).get('keys', []):
        must('POST', ROLE + '/secret-id-accessor/destroy', {'secret_id_accessor': accessor}, root)


def healthy():
    """One secret id, and the role, bound to where Barbican comes from: what the cure of each fault ends in."""
    call('DELETE', 'sys/quotas/rate-limit/lab', token=root)
    for space in (call('GET', 'sys/locked-users', token=root)[1].get('data') or {}).get('by_namespace') or []:
        for mount in space['mount_accessors']:
            for alias in mount['alias_identifiers']:
                call('PUT', 'sys/locked-users/%s/unlock/%s' % (mount['mount_accessor'], alias), {}, root)
    mounts = must('GET', 'sys/mounts', token=root)['data']
    if MOVED + '/' in mounts:
        must('POST', 'sys/remount', {'from': MOVED, 'to': MOUNT}, root)
        time.sleep(2)
    elif (mounts.get(MOUNT + '/', {}).get('options') or {}).get('version') == '2':
        # nothing makes KV 1 of it again
        must('DELETE', 'sys/mounts/' + MOUNT, token=root)
        del mounts[MOUNT + '/']
    if MOUNT + '/' not in mounts and MOVED + '/' not in mounts:
        must('POST', 'sys/mounts/' + MOUNT, {'type': 'kv', 'options': {'version': '1'}}, root)
    keep('plane', INTERNAL)
    forget_secret_ids()
    refresh(INTERNAL)


def stale_secret_id():
    """The unit moved from one plane to the other: the relation brought the new address, nobody ran refresh-secrets."""
    forget_secret_ids()
    refresh(ADMIN)
    request(INTERNAL)


def refreshed_not_taken():
    stale_secret_id()
    request(INTERNAL, is_fresh=True)


def replaced():
    """The secret id was destroyed, and there is another one that Barbican does not have."""
    forget_secret_ids()
    request(INTERNAL, is_fresh=True)


def locked_out():
    """Five refused sign-ins within a quarter of an hour; the right secret id is refused too, then."""
    role_id = must('GET', ROLE + '/role-id', token=root)['data']['role_id']
    for _ in range(6):
        call('POST', 'auth/approle/login', {'role_id': role_id, 'secret_id': 'wrong'})


def token_bound():
    """The secret id may be used from anywhere, its tokens from another plane only."""
    forget_secret_ids()
    must('POST', ROLE, {'token_bound_cidrs': []}, root)
    hand(must('POST', ROLE + '/secret-id', {}, root)['data']['secret_id'])
    must('POST', ROLE, {'token_bound_cidrs': [ADMIN + '/32']}, root)


def mount_moved():
    must('POST', 'sys/remount', {'from': MOUNT, 'to': MOVED}, root)
    time.sleep(2)


def kv_upgraded():
    must('POST', 'sys/mounts/%s/tune' % MOUNT, {'options': {'version': '2'}}, root)
    time.sleep(3)


def rate_limited():
    must('POST', 'sys/quotas/rate-limit/lab', {'rate': 0.001, 'interval': '10m', 'path': MOUNT + '/'}, root)
    for _ in range(2):
        call('GET', MOUNT + '/nothing', token=root)


FAULTS = {
    'works': lambda: None, 'stale-secret-id': stale_secret_id, 'wrong-plane': lambda: keep('plane', ADMIN), 'refreshed-not-taken': refreshed_not_taken,
    'destroyed': forget_secret_ids, 'replaced': replaced, 'locked-out': locked_out, 'token-bound': token_bound,
    'policy-missing': lambda: must('DELETE', 'sys/policy/' + NAME, token=root), 'mount-moved': mount_moved, 'kv-upgraded': kv_upgraded,
    'rate-limited': rate_limited, 'sealed': lambda: must('PUT', 'sys/seal', {}, root), 'down': lambda: None,
}

while True:
    try:
        is_initialised = must('GET', 'sys/init')['initialized']
        break
    except OSError:
        time.sleep(0.2)
if not is_initialised:
    initialise()
unseal()
root = kept('init.json')['root']
if 'approle/' not in must('GET', 'sys/auth', token=root)['data']:
    must('POST', 'sys/auth/approle', {'type': 'approle'}, root)
    policy('read-bindings', OPERATOR_POLICY)
    must('POST', 'auth/token/create', {'id': OPERATOR, 'policies': ['read-bindings'], 'no_default_policy': True, 'ttl': '720h'}, root)
healthy()
FAULTS[sys.argv[1]]()
