import os

import plain_locks  # noqa: F401
from oslo_config import cfg
from paste import deploy

ETC = os.path.join(os.environ['LAB_DIR'], 'etc/barbican')

# barbican.common.config parses while it is imported, looks only in its well-known places and takes no argument
cfg.find_config_files = lambda *args, **kwargs: [os.path.join(ETC, 'barbican.conf')]
# The enforcer is made at the first request, and seen by other threads before it knows its rules (barbican 15.0.1, common/policy.py `init`):
# they answer 500 `Policy secrets:get has not been registered`.
from barbican.common import policy  # noqa: E402

policy.init()
application = deploy.loadapp('config:' + os.path.join(ETC, 'barbican-api-paste.ini'))
