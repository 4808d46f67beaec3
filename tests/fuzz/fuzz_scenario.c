/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario_load_buffer() must neither crash, leak nor hang, whatever it is given; what it accepts must be a configuration
 * that can be sized and freed, and what it refuses must say why. A first line "#!--set PATH=VALUE" goes through --set.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int ok)
{
	if (!ok)
		abort();
}

static void check_accepted(struct sim_config *c)
{
	require(c->horizon > 0 && c->sample > 0 && c->kernel && c->nprocess > 0);
	require(c->machine.nnode >= 1 && c->machine.nnode <= MAX_NODES);
	require(sim_config_host_bytes(c) > 0);
	sim_config_free(c);
}

/* The argument of a leading #!--set line, or NULL. */
static char *leading_set(const char *text, size_t size)
{
	const char *end = memchr(text, '\n', size);
	size_t n = end ? (size_t)(end - text) : 0;

	if (n < 8 || memcmp(text, "#!--set ", 8))
		return NULL;
	return strndup(text + 8, n - 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *set;
	struct scenario_options opt = { .preset_dir = "scenarios/presets" };
	struct diag_list dl = { 0 };
	struct sim_config c;
	int err;

	require(text != NULL);
	memcpy(text, data, size); /* of its own size, so that reading beyond the end shows */
	set = leading_set(text, size);
	opt.set = (const char *const *)&set;
	opt.nset = set != NULL;
	err = scenario_load_buffer("fuzz.yaml", text, size, &opt, &c, &dl);
	require(err == SIM_OK || err == SIM_EINPUT);
	require((err == SIM_OK) == (dl.errors == 0));
	if (!err)
		check_accepted(&c);
	diag_list_free(&dl);
	free(set);
	free(text);
	return 0;
}
