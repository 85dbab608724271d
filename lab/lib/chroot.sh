# shellcheck shell=bash
# A Debian 13 beside this machine's Debian, for the Keystone of 2025.1 and for a newer openstacksdk. It shares network and
# kernel with the machine; /proc is not mounted and no daemon starts by itself.

in_chroot() {
  chroot "$LAB_CHROOT" env -u LAB_DIR PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

# The first mirror of Debian in this machine's apt sources. LABEL is `Debian`, or `Debian-Security` for the security updates.
debian_mirror() { # LABEL
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' "Label: $1" | awk 'NR == 1'
}

build_chroot() {
  local mirror security
  refresh_lists
  mirror=$(debian_mirror Debian)
  security=$(debian_mirror Debian-Security)
  [ -n "$mirror" ] || die 'no Debian mirror in the apt sources of this machine: add one to /etc/apt/sources.list.d, then run lab/up again'
  rm -rf "$LAB_CHROOT"
  debootstrap --variant=minbase trixie "$LAB_CHROOT" "$mirror"
  [ -z "$security" ] || echo "deb $security trixie-security main" >> "$LAB_CHROOT/etc/apt/sources.list"
  printf '#!/bin/sh\nexit 101\n' > "$LAB_CHROOT/usr/sbin/policy-rc.d"
  chmod +x "$LAB_CHROOT/usr/sbin/policy-rc.d"
  in_chroot "${APT[@]}" update
  in_chroot "${APT[@]}" install --yes --no-install-recommends "${CHROOT_PACKAGES[@]}"
  touch "$LAB_CHROOT/ready"
}

# An interrupted build has no `ready` and is started again.
chroot_ready() {
  [ -e "$LAB_CHROOT/ready" ] || quietly chroot build_chroot
  mkdir -p "$LAB_CHROOT/lab"
  cp -r "$LAB_SRC/entry" "$LAB_SRC/provision" "$LAB_CHROOT/lab/"
}
