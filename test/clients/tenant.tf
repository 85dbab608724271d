# A tenant as an operator writes it who knows the provider: each account does what it alone may do.
terraform {
  required_providers {
    openstack = {
      source  = "terraform-provider-openstack/openstack"
      version = "3.4.0"
    }
  }
}

variable "tenant" { type = string }
variable "cidr" { type = string }
variable "auth_url" { type = string }
variable "passwords" {
  type      = map(string) # manager, svc, cluster
  sensitive = true
}
variable "dns" {
  type    = list(string)
  default = ["9.9.9.9"]
}

locals {
  t       = var.tenant
  project = "${var.tenant}-prod"
}

provider "openstack" {
  cloud = "sim"
}
provider "openstack" {
  alias            = "manager"
  auth_url         = var.auth_url
  region           = "RegionOne"
  user_name        = "${var.tenant}-domain-admin"
  password         = var.passwords["manager"]
  user_domain_name = var.tenant
  domain_name      = var.tenant
}
provider "openstack" {
  alias               = "svc"
  auth_url            = var.auth_url
  region              = "RegionOne"
  user_name           = "${var.tenant}-svc"
  password            = var.passwords["svc"]
  user_domain_name    = var.tenant
  tenant_name         = "${var.tenant}-prod"
  project_domain_name = var.tenant
}
provider "openstack" {
  alias               = "cluster"
  auth_url            = var.auth_url
  region              = "RegionOne"
  user_name           = "${var.tenant}-cluster"
  password            = var.passwords["cluster"]
  user_domain_name    = var.tenant
  tenant_name         = "${var.tenant}-prod"
  project_domain_name = var.tenant
}

data "openstack_identity_role_v3" "role" {
  for_each = toset(["manager", "member", "load-balancer_member"])
  name     = each.key
}
data "openstack_images_image_v2" "image" {
  name        = "fedora-coreos-k8s"
  most_recent = true
}
data "openstack_compute_flavor_v2" "node" {
  name = "m1.medium"
}
data "openstack_networking_network_v2" "ext" {
  name     = "provider-ext"
  external = true
}

# domain and its manager, by the operator
resource "openstack_identity_project_v3" "domain" {
  name        = local.t
  description = "Acme Corporation"
  is_domain   = true
}
resource "openstack_identity_user_v3" "manager" {
  name        = "${local.t}-domain-admin"
  description = "domain manager"
  domain_id   = openstack_identity_project_v3.domain.id
  password    = var.passwords["manager"]
}
resource "openstack_identity_role_assignment_v3" "manager" {
  domain_id = openstack_identity_project_v3.domain.id
  user_id   = openstack_identity_user_v3.manager.id
  role_id   = data.openstack_identity_role_v3.role["manager"].id
}

# project, accounts, roles, by the manager
resource "openstack_identity_project_v3" "project" {
  provider    = openstack.manager
  name        = local.project
  description = "${local.t} prod"
  domain_id   = openstack_identity_project_v3.domain.id
  depends_on  = [openstack_identity_role_assignment_v3.manager]
}
resource "openstack_identity_user_v3" "account" {
  provider    = openstack.manager
  for_each    = { svc = "automation", cluster = "makes clusters" }
  name        = "${local.t}-${each.key}"
  description = each.value
  domain_id   = openstack_identity_project_v3.domain.id
  password    = var.passwords[each.key]
  depends_on  = [openstack_identity_role_assignment_v3.manager]
}
resource "openstack_identity_role_assignment_v3" "account" {
  provider   = openstack.manager
  for_each   = { for pair in setproduct(["svc", "cluster"], ["member", "load-balancer_member"]) : join("/", pair) => pair }
  project_id = openstack_identity_project_v3.project.id
  user_id    = openstack_identity_user_v3.account[each.value[0]].id
  role_id    = data.openstack_identity_role_v3.role[each.value[1]].id
}

# quotas, by the operator. Magnum's has no resource in the provider.
resource "openstack_compute_quotaset_v2" "q" {
  project_id = openstack_identity_project_v3.project.id
  instances  = 10
  cores      = 20
  ram        = 51200
}
resource "openstack_networking_quota_v2" "q" {
  project_id          = openstack_identity_project_v3.project.id
  network             = 10
  subnet              = 10
  router              = 2
  port                = 200
  floatingip          = 10
  security_group      = 20
  security_group_rule = 200
}
resource "openstack_blockstorage_quotaset_v3" "q" {
  project_id = openstack_identity_project_v3.project.id
  volumes    = 20
  snapshots  = 10
  gigabytes  = 1000
}
resource "openstack_lb_quota_v2" "q" {
  project_id   = openstack_identity_project_v3.project.id
  loadbalancer = 10
}

# credentials
resource "openstack_identity_application_credential_v3" "svc" {
  provider   = openstack.svc
  name       = "${local.t}-svc"
  roles      = ["member", "load-balancer_member"]
  depends_on = [openstack_identity_role_assignment_v3.account]
}
resource "openstack_compute_keypair_v2" "key" {
  provider   = openstack.cluster
  name       = "${local.t}-key"
  depends_on = [openstack_identity_role_assignment_v3.account]
}

# network, by the automation account
resource "openstack_networking_network_v2" "net" {
  provider   = openstack.svc
  name       = "${local.t}-net"
  depends_on = [openstack_identity_role_assignment_v3.account, openstack_networking_quota_v2.q]
}
resource "openstack_networking_subnet_v2" "subnet" {
  provider        = openstack.svc
  name            = "${local.t}-subnet"
  network_id      = openstack_networking_network_v2.net.id
  cidr            = var.cidr
  dns_nameservers = var.dns
}
resource "openstack_networking_router_v2" "router" {
  provider            = openstack.svc
  name                = "${local.t}-router"
  external_network_id = data.openstack_networking_network_v2.ext.id
  depends_on          = [openstack_identity_role_assignment_v3.account, openstack_networking_quota_v2.q]
}
resource "openstack_networking_router_interface_v2" "leg" {
  provider  = openstack.svc
  router_id = openstack_networking_router_v2.router.id
  subnet_id = openstack_networking_subnet_v2.subnet.id
}

# template, by the account that makes clusters
resource "openstack_containerinfra_clustertemplate_v1" "k8s" {
  provider            = openstack.cluster
  name                = "${local.t}-k8s"
  coe                 = "kubernetes"
  image               = data.openstack_images_image_v2.image.id
  external_network_id = data.openstack_networking_network_v2.ext.id
  fixed_network       = openstack_networking_network_v2.net.id
  fixed_subnet        = openstack_networking_subnet_v2.subnet.id
  flavor              = data.openstack_compute_flavor_v2.node.id
  master_flavor       = data.openstack_compute_flavor_v2.node.id
  network_driver      = "calico"
  keypair_id          = openstack_compute_keypair_v2.key.name
  master_lb_enabled   = true
  floating_ip_enabled = true
}

output "application_credential" {
  value     = { id = openstack_identity_application_credential_v3.svc.id, secret = openstack_identity_application_credential_v3.svc.secret }
  sensitive = true
}
