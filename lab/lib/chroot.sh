# shellcheck shell=bash
# A Debian 13 beside this machine's Debian, for the Keystone of 2025.1 and for a newer openstacksdk. It shares network and
# kernel with the machine; /proc is not mounted and no daemon starts by itself.

in_chroot() {
  chroot "$LAB_CHROOT" env -u LAB_DIR PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

# Where this machine gets Debian from, its security updates included.
debian_mirrors() {
  sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb +(\[[^]]*\] +)?([^ ]+) .*/\2/p' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2> /dev/null || true
}

build_chroot() {
  local mirrors mirror security
  mirrors=$(debian_mirrors)
  mirror=$(grep -m1 -v security <<< "$mirrors" || echo http://deb.debian.org/debian)
  security=$(grep -m1 security <<< "$mirrors" || true)
  rm -rf "$LAB_CHROOT"
  debootstrap --variant=minbase trixie "$LAB_CHROOT" "$mirror"
  [ -z "$security" ] || echo "deb $security trixie-security main" >> "$LAB_CHROOT/etc/apt/sources.list"
  printf '#!/bin/sh\nexit 101\n' > "$LAB_CHROOT/usr/sbin/policy-rc.d"
  chmod +x "$LAB_CHROOT/usr/sbin/policy-rc.d"
  in_chroot "${APT[@]}" update
  in_chroot "${APT[@]}" install --yes --no-install-recommends "${CHROOT_PACKAGES[@]}"
  touch "$LAB_CHROOT/ready"
}

# An interrupted build has no `ready` and is begun anew.
chroot_ready() {
  [ -e "$LAB_CHROOT/ready" ] || quietly chroot build_chroot
  mkdir -p "$LAB_CHROOT/lab"
  cp -r "$LAB_SRC/entry" "$LAB_SRC/provision" "$LAB_CHROOT/lab/"
}
