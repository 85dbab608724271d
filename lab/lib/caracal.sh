# shellcheck shell=bash
# OpenStack 2024.1 (Caracal) from the package index, in one Python environment, for labs made with LAB_RELEASE=2024.1. LAB_CARACAL has
#   venv/     the ten services; caracal/requirements.txt pins each archive by its hash
#   fixed/    the Keystone of it with the security fixes that the package index does not have
#   ready     a stamp: both are whole and made from this requirements.txt

caracal_ready() {
  local made
  made=$(sha256sum "$LAB_SRC/caracal/requirements.txt" "$LAB_SRC/caracal/build.txt" "$LAB_SRC/lib/caracal.sh" | sha256sum)
  [ "$(cat "$LAB_CARACAL/ready" 2> /dev/null)" != "$made" ] || return 0
  quietly caracal build_caracal
  echo "$made" > "$LAB_CARACAL/ready"
}

build_caracal() {
  rm -rf "${LAB_CARACAL:?}"
  mkdir -p "$LAB_CARACAL"
  /usr/bin/python3 -m venv "$LAB_VENV"
  local pip=("$LAB_VENV/bin/pip" --disable-pip-version-check install --no-deps --require-hashes)
  # archives of source are built with these tools and no others, which are pinned as well
  "${pip[@]}" --only-binary :all: -r "$LAB_SRC/caracal/build.txt"
  "${pip[@]}" --no-build-isolation -r "$LAB_SRC/caracal/requirements.txt"
  fix_caracal
}

# Keystone 25.0.0 with the fixes that Debian has for 22.0.2 (22.0.2-0+deb12u6: all of OSSA-2026-015, August and October 2026). What Debian
# changed against the published 22.0.2 is the patch; it applies without fuzz, whereas the commits of 2025.1 do not: the code was reformatted
# in between. Debian's changes of rules are left out, except the three that belong to the fixes.
fix_caracal() {
  local debian=/usr/lib/python3/dist-packages/keystone work=$LAB_CARACAL/work fixed=$LAB_CARACAL/fixed policies
  mkdir -p "$work/debian" "$fixed"
  "$LAB_VENV/bin/pip" --disable-pip-version-check download --no-deps --require-hashes --dest "$work" -r "$LAB_SRC/caracal/published.txt"
  "$LAB_VENV/bin/python" -m zipfile -e "$work"/keystone-22.0.2*.whl "$work/published"
  cp -r "$debian" "$work/debian/"
  (cd "$work" && diff -ruN -x tests -x locale -x __pycache__ -x policies -x ldap published/keystone debian/keystone > fixes.patch) || [ $? = 1 ]
  cp -r "$LAB_VENV"/lib/python3*/site-packages/keystone "$fixed/"
  # patch answers 1 for hunks that 25.0.0 has already: those of api/_shared/EC2_S3_Resource.py
  (cd "$fixed" && patch -p1 -N -s -r - < "$work/fixes.patch") || [ $? = 1 ]
  policies=$fixed/keystone/common/policies
  cp "$debian"/common/policies/{ec2tokens,s3tokens}.py "$policies/"
  sed -i "s/^RULE_TRUST_OWNER = .*/RULE_TRUST_OWNER = 'user_id:%(target.trust.trustor_user_id)s'/" "$policies/base.py"
  # CVE-2026-80182 to 80184: a token without a domain no longer matches a target without one
  sed -i "s/(role:reader and domain_id:%(target.domain_id)s)/(role:reader and domain_id:%(target.domain_id)s and not None:%(target.domain_id)s)/" \
    "$policies/role_assignment.py"
  sed -i -e 's/^from keystone.common.policies import ec2_credential$/&\nfrom keystone.common.policies import ec2tokens/' \
    -e 's/^from keystone.common.policies import role_assignment$/&\nfrom keystone.common.policies import s3tokens/' \
    -e 's/^        service.list_rules(),$/        s3tokens.list_rules(),\n        ec2tokens.list_rules(),\n&/' "$policies/__init__.py"
  find "$fixed" \( -name '*.orig' -o -name '*.rej' -o -name __pycache__ \) -prune -exec rm -rf {} +
  # 202: the 200 of 25.0.0, and the two of the exchanges that the fixes added
  PYTHONPATH=$fixed "$LAB_VENV/bin/python" -c 'from keystone.common import policies; assert len(list(policies.list_rules())) == 202'
  rm -rf "$work"
}
