"""magnum-api and magnum-conductor in one process, so that fake:// carries the API's calls to the conductor."""
import sys

import magnum.cmd  # noqa: F401  patches eventlet, so it comes first

import eventlet
import eventlet.wsgi
import magnum.conf
from magnum.api import app
from magnum.common import rpc_service, service, short_id
from magnum.conductor.handlers import (ca_conductor, cluster_conductor, conductor_listener, federation_conductor,
                                       indirection_api, nodegroup_conductor)
from oslo_service import service as oslo_service

CONF = magnum.conf.CONF

service.prepare_service(sys.argv)
conductor = rpc_service.Service.create(
    CONF.conductor.topic, short_id.generate_id(),
    [handler.Handler() for handler in (indirection_api, cluster_conductor, conductor_listener, ca_conductor,
                                       federation_conductor, nodegroup_conductor)],
    binary='magnum-conductor')
launcher = oslo_service.launch(CONF, conductor, workers=1)
conductor.create_periodic_tasks()
eventlet.spawn(eventlet.wsgi.server, eventlet.listen((CONF.api.host, CONF.api.port), backlog=128), app.load_app())
launcher.wait()
