/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim calibrate: CPU costs of a machine from recordings made on it. */
#include "sim/cli/cli.h"

#include <errno.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/calibrate/fit.h"
#include "sim/guest/recording.h"
#include "sim/calibrate/runner.h"
#include "sim/calibrate/spec.h"
#include "sim/cli/load.h"

#define COSTS_MOST 64
#define NOTHING    0.5 /* a standard error of ln(cost) from which on the recordings are said to tell nothing */
#define TOGETHER   0.9 /* a correlation from which on two costs are said to be told together only */

enum { KEY_COSTS = 512, KEY_PRESETS, KEY_MODEL };

struct calibrate_args {
	const char *costs, *presets, *model, *out;
	const char *name[COSTS_MOST];
	size_t nname;
	char **dir;
	size_t ndir;
	unsigned jobs;
};

/* What the recordings of the usual kind (unpaced allocation, thrashing, streaming, a kill) can tell. */
static const char *const usual[] = { "touch", "fault_anon", "fault_swapin", "fault_wp", "scan_page", "swapout_page", "zap_page", "zap_swap" };

static const struct argp_option options[] = {
	{ "cost", 'c', "NAME,...", 0, "estimate these ('oomsim models costs' lists all); may be repeated", 0 },
	{ "costs", KEY_COSTS, "PRESET", 0, "start from this preset, and keep its other costs (recorder)", 0 },
	{ "presets", KEY_PRESETS, "DIR", 0, "where costs/ is, instead of presets/ near the working directory", 0 },
	{ "model", KEY_MODEL, "KERNEL", 0, "simulate this kernel model whatever was recorded", 0 },
	{ "jobs", 'j', "N", 0, "simulations at a time (2); changes no figure", 0 },
	{ "output", 'o', "FILE", 0, "write the estimates as a preset of costs; - is standard output", 0 },
	{ 0 },
};

static void add_cost(struct calibrate_args *a, const char *name, struct argp_state *state)
{
	size_t i;

	if (!fit_cost_field(&(struct cost_cfg){ 0 }, name))
		argp_error(state, "there is no cost '%s'; 'oomsim models costs' lists them", name);
	for (i = 0; i < a->nname; i++)
		if (!strcmp(a->name[i], name))
			return;
	if (a->nname < COSTS_MOST)
		a->name[a->nname++] = name;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct calibrate_args *a = state->input;
	char *end;

	switch (key) {
	case 'c':
		for (char *name = strtok_r(arg, ",", &end); name; name = strtok_r(NULL, ",", &end))
			add_cost(a, name, state);
		return 0;
	case KEY_COSTS:
		a->costs = arg;
		return 0;
	case KEY_PRESETS:
		a->presets = arg;
		return 0;
	case KEY_MODEL:
		a->model = arg;
		return 0;
	case 'j':
		a->jobs = (unsigned)strtoul(arg, &end, 10);
		if (*end || !a->jobs || a->jobs > 64)
			argp_error(state, "--jobs takes a number from 1 to 64, not '%s'", arg);
		return 0;
	case 'o':
		a->out = arg;
		return 0;
	case ARGP_KEY_ARGS:
		a->dir = state->argv + state->next;
		a->ndir = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which recordings?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- loading ---- */

/* The last part of a path, from which slashes at its end are cut off. */
static const char *base_name(char *dir)
{
	const char *slash;
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		dir[--n] = '\0';
	slash = strrchr(dir, '/');
	return slash && slash[1] ? slash + 1 : dir;
}

/* One recording and its machine. An exit status; on EXIT_DONE both are there. */
static int load(const struct calibrate_args *a, char *dir, struct fit_case *c, struct diag_list *dl)
{
	char why[SPEC_WHY], own[4096], path[4096], *yaml = NULL;
	struct runner_source src = { .kernel = a->model, .presets = a->presets };
	int err;

	c->name = base_name(dir);
	err = recording_read(dir, &c->real, dl);
	if (!err && spec_scenario(dir, NULL, NULL, a->costs, &yaml, why) != SPEC_OK) {
		diag_add(dl, DIAG_ERROR, dir, 0, 0, NULL, "no scenario can be made of it: %s", why);
		err = SIM_EINPUT;
	}
	if (!err) {
		snprintf(path, sizeof(path), "%s/meta.json as a scenario", dir);
		src.path = path;
		src.text = yaml;
		src.presets_last = load_own_presets(own, sizeof(own)) ? own : NULL;
		err = runner_load(&src, &c->cfg, dl);
	}
	free(yaml);
	if (err)
		outcome_free(&c->real);
	return err == SIM_EIO ? EXIT_BAD_INPUT : cli_exit_status(err);
}

/* ---- telling ---- */

static void print_costs(const struct fit *f)
{
	printf("%-20s %12s %12s %10s %8s\n", "cost", "start ns", "estimate ns", "std. error", "change");
	for (size_t i = 0; i < f->ncost; i++) {
		const struct fit_cost *c = &f->cost[i];

		printf("%-20s %12llu %12llu %8.1f %% %+6.1f %%%s\n", c->name, (unsigned long long)c->start, (unsigned long long)c->ns,
		       100 * c->error, 100 * ((double)c->ns / (double)c->start - 1),
		       c->error > NOTHING ? "  these recordings say nothing of it" : "");
	}
	for (size_t i = 0; i < f->ncost; i++)
		for (size_t k = 0; k < i; k++)
			if (fabs(f->correlation[i * f->ncost + k]) > TOGETHER)
				printf("%s and %s are told together only: correlation %+.2f\n", f->cost[k].name, f->cost[i].name,
				       f->correlation[i * f->ncost + k]);
}

/* How far a simulated figure is from the measured one: "+12.3 %". */
static void print_off(double figure, double measured)
{
	if (isnan(figure))
		printf(" %9s", "missing");
	else
		printf(" %+7.1f %%", 100 * (figure / measured - 1));
}

static void print_residuals(const struct fit *f)
{
	char what[64];

	printf("\n%-28s %-28s %12s %9s %9s %8s\n", "recording", "figure", "measured", "before", "after", "sigma");
	for (size_t i = 0; i < f->n; i++) {
		const struct residual *r = &f->residual[i];

		residual_name(r, what, sizeof(what));
		printf("%-28s %-28s %12.3f", f->c[r->recording].name, what, r->measured);
		print_off(f->before[i], r->measured);
		print_off(f->after[i], r->measured);
		printf(" %6.1f %%\n", 100 * r->sigma);
	}
	printf("\nresiduals, root mean square in units of sigma: %.2f before, %.2f after; %zu figures, %zu simulations\n", f->rms_before,
	       f->rms_after, f->n, f->runs);
}

static int write_preset(const struct calibrate_args *a, const struct fit *f)
{
	struct strbuf b = { 0 };
	int err;

	strbuf_puts(&b, "# CPU costs estimated by 'oomsim calibrate' from");
	for (size_t i = 0; i < f->nc; i++)
		strbuf_addf(&b, "%s %s", i ? "," : "", f->c[i].name);
	strbuf_addf(&b, ".\n# All others are those of the preset below; behind each is its standard error.\npreset: %s\n", a->costs);
	for (size_t i = 0; i < f->ncost; i++)
		strbuf_addf(&b, "%s: %lluns # %.1f %%%s\n", f->cost[i].name, (unsigned long long)f->cost[i].ns, 100 * f->cost[i].error,
			    f->cost[i].error > NOTHING ? ": not told by these recordings" : "");
	err = b.failed ? -ENOMEM : cli_write_file(a->out, b.s, b.len);
	strbuf_free(&b);
	if (err)
		cli_error("%s: %s", a->out, strerror(-err));
	return err ? EXIT_IO : EXIT_DONE;
}

/* ---- all of it ---- */

static int estimate(const struct calibrate_args *a, struct fit_case *c)
{
	struct fit_cost cost[COSTS_MOST] = { 0 };
	struct fit f = { .c = c, .nc = a->ndir, .cost = cost, .ncost = a->nname, .jobs = a->jobs };
	bool to_stdout = a->out && !strcmp(a->out, "-");
	int err, status;

	for (size_t i = 0; i < a->nname; i++)
		cost[i].name = a->name[i];
	gsl_set_error_handler_off();
	err = fit_run(&f);
	status = cli_exit_status(err);
	if (err == SIM_EUSAGE)
		cli_error("these recordings have no phase, kill or stall long enough to compare");
	else if (err)
		cli_error("%s", sim_strerror(err));
	if (!err && !to_stdout) {
		print_costs(&f);
		print_residuals(&f);
	}
	if (!err && a->out)
		status = write_preset(a, &f);
	fit_free(&f);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "RECORDING...",
		.doc = "Estimate CPU costs of a machine from recordings made on it (folders with meta.json, timeline.tsv, events.tsv and "
		       "procs.tsv), by nonlinear least squares, with standard errors. Give few, and such that show the costs: unpaced "
		       "allocation, thrashing, an exit of something large.",
	};
	struct calibrate_args a = { .costs = "recorder", .jobs = 2 };
	struct diag_list dl = { 0 };
	struct fit_case *c;
	int status = EXIT_DONE;
	size_t n;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	for (size_t i = 0; !a.nname && i < ARRAY_LEN(usual); i++)
		a.name[i] = usual[i];
	if (!a.nname)
		a.nname = ARRAY_LEN(usual);
	c = calloc(a.ndir, sizeof(*c));
	if (!c)
		return EXIT_BROKEN;
	for (n = 0; n < a.ndir && !status; n++)
		status = load(&a, a.dir[n], &c[n], &dl);
	n -= status != EXIT_DONE;
	diag_print(&dl, stderr);
	diag_list_free(&dl);
	if (!status)
		status = estimate(&a, c);
	for (size_t i = 0; i < n; i++) {
		outcome_free(&c[i].real);
		sim_config_free(&c[i].cfg);
	}
	free(c);
	return status;
}

const struct command command_calibrate = { "calibrate", "CPU costs of a machine from recordings made on it", run };
