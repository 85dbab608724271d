#!/usr/bin/python3
"""What the charm's hook makes of each zip of a folder: charmhelpers' own process_policy_resource_file, in a folder of its own.

    charm-hook.py CHARMHELPERS ZIPS     prints {zip: null, if it is refused, or {file in policy.d: {rule: check}}}

Only what asks Juju or the system is replaced: the log, owners of files, and the place of policy.d.
"""
import json
import os
import shutil
import sys
import tempfile
import types

charmhelpers, zips = sys.argv[1:]
sys.path.insert(0, charmhelpers)
folder = tempfile.mkdtemp()
POLICY_D = os.path.join(folder, "policy.d")

import yaml  # noqa: E402

# what policyd.py imports and this does not need
for name, members in {
    "charmhelpers.core.hookenv": {"log": lambda *_, **__: None, "DEBUG": "DEBUG", "INFO": "INFO", "ERROR": "ERROR", "config": lambda *_: {}},
    "charmhelpers.core.host": {"write_file": lambda path, content, *_, **__: open(path, "wb").write(content)},
    "charmhelpers.contrib.openstack.utils": {"CompareOpenStackReleases": str},
}.items():
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module
for package in ("charmhelpers", "charmhelpers.core", "charmhelpers.contrib", "charmhelpers.contrib.openstack"):
    module = types.ModuleType(package)
    module.__path__ = [os.path.join(charmhelpers, *package.split("."))]
    sys.modules[package] = module
sys.modules["charmhelpers"].deprecate = lambda *_, **__: lambda function: function
sys.modules["charmhelpers.core"].hookenv = sys.modules["charmhelpers.core.hookenv"]
sys.modules["charmhelpers.core"].host = sys.modules["charmhelpers.core.host"]
from charmhelpers.contrib.openstack import policyd  # noqa: E402

policyd.policyd_dir_for = lambda _service: POLICY_D
policyd.maybe_create_directory_for = lambda path, *_: os.makedirs(os.path.dirname(path), exist_ok=True)
policyd.remove_policy_success_file = policyd.set_policy_success_file = lambda: None


def clean(*_, **__):
    shutil.rmtree(POLICY_D, ignore_errors=True)
    os.makedirs(POLICY_D)


policyd.clean_policyd_dir_for = clean
answers = {}
for name in sorted(os.listdir(zips)):
    clean()
    if not policyd.process_policy_resource_file(os.path.join(zips, name), "keystone"):
        answers[name] = None
        continue
    answers[name] = {}
    for file in sorted(os.listdir(POLICY_D)):
        with open(os.path.join(POLICY_D, file), encoding="utf-8") as text:
            answers[name][file] = yaml.safe_load(text)
shutil.rmtree(folder)
print(json.dumps(answers))
