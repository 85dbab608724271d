# shellcheck shell=bash
# Every service: how its schema is made (schema_NAME) and how it is started (launch_NAME).

conf_of() { echo "$LAB_DIR/etc/$1/${2:-$1}.conf"; }
url_of() { echo "mysql+pymysql://lab:lab@localhost/$1?charset=utf8&unix_socket=$SOCKET"; }
# A command of a service: Debian's is in a package that is only unpacked.  unpacked SERVICE COMMAND
unpacked() { if [ -n "$LAB_VENV" ]; then echo "$LAB_VENV/bin/$2"; else echo "$LAB_DIR/debs/$1-common/usr/bin/$2"; fi; }
PYTHON=${LAB_VENV:-/usr}/bin/python3
python() { PYTHONDONTWRITEBYTECODE=1 "$PYTHON" "$@"; }

schema_keystone() {
  if [ "$LAB_RELEASE" = 2025.1 ]; then
    schema_in_chroot keystone "$KEYSTONE_PORT"
    return
  fi
  mkdir -p "$LAB_DIR"/data/keystone/{fernet,credential}-keys
  python "$LAB_SRC/provision/bootstrap.py" "$(conf_of keystone)" "http://127.0.0.1:$KEYSTONE_PORT/v3" "$LAB_PASSWORD" admin admin
}
schema_keystone_charm() {
  mkdir -p "$LAB_DIR"/data/keystone-charm/{fernet,credential}-keys "$LAB_DIR/etc/keystone-charm/domains"
  python "$LAB_SRC/provision/bootstrap.py" "$(conf_of keystone-charm keystone)" "http://127.0.0.1:$KEYSTONE_CHARM_PORT/v3" \
    "$LAB_PASSWORD" _charm-keystone-admin Admin
}
schema_keystone_native() { schema_in_chroot keystone-native "$KEYSTONE_NATIVE_PORT"; }
schema_in_chroot() { # NAME PORT
  mkdir -p "$LAB_CHROOT/lab/data/$1"/{fernet,credential}-keys
  in_chroot python3 /lab/provision/bootstrap.py "/lab/etc/$1/keystone.conf" "http://127.0.0.1:$2/v3" "$LAB_PASSWORD" admin admin
}
schema_glance() { python "$(unpacked glance glance-manage)" --config-file "$(conf_of glance glance-api)" db_sync; }
schema_placement() { OS_PLACEMENT_CONFIG_DIR=$LAB_DIR/etc/placement placement-manage --config-file "$(conf_of placement)" db sync; }
schema_nova() { python "$LAB_SRC/provision/nova_schema.py" "$(conf_of nova)" "$(url_of nova_cell0)" "$(url_of nova)"; }
schema_neutron() { python "$(unpacked neutron neutron-db-manage)" --config-file "$(conf_of neutron)" upgrade heads; }
schema_cinder() { python "$(unpacked cinder cinder-manage)" --config-file "$(conf_of cinder)" db sync; }
schema_barbican() { python "$(unpacked barbican barbican-db-manage)" -d "$(url_of barbican)" upgrade; }
schema_octavia() {
  openssl req -x509 -newkey rsa:2048 -days 3650 -subj /CN=lab-octavia -passout pass:lab \
    -keyout "$LAB_DIR/data/octavia/ca.key" -out "$LAB_DIR/data/octavia/ca.pem"
  octavia-db-manage --config-file "$(conf_of octavia)" upgrade head
}
schema_heat() { python "$(unpacked heat heat-manage)" --config-file "$(conf_of heat)" db_sync; }
schema_magnum() { magnum-db-manage --config-file "$(conf_of magnum)" upgrade; }

# Every service asks Keystone; one process serves one request at a time (start_wsgi).
launch_keystone() {
  if [ "$LAB_RELEASE" = 2025.1 ]; then
    launch_in_chroot keystone "$KEYSTONE_PORT" 4
    return
  fi
  OS_KEYSTONE_CONFIG_DIR=$LAB_DIR/etc/keystone start_wsgi keystone "$KEYSTONE_PORT" "$LAB_SRC/entry/keystone_api.py" 4
}
launch_keystone_charm() {
  start_memcached memcached-charm
  OS_KEYSTONE_CONFIG_DIR=$LAB_DIR/etc/keystone-charm start_wsgi keystone-charm "$KEYSTONE_CHARM_PORT" "$LAB_SRC/entry/keystone_api.py" 2
}
launch_keystone_native() {
  start_memcached memcached-native
  launch_in_chroot keystone-native "$KEYSTONE_NATIVE_PORT" 2
}
launch_in_chroot() { # NAME PORT PROCESSES
  start_wsgi "$1" "$2" /lab/entry/keystone_api.py "$3" chroot "$LAB_CHROOT" env "OS_KEYSTONE_CONFIG_DIR=/lab/etc/$1"
}
launch_glance() { OS_GLANCE_CONFIG_DIR=$LAB_DIR/etc/glance start_wsgi glance "$GLANCE_PORT" "$LAB_SRC/entry/glance_api.py" 1; }
launch_placement() {
  OS_PLACEMENT_CONFIG_DIR=$LAB_DIR/etc/placement start_wsgi placement "$PLACEMENT_PORT" "$LAB_SRC/entry/placement_api.py" 1
}
# Without the setting eventlet patches the locks of threads that uwsgi made: eight requests at once, and Nova never answers again.
launch_nova() {
  OS_NOVA_CONFIG_DIR=$LAB_DIR/etc/nova OS_NOVA_DISABLE_EVENTLET_PATCHING=true \
    start_wsgi nova "$NOVA_PORT" "$LAB_SRC/entry/nova_api.py" 1
}
launch_cinder() { start_wsgi cinder "$CINDER_PORT" "$LAB_SRC/entry/cinder_api.py" 1; }
launch_barbican() {
  if [ "$LAB_VAULT_SERVER" = openbao ]; then
    openbao_behind_barbican "$LAB_VAULT"
    return
  fi
  if [ "$LAB_VAULT" != off ] && [ "$LAB_VAULT" != down ]; then
    echo "$LAB_VAULT" > "$LAB_DIR/vault-mode"
    start vault /usr/bin/python3 "$LAB_SRC/entry/vault.py"
    await vault "$VAULT_PORT"
  fi
  start_wsgi barbican "$BARBICAN_PORT" "$LAB_SRC/entry/barbican_api.py" 1
}
launch_octavia() { start_wsgi octavia "$OCTAVIA_PORT" "$LAB_SRC/entry/octavia_api.py" 1; }
launch_neutron() { start neutron "$PYTHON" "$(unpacked neutron neutron-server)" --config-file "$(conf_of neutron)"; }
launch_heat() { start heat "$PYTHON" "$(unpacked heat heat-all)" --config-file "$(conf_of heat)"; }
launch_magnum() {
  if [ "$LAB_MAGNUM" != own ]; then
    launch_other_magnum
    return
  fi
  start discovery /usr/bin/python3 "$LAB_SRC/entry/discovery.py"
  # the driver beside Heat's: Magnum finds both by their entry points
  local with=()
  [ "$LAB_CAPI" = off ] || with=(env PYTHONPATH="$(driver_of_capi)" PATH="$LAB_DIR/capi/bin:$PATH" HOME="$LAB_DIR/capi/home")
  start magnum "${with[@]}" "$PYTHON" "$LAB_SRC/entry/magnum_all.py" --config-file "$(conf_of magnum)"
}
