#!/usr/bin/env python3
"""Reads what published Keystones register in code, and which fixes they carry.

    scripts/keystone-rules.py dump PACKAGE          one of them, as JSON: {"fixes": [...], "rules": {...}}
    scripts/keystone-rules.py write                 all of them, into src/policy/releases/rules/packages.json and rules.json

PACKAGE is a name of the table below, or NAME=FOLDER for one that is unpacked already: FOLDER holds the Python package
`keystone`. `write` takes NAME=FOLDER as often as needed. Point releases come from the Python package index (pip), Debian's
builds from apt, the unmaintained branches from git; all are kept in KEYSTONES (default: ~/.cache/tenant-onboard-keystones).

Each package is imported in a process of its own, in an environment that this script makes once with the libraries that
Keystone's rules need: oslo.policy and oslo.log. Which oslo.policy that is changes nothing, because it only stores the rules.
"""
import json
import os
import pathlib
import subprocess
import sys

SERIES = {"22": "zed", "23": "2023.1", "24": "2023.2", "25": "2024.1", "26": "2024.2", "27": "2025.1", "28": "2025.2",
          "29": "2026.1", "30": "2026.2"}
# every point release on the index, 2026-11-30
UPSTREAM = """22.0.0 22.0.1 22.0.2 23.0.0 23.0.1 23.0.2 24.0.0 24.1.0 25.0.0 26.0.0 26.1.0 26.1.1 27.0.0 27.0.1 27.0.2 27.1.0
    28.0.0 28.0.1 28.0.2 28.1.0 29.0.0 29.0.1 29.0.2 29.1.0 30.0.0""".split()
# branches that went on after their last point release
BRANCHES = {"unmaintained/zed": "22", "unmaintained/2023.1": "23", "unmaintained/2024.1": "25"}
# the builds that bookworm and trixie serve; see BACKPORTED for the ones between
DEBIAN = ["22.0.2-0+deb12u3", "22.0.2-0+deb12u6", "27.0.0-3+deb13u6"]
# Builds that are served no more: an earlier package, and the fixes that debian/changelog adds to it. Their rules are made by
# src/policy/releases/fixes.ts; test/policy/releases.test.ts shows that it makes the builds above in the same way.
BACKPORTED = {
    "22.0.2-0+deb12u4": ("22.0.2-0+deb12u3", ["aug-2026"]),
    "22.0.2-0+deb12u5": ("22.0.2-0+deb12u3", ["aug-2026", "oct-2026"]),
    "27.0.0-3+deb13u1": ("27.0.0", ["ossa-2025-002"]),
    "27.0.0-3+deb13u3": ("27.0.0", ["ossa-2025-002", "ossa-2026-005"]),
    "27.0.0-3+deb13u4": ("27.0.0", ["ossa-2025-002", "ossa-2026-005", "ossa-2026-015"]),
    "27.0.0-3+deb13u5": ("27.0.0", ["ossa-2025-002", "ossa-2026-005", "ossa-2026-015", "aug-2026"]),
}
# Each fix by texts that only fixed code has: file, text. A package that has some of them and not the others is an error.
MARKS = {
    "lp-2041611": [("api/domains.py", "self.oslo_context.domain_id")],
    "ossa-2025-002": [("api/ec2tokens.py", "identity:ec2tokens_validate"), ("api/s3tokens.py", "identity:s3tokens_validate")],
    # CVE-2026-33551
    "ossa-2026-005": [("common/policies/ec2_credential.py", "ADMIN_OR_MEMBER_AND_CRED_OWNER")],
    "lp-2138295": [("common/policies/project.py", "not None:%(target.project.domain_id)s")],
    # CVE-2026-42998, -42999, -43000, -43001, -44394
    "ossa-2026-015": [("common/rbac_enforcer/enforcer.py", "request_body"), ("auth/plugins/core.py", "Always bind to the credential owner"),
                      ("conf/security_compliance.py", "allow_insecure_application_credential_trust_escalation"),
                      ("conf/security_compliance.py", "allow_insecure_admin_trust_cross_project_credentials_access"),
                      ("auth/plugins/mapped.py", "response_data['expires_at']")],
    # CVE-2026-80182, -80183, -80184
    "aug-2026": [("api/trusts.py", "Delegated tokens cannot manage trusts"), ("auth/plugins/token.py", "is_delegated_method"),
                 ("api/os_oauth1.py", "is_delegated_method"), ("common/policies/role_assignment.py", "not None:%(target.domain_id)s")],
    # CVE-2026-90460
    "oct-2026": [("api/credentials.py", "Delegated tokens cannot access credentials directly"),
                 ("api/users.py", "Delegated tokens cannot access credentials directly")],
}
CACHE = pathlib.Path(os.environ.get("KEYSTONES") or os.path.expanduser("~/.cache/tenant-onboard-keystones"))
RULES = pathlib.Path(__file__).resolve().parent.parent / "src/policy/releases/rules"

# what the process of a package runs
DUMP = """
import json
from keystone.common import policies

def operations(rule):
    for operation in getattr(rule, "operations", None) or []:
        methods = operation["method"]
        for method in methods if isinstance(methods, list) else [methods]:
            yield "%s %s" % (method, operation["path"])

rules = {}
for rule in policies.list_rules():
    data = rules[rule.name] = {"check": rule.check_str}
    if rule.scope_types is not None:
        data["scopes"] = list(rule.scope_types)
    if rule.deprecated_rule:
        data["was"] = rule.deprecated_rule.check_str
        if rule.deprecated_rule.name != rule.name:
            data["wasNamed"] = rule.deprecated_rule.name
    guarded = list(operations(rule))
    if guarded:
        data["operations"] = guarded
print(json.dumps(rules, sort_keys=True))
"""


class Missing(Exception):
    """A package that this machine cannot get."""


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        raise Missing("%s: %s" % (" ".join(map(str, command[:4])), done.stderr.strip().splitlines()[-1:]))
    return done.stdout


def interpreter():
    """A Python that has oslo.policy and oslo.log: this machine's, or one that is made."""
    for python in ("/usr/bin/python3", CACHE / "python/bin/python"):
        if subprocess.run([python, "-c", "import oslo_policy.policy, oslo_log"], capture_output=True).returncode == 0:
            return python
    run(sys.executable, "-m", "venv", CACHE / "python")
    run(CACHE / "python/bin/pip", "install", "--quiet", "oslo.policy", "oslo.log")
    return CACHE / "python/bin/python"


def unpacked(name):
    """The folder that holds `keystone` of this package. Raises Missing."""
    folder = CACHE / name.replace("/", "-")
    if (folder / "keystone").is_dir():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    if name in UPSTREAM:
        run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", CACHE, "keystone==" + name)
        run(sys.executable, "-m", "zipfile", "-e", CACHE / ("keystone-%s-py3-none-any.whl" % name), folder)
    elif name in BRANCHES:
        run("git", "clone", "--quiet", "--depth", "1", "--branch", name, "https://opendev.org/openstack/keystone", folder)
    elif name in DEBIAN:
        run("apt-get", "download", "-qq", "python3-keystone=2:" + name, cwd=CACHE)
        (folder / "deb").mkdir(parents=True, exist_ok=True)
        run("dpkg-deb", "-x", CACHE / ("python3-keystone_2%%3a%s_all.deb" % name), folder / "deb")
        (folder / "keystone").symlink_to("deb/usr/lib/python3/dist-packages/keystone")
    else:
        raise Missing("`%s` is no package that is published: %s" % (name, " ".join([*UPSTREAM, *BRANCHES, *DEBIAN])))
    return folder


def fixes(package):
    found = []
    for name, marks in MARKS.items():
        has = [text.replace('"', "'") in (package / file).read_text(encoding="utf-8").replace('"', "'") for file, text in marks]
        if any(has) and not all(has):
            raise SystemExit("%s has a part of %s: %s" % (package, name, dict(zip(marks, has))))
        if all(has):
            found.append(name)
    return found


def dump(folder):
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1"}
    rules = json.loads(run(interpreter(), "-c", DUMP, env=environment))
    return {"fixes": fixes(pathlib.Path(folder) / "keystone"), "rules": rules}


def series(name):
    return SERIES[BRANCHES.get(name) or name.split(".")[0]]


def difference(rules, ancestor):
    """What `ancestor` lacks or has otherwise; `null` for a field that is gone."""
    changed = {}
    for name, rule in rules.items():
        before = ancestor.get(name, {})
        fields = {key: rule.get(key) for key in ("check", "scopes", "was", "wasNamed", "operations") if rule.get(key) != before.get(key)}
        if fields:
            changed[name] = fields
    return {"removed": sorted(set(ancestor) - set(rules)), "rules": changed}


def compact(dumps):
    """Rule sets by the name of the first package with them; each after the earlier one that it is closest to."""
    first, sets, of = {}, {}, {}
    for name, one in dumps.items():
        key = json.dumps(one["rules"], sort_keys=True)
        of[name] = first.setdefault(key, name)
        if of[name] != name:
            continue
        candidates = [(None, difference(one["rules"], {}))]
        candidates += [(earlier, difference(one["rules"], dumps[earlier]["rules"])) for earlier in sets]
        after, changes = min(candidates, key=lambda candidate: len(json.dumps(candidate[1])))
        sets[name] = {"after": after, **changes}
    return sets, of


def write(folders):
    names = sorted(UPSTREAM + list(BRANCHES), key=lambda name: (list(SERIES.values()).index(series(name)), name)) + DEBIAN
    dumps, missing = {}, []
    for name in names:
        try:
            dumps[name] = dump(folders.get(name) or unpacked(name))
        except Missing as error:
            missing.append("%s: %s" % (name, error))
    if missing:
        raise SystemExit("nothing was written, because these could not be had (give them as NAME=FOLDER):\n" + "\n".join(missing))
    sets, of = compact(dumps)
    packages = {name: {"series": series(name), "rules": of[name], "fixes": dumps[name]["fixes"]} for name in names}
    for name, (earlier, more) in BACKPORTED.items():
        both = packages[earlier]["fixes"] + more
        packages[name] = {"series": series(name), "rules": of[earlier], "fixes": [fix for fix in MARKS if fix in both]}
    (RULES / "packages.json").write_text(lines(dict(sorted(packages.items(), key=in_order))))
    blocks = []
    for name, one in sets.items():
        rules = lines(one["rules"]).replace("\n", "\n    ").rstrip()
        blocks.append('  %s: {\n    "after": %s,\n    "removed": %s,\n    "rules": %s\n  }'
                      % (json.dumps(name), json.dumps(one["after"]), json.dumps(one["removed"]), rules))
    (RULES / "rules.json").write_text("{\n%s\n}\n" % ",\n".join(blocks))


def in_order(entry):
    """Series by series: point releases, then the branch that went on, then Debian's builds."""
    name, package = entry
    return list(SERIES.values()).index(package["series"]), name in BRANCHES, "deb" in name, name


def lines(data):
    """One entry a line, so that a diff names what changed."""
    body = ",\n".join("  %s: %s" % (json.dumps(key), json.dumps(value)) for key, value in data.items())
    return "{\n%s\n}\n" % body


if __name__ == "__main__":
    verb, *given = sys.argv[1:] or [""]
    folders = dict(each.split("=", 1) for each in given if "=" in each)
    if verb == "dump" and len(given) == 1:
        try:
            print(json.dumps(dump(next(iter(folders.values()), None) or unpacked(given[0]))))
        except Missing as error:
            raise SystemExit("not to be had here: %s" % error)
    elif verb == "write" and len(folders) == len(given):
        write(folders)
    else:
        raise SystemExit(__doc__)
