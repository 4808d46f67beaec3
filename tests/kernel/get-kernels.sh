#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# get-kernels.sh [-d DIR] [VERSION...]: fetch Debian's cloud kernels by package name and unpack them into DIR/VERSION (build/kernels;
# 60 to 160 MB each). A version that is there already is not fetched again. The mirror is that of the machine's own apt sources, and
# so are the keys; other releases are read through package lists of our own below DIR, so that the machine's stay as they are.
# Exit status: 0 all there; 1 some could not be had, each with its reason; 2 wrong usage.
set -u
work=
trap 'rm -rf "${work:-/nonexistent}"' EXIT
trap 'exit 1' INT TERM HUP
cd "$(dirname "$0")/../.." || exit 1
dir=build/kernels

# Version, release of Debian, and the packages whose contents make a bootable kernel, as patterns of names.
table() {
	cat <<-'END'
	5.10 bullseye ^linux-image-5\.10\.0-[0-9]+-cloud-amd64-unsigned$
	6.1  bookworm ^linux-image-6\.1\.0-[0-9]+-cloud-amd64-unsigned$
	6.12 trixie   ^linux-image-6\.12\.[0-9]+\+deb13-cloud-amd64-unsigned$
	7.2  forky    ^linux-binary-7\.[0-9.]+\+deb14-cloud-amd64$ ^linux-base-7\.[0-9.]+\+deb14-cloud-amd64$ ^linux-modules-7\.[0-9.]+\+deb14-cloud-amd64$
	END
}

say() { echo "get-kernels: $*" >&2; }

usage() {
	echo "Usage: get-kernels.sh [-d DIR] [VERSION...]; versions: $(table | awk '{printf "%s%s", s, $1; s = ", "}'); default: all"
}

# The first Debian archive of the machine's apt sources, in either of their formats.
mirror() {
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
		grep -E '^(deb |URIs:)' | grep -oE 'https?://[^ ]+' | grep -E '/debian/?$' | head -1
}

# apt_of RELEASE COMMAND...: an apt command that sees that release alone. -o options come behind the command's name.
apt_of() {
	local release=$1 command=$2 state="$dir/.apt/$1"
	shift 2
	mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" >"$state/sources.list"
	"$command" -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$state/lists" \
		-o Dir::Cache="$state/cache" -o Acquire::Check-Valid-Until=false "$@"
}

# newest RELEASE PATTERN: the package of the highest version that is called so.
newest() {
	apt_of "$1" apt-cache search --names-only "$2" | awk '{print $1}' | sort -V | tail -1
}

# fetch VERSION RELEASE PATTERN...: unpacked under another name first, so that what is there is whole.
fetch() {
	local version=$1 release=$2 package pattern
	shift 2
	apt_of "$release" apt-get -q update >"$dir/.apt.log" 2>&1 || {
		say "$version: the package lists of $release cannot be read: $(grep -m1 '^[EW]:' "$dir/.apt.log")"
		return 1
	}
	work=$(mktemp -d "$dir/.new-XXXXXX") || return 1
	for pattern; do
		package=$(newest "$release" "$pattern")
		if [ -z "$package" ]; then
			say "$version: Debian $release has no package like $pattern"
			return 1
		fi
		if ! (cd "$work" && apt_of "$release" apt-get -q download "$package") >"$dir/.apt.log" 2>&1; then
			say "$version: $package cannot be downloaded: $(grep -m1 '^E:' "$dir/.apt.log")"
			return 1
		fi
	done
	mkdir "$work/root"
	for package in "$work"/*.deb; do
		dpkg-deb -x "$package" "$work/root" || return 1
	done
	mv "$work/root" "$dir/$version" || return 1
	echo "$dir/$version"
}

while getopts d:h option; do
	case $option in
	d) dir=$OPTARG ;;
	h) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
case $dir in /*) ;; *) dir=$PWD/$dir ;; esac
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(table | awk '{print $1}')
mkdir -p "$dir" || exit 1
failed=0
for version; do
	read -r -a row <<<"$(table | awk -v v="$version" '$1 == v')"
	if [ ${#row[@]} = 0 ]; then
		usage >&2
		exit 2
	fi
	[ -d "$dir/$version" ] && continue
	if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
		say "$version: this is not a Debian system; unpack its linux-image-...-cloud-amd64 package into $dir/$version"
		failed=1
		continue
	fi
	mirror=$(mirror)
	if [ -z "$mirror" ]; then
		say "$version: there is no Debian archive in the machine's apt sources"
		failed=1
		continue
	fi
	fetch "${row[@]}" || failed=1
	rm -rf "${work:-/nonexistent}"
done
exit $failed
