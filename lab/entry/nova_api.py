import sys

sys.argv = ['nova-api']

from nova.api.openstack.compute.wsgi import init_application  # noqa: E402

application = init_application()
