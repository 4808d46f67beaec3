#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# install-headers.sh DIR HEADER...: copy the public headers to DIR with their includes of each other rewritten to
# <oomsim/...>, so that they need no -I of ours, and write DIR/oomsim.h that includes them all. A header that includes one
# which is not public is an error.
set -eu
dir=$1
shift
umbrella="$dir/oomsim.h"
install -d "$dir"
printf '/* SPDX-License-Identifier: GPL-3.0-or-later */\n/* All of liboomsim. */\n#ifndef OOMSIM_OOMSIM_H\n#define OOMSIM_OOMSIM_H\n\n' > "$umbrella"
for h; do
	public=${h#sim/}
	for inner in $(sed -n 's/^#include "\(.*\)"/\1/p' "$h"); do
		case " $* " in
		*" $inner "*) ;;
		*) echo "$h: error: includes \"$inner\", which is not a public header" >&2; exit 1 ;;
		esac
	done
	install -d "$dir/$(dirname "$public")"
	sed -e 's|^#include "sim/\(.*\)"|#include <oomsim/\1>|' -e 's|^#include "\(models/.*\)"|#include <oomsim/\1>|' "$h" > "$dir/$public"
	chmod 644 "$dir/$public"
	echo "#include <oomsim/$public>" >> "$umbrella"
done
printf '\n#endif\n' >> "$umbrella"
chmod 644 "$umbrella"
