/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/scenario/scenario.h"
#include "sim/world/world.h"

enum { KEY_SEED = 512, KEY_KERNEL, KEY_UNTIL, KEY_SET, KEY_PRESETS };

static const struct argp_option options[] = {
	{ "seed", KEY_SEED, "N", 0, "seed of all random streams, in place of the scenario's", 0 },
	{ "kernel", KEY_KERNEL, "MODEL", 0, "kernel model, in place of the scenario's ('oomsim models' lists them)",
	  0 },
	{ "until", KEY_UNTIL, "T", 0, "end of the simulation, in place of the scenario's duration (90s, 5min)", 0 },
	{ "set", KEY_SET, "PATH=VALUE", 0, "change one value of the scenario, as machine.memory=1GiB; may be repeated",
	  0 },
	{ "presets", KEY_PRESETS, "DIR", 0,
	  "where machines/, devices/ and costs/ are, instead of presets/ near the scenario", 0 },
	{ 0 },
};

static error_t add_set(struct load_args *a, const char *arg)
{
	const char **v = realloc(a->set, (a->nset + 1) * sizeof(*v));

	if (!v)
		return ENOMEM;
	a->set = v;
	v[a->nset++] = arg;
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct load_args *a = state->input;

	switch (key) {
	case KEY_SEED:
		a->seed = arg;
		return 0;
	case KEY_KERNEL:
		a->kernel = arg;
		return 0;
	case KEY_UNTIL:
		a->until = arg;
		return 0;
	case KEY_SET:
		return add_set(a, arg);
	case KEY_PRESETS:
		a->presets = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp load_argp = { .options = options, .parser = parse };

void load_args_free(struct load_args *a)
{
	free(a->set);
	a->set = NULL;
	a->nset = 0;
}

/* A number out of a file like /proc/meminfo or a cgroup's: the first after `key` (NULL: at the start). 0 if there is none. */
static uint64_t number_in(const char *path, const char *key)
{
	struct strbuf text = { 0 };
	const char *at = NULL;
	uint64_t n = 0;

	if (!cli_read_file(path, &text) && text.s)
		at = key ? strstr(text.s, key) : text.s;
	if (at)
		n = strtoull(at + (key ? strlen(key) : 0), NULL, 10);
	strbuf_free(&text);
	return n;
}

uint64_t host_memory_available(void)
{
	uint64_t bytes = number_in("/proc/meminfo", "MemAvailable:") * KIB, limit;
	struct rlimit rl;

	if (!bytes)
		bytes = (uint64_t)sysconf(_SC_AVPHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	/* Inside a container: the cgroup's own limit ("max" reads as 0: none). */
	limit = number_in("/sys/fs/cgroup/memory.max", NULL);
	if (limit)
		bytes = u64_min(bytes, limit);
	if (!getrlimit(RLIMIT_AS, &rl) && rl.rlim_cur != RLIM_INFINITY)
		bytes = u64_min(bytes, rl.rlim_cur);
	return bytes;
}

/* Rather refuse than be killed by the very thing that is simulated. */
static int fits_host(const char *path, const struct sim_config *cfg, struct diag_list *dl)
{
	uint64_t need = sim_config_host_bytes(cfg), have = host_memory_available();
	char need_s[32], have_s[32];

	if (need <= have)
		return EXIT_DONE;
	cli_human_bytes(need_s, need);
	cli_human_bytes(have_s, have);
	diag_add(dl, DIAG_ERROR, path, 0, 0, "a larger machine.page_size, or a smaller machine, needs less",
		 "simulating this machine takes %s of host memory, and this host has %s available", need_s, have_s);
	return EXIT_BAD_INPUT;
}

bool load_own_presets(char *buf, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", buf, size - 1);
	char *slash;

	if (n <= 0)
		return false;
	buf[n] = '\0';
	slash = strrchr(buf, '/');
	if (!slash || (size_t)(slash - buf) + sizeof("/../scenarios/presets") > size)
		return false;
	strcpy(slash, "/../scenarios/presets");
	return true;
}

int load_scenario(const char *path, const struct load_args *a, struct sim_config *ret, struct diag_list *dl)
{
	char own[4096];
	struct scenario_options opt = {
		.preset_dir = a->presets,
		.preset_last = load_own_presets(own, sizeof(own)) ? own : NULL,
		.kernel = a->kernel,
		.seed = a->seed,
		.until = a->until,
		.set = a->set,
		.nset = a->nset,
	};
	int err = scenario_load(path, &opt, ret, dl), status;

	if (err == SIM_EIO) /* an input that cannot be read is a bad input; exit status 3 is for output */
		return EXIT_BAD_INPUT;
	if (err) {
		if (!dl->errors)
			diag_add(dl, DIAG_ERROR, path, 0, 0, NULL, "%s", sim_strerror(err));
		return cli_exit_status(err);
	}
	status = fits_host(path, ret, dl);
	if (status)
		sim_config_free(ret);
	return status;
}

int simulate(const struct sim_config *cfg, struct recorder *rec)
{
	struct world *w = NULL;
	enum run_end end;
	int err = world_new(cfg, rec, &sim_alloc_libc, &w);

	if (!err)
		err = world_run(w, &end);
	world_free(w);
	return err;
}
