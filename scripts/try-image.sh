#!/bin/bash
# Builds the container image of Containerfile on a bare Debian 12, and runs commands in it. Needs root, debootstrap and buildah, no registry.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
# its own storage, so that nothing is left in the machine's
buildah() { command buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run" "$@"; }
clean_up() {
  local code=$?
  buildah umount --all > /dev/null 2>&1 || true
  rm -rf --one-file-system "$work" || true
  exit "$code"
}
trap clean_up EXIT
debootstrap --variant=minbase bookworm "$work/root" > "$work/log" 2>&1 || { tail -20 "$work/log" >&2; exit 1; }
base=$(buildah from scratch)
buildah add --quiet "$base" "$work/root" / > /dev/null
buildah commit --quiet "$base" debian-here > /dev/null
rm -rf --one-file-system "$work/root"
buildah build --isolation chroot --build-arg BASE=localhost/debian-here --tag tenant-onboard . > "$work/log" 2>&1 || { tail -20 "$work/log" >&2; exit 1; }
container=$(buildah from --pull=never localhost/tenant-onboard)
inside() { buildah run --isolation chroot "$container" -- /usr/bin/tenant-onboard "$@"; }
inside --version
inside explain plan/conflict | head -3
inside demo --color never | tail -12
# nothing but the program and what it links
files=$(buildah mount "$container")
! [ -e "$files/bin/sh" ] || { echo 'there is a shell in the image' >&2; exit 1; }
echo "the image works: $(du -sm "$files" | cut -f1) MB"
