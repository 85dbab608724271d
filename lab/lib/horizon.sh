# shellcheck shell=bash
# Horizon with the dashboards of Magnum, Octavia and Heat: Debian 12's on main Keystone, Debian 13's in the chroot on native Keystone.
# The packages are unpacked into one tree, because each dashboard puts files into the folders of the first and Python looks for a
# package in one place only. Installing them would make users and write /etc.

HORIZON_LIBRARIES=(python3-django-horizon python3-heatclient python3-pymemcache)
HORIZON_PLUGINS=(python3-magnum-ui python3-octavia-dashboard python3-heat-dashboard)
HORIZON_UNPACKED=(openstack-dashboard python3-django-horizon "${HORIZON_PLUGINS[@]}")

# Fills the array `command` with what runs a program where this Horizon lives.  horizon_command NAME PROGRAM...
horizon_command() {
  local name=$1 home
  home=$(horizon_home "$name")
  shift
  command=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 no_proxy=127.0.0.1 NO_PROXY=127.0.0.1
    HORIZON_DIR="$home" HORIZON_PORT="$(port_of "$name")" HORIZON_KEYSTONE="$(horizon_keystone "$name")"
    HORIZON_MEMCACHED="127.0.0.1:$(horizon_memcached "$name")" DJANGO_SETTINGS_MODULE=openstack_dashboard.settings
    PYTHONPATH="$home/python:$home/root/usr/lib/python3/dist-packages" "$@")
  [ "$name" != horizon-native ] || command=(chroot "$LAB_CHROOT" "${command[@]}")
}

# As this machine sees it, and as the Horizon itself sees it.
horizon_dir() { if [ "$1" = horizon-native ]; then echo "$LAB_CHROOT/horizon"; else echo "$LAB_DIR/$1"; fi; }
horizon_home() { if [ "$1" = horizon-native ]; then echo /horizon; else echo "$LAB_DIR/$1"; fi; }
horizon_memcached() { if [ "$1" = horizon-native ]; then echo "$MEMCACHED_NATIVE_PORT"; else echo "$MEMCACHED_PORT"; fi; }

# Its Keystone: what `lab/horizon --keystone` said, else the lab's own.
horizon_keystone() {
  local own=$KEYSTONE_PORT
  [ "$1" != horizon-native ] || own=$KEYSTONE_NATIVE_PORT
  cat "$(horizon_dir "$1")/keystone" 2> /dev/null || echo "http://127.0.0.1:$own/v3"
}

# The tree, its static files, and its settings.  build_horizon NAME
build_horizon() {
  local dir home
  dir=$(horizon_dir "$1") home=$(horizon_home "$1")
  local packages=$dir/root/usr/lib/python3/dist-packages
  rm -rf "$dir"
  mkdir -p "$dir"/{debs,python,static}
  if [ "$1" = horizon-native ]; then
    in_chroot "${APT[@]}" update
    # shellcheck disable=SC2046
    in_chroot "${APT[@]}" install --yes --no-install-recommends "${HORIZON_LIBRARIES[@]}" $(in_chroot apt-cache depends "${HORIZON_PLUGINS[@]}" | xstatic)
    in_chroot sh -c "cd /horizon/debs && apt-get download ${HORIZON_UNPACKED[*]}"
  else
    # shellcheck disable=SC2046
    install_packages "${HORIZON_LIBRARIES[@]}" $(apt-cache depends "${HORIZON_PLUGINS[@]}" | xstatic)
    (cd "$dir/debs" && refresh_lists && apt-get download "${HORIZON_UNPACKED[@]}")
  fi
  local deb step
  for deb in "$dir"/debs/*.deb; do dpkg-deb -x "$deb" "$dir/root"; done
  rm -r "$dir/debs"
  # links that the package makes when it is installed
  ln -sfn "$home/root/usr/share/openstack-dashboard/themes" "$packages/openstack_dashboard/themes"
  cp -r "$dir/root/etc/openstack-dashboard/policy" "$dir/policy.packaged"
  cp -r "$dir/root/etc/openstack-dashboard/local_settings.d" "$packages/openstack_dashboard/local/local_settings.d"
  cp "$LAB_SRC/etc/horizon.py" "$packages/openstack_dashboard/local/local_settings.py"
  configure_horizon "$1" ''
  local command
  for step in 'collectstatic --noinput' 'compress --force'; do
    # shellcheck disable=SC2086
    horizon_command "$1" python3 -W ignore "$home/root/usr/share/openstack-dashboard/manage.py" $step
    "${command[@]}"
  done
  touch "$dir/ready"
}

# What the plugins need of the browser's libraries; python3-django-horizon does not depend on all of it.
xstatic() { grep -o 'python3-xstatic[a-z0-9.-]*' | sort -u; }

# As packaged, or with the files that `policy build --horizon` made.  configure_horizon NAME FOLDER
configure_horizon() {
  local dir settings
  dir=$(horizon_dir "$1")
  settings=$dir/root/usr/lib/python3/dist-packages/openstack_dashboard/local/local_settings.d
  rm -rf "$dir/policy" "$dir"/python/* "$settings"/_9999*
  cp -r "$dir/policy.packaged" "$dir/policy"
  [ -n "$2" ] || return 0
  [ ! -e "$2/keystone_policy.yaml" ] || cp "$2/keystone_policy.yaml" "$dir/policy/"
  [ ! -d "$2/local_settings.d" ] || cp "$2"/local_settings.d/* "$settings/"
  [ ! -d "$2/tenant_onboard_horizon" ] || cp -r "$2/tenant_onboard_horizon" "$dir/python/"
}

launch_a_horizon() { # NAME
  local home command
  home=$(horizon_home "$1")
  horizon_command "$1" uwsgi-core --plugins-dir /usr/lib/uwsgi/plugins --plugin python3 --http-socket "127.0.0.1:$(port_of "$1")" --procname "lab-$1" \
    --master --processes 1 --threads 4 --enable-threads --die-on-term --no-orphans --buffer-size 65535 --disable-logging \
    --static-map "/static=$home/static" --wsgi-file "$home/root/usr/share/openstack-dashboard/wsgi.py" --add-header 'Connection: close'
  start "$1" "${command[@]}"
}

up_horizon() { # NAME
  [ -e "$(horizon_dir "$1")/ready" ] || quietly "step-$1" build_horizon "$1"
  launch_a_horizon "$1"
  await_http "$1" "$(port_of "$1")"
  say "$1: http://127.0.0.1:$(port_of "$1")/"
}
