"""Tells tests where the Keystones of `lab/up releases` are: LAB_DIR/releases.json. argv: `NAME: why it is not there`."""
import json
import os
import subprocess
import sys

LAB = os.environ['LAB_DIR']
FILE = os.path.join(LAB, 'releases.json')
PACKAGES = {'debian-12': '/', 'debian-13': os.environ['LAB_CHROOT']}


def package(name):
    """The package as src/policy/releases calls it."""
    if name not in PACKAGES:
        return name
    answer = subprocess.run(['dpkg-query', '--admindir', PACKAGES[name] + '/var/lib/dpkg', '-W', '-f', '${Version}', 'python3-keystone'],
                            capture_output=True, text=True, check=True)
    return answer.stdout.split(':')[-1]


try:
    with open(FILE, encoding='utf-8') as file:
        known = json.load(file)
except FileNotFoundError:
    known = {'version': 1, 'password': os.environ['LAB_PASSWORD'], 'releases': {}, 'absent': {}}
known['absent'].update(line.split(': ', 1) for line in sys.argv[1:])
for name in os.listdir(os.path.join(LAB, 'releases')):
    folder = os.path.join(LAB, 'releases', name)
    if not os.path.exists(os.path.join(folder, 'ready')):
        continue
    port = os.environ['RELEASE_%s_PORT' % name.replace('.', '_').replace('-', '_').upper()]
    known['absent'].pop(name, None)
    known['releases'][name] = {'url': 'http://127.0.0.1:%s/v3' % port, 'package': package(name), 'dir': folder}
with open(FILE + '.new', 'w', encoding='utf-8') as file:
    file.write(json.dumps(known, indent=2) + '\n')
os.rename(FILE + '.new', FILE)
