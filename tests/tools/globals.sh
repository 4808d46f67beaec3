#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The engine holds no mutable globals: no symbol of any object given lies in a writable section. Tables of pointers to
# constants are in .data.rel.ro, which the loader makes read-only, and are fine.
set -eu
[ $# -gt 0 ] || exit 0
objdump -t "$@" | awk '
	/file format/ { file = $1; sub(/:$/, "", file); next }
	{
		# ADDRESS FLAGS SECTION<TAB>SIZE NAME; flags may be blank columns, so split at the tab.
		if (split($0, half, "\t") != 2) next
		n = split(half[1], left, " "); section = left[n]
		split(half[2], right, " "); size = right[1]; name = right[2]
		if (section !~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ || section ~ /^\.data\.rel\.ro/) next
		if (size ~ /^0+$/ || name ~ /^\./) next
		printf "%s: error: mutable global \"%s\" in %s\n", file, name, section > "/dev/stderr"
		failed = 1
	}
	END { exit failed }'
