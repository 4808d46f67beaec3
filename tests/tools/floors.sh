#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Floors of the house: every #include of ours must name a folder on the same floor or below (ARCHITECTURE.md has the table),
# and what simulates must not reach for files, clocks, locale or parsers.
set -eu
cd "$(dirname "$0")/../.."

find sim models -name '*.[ch]' | LC_ALL=C sort | xargs grep -n '^[[:space:]]*#[[:space:]]*include' |
awk -F: '
	function folder(path) { return path ~ /^models\// ? "models" : section_of(path) }
	function section_of(path,   part) { split(path, part, "/"); return part[1] "/" part[2] }
	function bad(why) { printf "%s:%s: error: %s\n", $1, $2, why > "/dev/stderr"; failed = 1 }
	BEGIN {
		floor["sim/core"] = 0
		floor["sim/mm"] = floor["sim/proc"] = floor["sim/world"] = 1
		floor["models"] = 2
		floor["sim/scenario"] = floor["sim/report"] = floor["sim/sink"] = floor["sim/calibrate"] = floor["sim/guest"] = 3
		floor["sim/cli"] = 4
		# What the engine and the models never include.
		split("yaml.h jansson.h time.h sys/time.h locale.h unistd.h fcntl.h pthread.h dirent.h argp.h", list, " ")
		for (i in list)
			banned[list[i]] = 1
	}
	{
		own = folder($1)
		if (!(own in floor)) { bad("folder " own " is on no floor (tests/tools/floors.sh)"); next }
		line = $0
		sub(/^[^:]*:[^:]*:/, "", line)
		if (line ~ /</) {
			sub(/^[^<]*</, "", line); sub(/>.*/, "", line)
			if (floor[own] <= 2 && (line in banned))
				bad("<" line "> has no place in " own ": the engine does no input, output or clocks")
			next
		}
		sub(/^[^"]*"/, "", line); sub(/".*/, "", line)
		target = folder(line)
		if (line !~ /^(sim|models)\//)
			bad("\"" line "\": write the path from the top of the tree")
		else if (!(target in floor))
			bad("folder " target " is on no floor (tests/tools/floors.sh)")
		else if (floor[target] > floor[own])
			bad(own " (floor " floor[own] ") must not include \"" line "\" (floor " floor[target] ")")
	}
	END { exit failed }'
