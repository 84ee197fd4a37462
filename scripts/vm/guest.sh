#!/bin/sh
# SPDX-License-Identifier: MIT
# The guest's process 1 once it stands in the host's root: makes the place like a machine that has booted, runs
# the host's command with its output on the second serial line, leaves exit status and kernel log in
# /run/lvn-vm, and switches the machine off. machine.mjs starts it and reads what it leaves.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
here=/run/lvn-vm

mkdir -p /dev/pts /dev/shm /dev/net /run/netns /run/lock
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs shm /dev/shm
# What udev makes of its own accord: nft reads its standard input by that name.
ln -s /proc/self/fd /dev/fd
for name in 0:stdin 1:stdout 2:stderr; do ln -s "fd/${name%:*}" "/dev/${name#*:}"; done
# An empty /tmp, unless the command's folder is in it.
grep -q "^cd '/tmp/" $here/command.sh || mount -t tmpfs tmp /tmp
chmod 1777 /tmp /dev/shm
# The kernel's modules may lie in another root than the host's.
[ -e "/lib/modules/$(uname -r)" ] || ln -s "$(cat $here/modules)" "/lib/modules/$(uname -r)"
modprobe tun
[ -e /dev/net/tun ] || mknod /dev/net/tun c 10 200
hostname lvn-vm
ip link set lo up
stty -F /dev/ttyS1 raw -echo

# A file that changes moves from the host's root into the tmpfs over it.
xargs -0 touch -c <$here/programs

# Through a pipe: a program that sees a terminal would paint on it.
mkfifo /run/output
cat /run/output >/dev/ttyS1 &
touch $here/up
setsid sh $here/command.sh </dev/null >/run/output 2>&1
echo $? >$here/status.new
# What the command was not told of may come a moment later: timers, RCU callbacks, work queues.
sleep 1
dmesg >$here/dmesg
mv $here/status.new $here/status
sync
echo o >/proc/sysrq-trigger
sleep 60
