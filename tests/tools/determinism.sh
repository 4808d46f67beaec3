#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# determinism.sh [--tap] SCENARIO...: the same scenario must give the same digest whoever compiled the program and how. Builds
# gcc -O0, gcc -O3, clang -O2, AddressSanitizer and UndefinedBehaviorSanitizer versions and compares. (The ordinary build is held
# against the digests in results/golden.) Without clang that build is left out, and said so.
set -u
cd "$(dirname "$0")/../.." || exit 1
tap=
if [ "${1:-}" = --tap ]; then
	tap=yes
	shift
fi
# What the caller's make was told must not leak into these builds.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL BUILD SANITIZER OPT CC CFLAGS LDFLAGS
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

builds=(
	"gcc-O0 CC=gcc OPT=-O0 BUILD=build/det/gcc-O0"
	"gcc-O3 CC=gcc OPT=-O3 BUILD=build/det/gcc-O3"
	"address SANITIZER=address"
	"undefined SANITIZER=undefined"
)
if command -v clang >/dev/null 2>&1; then
	builds+=("clang-O2 CC=clang OPT=-O2 BUILD=build/det/clang-O2")
else
	echo "clang is not installed: its build is left out" >&2
fi

binary_of() { # the folder a build goes to
	case $1 in
	*BUILD=*) echo "${1##*BUILD=}/oomsim" ;;
	*) echo "build-${1##*SANITIZER=}/oomsim" ;;
	esac
}

names=() binaries=()
for b in "${builds[@]}"; do
	binary=$(binary_of "$b")
	# shellcheck disable=SC2086
	if ! make --no-print-directory -j"$(nproc)" ${b#* } "$binary" >"$work/make" 2>&1; then
		tail -20 "$work/make" >&2
		echo "the build ${b%% *} failed" >&2
		exit 1
	fi
	names+=("${b%% *}")
	binaries+=("$binary")
done

failed=0 n=0
[ -z "$tap" ] || echo "1..$#"
for scenario; do
	n=$((n + 1))
	first= differ=
	for i in "${!binaries[@]}"; do
		digest=$(timeout 300 "${binaries[$i]}" run --digest "$scenario" 2>"$work/err") || digest="failed: $(head -1 "$work/err")"
		[ "$i" != 0 ] || first=$digest
		[ "$digest" = "$first" ] && [ "${digest#failed}" = "$digest" ] || differ="$differ ${names[$i]}:$digest"
	done
	if [ -z "$differ" ]; then
		if [ "$tap" ]; then echo "ok $n - $scenario"; else echo "$first  $scenario  (${#binaries[@]} builds)"; fi
	else
		failed=1
		[ -z "$tap" ] || echo "not ok $n - $scenario"
		echo "$scenario: ${names[0]}:$first differs from$differ" >&2
	fi
done
exit $failed
