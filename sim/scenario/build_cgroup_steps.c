/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps that concern cgroups and other processes: cgroup_write, cgroup_rmdir, cgroup_wait, kill. */
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/build_steps.h"
#include "sim/scenario/didyoumean.h"

#define S(field) offsetof(struct step_cfg, field)

/* ---- which cgroup ---- */

/* The root has the files of no controller, and a scenario without cgroups not even a root. */
static bool cgroup_fits(struct build *b, const struct ynode *v, const struct step_cfg *s, bool root_too)
{
	const struct ynode *at = ynode_get(v, "cgroup");

	if (!b->c->ncgroup)
		B_ERR(b, at, "add it to cgroups", "this scenario has no cgroups");
	else if (!s->cgroup && !root_too)
		B_ERR(b, at, "name a cgroup below it", "the root cgroup has no limits");
	else
		return true;
	return false;
}

static bool of_root_too(const struct ynode *file)
{
	return !strcmp(file->text, "cgroup.procs") || !strcmp(file->text, "cgroup.subtree_control");
}

/* ---- cgroup_write ---- */

const struct key cgroup_write_keys[CGROUP_WRITE_KEYS] = {
	{ "cgroup", set_cgroup, S(cgroup), 0, 0, NULL, true },
	{ "file", set_nothing, 0, 0, 0, NULL, true },
	{ "value", set_nothing, 0, 0, 0, NULL, true },
};

/* What the value may be depends on the file. */
void check_cgroup_write(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	const struct ynode *file = ynode_get(v, "file"), *value = ynode_get(v, "value");

	if (!want_scalar(b, file, "the name of a file, like memory.max") || !cgroup_fits(b, v, s, of_root_too(file)))
		return;
	if (!build_cgroup_value(b, file, value, &s->cgroup_file, &s->value))
		return;
	if (cgroup_file_desc[s->cgroup_file].value == CG_START)
		B_ERR(b, file, "give it in cgroups", "%s can only be set at the start", file->text);
	if (s->cgroup_file == CGF_PROCS && want_scalar(b, value, "the name of a process, or 0 for the writer itself") &&
	    strcmp(value->text, "0"))
		set_process_name(b, value, s->child_comm, NULL);
}

/* ---- cgroup_rmdir ---- */

const struct key cgroup_rmdir_keys[CGROUP_RMDIR_KEYS] = {
	{ "cgroup", set_cgroup, S(cgroup), 0, 0, NULL, true },
};

void check_cgroup_rmdir(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	if (b->c->ncgroup && !s->cgroup)
		B_ERR(b, ynode_get(v, "cgroup"), "name a cgroup below it", "the root cgroup cannot be removed");
	else
		cgroup_fits(b, v, s, false);
}

/* ---- cgroup_wait ---- */

const struct key cgroup_wait_keys[CGROUP_WAIT_KEYS] = {
	{ "cgroup", set_cgroup, S(cgroup), 0, 0, NULL, true },
	{ "file", set_nothing, 0, 0, 0, NULL, true },
	{ "threshold", set_size, S(value), 1, MAX_BYTES, NULL, false },
	{ "level", set_nothing, 0, 0, 0, NULL, false },
	{ "timeout", set_time, S(duration), 1, MAX_TIME, NULL, false },
};

static bool find_notice(struct build *b, const struct ynode *file, enum cgroup_notice *ret)
{
	struct nearest near = { .word = file->text };
	char hint[96];

	for (unsigned i = 0; i < CGN_COUNT; i++) {
		nearest_offer(&near, cgroup_notice_desc[i].name);
		if (strcmp(cgroup_notice_desc[i].name, file->text))
			continue;
		*ret = (enum cgroup_notice)i;
		if (cgroup_notice_desc[i].version == b->c->cgroup_version)
			return true;
		B_ERR(b, file, cgroup_notice_desc[i].version == 1 ? "add 'cgroup_version: 1', or wait for memory.events"
								  : "remove 'cgroup_version: 1', or wait for memory.oom_control",
		      "%s is a file of cgroup v%u", file->text, cgroup_notice_desc[i].version);
		return false;
	}
	B_ERR(b, file, nearest_hint(&near, hint, sizeof(hint)) ? hint : "LANGUAGE.md lists the files",
	      "'%s' tells nobody anything", SHOW(file->text));
	return false;
}

static void only_with(struct build *b, const struct ynode *v, const char *key, bool wanted, const char *of)
{
	const struct ynode *at = ynode_get(v, key);
	char hint[64];

	if (at && !wanted)
		B_ERR(b, at, "leave it out", "%s belongs to %s", key, of);
	snprintf(hint, sizeof(hint), "add '%s:'", key);
	if (!at && wanted)
		B_ERR(b, v, hint, "cgroup_wait for %s needs '%s'", of, key);
}

void check_cgroup_wait(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	static const struct key level = { "level", set_choice, 0, 0, 0, "low|medium|critical", false };
	const struct ynode *file = ynode_get(v, "file");
	bool usage, pressure;
	int word = 0;

	if (!want_scalar(b, file, "the name of a file, like memory.events") || !find_notice(b, file, &s->notice))
		return;
	usage = s->notice == CGN_USAGE || s->notice == CGN_MEMSW_USAGE;
	pressure = s->notice == CGN_PRESSURE;
	if (!cgroup_fits(b, v, s, pressure))
		return;
	only_with(b, v, "threshold", usage, usage ? file->text : "memory.usage_in_bytes");
	only_with(b, v, "level", pressure, "memory.pressure_level");
	if (pressure && ynode_get(v, "level")) {
		set_choice(b, ynode_get(v, "level"), &word, &level);
		s->value = word;
	}
}

/* ---- kill ---- */

const struct key kill_keys[KILL_KEYS] = {
	{ "process", set_process_name, S(child_comm), 0, 0, NULL, true },
};
