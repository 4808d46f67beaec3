#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Put results/fidelity/headline.md between the README's two marks.
set -eu
cd "$(dirname "$0")/../.."

grep -q '^<!-- fidelity -->$' README.md && grep -q '^<!-- /fidelity -->$' README.md || {
	echo "README.md: the marks '<!-- fidelity -->' and '<!-- /fidelity -->' are missing" >&2
	exit 3
}
sed -e '/^<!-- fidelity -->$/,/^<!-- \/fidelity -->$/{' -e '/^<!-- fidelity -->$/r results/fidelity/headline.md' \
	-e '/^<!-- /!d' -e '}' README.md >README.md.new
cmp -s README.md README.md.new && rm README.md.new || mv README.md.new README.md
