# shellcheck shell=bash
# MariaDB for everything, without waiting for the disk, because a lab needs no durability.

database() {
  if [ ! -d "$LAB_DIR/db" ]; then
    # whole or not at all
    rm -rf "$LAB_DIR/db.new"
    quietly step-mariadb mariadb-install-db --no-defaults --user=root --datadir="$LAB_DIR/db.new" --skip-test-db \
      --auth-root-authentication-method=normal
    mv "$LAB_DIR/db.new" "$LAB_DIR/db"
  fi
  start mariadb mariadbd --no-defaults --user=root --datadir="$LAB_DIR/db" --socket="$SOCKET" --port="$DATABASE_PORT" \
    --bind-address=127.0.0.1 --skip-log-bin --skip-name-resolve --character-set-server=utf8mb3 --performance-schema=0 \
    --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 --innodb-flush-method=nosync \
    --innodb-buffer-pool-size=192M --innodb-log-file-size=64M --max-connections=800 \
    --table-definition-cache=4000 --table-open-cache=4000 --pid-file="$LAB_DIR/run/mysqld.own"
  start_memcached memcached
  until sql 'select 1' > /dev/null 2>&1; do
    running mariadb > /dev/null || die "mariadb ended; its log is $LAB_DIR/log/mariadb.log"
    sleep 0.1
  done
  sql "create user if not exists lab@localhost identified by 'lab'; grant all on *.* to lab@localhost;
    create user if not exists lab@127.0.0.1 identified by 'lab'; grant all on *.* to lab@127.0.0.1;"
}

# Makes a schema from nothing, even after an interrupted attempt.  schema NAME
schema() {
  local database
  for database in "$1" $([ "$1" != nova ] || echo nova_api nova_cell0); do
    sql "drop database if exists $database; create database $database character set utf8mb3;"
  done
  "schema_$1"
}

start_memcached() { start "$1" memcached -u root -l 127.0.0.1 -p "$(port_of "$1")" -m 64 -U 0; }

# Empties a cache.  flush NAME
flush() {
  ! running "$1" > /dev/null || printf 'flush_all\r\nquit\r\n' > "/dev/tcp/127.0.0.1/$(port_of "$1")"
}

sql() { mariadb --no-defaults --socket="$SOCKET" --user=root --batch --skip-column-names --execute="$1"; }
