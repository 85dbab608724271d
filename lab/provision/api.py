"""The smallest client that can fill a cloud: one token, JSON in and out, and `ensure`."""
import json
import urllib.error
import urllib.parse
import urllib.request

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Api:
    def __init__(self, keystone, user, password, scope, user_domain='Default'):
        self.keystone = keystone
        self.token = None
        answer = self.send('POST', keystone + '/auth/tokens', {'auth': {
            'identity': {'methods': ['password'], 'password': {'user': {
                'name': user, 'domain': {'name': user_domain}, 'password': password}}},
            'scope': scope}})
        self.token = answer.headers['X-Subject-Token']

    def send(self, method, url, body=None, data=None, kind='application/json'):
        headers = {'Accept': 'application/json', 'Content-Type': kind}
        if self.token:
            headers['X-Auth-Token'] = self.token
        if body is not None:
            data = json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, method=method, headers=headers)
        try:
            return OPENER.open(request, timeout=120)
        except urllib.error.HTTPError as error:
            raise SystemExit('%s %s answered %s: %s' % (method, url, error.code, error.read()[:600].decode()))

    def get(self, url):
        return json.load(self.send('GET', url))

    def post(self, url, body):
        return json.load(self.send('POST', url, body))

    def ensure(self, kind, attributes, by=('name',)):
        """The id of the Keystone object with these attributes, made if it is not there."""
        collection = '%s/%ss' % (self.keystone, kind)
        query = urllib.parse.urlencode({key: attributes[key] for key in by})
        found = self.get(collection + '?' + query)[kind + 's']
        return found[0]['id'] if found else self.post(collection, {kind: attributes})[kind]['id']

    def role(self, name):
        return self.ensure('role', {'name': name})

    def domain(self, name, description=''):
        return self.ensure('domain', {'name': name, 'description': description})

    def project(self, name, domain):
        return self.ensure('project', {'name': name, 'domain_id': domain}, by=('name', 'domain_id'))

    def user(self, name, domain, password):
        return self.ensure('user', {'name': name, 'domain_id': domain, 'password': password}, by=('name', 'domain_id'))

    def grant(self, user, role, project=None, domain=None):
        where = 'projects/' + project if project else 'domains/' + domain
        self.send('PUT', '%s/%s/users/%s/roles/%s' % (self.keystone, where, user, role))

    def endpoint(self, region, service, interface, url):
        have = self.get('%s/endpoints?service_id=%s&interface=%s&region_id=%s' % (self.keystone, service, interface, region))
        if not have['endpoints']:
            self.post(self.keystone + '/endpoints', {'endpoint': {
                'service_id': service, 'interface': interface, 'url': url, 'region_id': region}})
