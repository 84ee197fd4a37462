#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what the debug kernel is compiled from and with, and what the kernel's netlink tool needs. It does only
# what is missing; scripts/vm/setup.sh comes first.
set -eu

packages="linux-source-6.12 bc bison flex libelf-dev libssl-dev gcc make xz-utils python3-yaml python3-jsonschema"

# shellcheck disable=SC2086
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $packages 2>/dev/null || true)
missing=
for package in $packages; do
  printf '%s\n' "$installed" | grep -qxF "installed $package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
  printf 'setup: missing are%s. Run this as root:\n  sh scripts/kernels/setup.sh\n' "$missing" >&2
  exit 1
fi
printf 'setup: installing%s\n' "$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
{ apt-get -q update && apt-get -q install -y --no-install-recommends $missing; } >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
