#!/usr/bin/python3
"""Prints what the Keystone installed here puts into its policy target, one JSON line per enforcement.

Runs Keystone in this process on an empty SQLite database, sends it one request or more for every action whose target
src/policy/model/targets.ts knows, and listens at the enforcer. Nothing of it needs a service to be up.
"""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

FOLDER = tempfile.mkdtemp()
CONF = os.path.join(FOLDER, "keystone.conf")
with open(CONF, "w", encoding="utf-8") as out:
    out.write("""
[DEFAULT]
log_file = %(folder)s/keystone.log
[database]
connection = sqlite:///%(folder)s/keystone.db
[fernet_tokens]
key_repository = %(folder)s/fernet
[credential]
caching = false
key_repository = %(folder)s/credential
[cache]
enabled = true
backend = dogpile.cache.memory
[identity]
password_hash_rounds = 4
[oslo_policy]
policy_file = %(folder)s/policy.yaml
policy_dirs = %(folder)s/policy.d
""" % {"folder": FOLDER})


def manage(*args):
    subprocess.run(["keystone-manage", "--config-file", CONF, *args], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


try:
    manage("db_sync")
    # a reader that Keystone leaves open must not lock out the next writer
    with sqlite3.connect(os.path.join(FOLDER, "keystone.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
    for keys in ("fernet_setup", "credential_setup"):
        manage(keys, "--keystone-user", "root", "--keystone-group", "root")
    manage("bootstrap", "--bootstrap-password", "secret-Pass1")

    sys.argv = ["keystone"]
    from keystone.common.rbac_enforcer import enforcer
    from keystone.server.flask import core
    from werkzeug.test import Client

    seen = set()
    request = {"name": ""}
    real = enforcer.RBACEnforcer._enforce

    def listen(self, credentials, action, target, do_raise=True):
        none = sorted(key for key, value in target.items() if value is None)
        line = json.dumps({"request": request["name"], "action": action, "keys": sorted(target), "none": none})
        if line not in seen:
            seen.add(line)
            print(line, flush=True)
        return real(self, credentials, action, target, do_raise)

    enforcer.RBACEnforcer._enforce = listen
    client = Client(core.initialize_application("public", config_files=[CONF]))

    def call(method, path, body=None, token=None, subject=None, name=""):
        headers = {}
        if token:
            headers["X-Auth-Token"] = token
        if subject:
            headers["X-Subject-Token"] = subject
        request["name"] = "%s %s %s" % (method, path.split("?")[0], name)
        answer = client.open("/v3" + path, method=method, headers=headers, json=body)
        try:
            return answer, json.loads(answer.get_data(as_text=True) or "{}")
        except ValueError:
            return answer, {}

    def sign_in(scope, user="admin", password="secret-Pass1", domain="default"):
        identity = {"methods": ["password"],
                    "password": {"user": {"name": user, "password": password, "domain": {"id": domain}}}}
        answer, _ = call("POST", "/auth/tokens", {"auth": {"identity": identity, "scope": scope}})
        return answer.headers["X-Subject-Token"], json.loads(answer.get_data(as_text=True))["token"]

    project_scope = {"project": {"name": "admin", "domain": {"id": "default"}}}
    admin, token = sign_in(project_scope)
    system, _ = sign_in({"system": {"all": True}})
    me = token["user"]["id"]
    own = token["project"]["id"]

    def create(path, kind, body, name=""):
        _, made = call("POST", path, {kind: body}, admin, name=name)
        return made[kind]["id"]

    domain = create("/domains", "domain", {"name": "acme"})
    user = create("/users", "user", {"name": "u", "domain_id": domain, "password": "secret-Pass1"})
    group = create("/groups", "group", {"name": "g", "domain_id": domain})
    project = create("/projects", "project", {"name": "p", "domain_id": domain})
    role = create("/roles", "role", {"name": "operator"})
    second = create("/roles", "role", {"name": "observer"})
    special = create("/roles", "role", {"name": "special", "domain_id": domain})
    _, roles = call("GET", "/roles?name=admin", token=admin)
    admin_role = roles["roles"][0]["id"]
    call("PUT", "/domains/%s/users/%s/roles/%s" % (domain, me, admin_role), token=admin)
    manager, _ = sign_in({"domain": {"id": domain}})

    gets = ["/domains", "/domains/" + domain, "/projects", "/projects/" + project, "/projects/" + domain,
            "/projects/%s/tags" % project, "/projects/%s/tags/t" % project, "/users", "/users/" + user,
            "/users/%s/projects" % user, "/users/%s/groups" % user, "/groups", "/groups/" + group,
            "/groups/%s/users" % group, "/roles", "/roles/" + role, "/roles?domain_id=" + domain, "/roles/" + special,
            "/roles/%s/implies" % role, "/role_assignments", "/role_assignments?user.id=%s&scope.project.id=%s" % (user, project),
            "/role_assignments?include_subtree&scope.project.id=" + project, "/OS-TRUST/trusts",
            "/OS-TRUST/trusts?trustor_user_id=" + me, "/OS-TRUST/trusts?trustee_user_id=" + me,
            "/users/%s/application_credentials" % me, "/users/%s/application_credentials?name=x" % me,
            "/users/%s/access_rules" % me, "/users/%s/access_rules/none" % me, "/credentials", "/credentials?user_id=" + me,
            "/users/%s/credentials/OS-EC2" % me, "/limits", "/limits?project_id=" + own, "/limits/none",
            "/projects/%s/users/%s/roles" % (project, user), "/domains/%s/groups/%s/roles" % (domain, group),
            "/system/users/%s/roles" % user, "/system/groups/%s/roles" % group, "/users?domain_id=" + domain,
            "/projects?domain_id=" + domain, "/groups?domain_id=" + domain,
            "/users/%s/OS-OAUTH1/access_tokens" % me, "/users/%s/OS-OAUTH1/access_tokens/none" % me,
            "/users/%s/OS-OAUTH1/access_tokens/none/roles" % me, "/users/%s/OS-OAUTH1/access_tokens/none/roles/none" % me]
    for path in gets:
        call("GET", path, token=admin, name="project token")
        call("GET", path, token=manager, name="domain token")
    for path in ("/domains", "/users", "/roles/" + role, "/users/%s/application_credentials" % me, "/limits"):
        call("GET", path, token=admin, subject=manager, name="with a subject token")
    call("GET", "/credentials", token=system, name="system token")

    call("PATCH", "/domains/" + domain, {"domain": {"description": "d"}}, admin)
    call("PATCH", "/projects/" + project, {"project": {"description": "d"}}, admin)
    call("PUT", "/projects/%s/tags" % project, {"tags": ["a"]}, admin)
    call("PUT", "/projects/%s/tags/t" % project, token=admin)
    call("DELETE", "/projects/%s/tags/t" % project, token=admin)
    call("DELETE", "/projects/%s/tags" % project, token=admin)
    call("PATCH", "/users/" + user, {"user": {"description": "d"}}, admin)
    call("PATCH", "/groups/" + group, {"group": {"description": "d"}}, admin)
    call("PATCH", "/roles/" + role, {"role": {"description": "d"}}, admin)
    call("PATCH", "/roles/" + special, {"role": {"description": "d"}}, admin)
    for path, config in (("", {"identity": {"driver": "sql"}}), ("/identity", {"identity": {"driver": "sql"}}),
                         ("/identity/driver", {"driver": "sql"})):
        for method in ("PUT", "PATCH", "GET", "DELETE"):
            body = {"config": config} if method in ("PUT", "PATCH") else None
            call(method, "/domains/%s/config%s" % (domain, path), body, admin)
    member = "/groups/%s/users/%s" % (group, user)
    implied = "/roles/%s/implies/%s" % (role, second)
    for method in ("PUT", "HEAD", "GET", "DELETE"):
        call(method, member, token=admin)
        call(method, implied, token=admin)
        for whom in ("users/" + user, "groups/" + group):
            for where in ("projects/" + project, "domains/" + domain, "system"):
                call(method, "/%s/%s/roles/%s" % (where, whom, role), token=admin)
            call(method, "/OS-INHERIT/domains/%s/%s/roles/%s/inherited_to_projects" % (domain, whom, role), token=admin)

    trust = {"trustor_user_id": me, "trustee_user_id": user, "project_id": own, "impersonation": True,
             "roles": [{"id": admin_role}]}
    _, made = call("POST", "/OS-TRUST/trusts", {"trust": trust}, admin)
    at = "/OS-TRUST/trusts/" + made["trust"]["id"]
    for path in (at, at + "/roles", at + "/roles/" + admin_role):
        call("GET", path, token=admin)
    call("DELETE", at, token=admin)

    at = "/users/%s/application_credentials" % me
    _, made = call("POST", at, {"application_credential": {"name": "a"}}, admin)
    at += "/" + made["application_credential"]["id"]
    call("GET", at, token=admin)
    call("DELETE", at, token=admin)
    call("DELETE", "/users/%s/access_rules/none" % me, token=admin)

    body = {"credential": {"type": "cert", "blob": "{}", "user_id": me}}
    _, made = call("POST", "/credentials", body, admin)
    at = "/credentials/" + made["credential"]["id"]
    call("GET", at, token=admin)
    call("PATCH", at, {"credential": {"blob": "{\"a\": 1}"}}, admin)
    call("DELETE", at, token=admin)
    at = "/users/%s/credentials/OS-EC2" % me
    _, made = call("POST", at, {"tenant_id": own}, admin)
    call("GET", at + "/" + made["credential"]["access"], token=admin)
    call("DELETE", at + "/" + made["credential"]["access"], token=admin)

    for exchange in ("/ec2tokens", "/s3tokens"):
        call("POST", exchange, {"credentials": {"access": "none", "signature": "none"}}, admin)

    spare, _ = sign_in(project_scope)
    for method in ("GET", "HEAD", "DELETE"):
        call(method, "/auth/tokens", token=admin, subject=spare)

    for path in ("/users/" + user, "/groups/" + group, "/projects/" + project, "/roles/" + second, "/roles/" + special):
        call("DELETE", path, token=admin)
    call("PATCH", "/domains/" + domain, {"domain": {"enabled": False}}, admin)
    call("DELETE", "/domains/" + domain, token=admin)
finally:
    shutil.rmtree(FOLDER)
