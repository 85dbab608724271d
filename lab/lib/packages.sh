# shellcheck shell=bash
# The packages from Debian. Only libraries are installed: no init scripts, no users, no debconf questions. The paste files
# are in packages that would add all that, so those are only unpacked.

KEYSTONE_PACKAGES=(ca-certificates curl debootstrap haproxy mariadb-client-core mariadb-server-core memcached openssl procps
  python3-keystone python3-memcache python3-openstackclient python3-pymemcache python3-pymysql uwsgi-core uwsgi-plugin-python3)
CLOUD_PACKAGES=(python3-barbican python3-barbicanclient python3-cinder python3-glance python3-heat python3-heatclient
  python3-magnum python3-magnumclient python3-neutron python3-nova python3-octavia python3-octaviaclient python3-placement)
UNPACKED_PACKAGES=(barbican-common cinder-common glance-common heat-common magnum-common neutron-common nova-common)
CHROOT_PACKAGES=(python3-keystone python3-memcache python3-openstacksdk python3-pymemcache python3-pymysql uwsgi-core uwsgi-plugin-python3)
MAGNUM_PACKAGES=(python3-magnum python3-magnum-capi-helm)
# python3-keystone: its security fixes (lib/caracal.sh)
CARACAL_PACKAGES=(build-essential ca-certificates curl haproxy mariadb-client-core mariadb-server-core memcached openssl patch procps
  python3-dev python3-keystone python3-venv)

APT=(apt-get -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-unsafe-io -o DPkg::Lock::Timeout=600)

# The package lists, at most an hour old. Older lists may lack the security updates, which the lab needs. One at a time: the
# packages and the chroot are made side by side, and apt does not wait for the lock of the lists.
refresh_lists() {
  (
    flock 9
    [ -z "$(find "$LAB_DIR/run/lists" -mmin -60 2> /dev/null)" ] || exit 0
    "${APT[@]}" update || exit
    touch "$LAB_DIR/run/lists"
  ) 9> "$LAB_DIR/run/lists.lock"
}

install_packages() {
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null || true)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} != 0 ] || return 0
  refresh_lists
  DEBIAN_FRONTEND=noninteractive "${APT[@]}" install --yes --no-install-recommends "${missing[@]}"
}

unpack_packages() {
  local package
  mkdir -p "$LAB_DIR/debs"
  for package in "$@"; do
    [ ! -d "$LAB_DIR/debs/$package" ] || continue
    (
      cd "$LAB_DIR/debs"
      refresh_lists
      apt-get download "$package"
      dpkg-deb -x "$package"_*.deb "$package.new"
      mv "$package.new" "$package"
      rm "$package"_*.deb
    )
  done
}

packages() {
  if [ "$LAB_RELEASE" = 2024.1 ]; then
    install_packages "${CARACAL_PACKAGES[@]}"
    return 0
  fi
  install_packages "${KEYSTONE_PACKAGES[@]}"
  [[ " $* " == *" cloud "* ]] || return 0
  install_packages "${CLOUD_PACKAGES[@]}"
  unpack_packages "${UNPACKED_PACKAGES[@]}"
}
