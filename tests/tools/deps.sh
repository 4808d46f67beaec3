#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# deps.sh build|test|fuzz|kernel: install the Debian packages that are missing, saying first which; silent when nothing is.
# Asks for what is used (a command, a library) rather than for packages, so that it is content on other systems too.
set -eu
what=${1:-test}
missing= wished=

command_or() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
library_or() { pkg-config --exists "$1" 2>/dev/null || missing="$missing $2"; }
wish() { command -v "$1" >/dev/null 2>&1 || wished="$wished $2"; }
can_link() { printf 'int main(void){return 0;}\n' | clang -fsanitize="$1" -x c - -o /dev/null 2>/dev/null; }

command_or "${CC:-gcc}" "${CC:-gcc}"
command_or ar binutils
command_or pkg-config pkg-config
library_or gsl libgsl-dev
library_or yaml-0.1 libyaml-dev
library_or jansson libjansson-dev
command_or gnuplot gnuplot-nox
if [ "$what" = test ]; then
	library_or criterion libcriterion-dev
	wish clang clang          # a second compiler for the determinism test
	wish xmllint libxml2-utils # reads the JUnit file as a CI system would
fi
if [ "$what" = kernel ]; then # of compare-kernel
	command_or qemu-system-x86_64 qemu-system-x86
	PATH=$PATH:/usr/sbin:/sbin command_or mke2fs e2fsprogs
	command_or xz xz-utils
	command_or zstd zstd
	command_or lz4 lz4
fi
if [ "$what" = fuzz ]; then
	command_or clang clang
	fuzzer_runtime=
	can_link address || fuzzer_runtime=yes
fi
if [ "${fuzzer_runtime:-}" ]; then
	version=$(clang -dumpversion 2>/dev/null | cut -d. -f1)
	missing="$missing libclang-rt-${version:-14}-dev"
fi

[ "$missing$wished" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
	if [ "$missing" ]; then
		echo "Missing, by Debian's names:$missing" >&2
		echo "This is not a Debian system: please install their equivalents with your package manager and try again." >&2
		exit 1
	fi
	echo "Not found (the tests that use them will be skipped):$wished"
	exit 0
fi

sudo=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "To install$missing$wished I need root or sudo. As root: apt-get install$missing$wished" >&2
		[ -z "$missing" ] && exit 0
		exit 1
	fi
	sudo=sudo
fi

apt_install() { $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >"$log" 2>&1; }

echo "Installing with ${sudo:+sudo }apt-get:$missing$wished"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Package lists may be absent on a fresh machine, or too old to fetch from: update once if the first try fails.
# shellcheck disable=SC2086
if ! apt_install $missing $wished; then
	$sudo apt-get update >"$log" 2>&1 || true
	if [ "$missing" ] && ! apt_install $missing; then
		cat "$log" >&2
		echo "apt-get could not install:$missing" >&2
		exit 1
	fi
	for p in $wished; do
		apt_install "$p" || echo "Could not install $p: the tests that use it will be skipped."
	done
fi
