import sys

sys.argv = ['nova-api']

import plain_locks  # noqa: E402, F401
from nova.api.openstack.compute.wsgi import init_application  # noqa: E402

application = init_application()
