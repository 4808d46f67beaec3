/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole way from a file to a configuration, and the keys at the top of a scenario. */
#include "sim/scenario/scenario.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "sim/scenario/build.h"
#include "sim/scenario/didyoumean.h"
#include "sim/scenario/setpath.h"

#define C(field)       offsetof(struct sim_config, field)
#define DEFAULT_KERNEL "6.1"
#define MIN_SAMPLE     ((int64_t)1000000)
#define MAX_SAMPLES    10000000 /* rows of timeline.csv */
#define SAMPLES        600      /* by default */

static void set_kernel(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	const struct kernel_model *m;
	struct nearest near = { 0 };
	char hint[96];
	size_t i;

	(void)k;
	if (!want_scalar(b, v, "a kernel, like \"6.1\""))
		return;
	m = kernel_model_find(v->text);
	if (m) {
		*(const struct kernel_model **)field = m;
		return;
	}
	near.word = v->text;
	for (i = 0; kernel_models[i]; i++)
		nearest_offer(&near, kernel_models[i]->info.name);
	if (!nearest_hint(&near, hint, sizeof(hint)))
		snprintf(hint, sizeof(hint), "'oomsim models' lists them");
	B_ERR(b, v, hint, "unknown kernel '%s'", SHOW(v->text));
}

static void set_seed(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct qerr e;

	if (want_scalar(b, v, "a whole number") && quantity_u64(v->text, field, &e))
		B_ERR(b, v, e.hint[0] ? e.hint : NULL, "%s: %s", k->name, e.text);
}

/* The name becomes a folder's name. */
static void set_scenario_name(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	set_text(b, v, field, k);
	if (v->kind == Y_SCALAR && (strchr(v->text, '/') || v->text[0] == '.'))
		B_ERR(b, v, "choose a plain name", "name: '%s' cannot name a folder", SHOW(v->text));
}

static void set_description(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	char **d = field;

	(void)k;
	if (!want_scalar(b, v, "some text"))
		return;
	*d = strdup(v->text);
	if (!*d)
		b->t->nomem = true;
}

static void set_mode(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	int mode = 0;

	set_choice(b, v, &mode, k);
	*(bool *)field = mode;
}

/* Sections are read apart, in the order in which they need each other. */
static const struct key top_keys[] = {
	{ "name", set_scenario_name, C(name), 1, SIM_NAME_LEN - 1, NULL, false },
	{ "description", set_description, C(description), 0, 0, NULL, false },
	{ "seed", set_seed, C(seed), 0, 0, NULL, false },
	{ "kernel", set_kernel, C(kernel), 0, 0, NULL, false },
	{ "duration", set_time, C(horizon), 1, MAX_TIME, NULL, true },
	{ "sample", set_time, C(sample), MIN_SAMPLE, MAX_TIME, NULL, false },
	{ "stop_when_idle", set_bool, C(stop_when_idle), 0, 0, NULL, false },
	{ "mode", set_mode, C(per_access), 0, 0, "lazy|per-access", false },
	{ "sysctl", set_nothing, 0, 0, 0, NULL, false },
	{ "lru_gen", set_nothing, 0, 0, 0, NULL, false },
	{ "machine", set_nothing, 0, 0, 0, NULL, false },
	{ "cgroup_version", set_uint, C(cgroup_version), 1, 2, NULL, false },
	{ "memory_recursiveprot", set_bool, C(memory_recursiveprot), 0, 0, NULL, false },
	{ "cgroups", set_nothing, 0, 0, 0, NULL, false },
	{ "kubernetes", set_nothing, 0, 0, 0, NULL, false },
	{ "processes", set_nothing, 0, 0, 0, NULL, true },
	{ "expect", set_nothing, 0, 0, 0, NULL, false },
};

/* "dir/leak.yaml" -> "leak"; standard input is "stdin". */
static void default_name(char *ret, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t n = strlen(base), i;

	if (n > 5 && !strcmp(base + n - 5, ".yaml"))
		n -= 5;
	else if (n > 4 && !strcmp(base + n - 4, ".yml"))
		n -= 4;
	if (!strcmp(base, "-") || !n || *base == '.')
		base = "stdin", n = 5;
	n = n < SIM_NAME_LEN ? n : SIM_NAME_LEN - 1;
	for (i = 0; i < n; i++)
		ret[i] = (unsigned char)base[i] < 0x20 ? '_' : base[i];
	ret[n] = 0;
}

/* Put an option's text under a key of the scenario, as if it stood there; errors name the option. */
static void override(struct build *b, struct ynode *root, const char *option, const char *key, const char *text)
{
	struct ynode *k, *v, like = { .file = option };
	size_t i;

	if (!text)
		return;
	k = ynode_new(b->t, Y_SCALAR, &like);
	v = ynode_new(b->t, Y_SCALAR, &like);
	if (!k || !v)
		return;
	k->text = ytree_strdup(b->t, key);
	v->text = ytree_strdup(b->t, text);
	v->quoted = true;
	if (!k->text || !v->text)
		return;
	for (i = 0; i < root->n; i++) {
		if (!strcmp(root->item[i].key->text, key)) {
			root->item[i].val = v;
			return;
		}
	}
	ynode_add(b->t, root, k, v);
}

static void check_times(struct build *b, const struct ynode *root)
{
	struct sim_config *c = b->c;
	const struct ynode *sample = ynode_get(root, "sample");

	if (!c->horizon)
		return;
	if (!sample)
		c->sample = u64_max(c->horizon / SAMPLES, (uint64_t)MIN_SAMPLE);
	else if (c->sample > c->horizon)
		B_ERR(b, sample, "choose a shorter period", "sample: no sample would be taken before the end");
	else if (c->sample && c->horizon / c->sample > MAX_SAMPLES)
		B_ERR(b, sample, "choose a longer period", "sample: more than %d rows in timeline.csv", MAX_SAMPLES);
}

static void build_section(struct build *b, const struct ynode *root, const char *key,
			  void (*build)(struct build *b, const struct ynode *n))
{
	const struct ynode *n = ynode_get(root, key);

	if (n && !b->t->nomem)
		build(b, n);
}

static void build_all(struct build *b, struct ynode *root, const char *path)
{
	const struct ynode *cgroups = ynode_get(root, "cgroups");
	unsigned errors;
	size_t own;

	default_name(b->c->name, path);
	b->c->kernel = kernel_model_find(DEFAULT_KERNEL);
	kubernetes_sections(b, root);
	build_map(b, root, "the scenario", top_keys, ARRAY_LEN(top_keys), b->c);
	if (root->kind != Y_MAP)
		return;
	check_times(b, root);
	build_machine(b, ynode_get(root, "machine"));
	build_section(b, root, "sysctl", build_sysctls);
	build_section(b, root, "lru_gen", build_lru_gen);
	own = cgroups && cgroups->kind == Y_SEQ ? cgroups->n : 0; /* before those of Kubernetes come */
	if (ynode_get(root, "kubernetes") && !b->t->nomem)
		build_kubernetes(b, root, ynode_get(root, "kubernetes"));
	errors = b->dl->errors;
	build_section(b, root, "cgroups", build_cgroups);
	if (own && b->dl->errors == errors && !b->t->nomem)
		check_cgroups(b, cgroups, own);
	build_section(b, root, "processes", build_processes);
	build_section(b, root, "expect", build_expect);
}

/* dl may hold errors of files read before: only ours say that this load failed. */
static int load(struct ytree *t, const char *name, const char *text, size_t len, const struct scenario_options *opt,
		struct sim_config *c, struct diag_list *dl)
{
	struct build b = { .t = t, .dl = dl, .presets = { opt->preset_dir, name, opt->preset_last }, .c = c };
	unsigned before = dl->errors;
	struct ynode *root;
	size_t i;
	int err;

	err = yaml_parse(t, name, text, len, dl, &root);
	for (i = 0; !err && root->kind == Y_MAP && i < opt->nset; i++)
		err = tree_set(t, dl, root, opt->set[i]);
	if (err)
		return err;
	if (root->kind == Y_MAP) {
		override(&b, root, "--kernel", "kernel", opt->kernel);
		override(&b, root, "--seed", "seed", opt->seed);
		override(&b, root, "--until", "duration", opt->until);
	}
	b.damaged = dl->errors != before;
	build_all(&b, root, name);
	if (t->nomem)
		return SIM_ENOMEM;
	return dl->errors == before ? SIM_OK : SIM_EINPUT;
}

int scenario_load_buffer(const char *name, const char *text, size_t len, const struct scenario_options *opt,
			 struct sim_config *ret, struct diag_list *dl)
{
	static const struct scenario_options none = { 0 };
	struct ytree t = { 0 };
	struct sim_config c;
	int err;

	sim_config_init(&c);
	err = load(&t, name, text, len, opt ? opt : &none, &c, dl);
	ytree_free(&t);
	if (err)
		sim_config_free(&c);
	else
		*ret = c;
	return err;
}

int scenario_load(const char *path, const struct scenario_options *opt, struct sim_config *ret, struct diag_list *dl)
{
	struct ytree t = { 0 };
	size_t len;
	char *text;
	int err = file_read(&t, path, &text, &len);

	if (err == SIM_EIO)
		diag_add(dl, DIAG_ERROR, path, 0, 0, NULL, "cannot be read: %s", strerror(errno));
	else if (!err)
		err = scenario_load_buffer(path, text, len, opt, ret, dl);
	ytree_free(&t);
	return err;
}
