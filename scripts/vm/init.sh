#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# The guest's first process, in its initramfs: puts a tmpfs over the host's root, which is read-only, and goes on
# there with scripts/vm/guest.sh. What is wrong before that is seen on the console only.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in /modules/*; do insmod "$module" || echo "lvn-vm: cannot load $module"; done

mount -t tmpfs over /over
mkdir /over/upper /over/work
mount -t 9p -o trans=virtio,version=9p2000.L,msize=1048576,cache=loose,ro root /lower &&
	mount -t overlay -o lowerdir=/lower,upperdir=/over/upper,workdir=/over/work root /new ||
	echo 'lvn-vm: cannot mount the root'
for folder in proc sys dev; do mount --move /$folder /new/$folder; done
mount -t tmpfs run /new/run
mkdir /new/run/lvn-vm
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=none lvn-vm /new/run/lvn-vm ||
	echo 'lvn-vm: cannot mount the folder of results'
exec switch_root /new /bin/sh /run/lvn-vm/guest.sh
