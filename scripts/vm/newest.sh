# SPDX-License-Identifier: MIT
# Read by setup.sh: the newest kernel that Debian has, with its headers and that suite's compiler, which Debian 12
# has not. They live in a root of their own, which findKernel() of kernels.mjs knows. It appears there complete
# or not at all, and is made anew when the suite has a newer kernel.
suite=sid
mirror=http://deb.debian.org/debian
newest=/var/cache/lvn/newest

# within ROOT COMMAND...: in that root. Mounts go when the last process does.
within() {
  # shellcheck disable=SC2016
  unshare --mount sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' "$@"
}

make_root() {
  unshare --mount debootstrap --variant=minbase $suite "$1" $mirror
}

add_kernel() {
  within "$1" apt-get -q install -y --no-install-recommends linux-image-amd64 linux-headers-amd64 gcc make kmod &&
    within "$1" apt-get clean
}

# A mirror that stands still is as good here as it is for debootstrap, which does not look at the date either.
read_lists() {
  within "$1" apt-get -q -o APT::Update::Error-Mode=any -o Acquire::Check-Valid-Until=false update
}

# What the root has, as the suite numbers it.
kernel_of() {
  within "$1" dpkg-query -W -f '${Version}' linux-image-amd64
}

offered_to() {
  within "$1" apt-cache policy linux-image-amd64 | sed -n 's/^  Candidate: //p'
}

# Whether the root is there and its kernel is the newest, as far as anyone can tell.
is_current() {
  [ -d $newest ] || return 1
  attempt "looking for a newer kernel in Debian $suite" read_lists $newest || {
    printf 'setup: Debian %s cannot be reached: going on with its kernel %s\n' $suite "$(kernel_of $newest)"
    return 0
  }
  [ "$(kernel_of $newest)" = "$(offered_to $newest)" ]
}

make_newest() {
  partial=$newest.partial
  rm -rf $partial
  if attempt "making a root of Debian $suite" make_root $partial &&
    attempt 'installing its newest kernel and compiler there' add_kernel $partial; then
    rm -rf $newest
    mv $partial $newest
    printf 'setup: Debian %s has the kernel %s\n' $suite "$(kernel_of $newest)"
    return
  fi
  rm -rf $partial
  [ -d $newest ] || die "Debian $suite, which has the newest kernel, cannot be had"
  printf 'setup: Debian %s cannot be had: going on with its kernel %s\n' $suite "$(kernel_of $newest)"
}

[ "$(id -u)" -eq 0 ] || die "the newest kernel needs root: sh scripts/vm/setup.sh newest"
export DEBIAN_FRONTEND=noninteractive INITRD=No LC_ALL=C
mkdir -p "${newest%/*}"
# One at a time: several checkouts share the root.
exec 9>"${newest%/*}/lock"
flock 9
is_current || make_newest
