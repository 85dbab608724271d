"""Makes the environment of one point release: unpacks wheels that pip has downloaded, and links what Debian has to give.

    unpack.py FOLDER PINS WHEELS

PINS has lines `name==version --hash=sha256:..`; WHEELS is the folder of the wheels. A wheel is taken only by its digest, so a
damaged or a foreign file is an error. FOLDER is complete or not there.
"""
import hashlib
import os
import shutil
import sys
import zipfile

folder, pins, wheels = sys.argv[1:]
# no wheel of them exists, so that pip would have to compile: oslo.utils 7 and oslo.log 5 of 2024.1
FROM_DEBIAN = ('netifaces.cpython-311-x86_64-linux-gnu.so', 'pyinotify.py')
by_digest = {}
for name in os.listdir(wheels):
    with open(os.path.join(wheels, name), 'rb') as file:
        by_digest[hashlib.sha256(file.read()).hexdigest()] = name
new = folder + '.new'
shutil.rmtree(new, ignore_errors=True)
with open(pins, encoding='utf-8') as file:
    wanted = [line.split() for line in file if '--hash=sha256:' in line]
for name, digest in wanted:
    found = by_digest.get(digest.split(':')[1])
    if found is None:
        sys.exit('%s has no wheel of %s with %s' % (wheels, name, digest))
    with zipfile.ZipFile(os.path.join(wheels, found)) as wheel:
        wheel.extractall(new)
for name in FROM_DEBIAN:
    path = os.path.join('/usr/lib/python3/dist-packages', name)
    if os.path.exists(path):
        os.symlink(path, os.path.join(new, name))
shutil.rmtree(folder, ignore_errors=True)
os.rename(new, folder)
