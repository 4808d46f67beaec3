/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim compare-kernel: run a scenario on a real kernel in QEMU and in the simulation, and show both. */
#include "sim/cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "models/registry.h"
#include "sim/cli/guest_run.h"
#include "sim/cli/load.h"
#include "sim/cli/tee.h"
#include "sim/guest/facts.h"
#include "sim/guest/simulated.h"
#include "sim/guest/verdict.h"
#include "sim/sink/folder.h"
#include "sim/sink/sink.h"

/* CPU time of operations on the guest's processor, which does 500 million instructions a second. */
#define COSTS "machine.costs={preset: recorder}"

struct args {
	struct load_args load;
	struct guest_options guest;
	const char *scenario, *dir;
	const char *recorded; /* compare with this folder's recording instead of making one */
	double tolerance;
	bool json, record_only, print_plan;
};

enum { KEY_IMAGE = 256, KEY_MODULES, KEY_GUEST, KEY_TIMEOUT, KEY_TOLERANCE, KEY_JSON, KEY_RECORD_ONLY, KEY_PRINT_PLAN, KEY_RECORDED };

static const struct argp_option options[] = {
	{ "kernel-image", KEY_IMAGE, "VMLINUZ", 0, "the kernel to boot, with its modules near it (tests/kernel/get-kernels.sh fetches some)", 0 },
	{ "modules", KEY_MODULES, "DIR", 0, "its lib/modules/RELEASE, if that is elsewhere", 0 },
	{ "guest", KEY_GUEST, "PROGRAM", 0, "the guest's program, instead of compiling it", 0 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0, "stop a guest after so long (600)", 0 },
	{ "tolerance", KEY_TOLERANCE, "PERCENT", 0, "errors that still count as agreeing (10)", 0 },
	{ "output", 'o', "DIR", 0, "keep recording and simulation in DIR; an old one is replaced", 0 },
	{ "json", KEY_JSON, NULL, 0, "print the comparison as JSON", 0 },
	{ "record-only", KEY_RECORD_ONLY, NULL, 0, "only record, into DIR", 0 },
	{ "recorded", KEY_RECORDED, "DIR", 0, "compare with a recording made before (-o), without a kernel", 0 },
	{ "print-plan", KEY_PRINT_PLAN, NULL, 0, "only print what the guest would do, and what it cannot", 0 },
	{ "quiet", 'q', NULL, 0, "no progress", 0 },
	{ 0 },
};

static unsigned seconds(const char *arg, struct argp_state *state)
{
	char *end;
	unsigned long v = strtoul(arg, &end, 10);

	if (*end || end == arg || !v || v > 1000000)
		argp_error(state, "--timeout: '%s' is no number of seconds from 1 to 1000000", arg);
	return (unsigned)v;
}

static double percent(const char *arg, struct argp_state *state)
{
	char *end;
	double v = strtod(arg, &end);

	if (*end == '%')
		end++;
	if (*end || end == arg || !(v >= 0 && v <= 1000))
		argp_error(state, "--tolerance: '%s' is no percentage from 0 to 1000", arg);
	return v / 100;
}

static void check_args(const struct args *a, struct argp_state *state)
{
	if (!a->scenario)
		argp_error(state, "name a scenario, for example scenarios/leak.yaml");
	else if (!a->guest.image && !a->recorded && !a->print_plan)
		argp_error(state, "name a kernel with --kernel-image; tests/kernel/get-kernels.sh fetches Debian's");
	else if (a->recorded && (a->guest.image || a->dir || a->record_only))
		argp_error(state, "--recorded takes no kernel and makes no folder: --kernel-image, -o and --record-only have no place beside it");
	else if (a->record_only && !a->dir)
		argp_error(state, "--record-only needs a folder: -o DIR");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->load;
		return 0;
	case KEY_IMAGE:
		a->guest.image = arg;
		return 0;
	case KEY_MODULES:
		a->guest.modules = arg;
		return 0;
	case KEY_GUEST:
		a->guest.guest = arg;
		return 0;
	case KEY_TIMEOUT:
		a->guest.timeout_s = seconds(arg, state);
		return 0;
	case KEY_TOLERANCE:
		a->tolerance = percent(arg, state);
		return 0;
	case 'o':
		a->dir = arg;
		return 0;
	case KEY_JSON:
		a->json = true;
		return 0;
	case KEY_RECORD_ONLY:
		a->record_only = true;
		return 0;
	case KEY_RECORDED:
		a->recorded = arg;
		return 0;
	case KEY_PRINT_PLAN:
		a->print_plan = true;
		return 0;
	case 'q':
		a->guest.quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->scenario)
			argp_error(state, "one scenario at a time");
		a->scenario = arg;
		return 0;
	case ARGP_KEY_END:
		check_args(a, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- the simulation ---- */

/* With -o a result folder as well. */
static int simulate_into(const struct sim_config *cfg, const char *dir, bool quiet, struct outcome *ret)
{
	struct sink_set *s = dir ? sink_set_new(&(struct sink_options){ .dir = dir, .path = getenv("PATH") }) : NULL;
	struct outcome_run run;
	struct recorder outcome = outcome_recorder(&run, ret), bar, all;
	struct progress progress;
	struct tee tee = { .to = { &outcome, &bar }, .n = 2 };
	int err = dir && !s ? SIM_ENOMEM : s ? sink_set_status(s) : SIM_OK;

	progress_init(&progress, cfg, quiet);
	bar = progress_recorder(&progress);
	if (s)
		tee.to[tee.n++] = sink_set_recorder(s);
	all = tee_recorder(&tee);
	if (!err)
		err = simulate(cfg, &all);
	progress_clear(&progress);
	if (!err && ret->failed)
		err = SIM_ENOMEM;
	if (!err && s)
		err = sink_set_finish(s);
	if (err && err != SIM_EINTERRUPTED)
		cli_error("%s", s && *sink_set_error(s) ? sink_set_error(s) : sim_strerror(err));
	sink_set_free(s);
	return err == SIM_EINTERRUPTED ? err : cli_exit_status(err);
}

/* ---- the comparison ---- */

static int write_summary(const char *dir, const struct verdict *v)
{
	char path[4200];
	FILE *f;
	bool ok;

	snprintf(path, sizeof(path), "%s/summary.json", dir);
	f = fopen(path, "we");
	ok = f && verdict_json(f, v);
	if (f)
		ok = !fclose(f) && ok;
	if (!ok)
		cli_error("%s: %s", path, strerror(errno));
	return ok ? EXIT_DONE : EXIT_IO;
}

/* What a guest's log says was not as planned: a sysctl this kernel has not, a module missing. */
static void add_failures(struct guest_plan *plan, const struct guest_facts *f)
{
	if (*f->failed)
		plan_note(plan, "%s", f->failed);
}

static int compare(const struct args *a, struct sim_config *cfg, struct guest_plan *plan, const char *recording, const char *out)
{
	struct outcome real = { 0 }, sim = { 0 };
	char why[RECORDING_WHY], folder[4200];
	struct guest_facts facts;
	struct verdict v = { cfg->name, facts.release, cfg->kernel->info.name, NULL, &real, &sim, a->tolerance };
	int status;

	if (!kernel_recording_read(recording, &real, why) || !guest_facts_read(recording, &facts, why)) {
		cli_error("%s", why);
		outcome_free(&real);
		return EXIT_BAD_INPUT;
	}
	add_failures(plan, &facts);
	v.notes = plan->notes.s;
	snprintf(folder, sizeof(folder), "%s/simulation", out ? out : "");
	status = cli_exit_status(guest_machine_apply(&facts, cfg));
	if (!status)
		status = simulate_into(cfg, out ? folder : NULL, a->guest.quiet, &sim);
	if (!status && out)
		status = write_summary(out, &v);
	if (!status && a->json)
		status = verdict_json(stdout, &v) ? EXIT_DONE : EXIT_IO;
	else if (!status)
		verdict_print(stdout, &v);
	if (!status)
		status = verdict_agrees(&v) ? EXIT_DONE : EXIT_DIFFERS;
	outcome_free(&real);
	outcome_free(&sim);
	return status;
}

/* ---- recording ---- */

/* A folder for what is recorded: the user's, or one that goes when all is done. */
static int open_folder(const struct args *a, struct folder *f)
{
	const char *tmp = getenv("TMPDIR");
	struct sink_error e = { 0 };
	char target[4096];

	snprintf(target, sizeof(target), "%s/oomsim-compare-%ld", tmp && *tmp ? tmp : "/tmp", (long)getpid());
	if (!folder_open(f, a->dir ? a->dir : target, &e))
		return EXIT_DONE;
	cli_error("%s", e.text);
	return EXIT_IO;
}

static int commit(const struct args *a, struct folder *f)
{
	struct sink_error e = { 0 };

	if (!a->dir || !folder_commit(f, &e))
		return EXIT_DONE;
	cli_error("%s", e.text);
	return EXIT_IO;
}

/* A recording alone has no comparison; the file marks the folder as one of ours, to be replaced next time. */
static int mark_recording(const char *dir)
{
	static const char text[] = "{\"schema\": \"oomsim.compare-kernel/1\", \"agrees\": null}\n";
	char path[4200];
	int err;

	snprintf(path, sizeof(path), "%s/summary.json", dir);
	err = cli_write_file(path, text, sizeof(text) - 1);
	if (err)
		cli_error("%s: %s", path, strerror(-err));
	return err ? EXIT_IO : EXIT_DONE;
}

static bool has_recording(const char *dir)
{
	char path[4300];

	snprintf(path, sizeof(path), "%s/meta.json", dir);
	return !access(path, F_OK);
}

static int record_and_compare(const struct args *a, const struct guest_kernel *k, struct sim_config *cfg, struct guest_plan *plan)
{
	struct folder f;
	char recording[4200];
	int status = open_folder(a, &f), kept;
	bool keep_it = false;

	if (!status) {
		snprintf(recording, sizeof(recording), "%s/recording", f.tmp);
		if (mkdir(recording, 0777)) {
			cli_error("%s: %s", recording, strerror(errno));
			status = EXIT_IO;
		}
	}
	if (!status)
		status = guest_run(&a->guest, k, plan, cfg->name, recording);
	if (!status && !a->record_only)
		status = compare(a, cfg, plan, recording, a->dir ? f.tmp : NULL);
	else if (!status)
		status = mark_recording(f.tmp);
	if (status == EXIT_IO && a->dir && has_recording(recording)) /* a guest that was stopped, or not set up */
		keep_it = !mark_recording(f.tmp);
	if (status == EXIT_DONE || status == EXIT_DIFFERS || keep_it) {
		kept = commit(a, &f);
		status = kept ? kept : status;
	}
	folder_free(&f);
	return status;
}

/* ---- the scenario ---- */

/* The kernel's release, from the image or the recording; sets load.kernel to what simulates it unless the user has named one. */
static int choose_model(struct args *a, const char *release)
{
	if (a->load.kernel)
		return EXIT_DONE;
	if (!kernel_model_find(release)) {
		cli_error("no kernel model is like %s; name one with --kernel ('oomsim models' lists them)", release);
		return EXIT_BAD_INPUT;
	}
	a->load.kernel = release;
	return EXIT_DONE;
}

static int add_costs(struct load_args *l)
{
	const char **v = realloc(l->set, (l->nset + 1) * sizeof(*v));

	if (!v)
		return EXIT_BROKEN;
	l->set = v;
	v[l->nset++] = COSTS;
	return EXIT_DONE;
}

static int load(struct args *a, const char *release, struct sim_config *cfg, struct guest_plan *plan)
{
	struct diag_list dl = { 0 };
	int status = release ? choose_model(a, release) : EXIT_DONE;

	if (!status)
		status = add_costs(&a->load);
	if (!status) {
		status = load_scenario(a->scenario, &a->load, cfg, &dl);
		diag_print(&dl, stderr);
		diag_list_free(&dl);
	}
	if (status)
		return status;
	status = cli_exit_status(guest_plan_build(cfg, plan));
	if (!status && plan->refused) {
		cli_error("the guest cannot run this scenario: it has %s", plan->refused);
		status = EXIT_BAD_INPUT;
	}
	if (status) {
		guest_plan_free(plan);
		sim_config_free(cfg);
	}
	return status;
}

static void print_plan(const struct guest_plan *p)
{
	const char *note = p->notes.s ? p->notes.s : "";

	for (; *note; note += strcspn(note, "\n") + 1)
		printf("# %.*s\n", (int)strcspn(note, "\n"), note);
	fputs(p->text.s, stdout);
}

static int with_recording(struct args *a)
{
	char recording[4200], why[RECORDING_WHY];
	struct guest_facts facts;
	struct guest_plan plan;
	struct sim_config cfg;
	int status;

	snprintf(recording, sizeof(recording), "%s/recording", a->recorded);
	if (access(recording, F_OK))
		snprintf(recording, sizeof(recording), "%s", a->recorded);
	if (!guest_facts_read(recording, &facts, why)) {
		cli_error("%s", why);
		return EXIT_BAD_INPUT;
	}
	status = load(a, facts.release, &cfg, &plan);
	if (status)
		return status;
	status = compare(a, &cfg, &plan, recording, NULL);
	guest_plan_free(&plan);
	sim_config_free(&cfg);
	return status;
}

static int with_kernel(struct args *a)
{
	struct guest_kernel k = { .image = { .payload = 0 } };
	struct guest_plan plan;
	struct sim_config cfg;
	int status = a->guest.image ? guest_kernel_read(a->guest.image, &k) : EXIT_DONE;

	if (!status)
		status = load(a, a->guest.image ? k.image.release : NULL, &cfg, &plan);
	if (!status) {
		if (a->print_plan)
			print_plan(&plan);
		else
			status = record_and_compare(a, &k, &cfg, &plan);
		guest_plan_free(&plan);
		sim_config_free(&cfg);
	}
	guest_kernel_free(&k);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct argp_child children[] = { { &load_argp, 0, NULL, 0 }, { 0 } };
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "SCENARIO",
		.doc = "Run SCENARIO on a real kernel in QEMU, with deterministic time, and in the simulation of the machine that the "
		       "guest was; print both beside each other. Exit with 1 when they differ: other victims, or times (without "
		       "victims: work done) further apart than the tolerance. docs/compare-kernel.md tells what differences mean.",
		.children = children,
	};
	struct args a = { .guest = { .timeout_s = 600 }, .tolerance = 0.1 };
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	interrupt_catch();
	status = a.recorded ? with_recording(&a) : with_kernel(&a);
	load_args_free(&a.load);
	if (status == SIM_EINTERRUPTED)
		interrupt_die();
	return status;
}

const struct command command_compare_kernel = { "compare-kernel", "run a scenario on a real kernel too, and compare", run };
