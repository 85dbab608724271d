# shellcheck shell=bash
# The variable settings: the base policy of main Keystone, its options, where Nova and Glance keep limits, the Vault behind Barbican,
# the version of magnum-capi-helm and whose Magnum. Kept in LAB_DIR/settings until `lab/reset`, or until `lab/keystone`, `lab/limits`, `lab/vault` or
# `lab/up capi` changes them. LAB_FIXES counts on 2024.1
# alone: `all`, or `none` for Keystone as published.

read_settings() {
  LAB_BASE=default LAB_APP_CREDENTIAL_TRUSTS=false LAB_PASSWORDS=any LAB_FIXES=all LAB_LIMITS=own LAB_NOVA_ENDPOINT= LAB_VAULT=off LAB_VAULT_SERVER=stand-in LAB_CAPI=off LAB_MAGNUM=own
  # shellcheck source=/dev/null
  [ ! -e "$LAB_DIR/settings" ] || . "$LAB_DIR/settings"
  export LAB_BASE LAB_APP_CREDENTIAL_TRUSTS LAB_PASSWORDS LAB_FIXES LAB_LIMITS LAB_NOVA_ENDPOINT LAB_VAULT LAB_VAULT_SERVER LAB_CAPI LAB_MAGNUM
}

write_settings() {
  local name
  for name in LAB_BASE LAB_APP_CREDENTIAL_TRUSTS LAB_PASSWORDS LAB_FIXES LAB_LIMITS LAB_NOVA_ENDPOINT LAB_VAULT LAB_VAULT_SERVER LAB_CAPI LAB_MAGNUM; do echo "$name=${!name}"; done > "$LAB_DIR/settings"
}

id_of() { # DATABASE NAME [DOMAIN ID]   a project's id, or a domain's
  sql "select id from $1.project where name = '$2' and $([ $# = 3 ] && echo "domain_id = '$3' and is_domain = 0" || echo 'is_domain = 1')"
}

# The policy of the charm with the ids of this Keystone, in force from the next request on.
charm_base() { # SERVICE
  local database=${1/-/_} admin services
  admin=$(id_of "$database" admin_domain)
  if [ "$1" = keystone ]; then
    services=$(id_of keystone service default)
  else
    services=$(id_of "$database" services "$(id_of "$database" service_domain)")
  fi
  [ -n "$admin" ] && [ -n "$services" ] || die "no admin domain or service project in $database yet"
  python "$LAB_SRC/charm_policy.py" "$([ "$1" = keystone ] && echo admin || echo Admin)" "$admin" "$services" "$LAB_DIR/etc/$1/policy.yaml"
}

apply_base() {
  if [ "$LAB_BASE" = charm ]; then charm_base keystone; else echo '{}' > "$LAB_DIR/etc/keystone/policy.yaml"; fi
}
