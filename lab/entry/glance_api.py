import plain_locks  # noqa: F401

from glance.common.wsgi_app import init_app

application = init_app()
