#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Prints a header with a LVN_HAVE_* for each compile test that the compiler accepts: probe.sh FOLDER COMPILER...
# Each reads most of the kernel's headers: they run side by side.
set -eu
folder=$1
shift
passed=$(mktemp -d)
trap 'rm -rf "$passed"' EXIT
trap 'exit 130' INT TERM
for file in "$folder"/*.c; do
	"$@" -Werror -c -o /dev/null "$file" 2>/dev/null && : >"$passed/${file##*/}" &
done
wait
echo '/* SPDX-License-Identifier: GPL-2.0 */'
echo '/* Written by probe.sh: what the kernel that this was built for has. */'
for file in "$folder"/*.c; do
	name=$(basename "$file" .c | tr 'a-z-' 'A-Z_')
	if [ -e "$passed/${file##*/}" ]; then
		echo "#define LVN_HAVE_$name 1"
	else
		echo "/* no LVN_HAVE_$name */"
	fi
done
