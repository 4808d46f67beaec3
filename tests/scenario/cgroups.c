/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of cgroup files that are taken and do not do what they seem to: a warning each, and none where there is nothing to warn of. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scenario/load.h"

#define HEAD "duration: 1s\nmachine: {memory: 1GiB}\nprocesses: [{name: p, workload: [{sleep: 1s}]}]\n"

static void expect_said(const char *text, const char *want)
{
	int err;
	char *got = load_errors("c.yaml", text, strlen(text), NULL, &err);

	cr_expect_eq(err, SIM_OK);
	cr_expect_str_eq(got, want, "--- expected\n%s--- got\n%s", want, got);
	free(got);
}

Test(cgroups, protection)
{
	expect_said(HEAD "cgroups:\n"
			 "  - {path: a, memory.max: 64MiB, memory.min: 65MiB}\n"
			 "  - {path: a/b, memory.low: 1MiB}\n"
			 "  - {path: a/c, memory.min: 100MiB}\n"
			 "  - {path: d, memory.low: 2GiB}\n"
			 "  - {path: e, memory.low: 10MiB, memory.min: 10MiB}\n",
		    "c.yaml:5:46: warning: memory.min of '/a' is above its memory.max: more than the limit is never "
		    "there to be protected\n"
		    "c.yaml:6:29: warning: memory.low of '/a/b' protects from reclaim inside its parent alone, as "
		    "there is none of /a\n"
		    "c.yaml:7:29: warning: memory.min of '/a/c' is above that of its parent, which is all that reclaim "
		    "from outside spares: /a\n"
		    "c.yaml:8:27: warning: memory.low of '/d' is more than the machine's memory\n"
		    "c.yaml:9:27: warning: memory.low of '/e' adds nothing to memory.min, which is not below it\n");
}

Test(cgroups, limits)
{
	expect_said(
		HEAD "cgroups:\n"
		     "  - {path: a, memory.max: 64MiB, memory.high: 64MiB}\n"
		     "  - {path: a/b/c, memory.max: 65MiB}\n"
		     "  - {path: d, memory.max: 4095}\n",
		"c.yaml:5:47: warning: memory.high of '/a' slows nobody down, as memory.max is not above it\n"
		"c.yaml:6:31: warning: memory.max of '/a/b/c' is never reached, as there is less in /a\n"
		"c.yaml:7:27: warning: memory.max of '/d' is less than a page, which is 0: limits are rounded down\n");
}

Test(cgroups, nothing_to_warn_of)
{
	expect_said(HEAD "cgroups:\n"
			 "  - {path: a, memory.max: 64MiB, memory.high: 63MiB, memory.low: 64MiB, memory.min: 32MiB}\n"
			 "  - {path: a/b, memory.max: 64MiB, memory.low: 20MiB, memory.min: 10MiB}\n"
			 "  - {path: a/c, memory.max: max, memory.low: max}\n"
			 "  - {path: d, memory.max: 0, memory.high: max, memory.low: 0}\n",
		    "c.yaml:7:46: warning: memory.low of '/a/c' is above that of its parent, which is all that reclaim "
		    "from outside spares: /a\n");
}
