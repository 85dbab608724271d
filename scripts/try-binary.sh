#!/bin/bash
# Tries the single executable and its package in a bare Debian that has no Node: scripts/try-binary.sh bookworm|trixie|FOLDER
# A suite is made by debootstrap in a temporary folder; a folder is a root that exists, and is not changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
where=${1:?bookworm, trixie, or the folder of a root}
work=$(mktemp -d)
clean_up() {
  local code=$?
  for place in root/proc root upper; do umount -q "$work/$place" || umount -q --lazy "$work/$place" || true; done
  rm -rf --one-file-system "$work" || true
  exit "$code"
}
trap clean_up EXIT
mkdir "$work/root"
if [ -d "$where" ]; then
  mkdir "$work/upper"
  # what is written goes beside the root
  mount -t tmpfs none "$work/upper" 2> /dev/null && mkdir "$work/upper/up" "$work/upper/work"
  mount -t overlay overlay -o "lowerdir=$where,upperdir=$work/upper/up,workdir=$work/upper/work" "$work/root"
else
  debootstrap --variant=minbase "$where" "$work/root" > "$work/log" 2>&1 || { tail -20 "$work/log" >&2; exit 1; }
fi
root=$work/root
mkdir -p "$root/proc" "$root/tmp"
mount -t proc proc "$root/proc"
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb "$@"; }
! inside sh -c 'command -v node' || { echo "there is a Node in $where" >&2; exit 1; }
cp dist/binary/tenant-onboard_*.deb "$root/tmp/tenant-onboard.deb"
inside dpkg -i /tmp/tenant-onboard.deb
inside tenant-onboard --version
inside tenant-onboard explain plan/conflict | head -3
inside tenant-onboard policy prove --release 27.0.2 > "$work/prove" 2>&1 || [ $? = 3 ]
inside tenant-onboard demo --color never | tail -12
inside test -s /usr/share/man/man1/tenant-onboard.1.gz
# the pages of the console are inside too
inside sh -c 'tenant-onboard console > /tmp/url 2> /dev/null & echo $! > /tmp/pid'
for _ in $(seq 100); do [ -s "$root/tmp/url" ] && break; sleep 0.1; done
kill "$(cat "$root/tmp/pid")"
grep -q '^http://127.0.0.1:' "$root/tmp/url"
echo "tenant-onboard runs in $where"
