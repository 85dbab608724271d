# shellcheck shell=bash
# Sourced by every command of the lab: paths, output, permissions.
set -euo pipefail

LAB_SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export LAB_SRC
export LAB_DIR=${LAB_DIR:-/var/lib/tenant-onboard-lab}
export LAB_PASSWORD=${LAB_PASSWORD:-lab-secret}
export LAB_CHROOT=$LAB_DIR/trixie
export SOCKET=$LAB_DIR/run/mysqld.sock
# programs that are got or built once, for every lab
LAB_TOOLS=${LAB_TOOLS:-$(dirname "$LAB_DIR")/tenant-onboard-tools}
# a lab keeps the ports that it was made with, because they are in its catalog
LAB_PORTS=$(cat "$LAB_DIR/ports" 2> /dev/null || echo "${LAB_PORTS:-20000}")
# and the release that it was made with: `zed` (all of it), `2024.1` (all of it) or `2025.1` (its Keystone, the rest is Zed)
asked_release=${LAB_RELEASE:-}
LAB_RELEASE=$(cat "$LAB_DIR/release" 2> /dev/null || echo "${LAB_RELEASE:-zed}")
export LAB_RELEASE
# where Caracal is: services from the package index instead of Debian's
export LAB_CARACAL=$LAB_DIR/caracal
set -a
# shellcheck source=../ports.env
. "$LAB_SRC/ports.env"
set +a

# Services in the order of their start-up cost, most expensive first, because with few cores this decides the time.
CLOUD_SERVICES=(nova neutron heat magnum octavia cinder glance barbican placement)
PARTS=(keystone cloud charm native horizon)
# further Keystones are Debian's, beside a main one that is
[ "$LAB_RELEASE" = zed ] || PARTS=(keystone cloud)

# Only if they are named; on Debian's own services.
EXTRA_PARTS=(capi vault)
[ "$LAB_RELEASE" = zed ] || EXTRA_PARTS=()

# Debian's own python and tools or Caracal's, never those of another environment; and nothing of the lab through a proxy.
# Go and npm are the caller's.
CALLER_PATH=$PATH
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
LAB_VENV=
if [ "$LAB_RELEASE" = 2024.1 ]; then
  LAB_VENV=$LAB_CARACAL/venv
  PATH=$LAB_VENV/bin:$PATH
fi
export LAB_VENV
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV "${!OS_@}"

BEGAN=$(date +%s%N)
say() {
  local ms=$((($(date +%s%N) - BEGAN) / 1000000))
  printf '%4d.%01ds  %s\n' $((ms / 1000)) $((ms / 100 % 10)) "$*"
}
die() {
  echo "lab: $*" >&2
  exit 1
}

# The port of a daemon.  port_of NAME
port_of() {
  local name=${1^^}
  name=${name//[-.]/_}
  name=${name/#HAPROXY/KEYSTONE_TLS}
  name=${name/#MARIADB/DATABASE}_PORT
  echo "${!name:-}"
}

# The parts for a command: its arguments, or all but Horizon, which only its own stories need.
parts_of() {
  local part
  for part in "$@"; do
    [[ " ${PARTS[*]} ${EXTRA_PARTS[*]} " == *" $part "* ]] || die "no part \`$part\`; there are: ${PARTS[*]} ${EXTRA_PARTS[*]}"
  done
  if [ $# = 0 ]; then echo "${PARTS[@]/horizon/}"; else echo "$@"; fi
}

# One command at a time on one lab. Daemons must not inherit the lock: process.sh closes descriptor 9.
lock() {
  [ "$(id -u)" = 0 ] || die "needs root: it installs packages and makes a chroot"
  mkdir -p "$LAB_DIR"/{data,etc,golden,log,run/lock,stamp}
  exec 9> "$LAB_DIR/run/command.lock"
  flock --wait 1200 9 || die "another lab command has held $LAB_DIR for 20 minutes"
  echo "$LAB_PORTS" > "$LAB_DIR/ports"
  echo "$LAB_RELEASE" > "$LAB_DIR/release"
}

# Runs a command with its output in a log, and prints the end of the log only if it fails.  quietly LOG COMMAND...
# In the background, because bash does not leave a function at its first failure when the caller tests the outcome.
quietly() {
  local log=$LAB_DIR/log/$1.log
  shift
  "$@" >> "$log" 2>&1 &
  wait $! && return
  tail -8 "$log" >&2
  die "$1 failed; all that it said is in $log"
}

# Runs a step unless it was done before on this state.  once NAME COMMAND...
once() {
  local name=$1
  shift
  [ ! -e "$LAB_DIR/stamp/$name" ] || return 0
  quietly "step-$name" "$@"
  touch "$LAB_DIR/stamp/$name"
  say "$name done"
}
