/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * recorded: does a simulation come to what a real kernel did? Every scenarios/recorded/NAME.yaml is run and compared with
 * the recording SHARED/recordings/kernels/NAME-KERNEL. With --kernel, no scenarios are needed: every recording of that kernel is
 * turned into one (spec.h). Recordings are not part of this repository; without them there is nothing to do, which is no failure.
 */
#include <argp.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/recorded/compare.h"
#include "tests/recorded/fidelity.h"
#include "sim/world/model.h"

struct options {
	struct compare_request request; /* kernel NULL: compare scenario files instead */
	const char *csv, *fidelity, *why;
	bool verbose, print;
};

static const struct argp_option argp_options[] = {
	{ "kernel", 'k', "KERNEL", 0, "compare all recordings of KERNEL (6.12, 5.10, 6.1+mglru, ... or all), "
	  "each on a machine made from its own facts", 0 },
	{ "model", 'm', "MODEL", 0, "with --kernel: simulate this kernel model whatever was recorded", 0 },
	{ "print", 'p', NULL, 0, "with --kernel: print the scenarios instead of running them", 0 },
	{ "csv", 'c', "FILE", 0, "also write every figure to FILE", 0 },
	{ "fidelity", 'f', "DIR", 0, "with --kernel: judge all of it by the bars of fidelity, and write table, page and plots to DIR", 0 },
	{ "why", 'w', "FILE", 0, "with --fidelity: what the page says of why the two differ (docs/fidelity-why.md)", 0 },
	{ "jobs", 'j', "N", 0, "with --kernel: simulations at a time (1)", 0 },
	{ "verbose", 'v', NULL, 0, "memory over time and all counters, measured and simulated side by side", 0 },
	{ "scenarios", 's', "DIR", 0, "where the scenarios are (scenarios/recorded)", 0 },
	{ "shared", 'r', "DIR", 0, "where recordings/ is ($OOMSIM_SHARED, else ../shared)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'k':
		o->request.kernel = arg;
		return 0;
	case 'm':
		o->request.model = arg;
		return 0;
	case 'p':
		o->print = true;
		return 0;
	case 'c':
		o->csv = arg;
		return 0;
	case 'f':
		o->fidelity = arg;
		return 0;
	case 'w':
		o->why = arg;
		return 0;
	case 'j':
		o->request.jobs = (unsigned)strtoul(arg, NULL, 10);
		return 0;
	case 'v':
		o->verbose = true;
		return 0;
	case 's':
		o->request.scenarios = arg;
		return 0;
	case 'r':
		o->request.shared = arg;
		return 0;
	case ARGP_KEY_ARGS:
		o->request.name = state->argv + state->next;
		o->request.nname = state->argc - state->next;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = argp_options,
	.parser = parse,
	.args_doc = "[NAME...]",
	.doc = "Compare simulations with recordings of real kernels.",
};

static bool wanted(const struct options *o, const char *name)
{
	int i;

	for (i = 0; i < o->request.nname; i++)
		if (!strcmp(o->request.name[i], name))
			return true;
	return !o->request.nname;
}

static int is_yaml(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');

	return dot && dot != d->d_name && !strcmp(dot, ".yaml");
}

static bool is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* The version of the scenario's kernel model, for finding the recording. A scenario that cannot be read counts as not run, beside
 * what was recorded of 6.1. */
static void scenario_kernel(const char *path, char *ret, size_t size)
{
	struct diag_list dl = { 0 };
	struct sim_config cfg;
	const char *name;

	snprintf(ret, size, "6.1");
	if (!runner_load(&(struct runner_source){ .path = path }, &cfg, &dl)) {
		name = cfg.kernel->info.name;
		snprintf(ret, size, "%s", name + (*name == 'k'));
		sim_config_free(&cfg);
	}
	diag_list_free(&dl);
}

/* Run one scenario and read its recording into *c. False: there is no recording of it here. */
static bool compare(const struct options *o, const char *name, struct comparison *c)
{
	char scenario[4096], dir[4096], kernel[64];

	memset(c, 0, sizeof(*c));
	snprintf(c->name, sizeof(c->name), "%s", name);
	snprintf(scenario, sizeof(scenario), "%s/%s.yaml", o->request.scenarios, name);
	scenario_kernel(scenario, kernel, sizeof(kernel));
	snprintf(dir, sizeof(dir), "%s/recordings/kernels/%s-%s", o->request.shared, name, kernel);
	if (!is_dir(dir) || !compare_read(dir, &c->real)) {
		fprintf(stderr, "recorded: no recording %s\n", dir);
		outcome_free(&c->real);
		return false;
	}
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%-20s\r", name);
	compare_simulate(&(struct runner_source){ .path = scenario }, c);
	return true;
}

/* Those that no scenario can be made of are not in the tables. */
static struct comparison *compare_specs(const struct options *o, size_t *ret_n)
{
	struct comparison *c = compare_recordings(&o->request, ret_n);
	size_t i, m = 0;

	for (i = 0; i < *ret_n; i++) {
		if (*c[i].why)
			outcome_free(&c[i].real);
		else
			c[m++] = c[i];
	}
	*ret_n = m;
	return c;
}

static struct comparison *compare_all(const struct options *o, size_t *ret_n)
{
	struct comparison *c = NULL;
	struct dirent **d;
	char name[64];
	int i, n = scandir(o->request.scenarios, &d, is_yaml, alphasort);
	size_t m = 0;

	if (n < 0)
		fprintf(stderr, "recorded: %s: %s\n", o->request.scenarios, strerror(errno));
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%.*s", (int)(strlen(d[i]->d_name) - 5), d[i]->d_name);
		free(d[i]);
		if (!wanted(o, name))
			continue;
		c = xrealloc(c, m + 1, sizeof(*c));
		m += compare(o, name, &c[m]);
	}
	if (n >= 0)
		free(d);
	*ret_n = m;
	return c;
}

static bool write_csv(const char *path, const struct comparison *c, size_t n)
{
	FILE *f = fopen(path, "w");
	bool ok = f;

	if (f) {
		table_csv(f, c, n);
		ok = !ferror(f);
		ok = !fclose(f) && ok;
	}
	if (!ok)
		fprintf(stderr, "recorded: %s: %s\n", path, strerror(errno));
	return ok;
}

static int report(const struct options *o, struct comparison *c, size_t n)
{
	double wall_s = 0;
	bool ok, written = true;
	size_t i;

	table_kills(stdout, c, n);
	table_counters(stdout, c, n);
	table_cgroups(stdout, c, n);
	table_work(stdout, c, n);
	for (i = 0; i < n; i++) {
		if (o->verbose && c[i].ran) {
			table_curves(stdout, &c[i]);
			table_vmstat(stdout, &c[i]);
		}
		wall_s += c[i].wall_s;
	}
	printf("\nsimulated in %.1f s", wall_s);
	ok = table_bars(stdout, c, n);
	if (o->csv)
		written = write_csv(o->csv, c, n);
	return written ? !ok : 3;
}

static int judge(const struct options *o)
{
	size_t n;
	struct comparison *c = compare_recordings(&o->request, &n);
	int status = fidelity_report(o->fidelity, o->why, c, n);

	compare_free(c, n);
	return status;
}

static int tables(const struct options *o)
{
	size_t n;
	struct comparison *c = o->request.kernel ? compare_specs(o, &n) : compare_all(o, &n);
	int status = o->request.nname ? 2 : 0;

	if (n)
		status = report(o, c, n);
	else
		printf("no scenario in %s has a recording\n0 passed, 0 failed\n", o->request.scenarios);
	compare_free(c, n);
	return status;
}

int main(int argc, char **argv)
{
	struct options o = { .request = { .scenarios = "scenarios/recorded", .shared = getenv("OOMSIM_SHARED"), .jobs = 1 },
			     .why = "docs/fidelity-why.md" };
	char dir[4096];

	if (!o.request.shared || !*o.request.shared)
		o.request.shared = "../shared";
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return 2;
	snprintf(dir, sizeof(dir), "%s/recordings/kernels", o.request.shared);
	if (!is_dir(dir)) {
		printf("no recordings in %s: nothing to compare\n0 passed, 0 failed\n", dir);
		return 0;
	}
	if (o.print && o.request.kernel) {
		compare_print(&o.request, stdout);
		return 0;
	}
	return o.fidelity && o.request.kernel ? judge(&o) : tables(&o);
}
