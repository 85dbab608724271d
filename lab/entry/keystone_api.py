"""Keystone. OS_KEYSTONE_CONFIG_DIR names its configuration, and so which one it is."""
import plain_locks  # noqa: F401

from keystone.server.wsgi import initialize_public_application

application = initialize_public_application()
