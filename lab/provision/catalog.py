"""Which services there are, where, and over which scheme."""
import os

# name, type, path of the endpoint
SERVICES = (
    ('glance', 'image', ''),
    ('placement', 'placement', ''),
    ('nova', 'compute', '/v2.1'),
    ('neutron', 'network', ''),
    ('cinderv3', 'volumev3', '/v3/%(project_id)s'),
    ('cinder', 'block-storage', '/v3/%(project_id)s'),
    ('barbican', 'key-manager', ''),
    ('octavia', 'load-balancer', ''),
    ('heat', 'orchestration', '/v1/%(project_id)s'),
    ('magnum', 'container-infra', '/v1'),
)


def port(service, tls=False):
    return os.environ['%s%s_PORT' % (service.upper().removesuffix('V3'), '_TLS' if tls else '')]


def url(service, path='', tls=False):
    return '%s://127.0.0.1:%s%s' % ('https' if tls else 'http', port(service, tls), path)
