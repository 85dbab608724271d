"""Keystone; which one is told by OS_KEYSTONE_CONFIG_DIR."""
import plain_locks  # noqa: F401

from keystone.server.wsgi import initialize_public_application

application = initialize_public_application()
