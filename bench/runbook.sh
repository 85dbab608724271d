#!/bin/bash
# What an operator used to paste for one tenant, as `openstack` calls: the reads, changes and gates of the written procedure, without
# its checks of text. bench/onboarding.ts measures it.   runbook.sh TENANT CIDR, with OS_CLIENT_CONFIG_FILE and OS_CLOUD of an operator
set -euo pipefail
tenant=$1 cidr=$2
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
umask 077
calls=0
os() {
  calls=$((calls + 1))
  openstack "$@"
}
value() { # VARIABLE COLUMN WORDS...: one column of what is shown
  local -n into=$1
  calls=$((calls + 1))
  into=$(openstack "${@:3}" -f value -c "$2")
}
as() { # USER PASSWORD SCOPE-VARIABLE SCOPE-ID, from here on
  for name in $(env | awk -F= '/^OS_/{print $1}'); do unset "$name"; done
  export OS_AUTH_URL=$url OS_IDENTITY_API_VERSION=3 OS_REGION_NAME=RegionOne OS_USERNAME=$1 OS_PASSWORD=$2 OS_USER_DOMAIN_ID=$domain "$3=$4"
}
operator() {
  for name in $(env | awk -F= '/^OS_/{print $1}'); do unset "$name"; done
  export OS_CLIENT_CONFIG_FILE=$clouds OS_CLOUD=$cloud
}
secret() { python3 -c 'import secrets; print(secrets.token_urlsafe(24))'; }
clouds=$OS_CLIENT_CONFIG_FILE cloud=$OS_CLOUD
url=$(python3 -c 'import os, sys, yaml; print(yaml.safe_load(open(os.environ["OS_CLIENT_CONFIG_FILE"]))["clouds"][os.environ["OS_CLOUD"]]["auth"]["auth_url"])')

# preflight
for role in manager member load-balancer_member reader; do value _ id role show "$role"; done
value image ID image list --public
os image show "$image" -f json > "$home/image"
os flavor list --public -f json > "$home/flavors"
value _ id network show provider-ext
os subnet list -f value -c Subnet > "$home/subnets"
os domain list -f value -c Name > "$home/domains"

# domain and its manager
manager_secret=$(secret)
os domain create --description "Client: $tenant" "$tenant" > "$home/out"
value domain id domain show "$tenant"
os user create --domain "$domain" --password "$manager_secret" "$tenant-domain-admin" > "$home/out"
value manager id user show "$tenant-domain-admin" --domain "$domain"
os role add --domain "$domain" --user "$manager" manager
os role assignment list --user "$manager" --names -f value > "$home/out"

# project and accounts, by the manager
as "$tenant-domain-admin" "$manager_secret" OS_DOMAIN_ID "$domain"
value _ domain_id token issue
os project create --domain "$domain" "$tenant-prod" > "$home/out"
value project id project show "$tenant-prod" --domain "$domain"
svc_secret=$(secret) cluster_secret=$(secret)
for account in svc cluster; do
  password=${account}_secret
  os user create --domain "$domain" --password "${!password}" "$tenant-$account" > "$home/out"
  value "${account}_user" id user show "$tenant-$account" --domain "$domain"
  user=${account}_user
  for role in member load-balancer_member; do
    os role add --project "$project" --user "${!user}" "$role"
  done
  os role assignment list --project "$project" --user "${!user}" --names -f value -c Role > "$home/out"
done
# what must be refused
os role add --project "$project" --user "$svc_user" admin > "$home/out" 2>&1 && exit 1
os role assignment list --project "$project" --user "$svc_user" --names -f value -c Role > "$home/out"
operator
value _ id domain show Default
os user list --domain default -f value -c ID > "$home/users"
value admin_project id project show admin --domain default
as "$tenant-domain-admin" "$manager_secret" OS_DOMAIN_ID "$domain"
os user show "$(head -1 "$home/users")" > "$home/out" 2>&1 && exit 1
os project show "$admin_project" > "$home/out" 2>&1 && exit 1
os domain list -f value -c Name > "$home/out" 2>&1 || true

# quotas
operator
os quota set "$project" --instances 10 --cores 20 --ram 51200 --networks 5 --routers 2 --floating-ips 5 --volumes 10 --gigabytes 500
os quota show "$project" -f json > "$home/out"
os loadbalancer quota set --loadbalancer 5 "$project" > "$home/out"

# credentials
as "$tenant-svc" "$svc_secret" OS_PROJECT_ID "$project"
value _ project_id token issue
os application credential create "$tenant-svc" --unrestricted -f json > "$home/credential"
as "$tenant-cluster" "$cluster_secret" OS_PROJECT_ID "$project"
os keypair create "$tenant-key" > "$home/key"
os keypair show "$tenant-key" > "$home/out"

# network
as "$tenant-svc" "$svc_secret" OS_PROJECT_ID "$project"
os network create "$tenant-net" > "$home/out"
os subnet create "$tenant-subnet" --network "$tenant-net" --subnet-range "$cidr" --dns-nameserver 8.8.8.8 > "$home/out"
os router create "$tenant-router" > "$home/out"
os router set "$tenant-router" --external-gateway provider-ext
os router add subnet "$tenant-router" "$tenant-subnet"
operator
value router ID router list --project "$project"
os router show "$router" -f json > "$home/out"

# template and cluster
as "$tenant-cluster" "$cluster_secret" OS_PROJECT_ID "$project"
value _ project_id token issue
os coe cluster template create "$tenant-k8s" --coe kubernetes --image "$image" --external-network provider-ext --flavor m1.medium \
  --master-flavor m1.medium --network-driver calico --master-lb-enabled --floating-ip-enabled --fixed-network "$tenant-net" \
  --fixed-subnet "$tenant-subnet" --keypair "$tenant-key" > "$home/out"
os coe cluster template show "$tenant-k8s" -f value -c uuid > "$home/out"
os coe cluster create "$tenant-cluster" --cluster-template "$tenant-k8s" --keypair "$tenant-key" --master-count 1 --node-count 1 > "$home/out"
for _ in 1 2 3 4 5 6 7 8 9 10; do
  os coe cluster show "$tenant-cluster" -f value -c status > "$home/status" 2> "$home/out" || { sleep 1; continue; }
  grep -q CREATE_ "$home/status" && break
done
cat "$home/status"
echo "calls $calls"
