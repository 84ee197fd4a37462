#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Prints a header with a LVN_HAVE_* for each compile test that the compiler accepts: probe.sh FOLDER COMPILER...
set -eu
folder=$1
shift
echo '/* SPDX-License-Identifier: GPL-2.0 */'
echo '/* Written by probe.sh: what the kernel that this was built for has. */'
for file in "$folder"/*.c; do
	name=$(basename "$file" .c | tr 'a-z-' 'A-Z_')
	if "$@" -Werror -c -o /dev/null "$file" 2>/dev/null; then
		echo "#define LVN_HAVE_$name 1"
	else
		echo "/* no LVN_HAVE_$name */"
	fi
done
