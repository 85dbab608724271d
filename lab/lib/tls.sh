# shellcheck shell=bash
# The lab's own certificate authority, and TLS in front of every API, so that clients meet a CA that no system trusts.

certificates() {
  local tls=$LAB_DIR/tls
  mkdir -p "$tls"
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/O=tenant-onboard lab/CN=lab CA' \
    -addext basicConstraints=critical,CA:true -addext keyUsage=critical,keyCertSign,cRLSign -keyout "$tls/ca.key" -out "$tls/ca.pem"
  openssl req -newkey rsa:2048 -nodes -subj '/O=tenant-onboard lab/CN=lab' -keyout "$tls/server.key" -out "$tls/server.csr"
  openssl x509 -req -in "$tls/server.csr" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -CAcreateserial -days 825 -out "$tls/server.crt" \
    -extfile <(printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:false\nextendedKeyUsage=serverAuth\n')
  cat "$tls/server.crt" "$tls/server.key" > "$tls/server.pem"
}

launch_tls() {
  local service
  {
    cat "$LAB_SRC/etc/haproxy.cfg"
    for service in keystone "${CLOUD_SERVICES[@]}"; do
      printf '\nlisten %s\n  http-request set-header X-Forwarded-Proto https\n  bind 127.0.0.1:%s ssl crt %s\n  server api 127.0.0.1:%s\n' \
        "$service" "$(port_of "${service}_tls")" "$LAB_DIR/tls/server.pem" "$(port_of "$service")"
    done
  } > "$LAB_DIR/etc/haproxy.cfg"
  start haproxy haproxy -db -f "$LAB_DIR/etc/haproxy.cfg"
}
