/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/scenario/load.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/strbuf.h"

const char *top_path(const char *path)
{
	static char buf[4096];
	const char *top = getenv("OOMSIM_TOP");

	snprintf(buf, sizeof(buf), "%s/%s", top ? top : ".", path);
	return buf;
}

char *load_errors(const char *name, const char *text, size_t len, const struct scenario_options *opt, int *ret_err)
{
	struct scenario_options o = opt ? *opt : (struct scenario_options){ 0 };
	struct diag_list dl = { 0 };
	char dir[4096], *out = NULL;
	struct sim_config c;
	size_t n;
	FILE *f;

	snprintf(dir, sizeof(dir), "%s", top_path("scenarios/presets"));
	if (!o.preset_dir)
		o.preset_dir = dir;
	*ret_err = scenario_load_buffer(name, text, len, &o, &c, &dl);
	if (!*ret_err)
		sim_config_free(&c);
	f = open_memstream(&out, &n);
	diag_print(&dl, f);
	fclose(f);
	diag_list_free(&dl);
	return out;
}

struct sim_config load_text(const char *text, const struct scenario_options *opt)
{
	struct scenario_options o = opt ? *opt : (struct scenario_options){ 0 };
	struct diag_list dl = { 0 };
	struct sim_config c = { 0 };
	char dir[4096];
	int err;

	snprintf(dir, sizeof(dir), "%s", top_path("scenarios/presets"));
	if (!o.preset_dir)
		o.preset_dir = dir;
	err = scenario_load_buffer("test.yaml", text, strlen(text), &o, &c, &dl);
	for (size_t i = 0; i < dl.n; i++)
		cr_log_error("%s:%u:%u: %s", dl.v[i].file, dl.v[i].line, dl.v[i].column, dl.v[i].text);
	diag_list_free(&dl);
	cr_assert_eq(err, SIM_OK);
	return c;
}

static const char frame[] = "duration: 60s\n"
			    "machine:\n"
			    "  disks: [{name: d, device: null-100us}]\n"
			    "  files: [{name: f, size: 16MiB}, {name: g, size: 32MiB}]\n"
			    "processes:\n"
			    "- name: p\n"
			    "  workload:\n";

struct sim_config load_steps(const char *steps)
{
	struct strbuf b = { 0 };
	struct sim_config c;
	size_t n;

	strbuf_puts(&b, frame);
	for (; *steps; steps += n + (steps[n] == '\n')) {
		n = strcspn(steps, "\n");
		strbuf_puts(&b, "  ");
		strbuf_add(&b, steps, n);
		strbuf_puts(&b, "\n");
	}
	c = load_text(b.s, NULL);
	strbuf_free(&b);
	return c;
}
