"""octavia-api and octavia-worker in one process, so that fake:// carries the API's casts to the worker."""
import os
import sys

sys.argv = ['octavia-api', '--config-file', os.path.join(os.environ['LAB_DIR'], 'etc/octavia/octavia.conf')]

import plain_locks  # noqa: E402, F401
import oslo_messaging  # noqa: E402
from octavia.api.app import setup_app  # noqa: E402
from octavia.common import constants, rpc  # noqa: E402
from octavia.controller.queue.v2 import endpoints  # noqa: E402
from octavia.controller.worker.v2.tasks import network_tasks  # noqa: E402
from octavia.network.drivers.neutron.allowed_address_pairs import AllowedAddressPairsDriver  # noqa: E402
from octavia.network.drivers.noop_driver.driver import NoopNetworkDriver  # noqa: E402
from oslo_config import cfg  # noqa: E402

# Neutron stays real for the port of the address and its security group. What plugs an amphora is a no-op: there is none.
NOOPS = ('apply_qos_on_port', 'failover_preparation', 'get_network_configs', 'get_plugged_networks', 'plug_aap_port',
         'plug_fixed_ip', 'plug_network', 'plug_port', 'plug_vip', 'set_port_admin_state_up', 'unplug_aap_port',
         'unplug_fixed_ip', 'unplug_network', 'unplug_vip', 'wait_for_port_detach')
noop_driver = NoopNetworkDriver()


def noop(name):
    def call(_self, *args, **kwargs):
        return getattr(noop_driver, name)(*args, **kwargs)
    return call


for method in NOOPS:
    setattr(AllowedAddressPairsDriver, method, noop(method))
network_tasks.CalculateDelta.execute = lambda self, loadbalancer, availability_zone: {}

application = setup_app(argv=sys.argv)

worker = rpc.get_server(
    oslo_messaging.Target(topic=constants.TOPIC_AMPHORA_V2, server=cfg.CONF.host, fanout=False),
    [endpoints.Endpoints()], executor='threading', access_policy=oslo_messaging.DefaultRPCAccessPolicy)
worker.start()
