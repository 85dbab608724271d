"""Stands in for discovery.etcd.io, which Magnum's CoreOS driver asks for a token before it asks Heat."""
import http.server
import json
import os
import uuid

PORT = int(os.environ['DISCOVERY_PORT'])


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith('/new'):
            answer = 'http://127.0.0.1:%d/%s' % (PORT, uuid.uuid4().hex)
        else:
            answer = json.dumps({'action': 'get', 'node': {'key': self.path, 'value': '1'}})
        body = answer.encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


http.server.ThreadingHTTPServer(('127.0.0.1', PORT), Handler).serve_forever()
