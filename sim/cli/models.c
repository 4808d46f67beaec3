/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim models: what there is to choose from. Every line comes from the row that defines the thing, so this reference
 * cannot disagree with the program. */
#include "sim/cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/kernel/kernel.h"
#include "models/registry.h"
#include "sim/cli/models_kernels.h"
#include "sim/cli/models_steps.h"
#include "sim/mm/vmstat.h"
#include "sim/world/config.h"
#include "sim/world/record.h"

struct distribution_row {
	const char *name, *parameter[3];
};

static const struct distribution_row distributions[] = {
#define X(id, name, p0, p1, p2) { name, { p0, p1, p2 } },
	SIM_DIST_MAP(X)
#undef X
};

struct sysctl_row {
	const char *name;
	int64_t def, min, max;
	const char *unit, *help;
};

static const struct sysctl_row sysctls[] = {
#define X(name, def, min, max, unit, help) { #name, def, min, max, unit, help },
	SYSCTL_MAP(X)
#undef X
};

struct cost_row {
	const char *name;
	sim_ns def;
	const char *help;
};

static const struct cost_row costs[] = {
#define X(name, def, help) { #name, def, help },
	COST_MAP(X)
#undef X
};

static void distribution_line(const struct distribution_row *d)
{
	printf("  %-14s %s", d->name, d->parameter[0]);
	for (size_t i = 1; i < ARRAY_LEN(d->parameter) && d->parameter[i]; i++)
		printf(", %s", d->parameter[i]);
	putchar('\n');
}

static void print_distributions(void)
{
	puts("Distributions ({distribution: NAME, ...} where a time or size may be random; parameters as GSL's "
	     "gsl_ran_*)");
	for (size_t i = 0; i < ARRAY_LEN(distributions); i++)
		distribution_line(&distributions[i]);
}

static void sysctl_line(const struct sysctl_row *s)
{
	char def[32];

	if (s->def == SIM_AUTO)
		snprintf(def, sizeof(def), "computed");
	else
		snprintf(def, sizeof(def), "%" PRId64, s->def);
	/* The kernel writes this one name with a dash. */
	printf("  vm.%-26s %-9s %" PRId64 "..%" PRId64 " %s: %s\n",
	       !strcmp(s->name, "page_cluster") ? "page-cluster" : s->name, def, s->min, s->max, s->unit, s->help);
}

static void print_sysctls(void)
{
	puts("Sysctls (sysctl: in a scenario), with default, range and unit");
	for (size_t i = 0; i < ARRAY_LEN(sysctls); i++)
		sysctl_line(&sysctls[i]);
}

static void cost_line(const struct cost_row *c)
{
	printf("  %-22s %8" PRIu64 " ns  %s\n", c->name, c->def, c->help);
}

static void print_costs(void)
{
	puts("Costs (machine: costs: in a scenario): CPU time of one operation");
	for (size_t i = 0; i < ARRAY_LEN(costs); i++)
		cost_line(&costs[i]);
}

static void print_events(void)
{
	puts("Events (events.jsonl), with their fields");
	for (int i = 0; i < EV_KIND_COUNT; i++) {
		printf("  %-20s", event_schema[i].name);
		for (size_t f = 0; f < 4 && event_schema[i].field[f]; f++)
			printf(" %s", event_schema[i].field[f]);
		putchar('\n');
	}
}

struct section {
	const char *name;
	void (*print)(void);
};

static const struct section sections[] = {
	{ "kernels", models_print_kernels }, { "badness", models_print_badness },
	{ "steps", models_print_steps }, { "distributions", print_distributions },
	{ "sysctls", print_sysctls },    { "costs", print_costs },
	{ "events", print_events },
};

static bool print_distribution(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(distributions); i++) {
		if (!strcmp(distributions[i].name, name)) {
			distribution_line(&distributions[i]);
			return true;
		}
	}
	return false;
}

static bool print_sysctl_or_cost(const char *name)
{
	const char *bare = !strncmp(name, "vm.", 3) ? name + 3 : name;

	if (!strcmp(bare, "page-cluster"))
		bare = "page_cluster";
	for (size_t i = 0; i < ARRAY_LEN(sysctls); i++) {
		if (!strcmp(sysctls[i].name, bare)) {
			sysctl_line(&sysctls[i]);
			return true;
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(costs); i++) {
		if (!strcmp(costs[i].name, name)) {
			cost_line(&costs[i]);
			return true;
		}
	}
	return false;
}

static void unknown(const char *typed)
{
	const char *name[STEP_OP_COUNT + ARRAY_LEN(distributions) + ARRAY_LEN(sysctls) + ARRAY_LEN(costs) +
			 ARRAY_LEN(sections) + 128];
	size_t n = 0;

	for (size_t i = 0; i < 64 && kernel_models[i]; i++)
		name[n++] = kernel_models[i]->info.name;
	for (size_t i = 0; i < 64 && kernel_aliases[i].name; i++)
		name[n++] = kernel_aliases[i].name;
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		name[n++] = sections[i].name;
	for (size_t i = 0; i < STEP_OP_COUNT; i++)
		name[n++] = models_step_name[i];
	for (size_t i = 0; i < ARRAY_LEN(distributions); i++)
		name[n++] = distributions[i].name;
	for (size_t i = 0; i < ARRAY_LEN(sysctls); i++)
		name[n++] = sysctls[i].name;
	for (size_t i = 0; i < ARRAY_LEN(costs); i++)
		name[n++] = costs[i].name;
	cli_error_unknown("model", typed, name, n, "oomsim models");
}

static int print_one(const char *name)
{
	const struct kernel_model *k = kernel_model_find(name);

	if (k) {
		models_print_kernel(k, name);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		if (!strcmp(sections[i].name, name)) {
			sections[i].print();
			return EXIT_DONE;
		}
	}
	if (models_print_step(name) || print_distribution(name) || print_sysctl_or_cost(name))
		return EXIT_DONE;
	unknown(name);
	return EXIT_BAD_INPUT;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const char **name = state->input;

	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	if (*name)
		argp_error(state, "one name at a time");
	*name = arg;
	return 0;
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse,
		.args_doc = "[NAME]",
		.doc = "List every kernel model, workload step, distribution, sysctl, CPU cost and event, with units, "
		       "ranges and sources. NAME is a kernel (6.1, debian-12), a section (kernels, badness, steps, distributions, "
		       "sysctls, costs, events), or the name of anything listed.",
	};
	const char *name = NULL;

	argp_parse(&argp, argc, argv, 0, NULL, &name);
	if (name)
		return print_one(name);
	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		if (i)
			putchar('\n');
		sections[i].print();
	}
	return EXIT_DONE;
}

const struct command command_models = { "models", "kernels, steps, distributions, sysctls, costs; sources", run };
