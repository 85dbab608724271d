"""Keystone; which one is told by OS_KEYSTONE_CONFIG_DIR."""
from oslo_log import log

# Nothing here is served by green threads, yet eventlet is imported along the way, and oslo.log then makes the lock of each log handler a
# pipe whose reader waits in eventlet's hub (oslo.log 5.0.1, `_fix_eventlet_logging` and pipe_mutex.py). The pipe and the hub's epoll are made
# before the fork and shared by the processes after it: the wake-up meant for one goes to another, and a request waits for ever.
log._fix_eventlet_logging = lambda: None

from keystone.server.wsgi import initialize_public_application  # noqa: E402

application = initialize_public_application()
