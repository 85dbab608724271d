import os
import sys

sys.argv = ['cinder-api', '--config-file', os.path.join(os.environ['LAB_DIR'], 'etc/cinder/cinder.conf')]

import plain_locks  # noqa: E402, F401
from cinder.wsgi.wsgi import initialize_application  # noqa: E402

application = initialize_application()
