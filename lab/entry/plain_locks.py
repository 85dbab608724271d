"""Plain locks for the log handlers of a service under uwsgi: every entry imports this before anything of the service.

Nothing here is served by green threads, yet eventlet is imported along the way, and oslo.log then makes the lock of each log handler a
pipe whose reader waits in eventlet's hub (oslo.log 5.0.1, `_fix_eventlet_logging` and pipe_mutex.py). After a fork the pipe and the hub's
epoll are shared: the wake-up meant for one process goes to another, and a request waits for ever. Between the threads of one process the
hub of one is woken by another: `greenlet.error: cannot switch to a different thread`, and the service never answers again.
"""
from oslo_log import log

log._fix_eventlet_logging = lambda: None
