# Settings of the lab's Horizon, which openstack_dashboard.settings reads as `local.local_settings`. Nothing here is for tenants: `policy build
# --horizon` has that, and `lab/horizon` adds it.
import os

DIR, PORT = os.environ['HORIZON_DIR'], os.environ['HORIZON_PORT']
ALLOWED_HOSTS = ['127.0.0.1']
SECRET_KEY = 'lab-secret'
WEBROOT = '/'
STATIC_ROOT = DIR + '/static'
COMPRESS_OFFLINE = True
POLICY_FILES_PATH = DIR + '/policy'
OPENSTACK_KEYSTONE_URL = os.environ['HORIZON_KEYSTONE']
# the catalog has a second region, behind TLS
AVAILABLE_REGIONS = []
# cookies know no port: without its own name a second Horizon on this address would end the sessions of the first
SESSION_COOKIE_NAME = 'sessionid' + PORT
CACHES = {'default': {'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache',
                      'LOCATION': os.environ['HORIZON_MEMCACHED'], 'KEY_PREFIX': 'horizon-' + PORT}}
SESSION_ENGINE = 'django.contrib.sessions.backends.cache'
LOGGING = {
    'version': 1, 'disable_existing_loggers': False,
    'formatters': {'line': {'format': '%(asctime)s %(levelname)s %(name)s %(message)s'}},
    'handlers': {'stderr': {'class': 'logging.StreamHandler', 'formatter': 'line'}},
    'root': {'handlers': ['stderr'], 'level': 'WARNING'},
}
