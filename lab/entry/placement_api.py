import plain_locks  # noqa: F401

from placement.wsgi import init_application

application = init_application()
