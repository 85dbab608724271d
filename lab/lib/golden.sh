# shellcheck shell=bash
# The state that `lab/reset` restores.

# The databases of the parts that have been provisioned.
databases() {
  [ ! -e "$LAB_DIR/stamp/provision-keystone" ] || echo keystone
  [ ! -e "$LAB_DIR/stamp/provision-cloud" ] || echo nova_api nova_cell0 "${CLOUD_SERVICES[@]}"
  [ ! -e "$LAB_DIR/stamp/provision-charm" ] || echo keystone_charm
  [ ! -e "$LAB_DIR/stamp/provision-native" ] || echo keystone_native
}

# Keeps new tables as clean; tables that were kept before stay.
keep_golden() {
  local name fresh=()
  for name in $(databases); do
    [ -e "$LAB_DIR/golden/$name" ] || fresh+=("$name")
  done
  [ ${#fresh[@]} != 0 ] || return 0
  python "$LAB_SRC/golden.py" save "${fresh[@]}"
  (cd "$LAB_DIR/golden" && touch "${fresh[@]}")
  say "clean state kept"
}
