# shellcheck shell=bash
# Daemons without systemd: a pid file each, in a session of their own so that children end with them.

# The start time of a process, in clock ticks: its pid alone may belong to another process by now.
born() {
  local stat
  stat=$(cat "/proc/$1/stat" 2> /dev/null) || return 1
  set -- ${stat##*) } # the fields after the name, which may hold spaces
  echo "${20}"
}

# Prints the pid of a daemon that runs.
running() {
  local pid since
  read -r pid since 2> /dev/null < "$LAB_DIR/run/$1.pid" || return 1
  [ "$(born "$pid")" = "$since" ] && echo "$pid"
}

# Ends the workers of a killed daemon, which may hold its port for a while.  bury NAME
bury() {
  local pid _
  read -r pid _ 2> /dev/null < "$LAB_DIR/run/$1.pid" || return 0
  # as long as one of its group lives, no other process is given its pid
  [ ! -e "/proc/$pid" ] || return 0
  while kill -KILL -- "-$pid" 2> /dev/null; do sleep 0.1; done
}

# start NAME COMMAND...
start() {
  local name=$1
  shift
  ! running "$name" > /dev/null || return 0
  bury "$name"
  # the catalog lists every service twice, and a service that was not told its region may take the one behind TLS
  REQUESTS_CA_BUNDLE=$LAB_DIR/tls/ca.pem setsid "$@" >> "$LAB_DIR/log/$name.log" 2>&1 < /dev/null 9>&- &
  local pid=$!
  echo "$pid $(born "$pid")" > "$LAB_DIR/run/$name.pid"
}

# stop NAME... : asks all of them first, then waits, then insists.
stop() {
  local name pid tries
  for name in "$@"; do
    ! pid=$(running "$name") || kill -TERM -- "-$pid" 2> /dev/null || true
  done
  for name in "$@"; do
    tries=0
    while pid=$(running "$name"); do
      # mariadb is given time to write its pages; the others have nothing to lose
      if [ $((tries += 1)) = $([ "$name" = mariadb ] && echo 300 || echo 10) ]; then kill -KILL -- "-$pid" 2> /dev/null || true; fi
      sleep 0.1
    done
    # what it had started ends with it
    bury "$name"
    rm -f "$LAB_DIR/run/$name.pid"
  done
}

answers() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

# Every port is free, unless this lab runs.
free_ports() {
  local name
  ! running mariadb > /dev/null || return 0
  for name in $(compgen -v | grep '_PORT$'); do
    ! answers "${!name}" || die "port ${!name} is taken; LAB_DIR and LAB_PORTS let a lab run elsewhere (docs/lab.md)"
  done
}

# await NAME PORT
await() {
  local tries
  for ((tries = 0; tries < 1200; tries++)); do
    ! answers "$2" || return 0
    if ! running "$1" > /dev/null; then
      tail -5 "$LAB_DIR/log/$1.log" >&2
      die "$1 ended; its log is $LAB_DIR/log/$1.log"
    fi
    sleep 0.1
  done
  die "$1 does not listen on $2 after two minutes; its log is $LAB_DIR/log/$1.log"
}

# Not only listening but able to answer: the first request loads the application.  await_http NAME PORT
await_http() {
  await "$1" "$2"
  local status
  status=$(curl --silent --max-time 180 --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:$2/" || true)
  case $status in
    000 | 5*) die "$1 answers $status; its log is $LAB_DIR/log/$1.log" ;;
  esac
}

# A WSGI service.  start_wsgi NAME PORT ENTRY PROCESSES [PREFIX...]
# Several processes share one load of the application, made before the fork; a single one loads it itself, because threads that
# the application starts would not live through a fork. Without the header uwsgi closes a connection without a word, and clients
# that kept it alive fail at random. Keystone gets one thread for each process: its middleware keeps the token of a request in
# itself (keystone 22.0.2, server/flask/request_processing/middleware/auth_context.py, `self.token`), so that with more of them
# parallel requests are judged by each other's tokens.
start_wsgi() {
  local name=$1 port=$2 entry=$3 processes=$4 threads=4 lazy=()
  shift 4
  case $name in keystone*) threads=1 ;; esac
  [ "$processes" != 1 ] || lazy=(--lazy-apps)
  local uwsgi=(/usr/bin/uwsgi-core --plugins-dir /usr/lib/uwsgi/plugins --plugin python3)
  if [ -n "$LAB_VENV" ]; then
    # the package index's has Python inside
    uwsgi=("$LAB_VENV/bin/uwsgi" --virtualenv "$LAB_VENV")
    [ "$name $LAB_FIXES" != 'keystone all' ] || uwsgi+=(--pythonpath "$LAB_CARACAL/fixed")
  fi
  start "$name" "$@" "${uwsgi[@]}" \
    --http-socket "127.0.0.1:$port" --pythonpath "$(dirname "$entry")" --wsgi-file "$entry" --procname "lab-$name" --processes "$processes" "${lazy[@]}" --threads "$threads" \
    --master --need-app --enable-threads --die-on-term --no-orphans \
    --buffer-size 65535 --listen 100 --disable-logging --add-header 'Connection: close'
}
