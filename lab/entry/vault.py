"""Stands in for HashiCorp Vault where Barbican meets it: AppRole login, key/value storage, and what an operator reads of a binding.

Vault itself is not in Debian. Answers and error texts follow hashicorp/vault 051cff9, builtin/credential/approle: path_login.go,
pathLoginUpdate, and path_role.go, pathRoleRead and secretIDStorageEntry.ToResponseData. Names and lifetimes follow charm-vault,
src/lib/charm/vault.py, configure_approle: a role `charm-barbican-0` whose tokens live 60 s, bound to the unit's address, and a
secret id bound to the address that the unit had when the secret id was made.

The file LAB_DIR/vault-mode picks what is wrong; it is read at every request.
"""
import http.server
import ipaddress
import json
import os
import time
import urllib.parse
import uuid

LAB, PORT = os.environ['LAB_DIR'], int(os.environ['VAULT_PORT'])
ROLE, ROLE_ID, SECRET_ID, ACCESSOR = 'charm-barbican-0', 'lab-role-id', 'lab-secret-id', 'lab-secret-id-accessor'
OPERATOR_TOKEN = 'lab-vault-operator'
TOKEN_TTL = 60
MOUNT = 'charm-barbican'
POLICY = json.dumps({'path': {MOUNT + '/*': {'capabilities': ['create', 'read', 'update', 'delete', 'list']}}})
HERE, ELSEWHERE = ['127.0.0.1/32'], ['10.12.8.176/32']
# mode: addresses of the role's tokens, addresses of the secret id
BINDINGS = {
    'works': (HERE, HERE),
    # the unit's address changed: the role was updated, the secret id was not
    'stale-secret-id': (HERE, ELSEWHERE),
    # both name the unit's address, but the unit comes from another network
    'wrong-plane': (ELSEWHERE, ELSEWHERE),
    # login is allowed from here, the token is not
    'token-bound': (ELSEWHERE, []),
    'sealed': (HERE, HERE),
}
MADE = '2026-01-01T00:00:00Z'

tokens = {}  # token -> (addresses, end)
store = {}


class Refused(Exception):
    def __init__(self, status, *errors):
        self.status, self.errors = status, list(errors)


def mode():
    with open(os.path.join(LAB, 'vault-mode')) as file:
        return file.read().strip()


def admits(blocks, source):
    return not blocks or any(ipaddress.ip_address(source) in ipaddress.ip_network(block) for block in blocks)


def login(body, source):
    of_role, of_secret_id = BINDINGS[mode()]
    if not body.get('role_id'):
        raise Refused(400, 'missing role_id')
    if body['role_id'] == ROLE_ID and not body.get('secret_id'):
        raise Refused(400, 'missing secret_id')
    if (body['role_id'], body.get('secret_id')) != (ROLE_ID, SECRET_ID):
        raise Refused(400, 'invalid role or secret ID')
    if not admits(of_secret_id, source):
        raise Refused(400, 'source address "%s" unauthorized through CIDR restrictions on the secret ID' % source)
    token = 'hvs.' + uuid.uuid4().hex
    tokens[token] = (of_role, time.monotonic() + TOKEN_TTL)
    return {'auth': {'client_token': token, 'lease_duration': TOKEN_TTL, 'renewable': True, 'token_policies': ['default', ROLE]}}


def read_role():
    return {'bind_secret_id': True, 'local_secret_ids': False, 'secret_id_bound_cidrs': None, 'secret_id_num_uses': 0,
            'secret_id_ttl': 0, 'token_bound_cidrs': BINDINGS[mode()][0], 'token_max_ttl': TOKEN_TTL,
            'token_policies': [ROLE], 'token_ttl': TOKEN_TTL, 'token_type': 'default'}


def read_secret_id():
    return {'secret_id_accessor': ACCESSOR, 'secret_id_num_uses': 0, 'secret_id_ttl': 0, 'creation_time': MADE,
            'expiration_time': '0001-01-01T00:00:00Z', 'last_updated_time': MADE, 'metadata': {},
            'cidr_list': BINDINGS[mode()][1], 'token_bound_cidrs': []}


def answer(method, path, body, token, source):
    """What Vault says, or None for no content."""
    if path == 'sys/health':
        return {'initialized': True, 'sealed': mode() == 'sealed', 'standby': False}
    if mode() == 'sealed':
        raise Refused(503, 'Vault is sealed')
    if (method, path) == ('POST', 'auth/approle/login'):
        return login(body, source)
    addresses, end = tokens.get(token, ([], 0))
    operator = token == OPERATOR_TOKEN
    if not operator and (time.monotonic() > end or not admits(addresses, source)):
        raise Refused(403, 'permission denied')
    if path.startswith(('auth/approle/role', 'sys/')):
        if not operator:
            raise Refused(403, '1 error occurred:\n\t* permission denied\n\n')
        answers = {
            ('GET', 'sys/locked-users'): lambda: {'by_namespace': [], 'total': 0},
            ('GET', 'sys/policy/' + ROLE): lambda: {'name': ROLE, 'rules': POLICY},
            ('GET', 'sys/mounts'): lambda: {MOUNT + '/': {'type': 'kv', 'options': {'version': '1'}}},
            ('LIST', 'auth/approle/role'): lambda: {'keys': [ROLE]},
            ('GET', 'auth/approle/role/' + ROLE): read_role,
            ('LIST', 'auth/approle/role/%s/secret-id' % ROLE): lambda: {'keys': [ACCESSOR]},
            ('POST', 'auth/approle/role/%s/secret-id-accessor/lookup' % ROLE):
                lambda: read_secret_id() if body.get('secret_id_accessor') == ACCESSOR else None,
        }
        found = answers.get((method, path), lambda: None)()
        if found is None:
            raise Refused(404)
        return {'data': found}
    if method in ('POST', 'PUT'):
        store[path] = body
        return None
    if path not in store:
        raise Refused(404)
    if method == 'DELETE':
        del store[path]
        return None
    return {'data': store[path]}


class Handler(http.server.BaseHTTPRequestHandler):
    def serve(self):
        url = urllib.parse.urlsplit(self.path)
        path = url.path.removeprefix('/v1/').strip('/')
        method = 'LIST' if self.command == 'GET' and 'list=true' in url.query else self.command
        length = int(self.headers.get('Content-Length') or 0)
        body = json.loads(self.rfile.read(length) or '{}')
        try:
            found = answer(method, path, body, self.headers.get('X-Vault-Token'), self.client_address[0])
            self.reply(204 if found is None else 200, found)
        except Refused as refused:
            self.reply(refused.status, {'errors': refused.errors})

    do_GET = do_POST = do_PUT = do_DELETE = do_LIST = serve

    def reply(self, status, body):
        text = b'' if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)


http.server.ThreadingHTTPServer(('127.0.0.1', PORT), Handler).serve_forever()
