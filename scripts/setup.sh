#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes a fresh checkout ready to run on Debian: packages, npm modules, built parts. It does only what is
# missing, so every npm script may call it first. It knows nothing of what is built: build.mjs does.
set -eu
cd "$(dirname "$0")/.."

# To build: the addon (node-gyp wants python3) and the BPF programs. To run labs and the demo. To run the tests, the last
# line for those of completions and manual pages.
packages="g++ make python3 clang libbpf-dev
  nftables iputils-ping iperf3
  iproute2 procps ethtool bpftool strace
  zsh fish mandoc groff-base"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM

die() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

now() { date +%s%N; }

# stage TEXT COMMAND...: one line with the elapsed time; the output only when the command fails.
stage() {
  text=$1
  shift
  printf 'setup: %s ... ' "$text"
  begun=$(now)
  if ! "$@" >"$log" 2>&1; then
    printf 'failed\n'
    cat "$log" >&2
    die "this failed: $*"
  fi
  tenths=$((($(now) - begun) / 100000000))
  printf '%s.%s s\n' $((tenths / 10)) $((tenths % 10))
}

command -v node >/dev/null 2>&1 || die 'Node.js is missing; install version 20 or newer (https://nodejs.org).'
version=$(node -p process.versions.node)
[ "${version%%.*}" -ge 20 ] || die "Node.js $version is too old; version 20 or newer is needed."
command -v npm >/dev/null 2>&1 || die "npm is missing; install the one that belongs to Node.js $version."

missing=
if command -v dpkg-query >/dev/null 2>&1; then
  # shellcheck disable=SC2086
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $packages 2>/dev/null || true)
  for package in $packages; do
    printf '%s\n' "$installed" | grep -qxF "installed $package" || missing="$missing $package"
  done
else
  printf 'setup: this is no Debian; make sure that these are installed: %s\n' "$(echo $packages)"
fi
if [ -n "$missing" ]; then
  [ "$(id -u)" -eq 0 ] || die "Debian packages are missing; run this first:
  sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing"
  export DEBIAN_FRONTEND=noninteractive
  stage 'reading the package lists' apt-get -q update
  # shellcheck disable=SC2086
  stage "installing$missing" apt-get -q install -y --no-install-recommends $missing
fi

wanted=$(sha256sum package-lock.json | cut -d ' ' -f 1)
if [ "$(cat node_modules/.lvn-stamp 2>/dev/null || true)" != "$wanted" ]; then
  stage 'installing the npm modules' npm ci --no-audit --no-fund --loglevel=error
  printf '%s\n' "$wanted" >node_modules/.lvn-stamp
fi

node scripts/build.mjs
