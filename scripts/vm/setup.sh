#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what the tests on Debian's kernels need: QEMU, and the kernels 6.1 (Debian 12) and 6.12 (its
# backports) with their headers; `setup.sh newest` also the newest kernel of all. It does only what is missing,
# so every npm script may call it first.
set -eu

more=${1:-}
packages="qemu-system-x86 busybox-static cpio xz-utils kmod make gcc"
release=bookworm
backports=/etc/apt/sources.list.d/lvn-backports.sources
[ "$more" != newest ] || packages="$packages debootstrap"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM

die() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

# attempt TEXT COMMAND...: one line; the output only when the command fails.
attempt() {
  text=$1
  shift
  printf 'setup: %s ... ' "$text"
  begun=$(date +%s)
  if ! "$@" >"$log" 2>&1; then
    printf 'failed\n'
    cat "$log" >&2
    return 1
  fi
  printf '%s s\n' $(($(date +%s) - begun))
}

# stage TEXT COMMAND...: an attempt that has to succeed.
stage() {
  attempt "$@" && return
  shift
  die "this failed: $*"
}

# finish: what comes on top of the kernels here.
finish() {
  # shellcheck source=scripts/vm/newest.sh
  [ "$more" != newest ] || . "$(dirname "$0")/newest.sh"
  exit 0
}

# Whether a kernel of the series is there, of the plain flavour and with its modules and headers: what newestIn() of
# kernels.mjs takes. `has_kernel SERIES [ROOT]`
has_kernel() {
  root=${2-}
  for image in "$root/boot/vmlinuz-$1".*; do
    version=${image#"$root/boot/vmlinuz-"}
    case $version in
    *-[a-z]*-amd64) continue ;;
    *-amd64) ;;
    *) continue ;;
    esac
    [ -e "$image" ] && [ -e "$root/lib/modules/$version/modules.dep" ] &&
      [ -e "$root/usr/src/linux-headers-$version/Makefile" ] && return 0
  done
  return 1
}

# The newest packages of a series, image and headers, by the names that the kernel's metapackages lead to.
kernel_packages() {
  for meta in linux-image-amd64 linux-headers-amd64; do
    apt-cache show "$meta" 2>/dev/null |
      sed -n "s/^Depends: \(linux-[a-z]*-$1\.[^ ,]*\).*/\1/p" | sort -V | tail -n 1
  done
}

# shellcheck disable=SC2086
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $packages 2>/dev/null || true)
missing=
for package in $packages; do
  printf '%s\n' "$installed" | grep -qxF "installed $package" || missing="$missing $package"
done
kernels=
for series in 6.1 6.12; do
  has_kernel $series || kernels="$kernels $series"
done
[ -n "$missing$kernels" ] || finish

codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2>/dev/null || true)
[ "$codename" = $release ] || die "this is no Debian 12; missing are$missing, and kernels of the series:$kernels"
[ "$(id -u)" -eq 0 ] || die "missing are$missing, and kernels of the series:$kernels. Run this as root:
  sh scripts/vm/setup.sh"

export DEBIAN_FRONTEND=noninteractive
case $kernels in
*6.12*)
  # Packages of backports are installed only where they are asked for by name.
  if [ -z "$(apt-cache policy | grep -F "n=$release-backports" || true)" ] && [ ! -e $backports ]; then
    printf 'setup: adding %s-backports to the sources of packages\n' $release
    cat >$backports <<-SOURCES
	Types: deb
	URIs: http://deb.debian.org/debian
	Suites: $release-backports
	Components: main
	Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
	SOURCES
  fi
  ;;
esac
stage 'reading the package lists' apt-get -q update
for series in $kernels; do
  found=$(kernel_packages $series)
  [ "$(printf '%s\n' "$found" | wc -l)" -eq 2 ] || die "the package lists have no kernel $series with headers"
  missing="$missing $(echo $found)"
done
# These kernels boot in a virtual machine, with an initramfs of its own: none is needed for this one.
export INITRD=No
# shellcheck disable=SC2086
stage "installing$missing" apt-get -q install -y --no-install-recommends $missing
for series in 6.1 6.12; do
  has_kernel $series || die "the kernel $series is not there although its packages are installed"
done
finish
