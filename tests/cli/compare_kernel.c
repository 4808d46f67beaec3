/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim compare-kernel, as far as it goes without QEMU: plans, comparisons with a recording at hand, and what is missing. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/cli/shell.h"

TestSuite(compare_kernel, .init = in_folder, .fini = in_folder_end);

/* tests/kernel/plans/NAME.yaml and NAME.plan: every step and key of the language. After a change that is meant:
 * build/oomsim compare-kernel --print-plan NAME.yaml >NAME.plan */
Test(compare_kernel, plans)
{
	struct ran r = shell("for y in $top/tests/kernel/plans/*.yaml; do $oomsim compare-kernel --print-plan $y >plan && "
			     "diff plan ${y%%.yaml}.plan || exit 1; echo same; done");

	RAN(r, 0);
	cr_assert_str_eq(r.out, "same\nsame\nsame\nsame\nsame\n");
}

/* Every shipped scenario has a plan, so whatever the language grows is met here. Compressed memory has none. */
Test(compare_kernel, every_shipped_scenario_has_a_plan)
{
	RAN(shell("for y in $top/scenarios/*.yaml $top/scenarios/kubernetes/*.yaml; do "
		  "case $y in */zram.yaml|*/zswap.yaml) ! $oomsim compare-kernel --print-plan $y >/dev/null || exit 1; continue;; esac; "
		  "$oomsim compare-kernel --print-plan $y >plan || { echo $y; exit 1; }; grep -q '^instance' plan || exit 1; done"),
	    0);
}

/* tests/kernel/recorded: scenarios/leak.yaml on 6.1.0-50-cloud-amd64, killed at 8.270 s. */
Test(compare_kernel, with_a_recording)
{
	struct ran r = shell("$oomsim compare-kernel $top/scenarios/leak.yaml --recorded $top/tests/kernel/recorded -q");

	RAN(r, 0);
	HAS(r.out, "leak: Linux 6.1.0-50-cloud-amd64 in QEMU beside the simulation of k6.1\n");
	HAS(r.out, "leak killed at, s ");
	HAS(r.out, "They agree.\n");
	r = shell("$oomsim compare-kernel $top/scenarios/leak.yaml --recorded $top/tests/kernel/recorded -q --json");
	RAN(r, 0);
	HAS(r.out, "\"schema\": \"oomsim.compare-kernel/1\"");
	HAS(r.out, "\"agrees\": true");
}

Test(compare_kernel, a_simulation_that_differs)
{
	struct ran r = shell("$oomsim compare-kernel $top/scenarios/leak.yaml --recorded $top/tests/kernel/recorded -q "
			     "--set processes.leak.workload[0].leak.rate=50MiB/s");

	RAN(r, 1);
	HAS(r.out, "They differ.\n");
	r = shell("$oomsim compare-kernel $top/scenarios/leak.yaml --recorded $top/tests/kernel/recorded -q "
		  "--set processes.bash.oom_score_adj=1000");
	RAN(r, 1);
	HAS(r.out, "DIFFERS");
}

Test(compare_kernel, no_kernel_named)
{
	struct ran r;

	put_file("small.yaml", small_leak);
	r = shell("$oomsim compare-kernel small.yaml");
	RAN(r, 2);
	HAS(r.err, "name a kernel with --kernel-image; tests/kernel/get-kernels.sh fetches Debian's");
	r = shell("$oomsim compare-kernel small.yaml --kernel-image nowhere");
	RAN(r, 2);
	HAS(r.err, "nowhere: No such file or directory; tests/kernel/get-kernels.sh fetches Debian's kernels");
	r = shell("$oomsim compare-kernel small.yaml --kernel-image small.yaml");
	RAN(r, 2);
	HAS(r.err, "small.yaml: not a Linux kernel image for x86 (bzImage, called vmlinuz-VERSION)");
	r = shell("$oomsim compare-kernel small.yaml --kernel-image x --record-only");
	RAN(r, 2);
	HAS(r.err, "--record-only needs a folder: -o DIR");
	r = shell("$oomsim compare-kernel small.yaml --recorded x -o y");
	RAN(r, 2);
	HAS(r.err, "--recorded takes no kernel and makes no folder");
}

/* A header that passes for a kernel image (tests/guest/boot.c): version at 0x300. */
#define FAKE_IMAGE                                                                                                     \
	"{ head -c 514 /dev/zero; printf HdrS; head -c 8 /dev/zero; printf '\\000\\001'; head -c 240 /dev/zero; printf '%s'; "       \
	"head -c 3000 /dev/zero; } >vmlinuz && "

Test(compare_kernel, what_is_missing_is_named_with_its_package)
{
	struct ran r;

	put_file("small.yaml", small_leak);
	r = shell(FAKE_IMAGE "PATH=/nonexistent $oomsim compare-kernel small.yaml --kernel-image vmlinuz", "6.1.0-50-test (x)");
	RAN(r, 3);
	cr_assert_str_eq(r.err, "oomsim: qemu-system-x86_64 is missing, which boots the kernel: apt-get install qemu-system-x86\n");
	r = shell(FAKE_IMAGE "mkdir bin && ln -s /bin/true bin/qemu-system-x86_64 && "
			     "PATH=$PWD/bin CC=no-cc $oomsim compare-kernel small.yaml --kernel-image vmlinuz --guest nowhere", "6.1.0-50-test (x)");
	RAN(r, 3);
	HAS(r.err, "nowhere: No such file or directory");
	RAN(shell("test -z \"$(ls -A /tmp | grep oomsim-guest-$$)\""), 0);
}

/* A QEMU that leaves at once has recorded nothing. */
Test(compare_kernel, a_guest_that_never_starts)
{
	struct ran r;

	put_file("small.yaml", small_leak);
	r = shell(FAKE_IMAGE "mkdir bin && printf '#!/bin/sh\\necho no such machine >&2; exit 5' >bin/qemu-system-x86_64 && "
			     "chmod +x bin/qemu-system-x86_64 && PATH=$PWD/bin:$PATH TMPDIR=$PWD $oomsim compare-kernel small.yaml "
			     "--kernel-image vmlinuz --guest vmlinuz -o out", "6.1.0-50-test (x)");
	RAN(r, 3);
	HAS(r.err, "the guest never started (QEMU's exit status 5): no such machine");
	cr_assert_not(exists("out"));
	RAN(shell("test \"$(ls -A | tr '\\n' ' ')\" = 'bin small.yaml vmlinuz '"), 0);
}

Test(compare_kernel, a_guest_that_hangs_is_stopped)
{
	struct ran r;

	put_file("small.yaml", small_leak);
	r = shell(FAKE_IMAGE "mkdir bin && printf '#!/bin/sh\\nexec sleep 60' >bin/qemu-system-x86_64 && "
			     "chmod +x bin/qemu-system-x86_64 && PATH=$PWD/bin:$PATH $oomsim compare-kernel small.yaml "
			     "--kernel-image vmlinuz --guest vmlinuz --timeout 1", "6.1.0-50-test (x)");
	RAN(r, 3);
	HAS(r.err, "the guest was stopped after 1 s of host time (--timeout)");
}

Test(compare_kernel, no_model_of_such_a_kernel)
{
	struct ran r;

	put_file("small.yaml", small_leak);
	r = shell(FAKE_IMAGE "$oomsim compare-kernel small.yaml --kernel-image vmlinuz", "9.9.0 (x)");
	RAN(r, 2);
	HAS(r.err, "no kernel model is like 9.9.0; name one with --kernel ('oomsim models' lists them)");
}

Test(compare_kernel, options_out_of_range)
{
	struct ran r = shell("$oomsim compare-kernel x --kernel-image y --timeout 0");

	RAN(r, 2);
	HAS(r.err, "--timeout: '0' is no number of seconds from 1 to 1000000");
	r = shell("$oomsim compare-kernel x --kernel-image y --tolerance=-3");
	RAN(r, 2);
	HAS(r.err, "--tolerance: '-3' is no percentage from 0 to 1000");
}
