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

#include "sim/guest/recording.h"

#include "runner.h"
#include "spec.h"
#include "table.h"

struct options {
	const char *shared, *scenarios, *csv;
	const char *kernel; /* all recordings whose names end in -KERNEL; "all": of every kernel */
	const char *model;  /* simulate this kernel model whatever was recorded */
	bool verbose, print;
	char **name; /* those wanted; none: all */
	int nname;
};

static const struct argp_option argp_options[] = {
	{ "kernel", 'k', "KERNEL", 0, "compare all recordings of KERNEL (6.12, 5.10, 6.1+mglru, ... or all), "
	  "each on a machine made from its own facts", 0 },
	{ "model", 'm', "MODEL", 0, "with --kernel: simulate this kernel model whatever was recorded", 0 },
	{ "print", 'p', NULL, 0, "with --kernel: print the scenarios instead of running them", 0 },
	{ "csv", 'c', "FILE", 0, "also write every figure to FILE", 0 },
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
		o->kernel = arg;
		return 0;
	case 'm':
		o->model = arg;
		return 0;
	case 'p':
		o->print = true;
		return 0;
	case 'c':
		o->csv = arg;
		return 0;
	case 'v':
		o->verbose = true;
		return 0;
	case 's':
		o->scenarios = arg;
		return 0;
	case 'r':
		o->shared = arg;
		return 0;
	case ARGP_KEY_ARGS:
		o->name = state->argv + state->next;
		o->nname = state->argc - state->next;
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

	for (i = 0; i < o->nname; i++)
		if (!strcmp(o->name[i], name))
			return true;
	return !o->nname;
}

static int is_yaml(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');

	return dot && dot != d->d_name && !strcmp(dot, ".yaml");
}

static bool read_recording(const char *dir, struct outcome *ret)
{
	char why[RECORDING_WHY];
	bool ok = kernel_recording_read(dir, ret, why);

	if (!ok)
		fprintf(stderr, "recorded: %s\n", why);
	return ok;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* Run one scenario and read its recording into *c. False: there is no recording of it here. */
static bool compare(const struct options *o, const char *name, struct comparison *c)
{
	char scenario[4096], dir[4096], kernel[64];

	memset(c, 0, sizeof(*c));
	snprintf(c->name, sizeof(c->name), "%s", name);
	snprintf(scenario, sizeof(scenario), "%s/%s.yaml", o->scenarios, name);
	if (!runner_kernel(scenario, kernel, sizeof(kernel)))
		snprintf(kernel, sizeof(kernel), "6.1"); /* it counts as not run, beside what was recorded */
	snprintf(dir, sizeof(dir), "%s/recordings/kernels/%s-%s", o->shared, name, kernel);
	if (!is_dir(dir) || !read_recording(dir, &c->real)) {
		fprintf(stderr, "recorded: no recording %s\n", dir);
		outcome_free(&c->real);
		return false;
	}
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%-20s\r", name);
	c->ran = runner_run(&(struct runner_source){ .path = scenario }, &c->sim, &c->wall_s);
	return true;
}

/* ---- recordings without a scenario file ---- */

/* Where NAME-KERNEL has its kernel; NULL: nowhere. Names have dashes too, kernels have none. */
static const char *kernel_of(const char *dir)
{
	const char *dash = strrchr(dir, '-');

	return dash && dash[1] >= '0' && dash[1] <= '9' ? dash + 1 : NULL;
}

/* The spec of recording `entry` as a scenario; NULL, with a word on stderr, when there can be none. To be freed. */
static char *scenario_of(const struct options *o, const char *entry, char *path, size_t size)
{
	char name[64], kernel[32], why[SPEC_WHY], *yaml;

	snprintf(name, sizeof(name), "%.*s", (int)(kernel_of(entry) - 1 - entry), entry);
	snprintf(kernel, sizeof(kernel), "%.*s", (int)strcspn(kernel_of(entry), "+"), kernel_of(entry));
	snprintf(path, size, "%s/recordings/kernels/%s", o->shared, entry);
	switch (spec_scenario(path, name, kernel, &yaml, why)) {
	case SPEC_OK:
		return yaml;
	case SPEC_SKIP:
		fprintf(stderr, "recorded: %s left out: %s\n", entry, why);
		return NULL;
	default:
		fprintf(stderr, "recorded: %s: %s\n", entry, why);
		return NULL;
	}
}

static bool compare_spec(const struct options *o, const char *entry, struct comparison *c)
{
	char dir[4096], source[4096 + 64], *yaml = scenario_of(o, entry, dir, sizeof(dir));
	bool ok = false;

	memset(c, 0, sizeof(*c));
	snprintf(c->name, sizeof(c->name), "%s", entry);
	snprintf(source, sizeof(source), "%s/%s.yaml", o->scenarios, entry);
	if (yaml && o->print)
		printf("# %s\n%s\n", entry, yaml);
	else if (yaml)
		ok = read_recording(dir, &c->real);
	if (ok && isatty(STDERR_FILENO))
		fprintf(stderr, "\r%-28s\r", entry);
	if (ok)
		c->ran = runner_run(&(struct runner_source){ .path = source, .text = yaml, .kernel = o->model },
				    &c->sim, &c->wall_s);
	free(yaml);
	return ok;
}

static bool kernel_wanted(const struct options *o, const char *entry)
{
	const char *kernel = kernel_of(entry);

	return kernel && (!strcmp(o->kernel, "all") || !strcmp(o->kernel, kernel));
}

static struct comparison *compare_specs(const struct options *o, size_t *ret_n)
{
	struct comparison *c = NULL;
	struct dirent **d;
	char dir[4096], name[64];
	int i, n;
	size_t m = 0;

	snprintf(dir, sizeof(dir), "%s/recordings/kernels", o->shared);
	n = scandir(dir, &d, NULL, alphasort);
	for (i = 0; i < n; i++) {
		if (kernel_wanted(o, d[i]->d_name)) {
			snprintf(name, sizeof(name), "%.*s", (int)(kernel_of(d[i]->d_name) - 1 - d[i]->d_name),
				 d[i]->d_name);
			if (wanted(o, name) || (o->nname && wanted(o, d[i]->d_name))) {
				c = xrealloc(c, m + 1, sizeof(*c));
				m += compare_spec(o, d[i]->d_name, &c[m]);
			}
		}
		free(d[i]);
	}
	if (n >= 0)
		free(d);
	*ret_n = m;
	return c;
}

static struct comparison *compare_all(const struct options *o, size_t *ret_n)
{
	struct comparison *c = NULL;
	struct dirent **d;
	char name[64];
	int i, n = scandir(o->scenarios, &d, is_yaml, alphasort);
	size_t m = 0;

	if (n < 0)
		fprintf(stderr, "recorded: %s: %s\n", o->scenarios, strerror(errno));
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
	for (i = 0; i < n; i++) {
		outcome_free(&c[i].real);
		outcome_free(&c[i].sim);
	}
	return written ? !ok : 3;
}

int main(int argc, char **argv)
{
	struct options o = { .scenarios = "scenarios/recorded", .shared = getenv("OOMSIM_SHARED") };
	struct comparison *c;
	char dir[4096];
	size_t n;
	int status;

	if (!o.shared || !*o.shared)
		o.shared = "../shared";
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return 2;
	snprintf(dir, sizeof(dir), "%s/recordings/kernels", o.shared);
	if (!is_dir(dir)) {
		printf("no recordings in %s: nothing to compare\n0 passed, 0 failed\n", dir);
		return 0;
	}
	c = o.kernel ? compare_specs(&o, &n) : compare_all(&o, &n);
	if (!n) {
		if (!o.print)
			printf("no scenario in %s has a recording\n0 passed, 0 failed\n", o.scenarios);
		free(c);
		return o.nname && !o.print ? 2 : 0;
	}
	status = report(&o, c, n);
	free(c);
	return status;
}
