#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# kernel-check.sh [--if-possible] SCENARIO...: run scenarios (names below scenarios/, or paths that end in .yaml) on a real kernel as well
# and compare.
# K is the kernel's version (6.1), BUILD where the program is, KERNELS where kernels are kept (build/kernels), OUT where recordings and
# simulations go ($BUILD/kernel-check). The last line is "N passed, N failed". With --if-possible a missing QEMU or kernel is no
# failure: the last line then says that it was skipped, and why.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build} kernels=${KERNELS:-build/kernels} version=${K:-6.1}
out=${OUT:-$build/kernel-check}
if_possible=
if [ "${1:-}" = --if-possible ]; then
	if_possible=yes
	shift
fi

cannot() { # WHY
	if [ "$if_possible" ]; then
		echo "kernel-check skipped: $1"
		exit 0
	fi
	echo "kernel-check: $1" >&2
	exit 1
}

command -v qemu-system-x86_64 >/dev/null || cannot "qemu-system-x86_64 is missing (apt-get install qemu-system-x86)"
why=$(timeout "${FETCH_TIMEOUT:-600}" tests/kernel/get-kernels.sh -d "$kernels" "$version" 2>&1) ||
	cannot "no kernel $version: ${why:-it was not fetched within ${FETCH_TIMEOUT:-600} s}"
image=$(find "$kernels/$version" -name 'vmlinuz*' -type f | head -1)
[ "$image" ] || cannot "there is no vmlinuz in $kernels/$version"

passed=0 failed=0
mkdir -p "$out"
for name; do
	case $name in *.yaml) path=$name ;; *) path=scenarios/$name.yaml ;; esac
	name=$(basename "$path" .yaml)
	log=$out/$name-$version.txt
	if "$build/oomsim" compare-kernel "$path" --kernel-image "$image" -o "$out/$name-$version" >"$log" 2>&1; then
		passed=$((passed + 1))
		printf '%-24s agrees: %s\n' "$name" "$(grep -m3 'killed' "$log" | awk '{$1 = $1; print}' | paste -sd';' | sed 's/;/; /g')"
	else
		failed=$((failed + 1))
		echo "$name differs, or did not run:"
		cat "$log"
	fi
done
echo "tables, recordings and simulations are in $out"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
