#!/usr/bin/python3
"""Answers what the real oslo.policy answers, one JSON line for each JSON line.

The questions are those of `policy eval`, and two more:
  {"registered": [{"name", "check", "scopes", "was", "wasNamed"}], "files": [..], "dirs": [[[name, text], ..], ..],
   "rule", "creds", "target", "enforce_scope", "enforce_new_defaults"}   a whole Enforcer, with real files
  {"bench": {"file": path, "questions": [[rule, creds, target], ..], "seconds": n}}   decisions per second
"""
import json
import logging
import os
import shutil
import sys
import tempfile
import time
import warnings

from oslo_config import cfg
from oslo_policy import opts
from oslo_policy import policy

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")


CONF = cfg.ConfigOpts()
CONF([], project="oracle", default_config_files=[], default_config_dirs=[])
opts._register(CONF)
ENFORCER = policy.Enforcer(CONF, use_conf=False)


def evaluate(question):
    rules = policy.Rules.from_dict(question["rules"], "default")
    ENFORCER.set_rules(rules, overwrite=True, use_conf=False)
    name = question["rule"]
    result = bool(ENFORCER.enforce(name, question["target"], question["creds"]))
    try:
        canonical = str(rules[name])
    except KeyError:
        canonical = "!"
    return {"result": result, "canonical": canonical}


def load(question):
    rules = policy.Rules.load(question["file"], "default")
    return {"rules": json.loads(json.dumps({name: str(check) for name, check in rules.items()}))}


def enforce(question):
    folder = tempfile.mkdtemp()
    try:
        for index, files in enumerate(question["dirs"]):
            os.mkdir(os.path.join(folder, str(index)))
            for name, text in files:
                with open(os.path.join(folder, str(index), name), "w", encoding="utf-8") as out:
                    out.write(text)
        if question["file"] is not None:
            with open(os.path.join(folder, "policy.yaml"), "w", encoding="utf-8") as out:
                out.write(question["file"])
        for name, value in (
            ("policy_file", os.path.join(folder, "policy.yaml")),
            ("policy_dirs", [os.path.join(folder, str(index)) for index in range(len(question["dirs"]))]),
            ("enforce_scope", question["enforce_scope"]),
            ("enforce_new_defaults", question["enforce_new_defaults"]),
        ):
            CONF.set_override(name, value, group="oslo_policy")
        enforcer = policy.Enforcer(CONF)
        enforcer.suppress_deprecation_warnings = True
        for rule in question["registered"]:
            was = None
            if "was" in rule:
                was = policy.DeprecatedRule(
                    rule.get("wasNamed", rule["name"]), rule["was"], deprecated_reason="r", deprecated_since="s")
            enforcer.register_default(policy.RuleDefault(
                rule["name"], rule["check"], scope_types=rule.get("scopes"), deprecated_rule=was))
        return {"result": bool(enforcer.enforce(question["rule"], question["target"], question["creds"]))}
    finally:
        shutil.rmtree(folder)


def bench(question):
    with open(question["file"], encoding="utf-8") as text:
        ENFORCER.set_rules(policy.Rules.load(text.read(), "default"), overwrite=True, use_conf=False)
    questions = question["questions"]
    count = 0
    start = time.perf_counter()
    while time.perf_counter() - start < question["seconds"]:
        for name, creds, target in questions:
            ENFORCER.enforce(name, target, creds)
        count += len(questions)
    return {"perSecond": count / (time.perf_counter() - start)}


def answer(line):
    question = json.loads(line)
    if "bench" in question:
        return bench(question["bench"])
    if "registered" in question:
        return enforce(question)
    return load(question) if "file" in question else evaluate(question)


for line in sys.stdin:
    try:
        result = answer(line)
    except Exception as error:
        result = {"error": "%s: %s" % (type(error).__name__, error)}
    sys.stdout.write(json.dumps(result) + "\n")
sys.stdout.flush()
