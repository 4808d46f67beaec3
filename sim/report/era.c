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

#include "models/registry.h"
#include "sim/report/rules.h"
#include "sim/world/config.h"

struct since {
	int major, minor, patch;
	const char *model;
};

/* Newest first: a version belongs to the first row that it is not older than. */
static const struct since since[] = {
	{ 7, 0, 0, "k7.3" },   { 6, 8, 0, "k6.12" },  { 6, 1, 0, "k6.1" },    { 5, 9, 0, "k5.10" },	{ 5, 1, 0, "k5.4" },
	{ 4, 17, 0, "k4.19" }, { 4, 14, 0, "k4.14" }, { 4, 6, 0, "k4.9" },    { 3, 14, 0, "k3.18" },	{ 3, 5, 0, "k3.10" },
	{ 2, 6, 36, "k2.6.36" }, { 2, 6, 26, "k2.6.32" }, { 2, 6, 17, "k2.6.24" }, { 0, 0, 0, "k2.6.11" },
};

static bool before(const struct oom_version *v, int major, int minor, int patch)
{
	if (v->major != major)
		return v->major < major;
	if (v->minor != minor)
		return v->minor < minor;
	return v->patch < patch;
}

static const char *model_of_version(const struct oom_version *v)
{
	for (size_t i = 0; i < ARRAY_LEN(since); i++)
		if (!before(v, since[i].major, since[i].minor, since[i].patch))
			return since[i].model;
	return since[ARRAY_LEN(since) - 1].model;
}

static void fill(struct era *e, const char *model)
{
	const struct badness_ops *ops = rules_of(model);
	int generation = rules_index(model);

	memset(e, 0, sizeof(*e));
	e->model = model;
	e->badness = ops;
	e->classic = generation < rules_index("k2.6.36");
	e->permille = !strcmp(model, "k2.6.36");
	e->sacrifices_child = generation <= rules_index("k4.19");
	e->root_bonus = !e->classic && generation < rules_index("k4.19");
	e->tie = generation >= rules_index("k5.4") ? TIE_TAKE_LAST : TIE_KEEP_FIRST;
	snprintf(e->rule, sizeof(e->rule), "%s", ops ? ops->info.summary : "");
}

/* 5.1 and 5.2 have 5.4's rule and still the old tie (G.6). */
static void tie_of_version(struct era *e, const struct oom_version *v)
{
	if (v->major == 5 && !before(v, 5, 1, 0) && before(v, 5, 3, 0) && !v->el)
		e->tie = TIE_KEEP_FIRST;
}

/* ---- without a release ---- */

/* What the kill lines say, for tables with pgtables_bytes: 4.15 .. 6.7. */
static const char *model_of_pgtables(const struct oom_report *r)
{
	if (r->killed.pgtables_kB.has)
		return "k5.10";
	if (r->chosen.has || (!r->has_constraint_line && !r->kill_prefixed && (r->task_memcg[0] || r->reaped.has)))
		return r->has_tasks_state ? "k4.19" : "k4.14";
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
		return r->gfp_names[0] || r->has_node_lines || r->killed.shmem_rss_kB.has || r->reaped.has ? "k4.9" : "k3.18";
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

/* Distributions whose kernels are newer than their number. */
static const char *model_of_release(const struct oom_report *r, const char **ret_note)
{
	const struct oom_version *v = &r->version;
	const char *model = model_of_version(v);

	*ret_note = "";
	if (v->el == 6 || (r->format == OOM_FORMAT_OOM_SCORE_ADJ && before(v, 2, 6, 36))) {
		*ret_note = " (with the rule of 2.6.36, as its table shows)";
		return "k2.6.36";
	}
	if (v->el == 7) {
		*ret_note = " (RHEL 7 has root's 3 % of 3.14)";
		return "k3.18";
	}
	if (v->ubuntu && v->major == 3 && v->minor == 13) {
		*ret_note = " (Ubuntu's 3.13 has root's 3 % of 3.14)";
		return "k3.18";
	}
	if (v->el >= 8 && before(v, 5, 1, 0) && !r->chosen.has && r->killed.has) {
		*ret_note = " (without child sacrifice, as its kill line shows)";
		return r->killed.pgtables_kB.has ? "k5.10" : "k5.4";
	}
	return model;
}

/* Others that the text does not rule out; the printed score decides between them. */
static unsigned alternatives(const struct oom_report *r, struct era ret[ERA_MAX])
{
	const char *other = NULL;

	if (!strcmp(ret[0].model, "k3.10"))
		other = "k3.18";
	else if (!strcmp(ret[0].model, "k3.18"))
		other = r->format == OOM_FORMAT_NR_PTES ? "k3.10" : "k4.19";
	else if (!strcmp(ret[0].model, "k4.19") && !r->version.major)
		other = "k4.14";
	else if (!strcmp(ret[0].model, "k4.14") || !strcmp(ret[0].model, "k4.9"))
		other = "k4.19";
	if (!other || !r->score.has)
		return 1;
	fill(&ret[1], other);
	snprintf(ret[1].how, sizeof(ret[1].how), "the printed score, which fits the rule of %s and not that of %s", other + 1,
		 ret[0].model + 1);
	return 2;
}

unsigned era_of_report(const struct oom_report *r, struct era ret[ERA_MAX])
{
	const char *note = "";

	if (r->version.major) {
		fill(&ret[0], model_of_release(r, &note));
		tie_of_version(&ret[0], &r->version);
		snprintf(ret[0].how, sizeof(ret[0].how), "kernel %.80s of the %s%s", r->release,
			 r->release_from_boot ? "boot messages before it" : "report's own CPU line", note);
	} else {
		fill(&ret[0], model_of_looks(r));
		if (!strcmp(ret[0].model, "k5.4"))
			ret[0].tie = TIE_KEEP_FIRST; /* no UID in the kill line: 5.1 .. 5.3 */
		snprintf(ret[0].how, sizeof(ret[0].how), "%s", looks(r));
	}
	ret[0].no_swap_column = !oom_has_column(r, OOM_COL_SWAPENTS);
	return alternatives(r, ret);
}

bool era_of_name(const char *name, struct era *ret)
{
	const struct kernel_model *km = kernel_model_find(name);
	struct oom_version v = oom_version_parse(name[0] == 'k' ? name + 1 : name);

	if (v.major) {
		fill(ret, model_of_version(&v));
		tie_of_version(ret, &v);
	} else if (km) {
		fill(ret, km->info.name);
		ret->tie = km->badness->tie;
	} else {
		return false;
	}
	snprintf(ret->how, sizeof(ret->how), "asked for");
	return ret->badness != NULL;
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

int64_t era_points(const struct era *e, const struct oom_report *r, const struct oom_table_task *t, int adj, bool capable,
		   uint64_t totalpages, const char **ret_why)
{
	struct badness_in in = {
		.has_mm = true,
		.oom_score_adj = adj,
		.rss = not_negative(t->v[OOM_COL_RSS]),
		.swapents = not_negative(t->v[OOM_COL_SWAPENTS]),
		.pgtables_bytes = not_negative(era_pgtable_pages(r, t)) * 4096, /* the rules count pages of 4096 bytes */
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
