"""What openstacksdk makes of configurations: a line of JSON in (cwd, env, cloud), a line of JSON out."""
import importlib
import json
import os
import sys
import traceback
import warnings

warnings.simplefilter('ignore')
from openstack.config import loader  # noqa: E402


def read(cloud):
    region = loader.OpenStackConfig().get_one(cloud=cloud)
    found = {key: value for key, value in region.config['auth'].items() if value is not None}
    verify, cert = region.get_requests_verify_args()
    found['interface'] = region.config['interface']
    if region.config.get('region_name'):
        found['region'] = region.config['region_name']
    if verify is False:
        found['isInsecure'] = True
    if isinstance(verify, str):
        found['cacert'] = verify
    if cert:
        found['certificate'] = cert if isinstance(cert, str) else cert[0]
        if not isinstance(cert, str):
            found['key'] = cert[1]
    for service in ('compute', 'network', 'image', 'block-storage', 'load-balancer', 'key-manager', 'container-infra', 'orchestration'):
        if region.get_endpoint(service):
            found[service + ' at'] = region.get_endpoint(service)
    return found


for line in sys.stdin:
    asked = json.loads(line)
    # each in a process of its own, because the SDK keeps folders and environment from its import
    child = os.fork()
    if child == 0:
        os.environ.clear()
        os.environ.update(asked['env'])
        os.chdir(asked['cwd'])
        importlib.reload(loader)
        try:
            answer = read(asked.get('cloud'))
        except Exception:
            answer = {'refused': traceback.format_exc()}
        print(json.dumps(answer), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
