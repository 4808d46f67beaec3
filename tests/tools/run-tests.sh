#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run-tests.sh [--determinism] RUNNER...: run the Criterion runners of $BUILD/tests, the house rules, the shipped scenarios
# and, if asked, the determinism test. Failures are shown in full, successes counted. The last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
determinism=
if [ "${1:-}" = --determinism ]; then
	determinism=yes
	shift
fi
passed=0 failed=0 skipped=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Adds up a TAP file: lines "ok", "not ok", and "ok ... # SKIP". A tally that misses makes one failure.
add_tap() { # NAME FILE STATUS
	local ok nok skip
	nok=$(grep -c '^not ok' "$2" 2>/dev/null)
	skip=$(grep -ci '^ok .*# *skip' "$2" 2>/dev/null)
	ok=$(($(grep -c '^ok' "$2" 2>/dev/null) - ${skip:-0}))
	if [ "$3" != 0 ] && [ "${nok:-0}" = 0 ]; then
		nok=1
		echo "$1: stopped with status $3"
	fi
	passed=$((passed + ok)) failed=$((failed + nok)) skipped=$((skipped + skip))
	printf '%-12s %5d passed %5d failed %5d skipped %6d s\n' "$1" "$ok" "$nok" "$skip" "$((SECONDS - started))"
	[ "$nok" = 0 ]
}

one() { # NAME COMMAND...: a test that is one command
	local name=$1
	shift
	started=$SECONDS
	if "$@" >"$work/log" 2>&1; then
		passed=$((passed + 1))
		printf '%-12s %5d passed %5d failed %5d skipped %6d s\n' "$name" 1 0 0 "$((SECONDS - started))"
	else
		failed=$((failed + 1))
		cat "$work/log"
		printf '%-12s %5d passed %5d failed %5d skipped %6d s\n' "$name" 0 1 0 "$((SECONDS - started))"
	fi
}

one house tests/tools/floors.sh
one conformance "$build/tests/conformance"

export OOMSIM="$PWD/$build/oomsim"
for runner; do
	started=$SECONDS
	"$build/tests/$runner" --jobs 2 --timeout 300 --tap="$work/tap" >"$work/log" 2>&1
	add_tap "$runner" "$work/tap" $? || cat "$work/log"
	rm -f "$work/tap"
done

mapfile -t shipped < <(find scenarios -name '*.yaml' -not -path '*/presets/*' -not -path '*/recorded/*' -not -path '*/manifests/*' | LC_ALL=C sort)
if [ ${#shipped[@]} -gt 0 ]; then
	started=$SECONDS
	timeout 900 "$build/oomsim" check --tap "${shipped[@]}" >"$work/tap" 2>"$work/log"
	add_tap scenarios "$work/tap" $? || cat "$work/tap" "$work/log"
fi

if [ "$determinism" ]; then
	started=$SECONDS
	tests/tools/determinism.sh --tap "${shipped[@]}" >"$work/tap" 2>"$work/log"
	add_tap determinism "$work/tap" $? || cat "$work/tap" "$work/log"
fi

[ "$skipped" = 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
