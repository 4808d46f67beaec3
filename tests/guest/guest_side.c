/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that the engine has too. */
#define thread_share guest_thread_share
#define pace_begin   guest_pace_begin
#define pace_batch   guest_pace_batch

#include "tests/guest/guest_side.h"

#include <stdio.h>
#include <string.h>

/* The guest's files that need no guest; what they call of the others does nothing here. */
#include "tests/kernel/plan.c"
#undef MAX_DEPTH
#include "tests/kernel/work.c"

char guest_side_unknown[4096];
static struct program program;
struct program *prog = &program;

int64_t now(void)
{
	return 0;
}

void sleep_until(int64_t ns)
{
	(void)ns;
}

void event(const char *comm, int pid, const char *fmt, ...)
{
	(void)comm;
	(void)pid;
	(void)fmt;
}

static void set_up(int argc, char **argv)
{
	size_t n = strlen(guest_side_unknown);

	(void)argc;
	snprintf(guest_side_unknown + n, sizeof(guest_side_unknown) - n, "%s ", argv[0]);
}

void guest_side_read(const char *plan)
{
	memset(&program, 0, sizeof(program));
	guest_side_unknown[0] = 0;
	plan_read(plan, set_up);
}
