/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parameters come from the key tables that the scenario reader itself reads by. */
#include "sim/cli/models_steps.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/scenario/build_steps.h"
#include "sim/scenario/quantity.h"

const char *const models_step_name[STEP_OP_COUNT] = {
#define X(id, name, help) [STEP_##id] = name,
	STEP_MAP(X)
#undef X
};

static const char *const step_help[STEP_OP_COUNT] = {
#define X(id, name, help) [STEP_##id] = help,
	STEP_MAP(X)
#undef X
};

/* What a reader of values makes of them. Readers that are a step's own (a file's name, a program) are told by the key. */
static const struct {
	key_fn *set;
	const char *kind;
} kinds[] = {
	{ set_bool, "true or false" }, { set_u64, "number" },         { set_uint, "number" },
	{ set_int, "number" },         { set_size, "size" },          { set_pages, "size, in pages" },
	{ set_batch, "size" },         { set_time, "time" },          { set_random, "time (may be random)" },
	{ set_rate, "size/s" },        { set_pages_rate, "pages/s" }, { set_share, "share" },
	{ set_number, "number" },
};

static const char *kind_of(const struct key *k)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (kinds[i].set == k->set)
			return kinds[i].kind;
	}
	if (k->words)
		return k->words;
	return !strcmp(k->name, "steps") ? "list of steps" : "name";
}

/* Limits as a scenario would write them; those that are only "fits the type" are left out. */
static void print_range(const struct key *k)
{
	char min[64], max[64];

	if ((k->set == set_size || k->set == set_batch) && k->max)
		printf("  %s..%s", quantity_show_size(min, sizeof(min), (uint64_t)k->min),
		       quantity_show_size(max, sizeof(max), (uint64_t)k->max));
	else if ((k->set == set_u64 || k->set == set_uint) && k->max != INT64_MAX)
		printf("  %" PRId64 "..%" PRId64, k->min, k->max);
	else if (k->set == set_number && k->max)
		printf("  %g..%g", (double)k->min / 1000, (double)k->max / 1000);
}

void models_print_steps(void)
{
	puts("Workload steps (workload: in a scenario; 'oomsim models NAME' tells their parameters)");
	for (size_t i = 0; i < STEP_OP_COUNT; i++)
		printf("  %-14s %s\n", models_step_name[i], step_help[i]);
}

bool models_print_step(const char *name)
{
	for (size_t i = 0; i < STEP_OP_COUNT; i++) {
		if (strcmp(models_step_name[i], name))
			continue;
		printf("%s: %s\n", name, step_help[i]);
		for (size_t j = 0; j < step_keys[i].nkeys; j++) {
			const struct key *k = &step_keys[i].keys[j];

			printf("  %-12s %s", k->name, kind_of(k));
			print_range(k);
			puts(k->required ? "  (required)" : "");
		}
		return true;
	}
	return false;
}
