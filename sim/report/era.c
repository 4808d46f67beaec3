/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a release or, without one, from the looks of a report to the kernel model whose badness rule made it.
 *
 * Source: specification 0.4 (models), G.6 (ties), G.8 (rules), K.1 (changes), K.5 (formats); distributions that carry newer
 *         rules than their version says: RHEL 6 (the rule of 2.6.36), RHEL 7 and Ubuntu's 3.13 (root's 3 % of 3.14).
 */
#include "sim/report/era.h"

#include <stdio.h>
#include <string.h>

#include "models/badness/badness.h"
#include "models/registry.h"
#include "sim/world/config.h"

static bool before(const struct oom_version *v, int major, int minor, int patch)
{
	if (v->major != major)
		return v->major < major;
	if (v->minor != minor)
		return v->minor < minor;
	return v->patch < patch;
}

/* Whether CAP_SYS_ADMIN makes a difference to a large process. */
static bool spares_root(const struct badness_ops *ops)
{
	struct badness_in in = { .has_mm = true, .rss = 1000000, .hz = 250 };
	int64_t plain = ops->points(&in, 2000000);

	in.capabilities = CAP_SYS_ADMIN_BIT;
	return ops->points(&in, 2000000) != plain;
}

static void fill(struct era *e, const struct kernel_model *model, const struct badness_ops *ops)
{
	memset(e, 0, sizeof(*e));
	e->model = model;
	e->badness = ops ? ops : model->badness;
	e->classic = e->badness == &badness_v2_6_11 || e->badness == &badness_v2_6_24 || e->badness == &badness_v2_6_32;
	e->permille = e->badness->per_mille && !e->classic;
	e->sacrifices_child = model->child_rule != CHILD_NONE;
	e->root_bonus = !e->classic && spares_root(e->badness);
	e->tie = e->badness->tie == TIE_TAKE_LAST ? TIE_TAKE_LAST
						  : TIE_KEEP_FIRST; /* the table has processes, so leaders, alone */
}

/* Where the badness rule changes within the span of a kernel model (G.8): 4.15 counts all page tables; up to 5.2 the first of
 * equals wins, which is 4.19's rule. */
static const struct badness_ops *rule_within(const struct kernel_model *m, const struct oom_version *v)
{
	if (v->major == 4 && !before(v, 4, 15, 0) && before(v, 4, 17, 0))
		return &badness_v4_15;
	if (v->major == 5 && !before(v, 5, 1, 0) && before(v, 5, 3, 0))
		return &badness_v4_19;
	return m->badness;
}

/* ---- without a release ---- */

/* What the kill lines say, for tables with pgtables_bytes: 4.15 .. 6.7. */
static const char *model_of_pgtables(const struct oom_report *r)
{
	if (r->killed.pgtables_kB.has)
		return "k5.10";
	if (r->chosen.has || (!r->has_constraint_line && !r->kill_prefixed && (r->task_memcg[0] || r->reaped.has)))
		return r->has_tasks_state ? "k4.19" : "4.15";
	if (r->kill_prefixed)
		return "k5.4";
	return "k5.10";
}

static const char *model_of_looks(const struct oom_report *r)
{
	switch (r->format) {
	case OOM_FORMAT_RSS_ANON:
		return "k6.12";
	case OOM_FORMAT_PGTABLES:
		return model_of_pgtables(r);
	case OOM_FORMAT_NR_PMDS:
		return r->gfp_names[0] || r->has_node_lines || r->killed.shmem_rss_kB.has || r->reaped.has ? "k4.9"
													   : "k3.18";
	case OOM_FORMAT_NR_PTES:
		return "k3.18";
	case OOM_FORMAT_OOM_SCORE_ADJ:
		return "k2.6.36";
	case OOM_FORMAT_OOM_ADJ:
		return "k2.6.32";
	default:
		break;
	}
	if (r->old_invoked)
		return "k2.6.11";
	if (r->has_oomkilladj)
		return "k2.6.24";
	if (r->or_a_child)
		return "k2.6.32";
	if (r->killed.pgtables_kB.has || r->has_constraint_line)
		return "k5.10";
	if (r->kill_prefixed)
		return "k5.4";
	return r->chosen.has ? "k4.9" : "k5.10";
}

static const char *looks(const struct oom_report *r)
{
	static char const *const by[] = {
		[OOM_FORMAT_NONE] = "the wording of its lines",
		[OOM_FORMAT_OOM_ADJ] = "the oom_adj column of its table",
		[OOM_FORMAT_OOM_SCORE_ADJ] = "the oom_adj and oom_score_adj columns of its table",
		[OOM_FORMAT_NR_PTES] = "the nr_ptes column of its table",
		[OOM_FORMAT_NR_PMDS] = "the nr_pmds column of its table",
		[OOM_FORMAT_PGTABLES] = "the pgtables_bytes column of its table and the wording of its kill line",
		[OOM_FORMAT_RSS_ANON] = "the rss_anon column of its table",
	};

	return by[r->format];
}

/* ---- with one ---- */

/* Distributions whose kernels are newer than their number; the registry knows Red Hat's. */
static void era_of_release(const struct oom_report *r, struct era *e)
{
	const struct oom_version *v = &r->version;
	const struct kernel_model *m = kernel_model_find(r->release);
	const char *note = "";

	if (!m)
		m = kernel_models[0]; /* older than all */
	if (v->el == 6 || (r->format == OOM_FORMAT_OOM_SCORE_ADJ && before(v, 2, 6, 36))) {
		m = kernel_model_find("k2.6.36");
		note = " (with the rule of 2.6.36, as its table shows)";
	} else if (v->el == 7) {
		note = " (RHEL 7 has root's 3 % of 3.14)";
	} else if (v->ubuntu && v->major == 3 && v->minor == 13) {
		m = kernel_model_find("k3.18");
		note = " (Ubuntu's 3.13 has root's 3 % of 3.14)";
	} else if (v->el == 8 && r->chosen.has) {
		m = kernel_model_find("k4.19");
		note = " (with child sacrifice, as its kill line shows)";
	} else if (v->el == 8 && r->killed.pgtables_kB.has) {
		m = kernel_model_find("k5.10");
		note = " (with later rules, as its kill line shows)";
	}
	fill(e, m, v->el || v->ubuntu ? NULL : rule_within(m, v));
	snprintf(e->how, sizeof(e->how), "kernel %.80s of the %s%s", r->release,
		 r->release_from_boot ? "boot messages before it" : "report's own CPU line", note);
}

/* Another that the text does not rule out; the printed score decides. */
static unsigned alternatives(const struct oom_report *r, struct era ret[ERA_MAX])
{
	const char *own = ret[0].model->info.name, *other = NULL;

	if (!strcmp(own, "k3.10"))
		other = "k3.18";
	else if (!strcmp(own, "k3.18") || !strcmp(own, "k4.4"))
		other = r->format == OOM_FORMAT_NR_PTES ? "k3.10" : "k4.19";
	else if (!strcmp(own, "k4.19") && !r->version.major)
		other = "4.15";
	else if (!strcmp(own, "k4.14") || !strcmp(own, "k4.9"))
		other = "k4.19";
	if (!other || !r->score.has)
		return 1;
	era_of_name(other, &ret[1]);
	ret[1].no_swap_column = ret[0].no_swap_column;
	snprintf(ret[1].how, sizeof(ret[1].how), "the printed score, which fits the rule of %s and not that of %s",
		 ret[1].model->info.name + 1, own + 1);
	return 2;
}

unsigned era_of_report(const struct oom_report *r, struct era ret[ERA_MAX])
{
	if (r->version.major) {
		era_of_release(r, &ret[0]);
	} else {
		era_of_name(model_of_looks(r), &ret[0]);
		if (!strcmp(ret[0].model->info.name, "k5.4"))
			ret[0].tie = TIE_KEEP_FIRST; /* no UID in the kill line: 5.1 .. 5.3 */
		snprintf(ret[0].how, sizeof(ret[0].how), "%s", looks(r));
	}
	ret[0].no_swap_column = !oom_has_column(r, OOM_COL_SWAPENTS);
	return alternatives(r, ret);
}

bool era_of_name(const char *name, struct era *ret)
{
	const struct kernel_model *m = kernel_model_find(name);
	struct oom_version v = oom_version_parse(name[0] == 'k' ? name + 1 : name);

	if (!m)
		return false;
	fill(ret, m, v.el || v.ubuntu ? NULL : rule_within(m, &v));
	snprintf(ret->how, sizeof(ret->how), "asked for");
	return true;
}

/* ---- points ---- */

/* oom_adj as 3.x and later translate it (G.14.3). */
static int adj_of_oom_adj(int64_t oom_adj)
{
	if (oom_adj <= -17)
		return -1000;
	if (oom_adj >= 15)
		return 1000;
	return (int)(oom_adj * 1000 / 17);
}

int era_adj(const struct oom_report *r, const struct oom_table_task *t)
{
	int64_t adj = t->v[OOM_COL_OOM_SCORE_ADJ];

	if (!oom_has_column(r, OOM_COL_OOM_SCORE_ADJ))
		return oom_has_column(r, OOM_COL_OOM_ADJ) ? adj_of_oom_adj(t->v[OOM_COL_OOM_ADJ]) : 0;
	return (int)(adj < -1000 ? -1000 : adj > 1000 ? 1000 : adj);
}

int64_t era_pgtable_pages(const struct oom_report *r, const struct oom_table_task *t)
{
	if (oom_has_column(r, OOM_COL_PGTABLES_BYTES))
		return t->v[OOM_COL_PGTABLES_BYTES] / (int64_t)(r->page_kB * 1024);
	return t->v[OOM_COL_NR_PTES] + t->v[OOM_COL_NR_PMDS] + t->v[OOM_COL_NR_PUDS];
}

static uint64_t not_negative(int64_t v)
{
	return v < 0 ? 0 : (uint64_t)v;
}

int64_t era_points(const struct era *e, const struct oom_report *r, const struct oom_table_task *t, int adj,
		   bool capable, uint64_t totalpages, const char **ret_why)
{
	int64_t pt = era_pgtable_pages(r, t);
	bool levels = oom_has_column(r, OOM_COL_NR_PTES);
	struct badness_in in = {
		.has_mm = true,
		.oom_score_adj = adj,
		.oom_adj = oom_adj_of(adj),
		.nr_ptes = not_negative(levels ? t->v[OOM_COL_NR_PTES]
					       : pt), /* of one sum nearly all is the lowest level */
		.nr_pmds = not_negative(levels ? t->v[OOM_COL_NR_PMDS] : 0),
		.rss = not_negative(t->v[OOM_COL_RSS]),
		.swapents = not_negative(t->v[OOM_COL_SWAPENTS]),
		.pgtables_bytes = not_negative(pt) * KERNEL_PAGE, /* the rules count pages of 4096 bytes */
		.total_vm = not_negative(t->v[OOM_COL_TOTAL_VM]),
		.oom_skip = t->killed_before,
		.capabilities = capable ? CAP_SYS_ADMIN_BIT | CAP_SYS_RESOURCE_BIT | CAP_SYS_RAWIO_BIT : 0,
	};
	const char *why = NULL;
	int64_t points;

	if (adj == -1000)
		why = "oom_score_adj is -1000";
	else if (t->killed_before)
		why = "killed before; its memory is reaped or given up (MMF_OOM_SKIP)";
	points = why ? BADNESS_NEVER : e->badness->points(&in, totalpages);
	if (points == BADNESS_NEVER && !why)
		why = e->badness->why_never(&in);
	if (ret_why)
		*ret_why = why;
	return points;
}

int64_t era_printed_score(const struct era *e, int64_t points, uint64_t totalpages)
{
	if (e->permille)
		return points;
	return points * 1000 / (int64_t)u64_max(totalpages, 1);
}
