/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workload programs in a plan: "NAME key=value ...", with the words that are not 0. Values are struct step_cfg's. */
#include "sim/guest/plan.h"

#include <stdio.h>
#include <string.h>

static const char *const step_name[STEP_OP_COUNT] = {
#define X(id, name, help) [STEP_##id] = name,
	STEP_MAP(X)
#undef X
};
static const char *const sysctl_name[] = {
#define X(name, def, min, max, unit, help) #name,
	SYSCTL_MAP(X)
#undef X
};

/* What tests/kernel/run.c can do. A step of the language that is not here is named and left out. */
static const bool guest_knows[STEP_OP_COUNT] = {
	[STEP_MMAP] = true,  [STEP_GROW] = true,    [STEP_TOUCH] = true,   [STEP_READ] = true,	 [STEP_WRITE] = true,
	[STEP_MLOCK] = true, [STEP_MUNLOCK] = true, [STEP_MUNMAP] = true,  [STEP_MADVISE] = true, [STEP_FORK] = true,
	[STEP_VFORK] = true, [STEP_CLONE_VM] = true, [STEP_SLEEP] = true,  [STEP_SPIN] = true,	 [STEP_LOOP] = true,
	[STEP_CHOOSE] = true, [STEP_SET_ADJ] = true, [STEP_SYSCTL] = true, [STEP_WAIT] = true,	 [STEP_EXIT] = true,
	[STEP_CGROUP_WRITE] = true,
};

static void word(struct guest_plan *p, const char *key, uint64_t value)
{
	if (value)
		strbuf_addf(&p->text, " %s=%llu", key, (unsigned long long)value);
}

static void real(struct guest_plan *p, const char *key, double value)
{
	if (value != 0)
		strbuf_addf(&p->text, " %s=%.17g", key, value);
}

static void dist(struct guest_plan *p, const char *key, const struct sim_dist *d)
{
	if (d->kind != SIM_DIST_CONSTANT || d->p[0] > 0)
		strbuf_addf(&p->text, " %s=%u:%.17g:%.17g", key, (unsigned)d->kind, d->p[0], d->p[1]);
}

static void region(struct guest_plan *p, const struct step_cfg *s)
{
	if (s->region[0])
		plan_text(p, "region", s->region);
}

static void pacing(struct guest_plan *p, const struct step_cfg *s)
{
	real(p, "rate", s->rate);
	word(p, "batch", s->batch);
	word(p, "catch_up", s->catch_up);
	word(p, "duration", s->duration);
	word(p, "accesses", s->accesses);
	dist(p, "time", &s->think);
}

static void pattern(struct guest_plan *p, const struct step_cfg *s)
{
	static const char *const name[] = { "sequential", "uniform", "zipf", "hotcold" };

	plan_text(p, "pattern", name[s->pattern]);
	if (s->pattern == PATTERN_ZIPF)
		real(p, "s", s->zipf_s);
	if (s->pattern == PATTERN_HOTCOLD) {
		real(p, "hot", s->hot_fraction);
		real(p, "hot_weight", s->hot_weight);
	}
}

static void step_mmap(struct guest_plan *p, const struct step_cfg *s)
{
	static const char *const kind[] = { "anon", "file", "shmem" };

	plan_text(p, "kind", kind[s->kind]);
	if (s->kind == REGION_FILE)
		word(p, "file", s->file);
	word(p, "size", s->size);
	word(p, "offset", s->offset);
	word(p, "count", s->count);
	word(p, "shared", s->shared);
	word(p, "noreserve", s->noreserve);
	word(p, "readonly", s->readonly);
	word(p, "exec", s->exec);
	if (s->count > GUEST_MAX_REGIONS)
		plan_note(p, "mmap %s: only the first %d mappings can be named by later steps", s->region, GUEST_MAX_REGIONS);
}

static void step_access(struct guest_plan *p, const struct step_cfg *s)
{
	if (s->op == STEP_TOUCH)
		plan_text(p, "op", !s->write ? "read" : s->read_first ? "update" : "write");
	else
		word(p, "file", s->file);
	word(p, "size", s->size);
	word(p, "offset", s->offset);
	word(p, "io_size", s->io_size);
	pattern(p, s);
	pacing(p, s);
	if (s->io_size > 64 * MIB)
		plan_note(p, "%s: a call moves at most 64 MiB", step_name[s->op]);
}

static void step_write(struct guest_plan *p, const struct sim_config *cfg, const struct step_cfg *s)
{
	char path[CGROUP_PATH_LEN + 80];

	if (s->op == STEP_SYSCTL)
		snprintf(path, sizeof(path), "/proc/sys/vm/%s",
			 !strcmp(sysctl_name[s->sysctl], "page_cluster") ? "page-cluster" : sysctl_name[s->sysctl]);
	else
		plan_cgroup_path(cfg, s->cgroup, s->cgroup_file, path, sizeof(path));
	if (strlen(path) >= 2 * SIM_NAME_LEN)
		plan_note(p, "cgroup_write: the path %s is too long for the guest, which does not write it", path);
	plan_text(p, "path", path);
	strbuf_addf(&p->text, " value=%lld", (long long)s->value);
}

static void words(struct guest_plan *p, const struct sim_config *cfg, const struct step_cfg *s)
{
	region(p, s);
	switch (s->op) {
	case STEP_MMAP:
		step_mmap(p, s);
		break;
	case STEP_GROW:
		word(p, "size", s->size);
		word(p, "map_step", s->map_step);
		pacing(p, s);
		break;
	case STEP_TOUCH:
	case STEP_READ:
	case STEP_WRITE:
		step_access(p, s);
		break;
	case STEP_MUNMAP:
	case STEP_MADVISE:
		word(p, "size", s->size);
		word(p, "free", s->madv_free);
		break;
	case STEP_FORK:
	case STEP_VFORK:
	case STEP_CLONE_VM:
		if (s->child_comm[0])
			plan_text(p, "comm", s->child_comm);
		word(p, "count", s->count);
		dist(p, "time", &s->time);
		break;
	case STEP_SLEEP:
	case STEP_SPIN:
		dist(p, "time", &s->time);
		break;
	case STEP_LOOP:
		word(p, "count", s->count);
		break;
	case STEP_SET_ADJ:
	case STEP_EXIT:
		strbuf_addf(&p->text, " value=%lld", (long long)s->value);
		break;
	case STEP_SYSCTL:
	case STEP_CGROUP_WRITE:
		step_write(p, cfg, s);
		break;
	default:
		break;
	}
}

static void indent(struct guest_plan *p, unsigned depth)
{
	while (depth--)
		strbuf_puts(&p->text, "\t");
}

static void body(struct guest_plan *p, const struct sim_config *cfg, const struct program_cfg *program, unsigned depth)
{
	strbuf_puts(&p->text, " {\n");
	plan_steps(p, cfg, program, depth + 1);
	indent(p, depth);
	strbuf_puts(&p->text, "}\n");
}

static void choose(struct guest_plan *p, const struct sim_config *cfg, const struct step_cfg *s, unsigned depth)
{
	strbuf_puts(&p->text, " {\n");
	for (size_t i = 0; i < s->nbranch; i++) {
		indent(p, depth + 1);
		strbuf_addf(&p->text, "branch weight=%.17g", s->weight[i]);
		p->nstep++;
		body(p, cfg, &s->branch[i], depth + 1);
	}
	indent(p, depth);
	strbuf_puts(&p->text, "}\n");
}

/* Can the guest do it? If not, say so. */
static bool possible(struct guest_plan *p, const struct step_cfg *s)
{
	if (!guest_knows[s->op])
		plan_note(p, "line %u: the step %s is left out", s->line, step_name[s->op]);
	else if (s->op == STEP_CGROUP_WRITE && !plan_cgroup_file(s->cgroup_file))
		plan_note(p, "line %u: %s is not written", s->line, cgroup_file_desc[s->cgroup_file].name);
	else
		return true;
	return false;
}

static void step(struct guest_plan *p, const struct sim_config *cfg, const struct step_cfg *s, unsigned depth)
{
	indent(p, depth);
	strbuf_puts(&p->text, step_name[s->op]);
	words(p, cfg, s);
	p->nstep++;
	if (s->op == STEP_CHOOSE)
		choose(p, cfg, s, depth);
	else if (s->op == STEP_LOOP || s->op == STEP_FORK || s->op == STEP_VFORK || s->op == STEP_CLONE_VM)
		body(p, cfg, &s->body, depth);
	else
		strbuf_puts(&p->text, "\n");
}

void plan_steps(struct guest_plan *p, const struct sim_config *cfg, const struct program_cfg *program, unsigned depth)
{
	for (size_t i = 0; i < program->nstep; i++)
		if (possible(p, &program->step[i]))
			step(p, cfg, &program->step[i], depth);
}
