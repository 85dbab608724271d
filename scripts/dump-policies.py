#!/usr/bin/python3
"""Prints the rules that the Keystone installed here registers in code, as scripts/releases.mjs reads them.

    /usr/bin/python3 scripts/dump-policies.py > FOLDER/keystone-policies-debian-22.0.2-deb12u6.json
"""
import json
import sys

from keystone.common import policies


def operations(rule):
    for operation in getattr(rule, "operations", None) or []:
        methods = operation["method"]
        for method in methods if isinstance(methods, list) else [methods]:
            yield "%s %s" % (method, operation["path"])


rules = {}
for rule in policies.list_rules():
    rules[rule.name] = {"check_str": rule.check_str, "scope_types": rule.scope_types}
    guarded = list(operations(rule))
    if guarded:
        rules[rule.name]["operations"] = guarded
    if rule.deprecated_rule:
        was = rule.deprecated_rule
        rules[rule.name]["deprecated"] = {"name": was.name, "check_str": was.check_str}
json.dump(rules, sys.stdout, indent=1, sort_keys=True)
