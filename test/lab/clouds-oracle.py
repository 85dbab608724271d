"""What openstacksdk makes of the configuration in the working directory and the environment, as one JSON object."""
import json
import sys
import warnings

warnings.simplefilter('ignore')
from openstack.config import loader  # noqa: E402

region = loader.OpenStackConfig().get_one(cloud=sys.argv[1] if len(sys.argv) > 1 else None)
found = {key: value for key, value in region.config['auth'].items() if value is not None}
verify, _ = region.get_requests_verify_args()
found['interface'] = region.config['interface']
if region.config.get('region_name'):
    found['region'] = region.config['region_name']
if verify is False:
    found['isInsecure'] = True
if isinstance(verify, str):
    found['cacert'] = verify
for service in ('compute', 'network', 'image', 'block-storage', 'load-balancer', 'key-manager', 'container-infra', 'orchestration'):
    if region.get_endpoint(service):
        found[service + ' at'] = region.get_endpoint(service)
print(json.dumps(found))
