"""One Keystone of a point release on SQLite, with a tap on its policy enforcer. `lab/up releases` starts it; docs/lab.md.

    python3 serve.py --dir FOLDER --port PORT [--idle SECONDS]

FOLDER/policy.d has the overrides and FOLDER/policy.yaml the base policy; both count from the next request. The program ends
when nobody has asked it anything for --idle seconds.

Beside Keystone's API it has three requests for tests, all POST:
    /lab/keep      remembers database and cache as they are now
    /lab/restore   puts them back
    /lab/play      [{"method", "path", "token"?, "headers"?, "body"?, "restore"?}] -> one answer each, in order:
                   {"status", "message", "headers", "body", "asked": [{"action", "target", "result", "creds"?}]}
                   `asked`: the questions to oslo.policy, with the credentials where they differ from those of the question
                   before. `restore`: database and cache are put back after the answer.

One request at a time: several threads that make oslo.policy load its rules are refused at random.
"""
import argparse
import base64
import gc
import json
import logging
import os
import sqlite3
import sys
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument('--dir', required=True)
parser.add_argument('--port', type=int, required=True)
parser.add_argument('--idle', type=float, default=0)
options = parser.parse_args()
FOLDER = os.path.abspath(options.dir)
CONF_FILE, DATABASE = os.path.join(FOLDER, 'keystone.conf'), os.path.join(FOLDER, 'keystone.db')
URL = 'http://127.0.0.1:%d/v3' % options.port


def configure():
    settings = {
        'DEFAULT': {'log_file': os.path.join(FOLDER, 'keystone.log'), 'use_stderr': 'false'},
        'database': {'connection': 'sqlite:///' + DATABASE, 'sqlite_synchronous': 'false'},
        'fernet_tokens': {'key_repository': os.path.join(FOLDER, 'fernet')},
        'token': {'expiration': '86400'},
        'credential': {'key_repository': os.path.join(FOLDER, 'credential-keys')},
        # without a cache a request takes ten times as long; this one can be put back together with the database
        'cache': {'enabled': 'true', 'backend': 'dogpile.cache.memory_pickle', 'expiration_time': '86400'},
        'identity': {'password_hash_rounds': '4'},
        'oslo_policy': {'policy_file': os.path.join(FOLDER, 'policy.yaml'), 'policy_dirs': os.path.join(FOLDER, 'policy.d')},
    }
    os.makedirs(os.path.join(FOLDER, 'policy.d'), exist_ok=True)
    if not os.path.exists(os.path.join(FOLDER, 'policy.yaml')):
        with open(os.path.join(FOLDER, 'policy.yaml'), 'w', encoding='utf-8') as file:
            file.write('{}\n')
    with open(CONF_FILE, 'w', encoding='utf-8') as file:
        for group, pairs in settings.items():
            file.write('[%s]\n%s\n' % (group, ''.join('%s = %s\n' % pair for pair in pairs.items())))


def make_cloud():
    """Schema, keys and the first admin, in a child that has loaded Keystone already: loading is most of each step."""
    for repository in ('fernet', 'credential-keys'):
        os.makedirs(os.path.join(FOLDER, repository), mode=0o700, exist_ok=True)
        for key in ('0', '1'):
            path = os.path.join(FOLDER, repository, key)
            with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), 'wb') as file:
                file.write(base64.urlsafe_b64encode(os.urandom(32)))
    child = os.fork()
    if child == 0:
        code = 1
        try:
            # a reader that Keystone leaves open must not lock out the next writer
            with sqlite3.connect(DATABASE) as opened:
                opened.execute('PRAGMA journal_mode=WAL')
            for step in (['db_sync'],
                         ['bootstrap', '--bootstrap-password', os.environ['LAB_PASSWORD'], '--bootstrap-region-id', 'RegionOne',
                          '--bootstrap-public-url', URL, '--bootstrap-internal-url', URL, '--bootstrap-admin-url', URL]):
                sys.argv = ['keystone-manage', '--config-file', CONF_FILE] + step
                keystone.conf.CONF.clear()
                cli.main(argv=sys.argv)
            code = 0
        finally:
            os._exit(code)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit('keystone-manage failed: %s/keystone.log' % FOLDER)
    open(os.path.join(FOLDER, 'ready'), 'w').close()


configure()
import keystone.conf  # noqa: E402
from keystone.cmd import cli  # noqa: E402
from keystone.common import sql  # noqa: E402
from keystone.server.flask import core  # noqa: E402
from dogpile.cache.backends.memory import MemoryBackend  # noqa: E402
from oslo_db.sqlalchemy import engines  # noqa: E402
from oslo_policy import policy as oslo_policy  # noqa: E402
from sqlalchemy import event  # noqa: E402
from sqlalchemy.engine import Engine  # noqa: E402
from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: E402
from werkzeug.test import Client  # noqa: E402

if not os.path.exists(os.path.join(FOLDER, 'ready')):
    make_cloud()
sys.argv = ['keystone']
keystone.conf.CONF.clear()
# oslo.db gives the processor away at every use of a connection; on a busy machine that is a third of the time
engines._thread_yield = lambda *_: None
application = core.initialize_application('public', config_files=[CONF_FILE])


# SQLite does not enforce foreign keys unless it is told. Without them the roles of a deleted application credential stay, its
# row number is used again, and the next credential is 409 "Duplicate entry" (keystone 27.0.0, application_credential/backends/sql.py).
@event.listens_for(Engine, 'connect')
def enforce_foreign_keys(connection, _record):
    connection.execute('PRAGMA foreign_keys = ON')


# every refusal is logged with its traceback, which costs more than the refusal
logging.getLogger().setLevel(logging.ERROR)
logging.disable(logging.WARNING)


def plain(value):
    """As JSON: what oslo.policy sees has views and objects with `items` in it."""
    if hasattr(value, 'items'):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(value)


asked = []
last_creds = [None]
is_tapped = [False]
real_enforce = oslo_policy.Enforcer.enforce


def enforce(self, rule, target, creds, do_raise=False, exc=None, *args, **kwargs):
    if not is_tapped[0]:
        return real_enforce(self, rule, target, creds, do_raise, exc, *args, **kwargs)
    seen = plain(self._map_context_attributes_into_creds(creds) if hasattr(creds, 'to_policy_values') else creds)
    line = {'action': str(rule), 'target': plain(target), 'result': False}
    if seen != last_creds[0]:
        line['creds'] = last_creds[0] = seen
    asked.append(line)
    line['result'] = bool(real_enforce(self, rule, target, creds, do_raise, exc, *args, **kwargs))
    return line['result']


oslo_policy.Enforcer.enforce = enforce
watch = sqlite3.connect(DATABASE, check_same_thread=False, isolation_level=None)
kept = sqlite3.connect(':memory:', check_same_thread=False)
version = [None]
caches = []


def data_version():
    return watch.execute('PRAGMA data_version').fetchone()[0]


def keep():
    watch.backup(kept)
    caches[:] = [(each._cache, dict(each._cache)) for each in gc.get_objects() if isinstance(each, MemoryBackend)]
    version[0] = data_version()


def restore():
    if not caches or data_version() == version[0]:
        return
    kept.backup(watch)
    # a connection that stays open reads the database as it was: the next domain is made and not found
    sql.core._get_main_context_manager().writer.get_engine().dispose()
    for cache, warm in caches:
        cache.clear()
        cache.update(warm)
    version[0] = data_version()


client = Client(application)


def play(request):
    headers = dict(request.get('headers') or {})
    if request.get('token'):
        headers['X-Auth-Token'] = request['token']
    body = request.get('body')
    data = None
    if body is not None:
        headers['Content-Type'] = 'application/json'
        data = json.dumps(body)
    asked.clear()
    is_tapped[0] = True
    try:
        answer = client.open(request['path'], method=request['method'], headers=headers, data=data)
        text = answer.get_data(as_text=True)
    finally:
        is_tapped[0] = False
    try:
        content = json.loads(text) if text else None
    except ValueError:
        content = None
    error = content.get('error') if isinstance(content, dict) else None
    message = error.get('message', '') if isinstance(error, dict) else str(error or '')
    if request.get('restore'):
        restore()
    return {'status': answer.status_code, 'message': message, 'asked': list(asked)}


def lab(name, environ):
    if name == 'keep':
        keep()
    elif name == 'restore':
        restore()
    elif name == 'play':
        length = int(environ.get('CONTENT_LENGTH') or 0)
        last_creds[0] = None
        return [play(each) for each in json.loads(environ['wsgi.input'].read(length))]
    return {}


last = [time.monotonic()]
busy = [False]


def outer(environ, start_response):
    busy[0] = True
    try:
        path = environ.get('PATH_INFO', '')
        if path.startswith('/lab/') and environ['REQUEST_METHOD'] == 'POST':
            body = json.dumps(lab(path[len('/lab/'):], environ)).encode()
            start_response('200 OK', [('Content-Type', 'application/json'), ('Content-Length', str(len(body)))])
            return [body]
        answer = application(environ, start_response)
        try:
            return [b''.join(answer)]
        finally:
            if hasattr(answer, 'close'):
                answer.close()
    finally:
        busy[0] = False
        last[0] = time.monotonic()


def end_when_idle():
    while options.idle:
        time.sleep(5)
        if not busy[0] and time.monotonic() - last[0] > options.idle:
            print('nobody asked for %d s: the end' % options.idle, flush=True)
            os._exit(0)


class Handler(WSGIRequestHandler):
    # a connection for each request: with one thread, a client that keeps its connection would keep out every other one
    protocol_version = 'HTTP/1.0'

    def log(self, *_):
        pass


threading.Thread(target=end_when_idle, daemon=True).start()
make_server('127.0.0.1', options.port, outer, threaded=False, request_handler=Handler).serve_forever()
