# shellcheck shell=bash
# Keystones of many releases side by side, each in an environment of its own: `lab/up releases`.

# Downloaded wheels are kept beside the lab, for every lab of this machine.
LAB_WHEELS=${LAB_WHEELS:-$(dirname "$LAB_DIR")/tenant-onboard-wheels}
# Seconds without a request after which such a Keystone ends by itself.
LAB_RELEASES_IDLE=${LAB_RELEASES_IDLE:-1800}
RELEASES=(22.0.2 25.0.0 27.0.1 27.1.0 29.1.0 30.0.0 debian-12 debian-13)

libraries_of() { echo "$LAB_SRC/releases/libraries-${1%%.*}.txt"; }

# The wheels of one release, by digest. Fails if the package index is not reached.
download() { # VERSION
  local pins=$LAB_DIR/releases/pins/$1.txt
  mkdir -p "$LAB_WHEELS" "$LAB_DIR/releases/pins"
  # 22.0.2 runs on the libraries of Debian 12, which are those of its series
  cat "$(libraries_of "$1")" > "$pins.new" 2> /dev/null || :
  grep -F "keystone==$1 " "$LAB_SRC/releases/keystones.txt" >> "$pins.new"
  mv "$pins.new" "$pins"
  ! cmp -s "$pins" "$LAB_WHEELS/.$1" || return 0
  /usr/bin/python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --dest "$LAB_WHEELS" -r "$pins" && cp "$pins" "$LAB_WHEELS/.$1"
}

# What is missing for a release, in words; nothing if it can be started.  release_ready NAME
release_ready() {
  local env=$LAB_DIR/releases/env/$1 log=$LAB_DIR/log/release-$1.log
  case $1 in
    debian-12) [ -d /usr/lib/python3/dist-packages/keystone ] || echo 'python3-keystone is not installed' ;;
    debian-13) [ -e "$LAB_CHROOT/ready" ] || echo 'there is no Debian 13 chroot: lab/up native makes it' ;;
    *)
      mkdir -p "$LAB_DIR/releases/env"
      download "$1" >> "$log" 2>&1 || { echo "the package index did not give its wheels: $(tail -1 "$log")" && return 0; }
      # an environment is of the pins that it was made of
      ! cmp -s "$LAB_DIR/releases/pins/$1.txt" "$env/.pins" || return 0
      rm -rf "$env"
      python "$LAB_SRC/releases/unpack.py" "$env" "$LAB_DIR/releases/pins/$1.txt" "$LAB_WHEELS" >> "$log" 2>&1 || { tail -1 "$log" && return 0; }
      cp "$LAB_DIR/releases/pins/$1.txt" "$env/.pins"
      ;;
  esac
}

launch_release() { # NAME
  local port serve=$LAB_SRC/releases/serve.py
  local folder=$LAB_DIR/releases/$1
  port=$(port_of "release-$1")
  local arguments=(--port "$port" --idle "$LAB_RELEASES_IDLE")
  # it begins anew: what the stories made there has tokens of a day
  running "release-$1" > /dev/null || rm -rf "$folder" "$LAB_CHROOT/lab/releases/$1"
  mkdir -p "$folder"
  case $1 in
    debian-12) start "release-$1" /usr/bin/python3 "$serve" --dir "$folder" "${arguments[@]}" ;;
    debian-13)
      mkdir -p "$LAB_CHROOT/lab/releases/$1"
      cp "$serve" "$LAB_CHROOT/lab/releases/"
      rm -rf "$folder"
      ln -sfn "$LAB_CHROOT/lab/releases/$1" "$folder"
      start "release-$1" chroot "$LAB_CHROOT" /usr/bin/python3 /lab/releases/serve.py --dir "/lab/releases/$1" "${arguments[@]}"
      ;;
    # on Debian's libraries, which are of its series
    22.*) start "release-$1" env PYTHONPATH="$LAB_DIR/releases/env/$1" /usr/bin/python3 "$serve" --dir "$folder" "${arguments[@]}" ;;
    # -S: nothing of Debian's
    *) start "release-$1" env PYTHONPATH="$LAB_DIR/releases/env/$1" /usr/bin/python3 -S "$serve" --dir "$folder" "${arguments[@]}" ;;
  esac
}

# The named releases, or all. One that is not to be had here is said; the exit code is 1 if none of them is.
up_releases() {
  local name missing absent=() wanted=("$@") started=()
  [ $# != 0 ] || wanted=("${RELEASES[@]}")
  for name in "${wanted[@]}"; do
    [[ " ${RELEASES[*]} " == *" $name "* ]] || die "no release \`$name\`; there are: ${RELEASES[*]}"
    missing=$(release_ready "$name")
    if [ -n "$missing" ]; then
      absent+=("$name: $missing")
      say "not there: $name: $missing"
    else
      launch_release "$name"
      started+=("$name")
    fi
  done
  for name in "${started[@]}"; do
    await "release-$name" "$(port_of "release-$name")"
    say "release $name answers on $(port_of "release-$name")"
  done
  python "$LAB_SRC/releases/describe.py" "${absent[@]}"
  [ ${#started[@]} != 0 ] || die 'no release is there'
}
