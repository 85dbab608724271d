import os

from oslo_config import cfg
from paste import deploy

ETC = os.path.join(os.environ['LAB_DIR'], 'etc/barbican')

# barbican.common.config parses while it is imported, looks only in its well-known places and takes no argument
cfg.find_config_files = lambda *args, **kwargs: [os.path.join(ETC, 'barbican.conf')]
application = deploy.loadapp('config:' + os.path.join(ETC, 'barbican-api-paste.ini'))
